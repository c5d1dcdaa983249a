"""A load in the browser: its progress, its report, and what can be done with it."""

from collections.abc import Callable

from flask import flash, make_response, render_template, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from ..access import project_access, within
from ..database import db
from ..dictionary.services import known_fields
from ..models import AuditEntry, ClientImport, ImportState, Project
from ..web.fragments import go_to
from ..web.paging import page_number
from . import queries, services
from .columns import from_json
from .doubts import kind_of
from .failures import error_of
from .rejected_file import file_of
from .views import bp
from .wording import refusal, rejection, stands_against


@bp.get("/projects/<int:project_id>/clients/imports/<int:import_id>")
@project_access("view")
def show(project: Project, import_id: int) -> ResponseReturnValue:
    load = within(project, ClientImport, import_id)
    return render_template("client_imports/show.html", **_values(project, load))


@bp.get("/projects/<int:project_id>/clients/imports/<int:import_id>/progress")
@project_access("view")
def progress(project: Project, import_id: int) -> ResponseReturnValue:
    load = within(project, ClientImport, import_id)
    return render_template("client_imports/_load.html", **_values(project, load))


@bp.get("/projects/<int:project_id>/clients/imports/<int:import_id>/rejected")
@project_access("load_clients")
def rejected(project: Project, import_id: int) -> ResponseReturnValue:
    load = within(project, ClientImport, import_id)
    name, media_type, content = file_of(load, queries.rejections_of(load))
    db.session.add(AuditEntry.about(load, "download", current_user, name=str(load.id)))
    db.session.commit()
    answer = send_file(content, as_attachment=True, download_name=name)
    answer.content_type = media_type  # with the encoding of the source, where Flask would say utf-8 of any text
    return answer


@bp.post("/projects/<int:project_id>/clients/imports/<int:import_id>/cancel")
@project_access("load_clients")
def cancel(project: Project, import_id: int) -> ResponseReturnValue:
    return _changed(project, import_id, services.cancel_import, _("The load is cancelled; no client of it was kept."))


@bp.post("/projects/<int:project_id>/clients/imports/<int:import_id>/continue")
@project_access("load_clients")
def go_on(project: Project, import_id: int) -> ResponseReturnValue:
    return _changed(project, import_id, services.continue_import, _("The load goes on where it stopped."))


@bp.post("/projects/<int:project_id>/clients/imports/<int:import_id>/undo")
@project_access("load_clients")
def undo(project: Project, import_id: int) -> ResponseReturnValue:
    services.undo_import(within(project, ClientImport, import_id))
    db.session.commit()
    flash(_("The load is undone: its clients are gone, and those whom it changed are as they were."), "success")
    return go_to("clients.index", project_id=project.id)


@bp.errorhandler(services.LoadError)
def not_possible(error: services.LoadError) -> ResponseReturnValue:
    db.session.rollback()
    return make_response(render_template("projects/refused.html", reason=stands_against(error)), 409)


def _changed(
    project: Project, import_id: int, change: Callable[[ClientImport], None], done: str
) -> ResponseReturnValue:
    change(within(project, ClientImport, import_id))
    db.session.commit()
    flash(done, "success")
    return go_to("client_imports.show", project_id=project.id, import_id=import_id)


def _values(project: Project, load: ClientImport) -> dict[str, object]:
    is_told = load.state is ImportState.FAILED or (load.state is ImportState.INTERRUPTED and load.failure)
    plan, known = from_json(load.plan), known_fields(project)
    return {
        "project": project,
        "load": load,
        "progress": queries.progress_of(load),
        "seconds": queries.seconds_taken(load),
        "failure": refusal(error_of(load.failure, load.failure_detail)) if is_told else "",
        "page": queries.rejections_page(load, page_number()),
        "state": {"project_id": project.id, "import_id": load.id},
        "rejection": rejection,
        "places": {column.name: column.position for column in plan},
        "kinds": {column.name: kind_of(column, known) for column in plan},
    }
