"""Clients in the browser."""

from flask import Blueprint, current_app, flash, make_response, render_template, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from ..access import project_access, within
from ..database import db
from ..imports.spreadsheet import SpreadsheetError
from ..models import Client, ClientImport, ClientUpload, Project
from ..offers.wording import OUTCOMES
from ..web.fragments import go_to
from ..web.paging import page_number
from . import queries, services
from .columns import known_fields
from .dictionary import words
from .forms import ColumnsForm, UploadForm
from .wording import SENSITIVITIES, TYPES, refusal, rejection

bp = Blueprint("clients", __name__)

ROWS_SHOWN = 5


@bp.get("/projects/<int:project_id>/clients")
@project_access("view")
def index(project: Project) -> ResponseReturnValue:
    search = request.args.get("search", "").strip()
    page = queries.clients_page(project, search, page_number())
    fields = queries.fields_of(project)
    return render_template(
        "clients/index.html",
        project=project,
        page=page,
        state={"project_id": project.id, "search": search},
        fields=fields[: queries.COLUMNS_SHOWN],
        imports=queries.imports_of(project),
    )


@bp.get("/projects/<int:project_id>/clients/<int:client_id>")
@project_access("view")
def show(project: Project, client_id: int) -> ResponseReturnValue:
    client = within(project, Client, client_id)
    fields = queries.fields_of(project)
    return render_template(
        "clients/show.html",
        project=project,
        client=client,
        fields=[field for field in fields if field.key in client.data],
        sensitivities=SENSITIVITIES,
        in_prompt=words(fields, client.data, project.language),
        offers=queries.offers_of(client),
        outcomes=OUTCOMES,
    )


@bp.get("/projects/<int:project_id>/clients/upload")
@project_access("load_clients")
def upload(project: Project) -> ResponseReturnValue:
    return _upload_page(project, UploadForm())


@bp.post("/projects/<int:project_id>/clients/upload")
@project_access("load_clients")
def receive(project: Project) -> ResponseReturnValue:
    form = UploadForm()
    if not form.validate():
        return _upload_page(project, form), 422
    file = form.file.data
    try:
        kept = services.keep_upload(project, file.filename or "", file.read(), current_user, _max_bytes())
    except SpreadsheetError as error:
        form.file.errors = [refusal(error)]
        return _upload_page(project, form), 422
    db.session.commit()
    return go_to("clients.match", project_id=project.id, upload_id=kept.id)


@bp.get("/projects/<int:project_id>/clients/sample.xlsx")
@project_access("view")
def sample(project: Project) -> ResponseReturnValue:
    """The file of invented clients, to try the upload with."""
    return send_from_directory(f"{current_app.root_path}/../docs", "clients.xlsx", as_attachment=True)


@bp.get("/projects/<int:project_id>/clients/uploads/<int:upload_id>")
@project_access("load_clients")
def match(project: Project, upload_id: int) -> ResponseReturnValue:
    return _match_page(project, within(project, ClientUpload, upload_id))


@bp.post("/projects/<int:project_id>/clients/uploads/<int:upload_id>")
@project_access("load_clients")
def load(project: Project, upload_id: int) -> ResponseReturnValue:
    kept = within(project, ClientUpload, upload_id)
    with services.workbook_of(kept.content, _max_bytes()) as workbook:
        form = ColumnsForm()
        form.read(workbook.columns, known_fields(project), request.form)
    if not form.check():
        return _match_page(project, kept, form), 422
    report = services.load_upload(project, kept, form.plan, current_user, _max_bytes())
    db.session.commit()
    return go_to("clients.report", project_id=project.id, import_id=report.id)


@bp.post("/projects/<int:project_id>/clients/uploads/<int:upload_id>/discard")
@project_access("load_clients")
def discard(project: Project, upload_id: int) -> ResponseReturnValue:
    services.discard_upload(within(project, ClientUpload, upload_id))
    db.session.commit()
    flash(_("The file is forgotten; nothing was loaded."), "success")
    return go_to("clients.index", project_id=project.id)


@bp.get("/projects/<int:project_id>/clients/imports/<int:import_id>")
@project_access("view")
def report(project: Project, import_id: int) -> ResponseReturnValue:
    load = within(project, ClientImport, import_id)
    return render_template("clients/report.html", project=project, load=load, rejection=rejection)


@bp.post("/projects/<int:project_id>/clients/imports/<int:import_id>/undo")
@project_access("load_clients")
def undo(project: Project, import_id: int) -> ResponseReturnValue:
    services.undo_import(within(project, ClientImport, import_id))
    db.session.commit()
    flash(_("The load is undone; its clients are gone."), "success")
    return go_to("clients.index", project_id=project.id)


@bp.errorhandler(services.ImportInUse)
def import_in_use(_error: services.ImportInUse) -> ResponseReturnValue:
    db.session.rollback()
    reason = _("Offers were written for clients of this load, so it stays.")
    return make_response(render_template("projects/refused.html", reason=reason), 409)


def _upload_page(project: Project, form: UploadForm) -> str:
    return render_template(
        "clients/upload.html",
        project=project,
        form=form,
        megabytes=current_app.config["STUDIO"].max_upload_mb,
        sample=url_for("clients.sample", project_id=project.id),
    )


def _match_page(project: Project, kept: ClientUpload, form: ColumnsForm | None = None) -> str:
    with services.workbook_of(kept.content, _max_bytes()) as workbook:
        if form is None:
            form = ColumnsForm()
            form.read(workbook.columns, known_fields(project), {})
        return render_template(
            "clients/match.html",
            project=project,
            upload=kept,
            form=form,
            rows=workbook.preview(ROWS_SHOWN),
            row_count=workbook.row_count,
            types=TYPES,
            sensitivities=SENSITIVITIES,
        )


def _max_bytes() -> int:
    return int(current_app.config["STUDIO"].max_upload_mb) * 2**20
