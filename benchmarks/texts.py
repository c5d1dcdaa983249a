"""The texts that a benchmark's campaigns wrote, with what the checks say of them."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from marketing_app.checks.angle import is_said
from marketing_app.checks.findings import Finding
from marketing_app.checks.registry import passes
from marketing_app.database import db
from marketing_app.models import Message, Offer
from marketing_app.offers.checking import check_draft, facts_of_offer


@dataclass(frozen=True)
class Text:
    """What a client would get. `first` are the findings of the first draft of all, `findings` those of the text.

    `sent` is the text with the channel's ending, `client` what is known of its reader, `description` the product's.
    """

    channel: str
    channel_name: str
    product: str
    description: str
    angle: str
    client: str
    text: str
    sent: str
    drafts: list[str]
    first: list[Finding]
    findings: list[Finding]
    is_benefit_said: bool
    is_of_text_bank: bool
    certainty: float | None = None

    @property
    def passes(self) -> bool:
        return bool(self.text) and passes(self.findings)


def stored_texts() -> Iterator[Text]:
    """All of them, held against the rules once more."""
    for offer in db.session.scalars(db.select(Offer).order_by(Offer.id)):
        message = db.session.get(Message, offer.current_id) if offer.current_id else None
        drafts = [str(draft[0]) for draft in message.drafts] if message else []
        facts = facts_of_offer(offer, message.prompt if message else "")
        yield Text(
            channel=offer.project_channel.channel.key,
            channel_name=offer.project_channel.channel.name,
            product=facts.product.name,
            description=facts.product.description,
            angle=offer.angle,
            client=facts.client.told,
            text=offer.text,
            sent=facts.whole(offer.text),
            drafts=drafts,
            first=check_draft(drafts[0], facts) if drafts else [],
            findings=check_draft(offer.text, facts),
            is_benefit_said=is_said(offer.text, facts.angle),
            is_of_text_bank=offer.finished_with_id is not None,
            certainty=message.certainty["mean"] if message and message.certainty else None,
        )


def said_findings(findings: Sequence[Finding]) -> list[tuple[str, str, str]]:
    """How grave each is, its rule and its sentence."""
    return [(found.severity.value, found.rule, found.message % found.values) for found in findings]


def distinct_in_groups(texts: Sequence[Text]) -> tuple[float, float]:
    """The share of distinct texts among those of one channel and product: the lowest and the median."""
    groups: dict[tuple[str, str], list[str]] = {}
    for each in texts:
        groups.setdefault((each.channel, each.product), []).append(each.text)
    shares = [share(len(set(group)), len(group)) for group in groups.values()]
    return (min(shares), statistics.median(shares)) if shares else (0.0, 0.0)


def share(count: int, whole: int) -> float:
    return count / whole if whole else 0.0
