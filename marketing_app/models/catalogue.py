"""What the bank sells and where, and how a channel's texts are checked. Changed in the admin console only."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import Model, words_of


class ProductKind(StrEnum):
    LOAN = "loan"
    CARD = "card"
    DEPOSIT = "deposit"
    MORTGAGE = "mortgage"
    INSURANCE = "insurance"
    INVESTMENT = "investment"
    ACCOUNT = "account"
    SERVICE = "service"


class Product(Model):
    """A bank product. Its description holds the true conditions; a prompt knows nothing else of the product.

    `full_cost` is a credit's full cost a year as the law wants it said, "17,9–29,9%"; empty for what is no credit.
    """

    __tablename__ = "product"
    __table_args__ = (CheckConstraint("key <> '' AND name <> ''", name="named"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[ProductKind] = mapped_column(words_of(ProductKind, "kind"))
    description: Mapped[str] = mapped_column(Text, default="")
    link: Mapped[str] = mapped_column(String(500), default="")
    full_cost: Mapped[str] = mapped_column(String(80), default="", server_default="")
    image: Mapped[str] = mapped_column(String(80), default="")

    benefits: Mapped[list["Benefit"]] = relationship(
        back_populates="product",
        cascade="all, delete-orphan",
        order_by="(Benefit.position, Benefit.id)",
        passive_deletes=True,
    )

    def __str__(self) -> str:
        return self.name


class Benefit(Model):
    """One true selling point of a product in a few words, and the clients whom it suits best.

    `text` goes into the prompt ("кешбэк 5% на АЗС"). `signs` are phrases in the notation of checks.phrases, of which
    one at least stands in a text that says the benefit; without any it is looked for by the words of `text`.
    `conditions` are those of clients.conditions, all true of the clients whom it suits; without any it suits everybody.
    """

    __tablename__ = "benefit"
    __table_args__ = (
        CheckConstraint("btrim(text) <> ''", name="text_not_empty"),
        Index("ix_benefit_product_id_position", "product_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(String(200))
    signs: Mapped[list[Any]] = mapped_column(default=list)
    conditions: Mapped[list[Any]] = mapped_column(default=list)
    position: Mapped[int] = mapped_column(default=0)

    product: Mapped[Product] = relationship(back_populates="benefits")

    def __str__(self) -> str:
        return self.text


class SaleChannel(Model):
    """A channel by which offers reach clients. `max_length` is in characters; None where there is no limit."""

    __tablename__ = "sale_channel"
    __table_args__ = (
        CheckConstraint("key <> '' AND name <> ''", name="named"),
        CheckConstraint("max_length > 0", name="max_length_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    max_length: Mapped[int | None]
    image: Mapped[str] = mapped_column(String(80), default="")

    def __str__(self) -> str:
        return self.name


class ChannelEnding(Model):
    """What a channel adds to every text of one kind of product, as the law's warnings: not for the model to write.

    `text` may hold {bank}, {product}, {link} and {full_cost}.
    """

    __tablename__ = "channel_ending"
    __table_args__ = (
        UniqueConstraint("sale_channel_id", "kind"),
        CheckConstraint("btrim(text) <> ''", name="text_not_empty"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sale_channel_id: Mapped[int] = mapped_column(ForeignKey("sale_channel.id", ondelete="CASCADE"))
    kind: Mapped[ProductKind] = mapped_column(words_of(ProductKind, "kind"))
    text: Mapped[str] = mapped_column(Text)

    channel: Mapped[SaleChannel] = relationship(lazy="joined", innerjoin=True)


class RuleSetting(Model):
    """What an administrator changed of a rule of checks.registry in one channel. `limit` None: the rule's own."""

    __tablename__ = "rule_setting"
    __table_args__ = (
        UniqueConstraint("sale_channel_id", "rule"),
        CheckConstraint('"limit" >= 0', name="limit_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sale_channel_id: Mapped[int] = mapped_column(ForeignKey("sale_channel.id", ondelete="CASCADE"))
    rule: Mapped[str] = mapped_column(String(60))
    is_on: Mapped[bool] = mapped_column(default=True)
    limit: Mapped[float | None]

    channel: Mapped[SaleChannel] = relationship(lazy="joined", innerjoin=True)
