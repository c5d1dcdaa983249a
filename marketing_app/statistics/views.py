"""Statistics in the browser: for managers, of the projects they manage."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ..access import project_access, signed_in
from ..models import Project
from ..offers.wording import OUTCOMES
from . import queries

bp = Blueprint("statistics", __name__)


@bp.get("/statistics")
@signed_in
def overview() -> ResponseReturnValue:
    projects = queries.managed_projects(current_user)
    figures = queries.figures_of([project.id for project in projects])
    return render_template("statistics/overview.html", projects=projects, figures=figures, outcomes=OUTCOMES)


@bp.get("/projects/<int:project_id>/statistics")
@project_access("statistics")
def project(project: Project) -> ResponseReturnValue:
    figures = queries.figures_of([project.id])
    return render_template("statistics/project.html", project=project, figures=figures, outcomes=OUTCOMES)
