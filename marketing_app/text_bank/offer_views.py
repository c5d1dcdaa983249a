"""An approved offer's text goes into the bank at one press."""

from flask import flash
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ..access import project_access, within
from ..database import db
from ..models import Offer, Project
from ..web.fragments import go_to
from . import from_offers
from .services import AlreadyThere
from .views import bp
from .wording import added_words, not_for_others, reason


@bp.post("/projects/<int:project_id>/offers/<int:offer_id>/text-bank")
@project_access("keep_text")
def keep_offer(project: Project, offer_id: int) -> ResponseReturnValue:
    offer = within(project, Offer, offer_id)
    try:
        text = from_offers.keep_offer_text(offer, current_user)
    except AlreadyThere as error:
        flash(reason(error), "warning")
        return go_to("text_bank.show", text_id=error.text.id)
    except from_offers.NotForOthers as error:
        flash(not_for_others(error), "warning")
        return go_to("offers.show", project_id=project.id, offer_id=offer.id)
    db.session.commit()
    flash(added_words(text), "success")
    return go_to("text_bank.show", text_id=text.id)
