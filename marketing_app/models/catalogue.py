"""What the bank sells and where: products and sales channels. Changed in the admin console only."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

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
    """A bank product. Its description holds the true conditions; a prompt knows nothing else of the product."""

    __tablename__ = "product"
    __table_args__ = (CheckConstraint("key <> '' AND name <> ''", name="named"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[ProductKind] = mapped_column(words_of(ProductKind, "kind"))
    description: Mapped[str] = mapped_column(Text, default="")
    link: Mapped[str] = mapped_column(String(500), default="")
    image: Mapped[str] = mapped_column(String(80), default="")

    def __str__(self) -> str:
        return self.name


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
