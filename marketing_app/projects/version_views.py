"""Two versions of a channel's prompt beside each other, and an old one used again, in the browser."""

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from ..access import project_access, within
from ..database import db
from ..models import Project, ProjectSaleChannel
from ..web.differences import differences
from ..web.fragments import go_to
from . import queries, services
from .views import bp, version_numbered


@bp.get("/projects/<int:project_id>/channels/<int:channel_id>/versions")
@project_access("view")
def compare_versions(project: Project, channel_id: int) -> ResponseReturnValue:
    """The newest and the one before it, unless others are asked for."""
    channel = within(project, ProjectSaleChannel, channel_id)
    versions = queries.versions_of(channel)
    right = version_numbered(channel, request.args.get("right", versions[0].number, type=int))
    left = version_numbered(channel, request.args.get("left", versions[:2][-1].number, type=int))
    sides = list(zip(("left", "right"), (left, right), differences(left.text, right.text), strict=True))
    return render_template(
        "projects/prompt_versions.html", project=project, channel=channel, versions=versions, sides=sides
    )


@bp.post("/projects/<int:project_id>/channels/<int:channel_id>/versions/restore")
@project_access("edit")
def restore_version(project: Project, channel_id: int) -> ResponseReturnValue:
    channel = within(project, ProjectSaleChannel, channel_id)
    old = version_numbered(channel, request.form.get("version", type=int) or abort(400))
    based_on, note = request.form.get("based_on", 0, type=int), _("The text of version %(n)d again", n=old.number)
    version = services.save_prompt(channel, old.text, based_on, current_user, note)
    db.session.commit()
    flash(_("Version %(n)d is the channel's prompt now.", n=version.number), "success")
    return go_to("projects.prompt", project_id=project.id, channel_id=channel.id)
