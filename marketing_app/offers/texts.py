"""The text of an offer: which message it is from, and what a new text resets."""

from sqlalchemy import func

from ..models import Message, Offer, OfferState, Review, Verdict


def take_text(offer: Offer, message: Message, verdict: Verdict) -> None:
    """Make a stored draft, edit or text of the bank the offer's text. Resets the review.

    A text with the verdict BLOCK needs a person: somebody who changes it, or a manager who approves it as it is.
    """
    offer.text, offer.current_id, offer.verdict = message.text, message.id, verdict
    offer.finished_with_id, offer.opened_with_id = message.finished_with_id, message.opened_with_id
    offer.state, offer.written_at = state_with(verdict), func.now()
    offer.failure, offer.failure_detail = "", {}
    offer.review, offer.review_reason = Review.OPEN, ""
    offer.reviewer_id = offer.reviewed_at = None
    offer.revision += 1


def state_with(verdict: Verdict) -> OfferState:
    """The state of an offer whose text was judged so."""
    return OfferState.NEEDS_PERSON if verdict is Verdict.BLOCK else OfferState.READY
