"""What the browser asks of the room of the client's rights: opt-outs, erasure, how long data is kept."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, current_app, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from ..access import may, project_access, within
from ..client_imports.services import BuiltUpon
from ..client_imports.wording import refusal, stands_against
from ..database import db
from ..imports.errors import SourceError
from ..imports.reading import Limits
from ..models import Client, ClientImport, OptOut, OptOutList, OptOutSource, Project
from ..web.arguments import asked
from ..web.bodies import takes_file
from ..web.fields import row_number
from ..web.fragments import go_to
from ..web.paging import page_number
from . import erasure, queries, services, wording
from .forms import HEADERS, KINDS, MOST_IN_A_FILE, ByHandForm, FileForm, ReachForm
from .id_files import IdFile, read_ids
from .naming import Kind, Named
from .wording import SOURCES, load_erased, load_runs, opted_out, unknown_here

bp = Blueprint("privacy", __name__)
bp.add_app_template_global(queries.opt_outs_of, "opt_outs_of")
bp.add_app_template_filter(wording.named, "named")


@bp.get("/projects/<int:project_id>/rights")
@project_access("view")
def index(project: Project) -> ResponseReturnValue:
    return _page(project, _by_hand(project, formdata=None), _by_file(formdata=None))


@bp.post("/projects/<int:project_id>/rights/opt-outs")
@project_access("edit")
def add(project: Project) -> ResponseReturnValue:
    form = _by_hand(project)
    if not form.validate():
        return _page(project, form, _by_file(formdata=None)), 422
    named = queries.named_by_hand(project, form.words, is_bank_wide=form.is_bank_wide)
    _opt_out(project, form, named, is_list=form.is_list)
    return go_to("privacy.index", project_id=project.id)


@bp.post("/projects/<int:project_id>/rights/opt-outs/look")
@project_access("edit")
@takes_file
def look(project: Project) -> ResponseReturnValue:
    """What a chosen file says, before anybody is kept out; with `again` as the person said that it is to be read."""
    form = _by_file()
    if "again" not in request.args:
        form.forget_answers()
    found = _ids(project, form) if form.validate() else None
    known = queries.count_known(project, queries.with_own_numbers(project, found.named)) if found else 0
    page = render_template(
        "privacy/_ids.html",
        project=project,
        form=form,
        headers=HEADERS,
        kinds=KINDS,
        found=found,
        known=known,
        counted=wording.counted,
        left_out=wording.left_out,
    )
    return page, 422 if form.errors else 200


@bp.post("/projects/<int:project_id>/rights/opt-outs/file")
@project_access("edit")
@takes_file
def add_file(project: Project) -> ResponseReturnValue:
    form = _by_file()
    found = _ids(project, form) if form.validate() else None
    if not found or form.errors:
        return _page(project, _by_hand(project, formdata=None), form), 422
    _opt_out(project, form, queries.with_own_numbers(project, found.named), OptOutSource.FILE, is_list=True)
    return go_to("privacy.index", project_id=project.id)


@bp.post("/projects/<int:project_id>/rights/opt-outs/<int:opt_out_id>/lift")
@project_access("decide_refusals")
def lift(project: Project, opt_out_id: int) -> ResponseReturnValue:
    """Those of the project; those of the whole bank are lifted in the admin console."""
    entry = within(project, OptOut, opt_out_id)
    services.opt_in(entry, current_user)
    db.session.commit()
    flash(_("The opt-out is lifted."), "success")
    client_id = asked("client_id", row_number)
    if client_id:
        return go_to("clients.show", project_id=project.id, client_id=client_id)
    return go_to("privacy.index", project_id=project.id)


@bp.post("/projects/<int:project_id>/rights/lists/<int:list_id>/undo")
@project_access("decide_refusals")
def undo_list(project: Project, list_id: int) -> ResponseReturnValue:
    """A list of the project; one of the whole bank is undone in the admin console."""
    count = services.undo_list(within(project, OptOutList, list_id), current_user)
    db.session.commit()
    flash(wording.list_undone(count), "success")
    return go_to("privacy.index", project_id=project.id)


@bp.post("/projects/<int:project_id>/clients/<int:client_id>/opt-out")
@project_access("edit")
def opt_out_client(project: Project, client_id: int) -> ResponseReturnValue:
    client = within(project, Client, client_id)
    form = ReachForm(may_reach_bank=may(project, "decide_refusals"))
    if form.validate():
        _opt_out(project, form, [Named(Kind.ID, client.identity)])
    else:
        flash(next(iter(form.errors.values()))[0], "danger")
    return go_to("clients.show", project_id=project.id, client_id=client_id)


@bp.get("/projects/<int:project_id>/clients/<int:client_id>/erase")
@project_access("erase")
def confirm_client(project: Project, client_id: int) -> ResponseReturnValue:
    client = within(project, Client, client_id)
    goes = queries.goes_with_client(client)
    return render_template("privacy/erase_client.html", project=project, client=client, goes=goes)


@bp.post("/projects/<int:project_id>/clients/<int:client_id>/erase")
@project_access("erase")
def erase_client(project: Project, client_id: int) -> ResponseReturnValue:
    client = within(project, Client, client_id)
    name = client.shown_id
    erasure.erase_client(client, current_user)
    db.session.commit()
    flash(_("Client %(id)s is erased with everything made of them.", id=name), "success")
    return go_to("clients.index", project_id=project.id)


@bp.get("/projects/<int:project_id>/clients/imports/<int:import_id>/erase")
@project_access("erase")
def confirm_import(project: Project, import_id: int) -> ResponseReturnValue:
    load = within(project, ClientImport, import_id)
    goes = queries.goes_with_import(load)
    return render_template("privacy/erase_import.html", project=project, load=load, goes=goes)


@bp.post("/projects/<int:project_id>/clients/imports/<int:import_id>/erase")
@project_access("erase")
def erase_import(project: Project, import_id: int) -> ResponseReturnValue:
    count = erasure.erase_import(within(project, ClientImport, import_id), current_user)
    db.session.commit()
    flash(load_erased(count), "success")
    return go_to("clients.index", project_id=project.id)


@bp.errorhandler(erasure.LoadRuns)
def load_still_runs(_error: erasure.LoadRuns) -> ResponseReturnValue:
    db.session.rollback()
    return render_template("projects/refused.html", reason=load_runs()), 409


@bp.errorhandler(BuiltUpon)
def load_is_built_upon(error: BuiltUpon) -> ResponseReturnValue:
    db.session.rollback()
    return render_template("projects/refused.html", reason=stands_against(error)), 409


def _page(project: Project, by_hand: ByHandForm, by_file: FileForm) -> str:
    search = request.args.get("search", "").strip()
    return render_template(
        "privacy/index.html",
        project=project,
        page=queries.opt_outs_page(project, search, page_number()),
        state={"project_id": project.id, "search": search},
        sources=SOURCES,
        lists=queries.lists_of(project),
        by_hand=by_hand,
        by_file=by_file,
        forecast=queries.next_erasure(project),
        most_counted=queries.MOST_COUNTED,
    )


def _by_hand(project: Project, **values: Any) -> ByHandForm:
    """Anybody may be the manager of some project, so that a list of the whole bank is not for managers."""
    is_administrator = current_user.is_administrator
    return ByHandForm(may_reach_bank=may(project, "decide_refusals"), may_list_for_bank=is_administrator, **values)


def _by_file(**values: Any) -> FileForm:
    """A list of the whole bank may keep out a million people of all projects at once."""
    return FileForm(may_reach_bank=current_user.is_administrator, **values)


def _opt_out(
    project: Project,
    form: ReachForm,
    named: Sequence[Named],
    source: OptOutSource = OptOutSource.HAND,
    *,
    is_list: bool = False,
) -> None:
    reached = None if form.is_bank_wide else project
    identities = [each.identity for each in named]
    note = form.note.data or ""
    keep_out = services.opt_out_list if is_list else services.opt_out
    added = keep_out(reached, identities, source, note, current_user)
    db.session.commit()
    flash(opted_out(added, len(named)), "success")
    if unknown := len(named) - queries.count_known(project, named):
        flash(unknown_here(unknown, {each.kind for each in named}), "warning")


def _ids(project: Project, form: FileForm) -> IdFile | None:
    """The people of the sent file; None when it cannot be read. The form then says that, or that it names nobody."""
    limits = Limits(max_bytes=current_app.config["STUDIO"].max_upload_mb * 2**20, max_rows=MOST_IN_A_FILE)
    try:
        found = read_ids(form.file.data.stream, limits, form.position.data, form.has_header, form.kind_of_values)
    except SourceError as error:
        form.file.errors = [refusal(error)]
        return None
    if not form.kind_of_values:
        found = queries.as_known_here(project, found)
    if not found.named:
        form.file.errors = [
            _(
                "There is no id, phone number or e-mail in this column of the file."
                " Choose another file, or another column."
            )
        ]
    return found
