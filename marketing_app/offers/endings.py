"""What an administrator settled for a channel: its rules, and the ending that it adds to every text.

An ending is written once for a channel and a kind of product, in lines. A line that names a variable without a value
is left out: so the warnings of a credit stand in the line of {full_cost}, and a debit card, which has no full cost, is
sent without them though it is a card as well.

The law's words stand in endings, so its rules (`OF_THE_ENDING`) judge a text together with its ending. Where nobody has
written an ending yet they judge nothing: every text would be blocked for words that the model is not to write, and
people would learn to pass over the blocks that matter. The pages of offers say instead what the law still wants
(checking.law_wants).
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_

from ..checks.findings import AS_USUAL, Settings
from ..database import db
from ..models import ChannelEnding, Product, RuleSetting, SaleChannel

OF_THE_ENDING = frozenset({"law.bank_name", "law.credit_warning", "law.credit_conditions", "law.unsubscribe"})
VARIABLES = ("bank", "product", "link", "full_cost")
LEAST_ROOM = 40
"""Characters that an ending leaves for the text at least."""

_VARIABLE = re.compile(r"\{([^{}\s]{1,40})\}")
_BRACED = re.compile(r"\{[^{}]*\}?|\}")
_BRACED_VARIABLES = [f"{{{name}}}" for name in VARIABLES]


@dataclass(frozen=True)
class ChannelRules:
    """How texts of one product are judged in a channel, and ended. `ending` is None where nobody has written one."""

    settings: Settings = AS_USUAL
    ending: str | None = None


NOT_SETTLED = ChannelRules()


def rules_of(channel_ids: Collection[int], product: Product, bank: str) -> dict[int, ChannelRules]:
    """Those of several channels, by their ids, in one query."""
    is_for_product = and_(ChannelEnding.sale_channel_id == SaleChannel.id, ChannelEnding.kind == product.kind)
    query = (
        db.select(SaleChannel.id, ChannelEnding.text, RuleSetting.rule, RuleSetting.is_on, RuleSetting.limit)
        .outerjoin(ChannelEnding, is_for_product)
        .outerjoin(RuleSetting, RuleSetting.sale_channel_id == SaleChannel.id)
        .where(SaleChannel.id.in_(channel_ids))
    )
    found: dict[int, list[Any]] = {}
    for row in db.session.execute(query):
        found.setdefault(row.id, []).append(row)
    return {number: _from_rows(rows, product, bank) for number, rows in found.items()}


def _from_rows(rows: Sequence[Any], product: Product, bank: str) -> ChannelRules:
    """One row for each changed rule of the channel, at least one; each has the ending."""
    text = rows[0].text
    settings = Settings(
        frozenset(row.rule for row in rows if row.is_on is False),
        {row.rule: row.limit for row in rows if row.limit is not None},
    )
    return ChannelRules(settings, None if text is None else fill(text, product, bank))


def fill(text: str, product: Product, bank: str) -> str:
    """An ending with its variables' values, without the lines whose values are not known."""
    values = {"bank": bank, "product": product.name, "link": product.link, "full_cost": product.full_cost}
    lines = [line.strip() for line in text.splitlines()]
    known = [line for line in lines if all(values.get(name) for name in _VARIABLE.findall(line))]
    return "\n".join(_VARIABLE.sub(lambda found: values[found[1]], line) for line in known).strip()


def unknown_variables(text: str) -> list[str]:
    """What stands in braces and is no variable of an ending, and braces that stand alone, in their order."""
    return [piece for piece in dict.fromkeys(_BRACED.findall(text)) if piece not in _BRACED_VARIABLES]


def names_of_variables() -> str:
    """As they are written, for a person."""
    return ", ".join(_BRACED_VARIABLES)


def room_for_text(max_length: int | None, ending: str) -> int | None:
    """Characters of a channel that its ending and the space before it leave to the text."""
    if max_length is None or not ending:
        return max_length
    return max(LEAST_ROOM, max_length - len(ending) - 1)
