"""Prompts that learn: offers that people approved are the examples of the channel's next prompts.

They are chosen for a channel and a benefit, and in an offer by hand for its client. A campaign's are not chosen for a
single client, but by the benefit that suits it: its prompts keep one beginning, which the engine decodes once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func

from ..checks.findings import Angle, ClientFacts, Facts
from ..checks.telling import Telling, Value, first_telling
from ..database import db
from ..dictionary.words import FieldLike, word_of, words
from ..llm.engine import Prompt
from ..llm.examples import Example
from ..llm.prompts import Product
from ..models import (
    Client,
    ClientChange,
    ExampleChoice,
    ExampleUse,
    Message,
    Offer,
    ProjectSaleChannel,
    Review,
    Verdict,
)
from ..privacy.services import not_opted_out

CANDIDATES = 40
"""Approved offers that are looked through, the pinned and the newest."""
LONGEST_TEXT = 700
"""Characters. A longer text would take the room of the client's data."""

_DATA_BEFORE = db.select(func.jsonb_agg(ClientChange.data)).where(ClientChange.client_id == Client.id).scalar_subquery()
"""The client's data before each load that changed them."""


@dataclass(frozen=True)
class Approved:
    """An approved offer as an example; `told` is what its text tells or may tell of its client, so that it is none."""

    offer: Offer
    example: Example
    use: ExampleUse | None
    told: Telling | None = None

    @property
    def may_be_shown(self) -> bool:
        return self.use is not ExampleUse.OFF and self.told is None and len(self.example.text) <= LONGEST_TEXT

    @property
    def gives_away(self) -> str:
        """The label of the field that the text tells of; "" where it is not known of which."""
        return self.told.label if self.told else ""

    @property
    def doubtful_words(self) -> str:
        """Words that neither the product nor the bank explains, so that they may be the client's."""
        return self.offer.text[slice(*self.told.span)] if self.told else ""


def learned_examples(
    channel: ProjectSaleChannel, product: Product, fields: tuple[FieldLike, ...], facts: Facts
) -> tuple[Example, ...]:
    """What the channel's prompts may show, pinned first, then newest; `prompts.compose` takes the nearest.

    `facts` are what is true of the product and the bank, whoever the client is.
    """
    found = approved_examples(channel, product, fields, facts)
    return tuple(each.example for each in found if each.may_be_shown)


def approved_examples(
    channel: ProjectSaleChannel, product: Product, fields: tuple[FieldLike, ...], facts: Facts
) -> list[Approved]:
    """Approved offers of the channel that no rule blocks, edited or as they were written, pinned first, then newest.

    What is known of a client who opted out does not serve to write to others.
    """
    query = (
        db.select(Offer, Client.outside_id, Client.written_id, Client.data, _DATA_BEFORE, ExampleChoice.use)
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
            replace(_example(offer, data, product, fields, facts.language), is_pinned=use is ExampleUse.PINNED),
            use,
            _told(offer, (outside_id, written_id), (data, *(before or ())), fields, facts),
        )
        for offer, outside_id, written_id, data, before, use in db.session.execute(query)
    ]


def keep_prompt(draft: Message, prompt: Prompt) -> None:
    """Keep what the model read, and which offers were its examples. Their words stay with them alone, so that the
    erasure of a client reaches the prompts that learned from the offer."""
    draft.prompt, draft.example_ids = prompt.kept_text, [each.number for each in prompt.quoted]


def texts_of_examples(offer_ids: Collection[int]) -> dict[int, str]:
    """What those of the offers say that are still there."""
    if not offer_ids:
        return {}
    return {
        number: text
        for number, text in db.session.execute(db.select(Offer.id, Offer.text).where(Offer.id.in_(offer_ids)))
    }


def read_by_model(prompt: str, example_ids: Iterable[int], texts: Mapping[int, str]) -> str:
    """A kept prompt with what its examples say, so that an echo of them is found; `texts` is theirs by number."""
    return " | ".join([prompt, *(texts[number] for number in example_ids if number in texts)])


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


def told_of_client(offer: Offer, fields: Sequence[FieldLike], facts: Facts) -> Telling | None:
    """What the text of an offer tells or may tell of its client, so that it is for nobody else; `facts` as above."""
    client = offer.client
    before = db.session.scalars(db.select(ClientChange.data).filter_by(client_id=client.id))
    return _told(offer, (client.outside_id, client.written_id), (client.data, *before), fields, facts)


def _example(
    offer: Offer, data: Mapping[str, Any], product: Product, fields: Iterable[FieldLike], language: str
) -> Example:
    """Of its client only what is open to everybody is said."""
    told = words(open_fields(fields), data, language)
    line = f"{product.name}. {product.description}"
    return Example(product.kind, line, told, offer.angle, " ".join(offer.text.split()), number=offer.id)


def _told(
    offer: Offer,
    ids: Iterable[str | None],
    versions: Sequence[Mapping[str, Any]],
    fields: Sequence[FieldLike],
    facts: Facts,
) -> Telling | None:
    """By the client's data of today, the first of the `versions`, and those before: the text is as old as it is."""
    values = [value for data in versions for value in values_of(fields, data)]
    values += [Value("", each) for each in ids if each]
    told = words(open_fields(fields), versions[0], facts.language)
    about = replace(facts, client=ClientFacts(told=told), angle=Angle(offer.angle))
    return first_telling(offer.text, values, about)


def values_of(fields: Iterable[FieldLike], data: Mapping[str, Any]) -> list[Value]:
    """What is known of a client and is not open to everybody."""
    return [
        Value(field.label, data[field.key], _said_for(field, data[field.key]), bool(field.bands))
        for field in fields
        if field.sensitivity != "open" and data.get(field.key) is not None
    ]


def _said_for(field: FieldLike, value: object) -> str:
    """The words that stand for a value; "" where the value stands for itself."""
    return word_of(field, value, "ru") if field.type == "code" or field.bands else ""
