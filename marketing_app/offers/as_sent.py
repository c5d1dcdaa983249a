"""An offer's text as its client gets it: with the channel's ending, and in SMS parts where those are paid for."""

from dataclasses import dataclass, replace

from ..checks.findings import Finding
from ..checks.sms import Size, plain, size
from ..models import Offer
from .checking import facts_of_offer, law_wants

SMS = "SMS"


@dataclass(frozen=True)
class AsSent:
    """`text` with its `ending`, as one; `wanted` is what the law still wants where the ending is not settled.

    `size` is that of an SMS, `plain_size` the one in plain characters; None where there is nothing to gain, and in
    other channels. `longest`, in characters, is what the channel takes.
    """

    text: str
    ending: str
    longest: int | None
    wanted: list[Finding]
    size: Size | None = None
    plain_size: Size | None = None

    @property
    def before_ending(self) -> str:
        return self.text.removesuffix(self.ending)


def as_sent(offer: Offer) -> AsSent:
    facts = facts_of_offer(offer)
    whole = facts.whole(offer.text)
    sent = AsSent(whole, facts.ending, facts.channel.max_length, law_wants(offer.text, facts))
    if facts.channel.key != SMS:
        return sent
    return replace(sent, size=size(whole), plain_size=_gain(whole, facts.whole(plain(offer.text))))


def has_plain_form(offer: Offer) -> bool:
    """Whether the offer is an SMS of which something is left in plain characters."""
    return offer.project_channel.channel.key == SMS and bool(plain(offer.text).strip())


def _gain(whole: str, in_plain: str) -> Size | None:
    """The size in plain characters, unless nothing changes or it would cost more parts."""
    fewer = size(in_plain)
    return None if in_plain in ("", whole) or fewer.parts > size(whole).parts else fewer
