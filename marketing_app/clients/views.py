"""Clients in the browser."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from ..access import project_access, within
from ..dictionary.services import fields_of
from ..dictionary.words import words
from ..dictionary.wording import SENSITIVITIES
from ..models import Client, Project
from ..offers.wording import OUTCOMES
from ..web.paging import page_number
from . import queries

bp = Blueprint("clients", __name__)


@bp.get("/projects/<int:project_id>/clients")
@project_access("view")
def index(project: Project) -> ResponseReturnValue:
    search = request.args.get("search", "").strip()
    page = queries.clients_page(project, search, page_number())
    fields = fields_of(project)
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
    fields = fields_of(project)
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
