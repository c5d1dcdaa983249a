"""A text of the bank made from an approved offer, for any client of its product and channel."""

from ..checks.findings import Finding, Severity
from ..models import LONGEST_BANK_TEXT, BankText, Offer, Review, TextRole, User
from ..offers.checking import angle_of, check_draft, facts_of
from ..offers.filling import unknown_variables
from ..offers.learning import told_of_client
from ..offers.prompting import frame_of
from ..privacy.services import opted_out_among
from .services import Clearing, Described, TextBankError, add_text


class NotForOthers(TextBankError):
    """The text may not go to other clients: nobody approved it, `findings` say which rules it breaks, or its words
    `telling` tell or may tell something of its client."""

    def __init__(self, findings: list[Finding] | None = None, telling: str = "") -> None:
        super().__init__()
        self.findings = findings or []
        self.telling = telling


def may_be_kept(offer: Offer) -> bool:
    """Whether the offer has an approved text of its own, and its client did not opt out since."""
    return offer.review is Review.APPROVED and offer.finished_with_id is None and not opted_out_among([offer])


def keep_offer_text(offer: Offer, author: User) -> BankText:
    """Add the offer's text to the bank as a whole text, cleared if the author is an administrator.

    It is checked without the client's data, and searched for them as an example of prompts is, so that no other client
    reads anything of this one. Raises NotForOthers, AlreadyThere.
    """
    text = offer.text.strip()
    if not may_be_kept(offer) or len(text) > LONGEST_BANK_TEXT or unknown_variables(text):
        raise NotForOthers
    frame = frame_of(offer.project_channel)
    facts = facts_of(frame, None, "", angle_of(offer.benefit_id, offer.angle))
    blocking = [finding for finding in check_draft(text, facts) if finding.severity is Severity.BLOCK]
    if blocking:
        raise NotForOthers(blocking)
    if told := told_of_client(offer, frame.fields, frame.facts):
        raise NotForOthers(telling=offer.text[slice(*told.span)])
    project = offer.project_channel.project
    asked = Described(
        TextRole.WHOLE,
        project.language,
        text,
        product_id=project.product_id,
        channel_id=offer.project_channel.sale_channel_id,
    )
    return add_text(asked, author, Clearing() if author.is_administrator else None)
