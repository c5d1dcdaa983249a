"""A person writes an offer's text over, in the browser."""

from flask import abort, flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from ..access import project_access, within
from ..database import db
from ..models import Offer, Project
from ..web.arguments import asked
from ..web.fields import row_number
from ..web.fragments import go_to
from . import edits
from .as_sent import has_plain_form
from .views import bp, refused


@bp.post("/projects/<int:project_id>/offers/<int:offer_id>/plain")
@project_access("write_offers")
def write_plainly(project: Project, offer_id: int) -> ResponseReturnValue:
    offer = within(project, Offer, offer_id)
    if not has_plain_form(offer):
        abort(400)
    edits.write_plainly(offer, current_user, asked("revision", row_number, 0))
    db.session.commit()
    flash(_("The text is in plain characters now."), "success")
    return go_to("offers.show", project_id=project.id, offer_id=offer.id)


@bp.errorhandler(edits.ChangedMeanwhile)
def changed_meanwhile(_error: edits.ChangedMeanwhile) -> ResponseReturnValue:
    db.session.rollback()
    return refused(
        _("Somebody else changed this offer meanwhile"),
        _("Nothing of yours was stored over it. Go back, look at the text as it is now, then change it."),
        409,
    )
