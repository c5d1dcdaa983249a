"""What the browser asks of the room of the client's rights: opt-outs, erasure, how long data is kept."""

from flask import Blueprint, current_app, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from ..access import project_access, within
from ..client_imports.services import BuiltUpon
from ..client_imports.wording import refusal, stands_against
from ..database import db
from ..imports.errors import SourceError
from ..imports.reading import Limits
from ..models import Client, ClientImport, OptOut, OptOutSource, Project
from ..web.bodies import takes_file
from ..web.fragments import go_to
from ..web.paging import page_number
from . import erasure, queries, services
from .forms import HEADERS, MOST_IN_A_FILE, ByHandForm, FileForm, ReachForm
from .id_files import IdFile, read_ids
from .wording import SOURCES, load_erased, load_runs, opted_out, unknown_here

bp = Blueprint("privacy", __name__)
bp.add_app_template_global(queries.opt_outs_of, "opt_outs_of")


@bp.get("/projects/<int:project_id>/rights")
@project_access("view")
def index(project: Project) -> ResponseReturnValue:
    return _page(project, ByHandForm(formdata=None), FileForm(formdata=None))


@bp.post("/projects/<int:project_id>/rights/opt-outs")
@project_access("edit")
def add(project: Project) -> ResponseReturnValue:
    form = ByHandForm()
    if not form.validate():
        return _page(project, form, FileForm(formdata=None)), 422
    _opt_out(project, form, form.identities, OptOutSource.HAND)
    return go_to("privacy.index", project_id=project.id)


@bp.post("/projects/<int:project_id>/rights/opt-outs/look")
@project_access("edit")
@takes_file
def look(project: Project) -> ResponseReturnValue:
    """What a chosen file says, before anybody is kept out; with `again` as the person said that it is to be read."""
    form = FileForm()
    if "again" not in request.args:
        form.forget_answers()
    found = _ids(form) if form.validate() else None
    known = queries.count_known(project, found.ids) if found else 0
    page = render_template("privacy/_ids.html", project=project, form=form, headers=HEADERS, found=found, known=known)
    return page, 422 if form.errors else 200


@bp.post("/projects/<int:project_id>/rights/opt-outs/file")
@project_access("edit")
@takes_file
def add_file(project: Project) -> ResponseReturnValue:
    form = FileForm()
    found = _ids(form) if form.validate() else None
    if not found or form.errors:
        return _page(project, ByHandForm(formdata=None), form), 422
    _opt_out(project, form, found.ids, OptOutSource.FILE)
    return go_to("privacy.index", project_id=project.id)


@bp.post("/projects/<int:project_id>/rights/opt-outs/<int:opt_out_id>/lift")
@project_access("edit")
def lift(project: Project, opt_out_id: int) -> ResponseReturnValue:
    """Those of the project; those of the whole bank are lifted in the admin console."""
    entry = within(project, OptOut, opt_out_id)
    services.opt_in(project, entry.identity, current_user)
    db.session.commit()
    flash(_("The opt-out is lifted."), "success")
    client_id = request.form.get("client_id", type=int)
    if client_id:
        return go_to("clients.show", project_id=project.id, client_id=client_id)
    return go_to("privacy.index", project_id=project.id)


@bp.post("/projects/<int:project_id>/clients/<int:client_id>/opt-out")
@project_access("edit")
def opt_out_client(project: Project, client_id: int) -> ResponseReturnValue:
    client = within(project, Client, client_id)
    form = ReachForm()
    if form.validate():
        _opt_out(project, form, [client.identity], OptOutSource.HAND)
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
    name = client.outside_id or client.id
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
        by_hand=by_hand,
        by_file=by_file,
        forecast=queries.next_erasure(project),
        most_counted=queries.MOST_COUNTED,
    )


def _opt_out(project: Project, form: ReachForm, ids: tuple[str, ...] | list[str], source: OptOutSource) -> None:
    reached = None if form.is_bank_wide else project
    added = services.opt_out(reached, ids, source, form.note.data or "", current_user)
    db.session.commit()
    flash(opted_out(added, len(ids)), "success")
    if unknown := len(ids) - queries.count_known(project, ids):
        flash(unknown_here(unknown), "warning")


def _ids(form: FileForm) -> IdFile | None:
    """The ids of the sent file; None when it cannot be read. The form then says that, or that it has no ids."""
    limits = Limits(max_bytes=current_app.config["STUDIO"].max_upload_mb * 2**20, max_rows=MOST_IN_A_FILE)
    try:
        found = read_ids(form.file.data.stream, limits, form.position.data, form.has_header)
    except SourceError as error:
        form.file.errors = [refusal(error)]
        return None
    if not found.ids:
        form.file.errors = [_("There is no id in this column of the file. Choose another file, or another column.")]
    return found
