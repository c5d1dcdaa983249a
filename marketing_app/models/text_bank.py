"""Sentences and whole texts of the bank's own, with which offers are finished where the model wrote nothing good."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import Model, big_key, created_now, words_of
from .catalogue import Product, ProductKind, SaleChannel
from .user import User

LONGEST_BANK_TEXT = 4_000


class TextRole(StrEnum):
    """What a text is good for: an OPENING needs a CONTINUATION or a CALL_TO_ACTION after it, a WHOLE text nothing."""

    OPENING = "opening"
    CONTINUATION = "continuation"
    CALL_TO_ACTION = "call_to_action"
    WHOLE = "whole"


class TextState(StrEnum):
    """Only CLEARED texts are used in offers. An EXPIRED text can be cleared again."""

    CLEARED = "cleared"
    NOT_CLEARED = "not_cleared"
    EXPIRED = "expired"
    RETIRED = "retired"


class BankText(Model):
    """A text for one kind of product, one product or any, and for one channel or any. It may hold {product} and
    {benefit}.

    `fingerprint` is that of the words and of all that they are for: the same text is in the bank once, and one that
    was retired does not come back. `is_ours` marks the texts that come with the program. `cleared_until` is the last
    day on which the text may be used; None means without an end.
    """

    __tablename__ = "bank_text"
    __table_args__ = (
        CheckConstraint("btrim(text) <> ''", name="text_not_empty"),
        CheckConstraint("language IN ('ru', 'en')", name="language_known"),
        CheckConstraint("kind IS NULL OR product_id IS NULL", name="of_a_kind_or_a_product"),
        CheckConstraint("cleared_until IS NULL OR cleared_at IS NOT NULL", name="until_needs_clearing"),
    )

    id: Mapped[int] = big_key()
    role: Mapped[TextRole] = mapped_column(words_of(TextRole, "role"))
    language: Mapped[str] = mapped_column(String(2))
    kind: Mapped[ProductKind | None] = mapped_column(words_of(ProductKind, "kind"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"), index=True)
    sale_channel_id: Mapped[int | None] = mapped_column(ForeignKey("sale_channel.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    is_ours: Mapped[bool] = mapped_column(default=False)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    cleared_at: Mapped[datetime | None]
    cleared_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    cleared_until: Mapped[date | None]
    retired_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = created_now()

    product: Mapped[Product | None] = relationship(lazy="joined")
    channel: Mapped[SaleChannel | None] = relationship(lazy="joined")
    author: Mapped[User | None] = relationship(foreign_keys=author_id)
    cleared_by: Mapped[User | None] = relationship(foreign_keys=cleared_by_id)

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    def __str__(self) -> str:
        return self.text
