"""Two texts of an offer beside each other, and which of all is the offer's, in the browser."""

from flask import abort, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from ..access import project_access
from ..database import db
from ..models import Message, Offer, Project
from ..web.arguments import asked
from ..web.differences import differences
from ..web.fields import row_number
from ..web.fragments import go_to
from . import picking, queries
from .conversation import texts_of
from .views import asked_text, bp, refused
from .wording import RETIRED


@bp.get("/projects/<int:project_id>/offers/<int:offer_id>/compare")
@project_access("view")
def compare(project: Project, offer_id: int) -> ResponseReturnValue:
    offer = _offer(project, offer_id)
    texts = texts_of(offer)
    if len(texts) < 2:
        return go_to("offers.show", project_id=project.id, offer_id=offer.id)
    right = asked_text(texts, "right") or _newest_but(texts, offer.current_id)
    left = asked_text(texts, "left") or _newest_but(texts, right.id)
    sides = zip(("left", "right"), (left, right), differences(left.text, right.text), strict=True)
    return render_template("offers/compare.html", project=project, offer=offer, texts=texts, sides=list(sides))


@bp.post("/projects/<int:project_id>/offers/<int:offer_id>/pick")
@project_access("write_offers")
def pick(project: Project, offer_id: int) -> ResponseReturnValue:
    """A whole message, or with `number` one of the drafts that it was the best of."""
    offer = _offer(project, offer_id)
    wanted = asked("message_id", row_number) or abort(400)
    message = next((each for each in offer.messages if each.id == wanted), None) or abort(404)
    revision, number = asked("revision", row_number, 0), asked("number", row_number)
    try:
        if number is None:
            picking.pick_text(offer, message, revision)
        else:
            picking.pick_candidate(offer, message, number, current_user, revision)
    except picking.NoSuchText:
        abort(404)
    except picking.Retired:
        return refused(str(RETIRED[0]), str(RETIRED[1]), 409)
    db.session.commit()
    flash(_("This is the offer’s text now. It waits for its review."), "success")
    return go_to("offers.show", project_id=project.id, offer_id=offer.id)


def _offer(project: Project, offer_id: int) -> Offer:
    return queries.offer_with_conversation(project, offer_id) or abort(404)


def _newest_but(texts: list[Message], number: int | None) -> Message:
    return next(each for each in reversed(texts) if each.id != number)
