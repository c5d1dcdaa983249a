"""A text of the bank made of an approved offer: for its product and channel, and for any client."""

from ..checks.findings import Finding, Severity
from ..models import LONGEST_BANK_TEXT, BankText, Offer, Review, TextRole, User
from ..offers.checking import angle_of, check_draft, facts_of
from ..offers.filling import unknown_variables
from ..offers.prompting import frame_of
from .services import Clearing, Described, TextBankError, add_text


class NotForOthers(TextBankError):
    """The text may not go to other clients: nobody approved it, or `findings` say what a check holds against it."""

    def __init__(self, findings: list[Finding] | None = None) -> None:
        super().__init__()
        self.findings = findings or []


def may_be_kept(offer: Offer) -> bool:
    """Whether the offer has an approved text of its own."""
    return offer.review is Review.APPROVED and offer.finished_with_id is None


def keep_offer_text(offer: Offer, author: User) -> BankText:
    """Put it into the bank as a whole text, cleared by who does so. It is held against the rules as if nothing were
    known of a client, so that no figure of this one is told to others. Raises NotForOthers, AlreadyThere.
    """
    text = offer.text.strip()
    if not may_be_kept(offer) or len(text) > LONGEST_BANK_TEXT or unknown_variables(text):
        raise NotForOthers
    facts = facts_of(frame_of(offer.project_channel), None, "", angle_of(offer.benefit_id, offer.angle))
    blocking = [finding for finding in check_draft(text, facts) if finding.severity is Severity.BLOCK]
    if blocking:
        raise NotForOthers(blocking)
    project = offer.project_channel.project
    asked = Described(
        TextRole.WHOLE,
        project.language,
        text,
        product_id=project.product_id,
        channel_id=offer.project_channel.sale_channel_id,
    )
    return add_text(asked, author, Clearing())
