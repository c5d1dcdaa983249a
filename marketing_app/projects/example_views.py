"""The examples of a channel's prompts in the browser: what is shown, what may not be, pinned and switched off."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from ..access import project_access, within
from ..database import db
from ..llm.examples import nearest
from ..models import ExampleUse, Offer, Project, ProjectSaleChannel
from ..offers import learning, prompting
from ..web.fragments import go_to
from .views import bp

USES = {"": None, "pinned": ExampleUse.PINNED, "off": ExampleUse.OFF}


@bp.get("/projects/<int:project_id>/channels/<int:channel_id>/examples")
@project_access("view")
def examples(project: Project, channel_id: int) -> ResponseReturnValue:
    channel = within(project, ProjectSaleChannel, channel_id)
    frame = prompting.frame_of(channel)
    approved = learning.approved_examples(channel, frame.product, frame.fields, frame.facts)
    shown = nearest([each.example for each in approved if each.may_be_shown], "")
    return render_template("projects/examples.html", project=project, channel=channel, approved=approved, shown=shown)


@bp.post("/projects/<int:project_id>/offers/<int:offer_id>/example")
@project_access("edit")
def choose_example(project: Project, offer_id: int) -> ResponseReturnValue:
    """Pin an approved offer, switch it off, or leave it to the studio."""
    offer = within(project, Offer, offer_id)
    use = request.form.get("use", "")
    if use not in USES:
        abort(400)
    learning.choose_example(offer, USES[use])
    db.session.commit()
    return go_to("projects.examples", project_id=project.id, channel_id=offer.project_channel_id)
