"""What a reviewer decides about one offer. Whoever decides on an older revision than today's is refused."""

from sqlalchemy import func

from ..checks.findings import Finding
from ..database import db
from ..llm.engine import Prompt
from ..models import Message, Offer, OfferState, Review, ReviewAction, ReviewVerb, User, Verdict
from ..offers.checking import verdict_of
from ..offers.edits import ChangedMeanwhile, edit_text
from ..offers.services import ask_for_change, lock_idle, lock_starts, must_be_active
from ..offers.texts import state_with
from ..privacy.services import must_not_be_opted_out
from . import actions
from .rechecking import findings_now


class Blocked(Exception):
    """The checks block the text, and nobody who may gave a reason to send it all the same."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__()
        self.findings = findings


class NoText(Exception):
    """There is nothing to decide about: the offer has no text."""


def approve(offer: Offer, author: User, revision: int, reason: str = "") -> ReviewAction:
    """Let the text be sent, if today's checks let it pass, or for a manager's written `reason`.

    Raises ProjectArchived, OptedOut, StillWriting, ChangedMeanwhile, NoText, Blocked.
    """
    _hold(offer, revision)
    must_not_be_opted_out(offer.client)
    findings = findings_now([offer])[offer.id]
    verdict = verdict_of(findings)
    if verdict is Verdict.BLOCK and not reason.strip():
        raise Blocked(findings)
    kept = reason.strip() if verdict is Verdict.BLOCK else ""
    return decide(offer, ReviewVerb.APPROVE, author, actions.new_batch(), kept, verdict)


def reject(offer: Offer, author: User, revision: int, reason: str) -> ReviewAction:
    """Keep the text from being sent. Raises as `approve`, but for OptedOut and Blocked."""
    _hold(offer, revision)
    return decide(offer, ReviewVerb.REJECT, author, actions.new_batch(), reason.strip())


def reopen(offer: Offer, author: User, revision: int) -> ReviewAction:
    """Let the offer be decided about again. Raises as `reject`."""
    _hold(offer, revision)
    return decide(offer, ReviewVerb.REOPEN, author, actions.new_batch())


def save_text(offer: Offer, text: str, author: User, revision: int) -> ReviewAction:
    """A person's own text instead of the one before, which stays for comparison. Raises as `approve`."""
    _hold(offer, revision)
    was = actions.before(offer)
    edit_text(offer, text, author, revision)
    return actions.record(offer, ReviewVerb.EDIT, author, was, actions.new_batch(), "")


def decide(
    offer: Offer, verb: ReviewVerb, author: User, batch: str, reason: str = "", verdict: Verdict | None = None
) -> ReviewAction:
    """Write a decision into an offer that is held, and keep it. Approval clears NEEDS_PERSON;
    reopening sets it again where the checks block the text."""
    was = actions.before(offer)
    offer.verdict = verdict or offer.verdict
    offer.review = {
        ReviewVerb.APPROVE: Review.APPROVED,
        ReviewVerb.REJECT: Review.REJECTED,
        ReviewVerb.REOPEN: Review.OPEN,
    }[verb]
    if verb is ReviewVerb.APPROVE and offer.state is OfferState.NEEDS_PERSON:
        offer.state, offer.written_at = OfferState.READY, offer.written_at or func.now()
    elif verb is ReviewVerb.REOPEN and offer.state is OfferState.READY:
        offer.state = state_with(offer.verdict)
    offer.review_reason = reason
    offer.reviewer_id, offer.reviewed_at = (None, None) if verb is ReviewVerb.REOPEN else (author.id, func.now())
    offer.revision += 1
    return actions.record(offer, verb, author, was, batch, reason)


def ask_for_revision(offer: Offer, request: str, author: User, revision: int) -> tuple[Message, Prompt]:
    """The next draft of an offer that is still what the reviewer saw. Raises as offers.services.ask_for_change, and
    ChangedMeanwhile."""
    lock_starts(offer.project_channel, is_shared=True)
    must_be_newest(offer, revision)
    return ask_for_change(offer, request, author)


def must_be_newest(offer: Offer, revision: int) -> None:
    """Nobody else changes the offer until this transaction ends, and it is still what the reviewer saw.

    Raises ProjectArchived, StillWriting, ChangedMeanwhile.
    """
    must_be_active(offer.project_channel.project)
    lock_idle(offer)
    if offer.revision != revision:
        raise ChangedMeanwhile


def _hold(offer: Offer, revision: int) -> None:
    must_be_newest(offer, revision)
    db.session.refresh(offer, [*actions.KEPT, "written_at", "benefit_id", "angle"])
    if not offer.text:
        raise NoText
