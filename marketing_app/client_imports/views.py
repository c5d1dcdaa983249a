"""The wizard in the browser: a source is chosen, looked at, its columns are named, and its load begins."""

from contextlib import ExitStack
from typing import Any

from flask import Blueprint, current_app, flash, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from ..access import project_access, within
from ..database import db
from ..dictionary.services import known_fields
from ..dictionary.wording import SENSITIVITIES, TYPES
from ..imports.errors import SourceError
from ..imports.profile import Profile
from ..models import ClientSource, Project, SourceKind, SourceState
from ..web.arguments import asked
from ..web.bodies import takes_file
from ..web.fields import row_number
from ..web.fragments import go_to, is_htmx, page_or_fragment
from . import fetches, services, sources
from .doubts import doubts
from .failures import error_of
from .file_forms import ReadingForm, UploadForm
from .forms import ColumnsForm, MongoForm, PostgresForm
from .layout_wording import beside_the_rows
from .matching import Match, described_by, match
from .trial import trial_database
from .wording import KINDS, TARGETS, odd, refusal

bp = Blueprint("client_imports", __name__)

SOURCE = "/projects/<int:project_id>/clients/sources/<int:source_id>"
FORMS: dict[SourceKind, type[UploadForm] | type[PostgresForm] | type[MongoForm]] = {
    SourceKind.FILE: UploadForm,
    SourceKind.POSTGRESQL: PostgresForm,
    SourceKind.MONGODB: MongoForm,
}
Form = UploadForm | PostgresForm | MongoForm


@bp.get("/projects/<int:project_id>/clients/load")
@project_access("load_clients")
def new(project: Project) -> ResponseReturnValue:
    """The first step: a file or a database, empty or as it was for a source that is to be replaced."""
    other = _replaced(project)
    trial = trial_database()
    kind = asked("kind", SourceKind, other.kind if other else SourceKind.FILE)
    values = other.settings if other and other.kind is kind else {}
    if trial and kind is SourceKind.POSTGRESQL and "trial" in request.args:
        values = trial.settings
    return _first_page(project, kind, FORMS[kind](formdata=None, data=values))


@bp.post("/projects/<int:project_id>/clients/load/file")
@project_access("load_clients")
@takes_file
def receive(project: Project) -> ResponseReturnValue:
    form = UploadForm()
    if not form.validate():
        return _first_page(project, SourceKind.FILE, form), 422
    sent = form.file.data
    try:
        source = sources.keep_file(
            project,
            sent.filename or "",
            sent.stream,
            current_user,
            sources.file_limits(),
            _replaced(project),
            form.header_row.data,
        )
    except SourceError as error:
        return _refused(project, SourceKind.FILE, form, error)
    db.session.commit()
    return go_to("client_imports.preview", project_id=project.id, source_id=source.id)


@bp.post("/projects/<int:project_id>/clients/load/postgresql")
@project_access("load_clients")
def connect_postgresql(project: Project) -> ResponseReturnValue:
    from ..imports import postgres

    form = PostgresForm()
    if not form.validate():
        return _first_page(project, SourceKind.POSTGRESQL, form), 422
    _replaced(project)  # nobody is asked for what cannot be kept
    rules, limits = fetches.address_rules(), fetches.fetch_limits()
    try:
        table = postgres.connect(form.address, form.password.data or "", form.query.data or "", rules, limits)
    except SourceError as error:
        return _refused(project, SourceKind.POSTGRESQL, form, error)
    return _fetch(project, SourceKind.POSTGRESQL, form.settings, table)


@bp.post("/projects/<int:project_id>/clients/load/mongodb")
@project_access("load_clients")
def connect_mongodb(project: Project) -> ResponseReturnValue:
    from ..imports import mongo

    form = MongoForm()
    if not form.validate():
        return _first_page(project, SourceKind.MONGODB, form), 422
    _replaced(project)
    rules, limits = fetches.address_rules(), fetches.fetch_limits()
    try:
        table = mongo.connect(form.address, form.secret, form.mongo_query, rules, limits)
    except SourceError as error:
        return _refused(project, SourceKind.MONGODB, form, error)
    return _fetch(project, SourceKind.MONGODB, form.settings, table)


@bp.get("/projects/<int:project_id>/clients/sample.xlsx")
@project_access("view")
def sample(project: Project) -> ResponseReturnValue:
    """The file of invented clients, to try the load with."""
    return send_from_directory(f"{current_app.root_path}/../docs", "clients.xlsx", as_attachment=True)


@bp.get(SOURCE)
@project_access("load_clients")
def preview(project: Project, source_id: int) -> ResponseReturnValue:
    source = within(project, ClientSource, source_id)
    load = services.load_of(source)
    if load:
        return go_to("client_imports.show", project_id=project.id, import_id=load.id)
    return _preview_page(source)


@bp.post(f"{SOURCE}/reading")
@project_access("load_clients")
def reread(project: Project, source_id: int) -> ResponseReturnValue:
    """Read a file in another way: another sheet, encoding, separator."""
    source = _not_loading(project, source_id)
    form = _reading_form(source)
    if not form.validate():
        return _preview_page(source, form), 422
    try:
        look = sources.look_again(source, form.reading)
    except SourceError as error:
        db.session.rollback()
        return _preview_page(source, form, refusal(error, source.kind)), 422
    sources.keep_look(_held(project, source_id), look)
    db.session.commit()
    return go_to("client_imports.preview", project_id=project.id, source_id=source.id)


@bp.get(f"{SOURCE}/columns")
@project_access("load_clients")
def columns(project: Project, source_id: int) -> ResponseReturnValue:
    source = within(project, ClientSource, source_id)
    seen = sources.profile_of(source)
    if seen is None or services.load_of(source):
        return go_to("client_imports.preview", project_id=project.id, source_id=source.id)
    form, guess = _columns_form(project, source, seen)
    return _columns_page(source, seen, form, guess)


@bp.post(f"{SOURCE}/columns")
@project_access("load_clients")
def load(project: Project, source_id: int) -> ResponseReturnValue:
    """The last step: what was said is kept, and where nothing stands against it the load begins."""
    source = _held(project, source_id)
    seen = _seen(source)
    form, guess = _columns_form(project, source, seen)
    sources.keep_answers(source, form.plan, form.duplicates)
    db.session.commit()
    if not form.check(seen):
        return _columns_page(source, seen, form, guess), 422
    report = services.start_import(source, form.plan, form.duplicates, current_user)
    db.session.commit()
    return go_to("client_imports.show", project_id=project.id, import_id=report.id)


@bp.post(f"{SOURCE}/answers")
@project_access("load_clients")
def save_answers(project: Project, source_id: int) -> ResponseReturnValue:
    """Keep what was said so far: sent with every change, and by whoever goes back."""
    source = _held(project, source_id)
    seen = _seen(source)
    form, _guess = _columns_form(project, source, seen)
    sources.keep_answers(source, form.plan, form.duplicates)
    db.session.commit()
    if is_htmx():
        return render_template("client_imports/_answers.html", form=form, seen=seen, doubts=doubts)
    return go_to("client_imports.preview", project_id=project.id, source_id=source.id)


@bp.post(f"{SOURCE}/forget")
@project_access("load_clients")
def forget(project: Project, source_id: int) -> ResponseReturnValue:
    """Also ends a fetch: its thread finds nothing to bring rows to."""
    sources.discard(_not_loading(project, source_id))
    db.session.commit()
    flash(_("The source is forgotten; nothing was loaded."), "success")
    return go_to("client_imports.new", project_id=project.id)


def _replaced(project: Project) -> ClientSource | None:
    """The source in whose place another one is chosen."""
    number = asked("instead_of", row_number)
    return None if number is None else _not_loading(project, number)


def _not_loading(project: Project, source_id: int) -> ClientSource:
    """A source of the project. Raises AlreadyLoading for one that cannot be changed any more."""
    source = within(project, ClientSource, source_id)
    if services.load_of(source):
        raise services.AlreadyLoading
    return source


def _held(project: Project, source_id: int) -> ClientSource:
    """As _not_loading, and nobody starts its load before this request ends: it may have begun in another tab."""
    lock = db.select(ClientSource).filter_by(id=source_id).with_for_update(of=ClientSource)
    db.session.scalar(lock.execution_options(populate_existing=True))
    return _not_loading(project, source_id)


def _seen(source: ClientSource) -> Profile:
    """Raises SourceNotReady for a database that has not given anything yet."""
    seen = sources.profile_of(source)
    if seen is None:
        raise services.SourceNotReady
    return seen


def _first_page(project: Project, kind: SourceKind, form: Form) -> str:
    return render_template(
        "client_imports/new.html",
        project=project,
        kind=kind,
        kinds=KINDS,
        form=form,
        unfinished=sources.unfinished(project),
        replaced=_replaced(project),
        trial=trial_database(),
        megabytes=current_app.config["STUDIO"].max_upload_mb,
    )


def _refused(project: Project, kind: SourceKind, form: Form, error: SourceError) -> ResponseReturnValue:
    db.session.rollback()
    form.refuse(error, refusal(error, kind))
    return _first_page(project, kind, form), 422


def _fetch(
    project: Project, kind: SourceKind, settings: dict[str, Any], table: fetches.OpenTable
) -> ResponseReturnValue:
    """Keep where the rows come from, and let them come. The connection is closed if they have nowhere to come to."""
    with ExitStack() as unkept:
        unkept.callback(table.close)
        source, fetch = fetches.begin_fetch(project, kind, settings, table, current_user, _replaced(project))
        db.session.commit()
        unkept.pop_all()
    fetch.start()
    return go_to("client_imports.preview", project_id=project.id, source_id=source.id)


def _reading_form(source: ClientSource) -> ReadingForm:
    layout = sources.layout_of(source)
    has_hidden = layout is not None and layout.hidden_count > 0
    return ReadingForm.of(sources.reading_of(source), source.profile.get("sheets", []), has_hidden)


def _preview_page(source: ClientSource, form: ReadingForm | None = None, refused: str = "") -> Any:
    is_failed = source.state is SourceState.FAILED
    return page_or_fragment(
        "client_imports/preview.html",
        "client_imports/_preview.html",
        project=source.project,
        source=source,
        seen=sources.profile_of(source),
        beside=list(beside_the_rows(source)),
        late_columns=source.profile.get("late_columns", []),
        form=form or _reading_form(source),
        refused=refused or (refusal(error_of(source.failure, source.failure_detail), source.kind) if is_failed else ""),
        is_cut=fetches.is_cut(source),
        odd=odd,
        types=TYPES,
        roles=TARGETS,
    )


def _columns_form(project: Project, source: ClientSource, seen: Profile) -> tuple[ColumnsForm, Match]:
    known = known_fields(project)
    guess = match(source, seen, known)
    form = ColumnsForm()
    form.read(guess.plan, known, guess.duplicates, request.form)
    return form, guess


def _columns_page(source: ClientSource, seen: Profile, form: ColumnsForm, guess: Match) -> str:
    return render_template(
        "client_imports/columns.html",
        project=source.project,
        source=source,
        seen=seen,
        form=form,
        guess=guess,
        described_by=described_by,
        doubts=doubts,
        types=TYPES,
        sensitivities=SENSITIVITIES,
        roles=TARGETS,
    )
