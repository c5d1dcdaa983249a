"""Reading the text bank: a page of it, and what came of the offers that got its texts."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.orm import joinedload

from ..bank_time import today
from ..database import db
from ..models import (
    BankText,
    Offer,
    Outcome,
    Product,
    ProductKind,
    Review,
    SaleChannel,
    TextRole,
    TextState,
)
from ..offers.text_states import is_in_state
from ..web.paging import Page, page_of


@dataclass(frozen=True)
class TextFilter:
    """Which texts are shown; what is None or empty does not matter."""

    role: TextRole | None = None
    kind: ProductKind | None = None
    channel_id: int | None = None
    language: str | None = None
    state: TextState | None = None
    search: str = ""

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """A kind finds the texts of its products too, and a channel only those that are for it alone."""
        asked: list[ColumnElement[bool]] = []
        if self.role:
            asked.append(BankText.role == self.role)
        if self.kind:
            of_kind = db.select(Product.id).where(Product.kind == self.kind)
            asked.append(or_(BankText.kind == self.kind, BankText.product_id.in_(of_kind)))
        if self.channel_id:
            asked.append(BankText.sale_channel_id == self.channel_id)
        if self.language:
            asked.append(BankText.language == self.language)
        if self.state:
            asked.append(is_in_state(self.state, today()))
        if self.search:
            asked.append(BankText.text.icontains(self.search, autoescape=True))
        return asked

    @property
    def words(self) -> dict[str, Any]:
        """As the URL has it."""
        return {name: getattr(value, "value", value) for name, value in vars(self).items() if value}


@dataclass
class Uses:
    """Offers whose text is finished with, or begins with, a text of the bank, and what became of them."""

    count: int = 0
    reviews: Counter[Review] = field(default_factory=Counter)
    outcomes: Counter[Outcome] = field(default_factory=Counter)

    def add(self, review: Review, outcome: Outcome, count: int) -> None:
        self.count += count
        self.reviews[review] += count
        self.outcomes[outcome] += count


def texts_page(chosen: TextFilter, number: int) -> Page:
    """The bank's own first, newest first."""
    query = db.select(BankText).where(*chosen.conditions)
    total = db.session.scalar(query.with_only_columns(func.count(BankText.id))) or 0
    rows = query.options(joinedload(BankText.cleared_by)).order_by(BankText.is_ours, BankText.id.desc())
    return page_of(rows, total, number)


def uses_of(text_ids: Collection[int]) -> dict[int, Uses]:
    """By text, from the indexes on what offers are finished and opened with."""
    found = {number: Uses() for number in text_ids}
    for column in (Offer.finished_with_id, Offer.opened_with_id):
        counts = db.select(column, Offer.review, Offer.outcome, func.count()).where(column.in_(text_ids))
        for number, *result in db.session.execute(counts.group_by(column, Offer.review, Offer.outcome)):
            found[number].add(*result)
    return found


def is_empty() -> bool:
    return db.session.scalar(db.select(BankText.id).limit(1)) is None


def channels() -> Sequence[SaleChannel]:
    return db.session.scalars(db.select(SaleChannel).order_by(SaleChannel.name, SaleChannel.id)).all()


def products() -> Sequence[Product]:
    return db.session.scalars(db.select(Product).order_by(Product.name, Product.id)).all()


def named(things: Iterable[Product | SaleChannel]) -> dict[str, int]:
    """Ids by key and by name in small letters, as people write them in files; a key wins over another's name."""
    several = list(things)
    return {each.name.casefold(): each.id for each in several} | {each.key.casefold(): each.id for each in several}
