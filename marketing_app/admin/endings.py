"""The endings that an administrator writes for a channel, one for each kind of product."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from ..checks.channel import characters
from ..database import db
from ..models import ChannelEnding, Product, ProductKind, SaleChannel
from ..offers.endings import LEAST_ROOM, fill, names_of_variables, unknown_variables
from ..offers.prompting import bank_name
from . import audit

LONGEST = 1_000


@dataclass(frozen=True)
class Example:
    """An ending as a product's clients get it."""

    product: str
    text: str


def endings_of(channel: SaleChannel) -> dict[ProductKind, str]:
    return {each.kind: each.text for each in _rows_of(channel)}


def examples_of(texts: Mapping[ProductKind, str]) -> dict[ProductKind, Example]:
    """The longest that each ending becomes for any product of its kind; nothing for a kind without products."""
    examples: dict[ProductKind, Example] = {}
    for product in db.session.scalars(db.select(Product).order_by(Product.name)):
        filled = fill(texts.get(product.kind, ""), product, bank_name())
        if product.kind not in examples or len(filled) > len(examples[product.kind].text):
            examples[product.kind] = Example(product.name, filled)
    return examples


def problems_of(channel: SaleChannel, texts: Mapping[ProductKind, str]) -> dict[ProductKind, str]:
    """Why an ending cannot be kept, in words, by the kind of product."""
    examples = examples_of(texts)
    found = {
        kind: _problem(text, channel, examples[kind].text if kind in examples else "") for kind, text in texts.items()
    }
    return {kind: problem for kind, problem in found.items() if problem}


def change_endings(channel: SaleChannel, texts: Mapping[ProductKind, str]) -> int:
    """Keep these texts, none where one is empty, with one line in the audit; how many are other than before."""
    known = {each.kind: each for each in _rows_of(channel)}
    changes = {}
    for kind, text in texts.items():
        row = known.get(kind)
        if (row.text if row else "") != text:
            changes[f"ending {kind.value}"] = [row.text if row else None, text or None]
            _keep(channel, kind, text, row)
    if changes:
        audit.record("change", channel, changes)
        db.session.flush()
    return len(changes)


def _rows_of(channel: SaleChannel) -> list[ChannelEnding]:
    return list(db.session.scalars(db.select(ChannelEnding).filter_by(sale_channel_id=channel.id)))


def _problem(text: str, channel: SaleChannel, filled: str) -> str:
    unknown = unknown_variables(text)
    if unknown:
        return _("“%(unknown)s” is none of the variables %(names)s.", unknown=unknown[0], names=names_of_variables())
    if len(text) > LONGEST:
        return ngettext("At most %(num)d character.", "At most %(num)d characters.", LONGEST)
    count = characters(filled, channel.key)
    if channel.max_length and count > channel.max_length - LEAST_ROOM - 1:
        return _(
            "It takes %(count)d of the channel’s %(limit)d characters: at least %(room)d are left to the text.",
            count=count,
            limit=channel.max_length,
            room=LEAST_ROOM,
        )
    return ""


def _keep(channel: SaleChannel, kind: ProductKind, text: str, row: ChannelEnding | None) -> None:
    if not text:
        db.session.delete(row)
        return
    row = row or ChannelEnding(sale_channel_id=channel.id, kind=kind)
    row.text = text
    db.session.add(row)
