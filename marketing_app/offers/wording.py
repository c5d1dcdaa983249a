"""Outcomes and failures in words: what happened and what to do."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ..models import Message, OfferState, Outcome

OUTCOMES = {
    Outcome.UNKNOWN: _l("Not known yet"),
    Outcome.SOLD: _l("Sold"),
    Outcome.INTERESTED: _l("Interested"),
    Outcome.CONSIDERING: _l("Considering"),
    Outcome.POSITIVE: _l("Positive answer"),
    Outcome.NEGATIVE: _l("Negative answer"),
}

OFFER_STATES = {
    OfferState.WAITING: _l("Waiting"),
    OfferState.WRITING: _l("Being written"),
    OfferState.READY: _l("Ready"),
    OfferState.FAILED: _l("Failed"),
    OfferState.CANCELLED: _l("Cancelled"),
}
OFFER_COLOURS = {
    OfferState.WAITING: "secondary",
    OfferState.WRITING: "primary",
    OfferState.READY: "success",
    OfferState.FAILED: "danger",
    OfferState.CANCELLED: "warning",
}


def draft_failure(message: Message) -> str:
    """Why a draft was not finished (see `writing` for the codes)."""
    reasons = {
        "interrupted": _("The server stopped while this draft was being written. What it had written is kept."),
        "queue_full": _("Too many offers were being written. Ask again in a minute."),
        "empty": _("The model gave no text. Ask again, or say in the prompt what you want."),
    }
    return reasons.get(
        message.failure, _("The model failed while writing. Ask again; if it lasts, call your administrator.")
    )
