"""Prompts that learn: offers that people approved are the examples of the channel's next prompts.

They are chosen for a channel and a benefit, and in an offer by hand for its client. A campaign's are not chosen for a
single client, but by the benefit that suits it: its prompts keep one beginning, which the engine decodes once.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..database import db
from ..dictionary.words import FieldLike, word_of, words
from ..llm.examples import Example
from ..llm.prompts import Product
from ..models import Client, ExampleChoice, ExampleUse, Offer, ProjectSaleChannel, Review, Verdict
from ..privacy.services import not_opted_out

CANDIDATES = 40
"""Approved offers that are looked through, the pinned and the newest."""
LONGEST_TEXT = 700
"""Characters. A longer text would take the room of the client's data."""
SHORTEST_STEM = 4
"""Letters of a word that find it in any case of its declension."""


@dataclass(frozen=True)
class Approved:
    """An approved offer as an example; `gives_away` what of its client stands in its text, so that it is none."""

    offer: Offer
    example: Example
    use: ExampleUse | None
    gives_away: str = ""

    @property
    def may_be_shown(self) -> bool:
        return self.use is not ExampleUse.OFF and not self.gives_away and len(self.example.text) <= LONGEST_TEXT


def learned_examples(
    channel: ProjectSaleChannel, product: Product, fields: tuple[FieldLike, ...], language: str
) -> tuple[Example, ...]:
    """What the channel's prompts may show, pinned first, then newest; `prompts.compose` takes the nearest."""
    found = approved_examples(channel, product, fields, language)
    return tuple(each.example for each in found if each.may_be_shown)


def approved_examples(
    channel: ProjectSaleChannel, product: Product, fields: tuple[FieldLike, ...], language: str
) -> list[Approved]:
    """Approved offers of the channel that no rule blocks, edited or as they were written, pinned first, then newest.

    What is known of a client who opted out does not serve to write to others.
    """
    query = (
        db.select(Offer, Client.data, ExampleChoice.use)
        .join(Client, Client.id == Offer.client_id)
        .outerjoin(ExampleChoice, ExampleChoice.offer_id == Offer.id)
        .where(Offer.project_channel_id == channel.id, Offer.review == Review.APPROVED)
        .where(Offer.verdict.in_([Verdict.CLEAN, Verdict.WARN]), not_opted_out(channel.project_id))
        .order_by((ExampleChoice.use == ExampleUse.PINNED).desc().nulls_last(), Offer.id.desc())
        .limit(CANDIDATES)
    )
    return [
        Approved(
            offer,
            replace(_example(offer, data, product, fields, language), is_pinned=use is ExampleUse.PINNED),
            use,
            _given_away(offer, data, product, fields),
        )
        for offer, data, use in db.session.execute(query)
    ]


def open_fields(fields: Iterable[FieldLike]) -> list[FieldLike]:
    """What may be said of a client in another one's prompt."""
    return [field for field in fields if field.sensitivity == "open"]


def choose_example(offer: Offer, use: ExampleUse | None) -> None:
    """Pin an approved offer as an example, switch it off, or leave it to the studio again."""
    choice = db.session.get(ExampleChoice, offer.id)
    if use is None:
        if choice:
            db.session.delete(choice)
    elif choice:
        choice.use = use
    else:
        db.session.add(ExampleChoice(offer_id=offer.id, project_channel_id=offer.project_channel_id, use=use))
    db.session.flush()


def _example(
    offer: Offer, data: Mapping[str, Any], product: Product, fields: Iterable[FieldLike], language: str
) -> Example:
    """Of its client only what is open to everybody is said."""
    told = words(open_fields(fields), data, language)
    line = f"{product.name}. {product.description}"
    return Example(product.kind, line, told, offer.angle, " ".join(offer.text.split()))


def _given_away(offer: Offer, data: Mapping[str, Any], product: Product, fields: Iterable[FieldLike]) -> str:
    """The label of a field that is not open and whose value the text says, in figures or words; "" for none.

    What the product's own words say gives nothing away.
    """
    ours = f"{product.name} {product.description} {offer.angle}"
    for field in fields:
        if field.sensitivity == "open" or data.get(field.key) is None:
            continue
        said = [_pattern(word) for word in _spellings(field, data[field.key])]
        if any(re.search(each, offer.text, re.I) and not re.search(each, ours, re.I) for each in said):
            return field.label
    return ""


def _spellings(field: FieldLike, value: object) -> list[str]:
    if isinstance(value, bool) or field.type == "code":
        return [word for word in [word_of(field, value, "ru")] if word]
    if isinstance(value, int | float):
        return [str(round(value)), str(value), f"{round(value):,}".replace(",", " ")]
    return [word for word in re.findall(r"\w+", str(value)) if len(word) >= SHORTEST_STEM or word.isdigit()]


def _pattern(word: str) -> str:
    """A number whole; of a word its stem, whatever its ending."""
    stem = word if not word.isalpha() or len(word) <= SHORTEST_STEM else word[: max(SHORTEST_STEM, len(word) - 2)]
    ending = r"\w*" if word.isalpha() else r"(?!\w)"
    return rf"(?<!\w){re.escape(stem)}{ending}"
