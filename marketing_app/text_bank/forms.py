"""What people may send about a text of the bank."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, Field, HiddenField, SelectField
from wtforms.validators import Optional, ValidationError

from ..bank_time import today
from ..catalogue.wording import KINDS
from ..models import BankText, Product, ProductKind, SaleChannel, TextRole
from ..projects.forms import LANGUAGE_NAMES
from ..web.fields import LinesField, RowField, choices_of
from .services import Clearing, Described
from .wording import ROLES, problem_of_words

ANY = ""
OF_KIND, OF_PRODUCT = "kind:", "product:"


class ClearingForm(FlaskForm):
    """Until when a text may be used."""

    until = DateField(_l("Cleared until (empty: without an end)"), [Optional()])

    @property
    def clearing(self) -> Clearing | None:
        return Clearing(self.until.data)

    def validate_until(self, field: Field) -> None:
        if field.data and field.data < today():
            raise ValidationError(_("This day is over. Choose a later one, or none."))


class AddingForm(ClearingForm):
    """Whoever may not clear texts adds texts that wait for it: the form has no fields about clearing then."""

    is_cleared = BooleanField(_l("Cleared: offers may be finished with it from now on"), default=True)

    def __init__(self, *, may_clear: bool, **values: Any) -> None:
        super().__init__(**values)
        if not may_clear:
            del self.is_cleared, self.until

    @property
    def clearing(self) -> Clearing | None:
        return Clearing(self.until.data) if self.is_cleared and self.is_cleared.data else None


class TextForm(AddingForm):
    text = LinesField(_l("Text"), render_kw={"rows": 4, "required": True})
    role = SelectField(_l("Role"), choices=choices_of(ROLES.items()), default=TextRole.CONTINUATION.value)
    product = SelectField(_l("Product"), default=ANY)
    channel_id = RowField(_l("Channel"), default=0)
    language = SelectField(_l("Language"), choices=choices_of(LANGUAGE_NAMES.items()))

    def __init__(self, products: Sequence[Product], channels: Sequence[SaleChannel], **values: Any) -> None:
        super().__init__(**values)
        self.role.choices = choices_of((role.value, label) for role, label in ROLES.items())
        kinds = [(f"{OF_KIND}{kind.value}", label) for kind, label in KINDS.items()]
        named = [(f"{OF_PRODUCT}{product.id}", product.name) for product in products]
        self.product.choices = {
            _("Any"): [(ANY, _("Any product"))],
            _("A kind of product"): kinds,
            _("One product"): named,
        }
        several = [(channel.id, channel.name) for channel in channels]
        self.channel_id.choices = choices_of([(0, _("Any channel")), *several])

    @staticmethod
    def values_of(text: BankText) -> dict[str, Any]:
        """What the form shows of a text that is there."""
        return {
            "text": text.text,
            "role": text.role.value,
            "product": _purpose(text),
            "channel_id": text.sale_channel_id or 0,
            "language": text.language,
            "is_cleared": text.cleared_at is not None,
            "until": text.cleared_until,
        }

    @property
    def described(self) -> Described:
        way, _colon, which = (self.product.data or "").partition(":")
        return Described(
            TextRole(self.role.data),
            self.language.data,
            (self.text.data or "").strip(),
            kind=ProductKind(which) if way == OF_KIND[:-1] else None,
            product_id=int(which) if way == OF_PRODUCT[:-1] else None,
            channel_id=self.channel_id.data or None,
        )

    def validate_text(self, field: Field) -> None:
        wrong = problem_of_words(field.data or "")
        if wrong:
            raise ValidationError(wrong)


class FileForm(AddingForm):
    file = FileField(_l("File"), [FileRequired(_l("Choose a file."))])
    state = HiddenField()


def _purpose(text: BankText) -> str:
    if text.product_id:
        return f"{OF_PRODUCT}{text.product_id}"
    return f"{OF_KIND}{text.kind.value}" if text.kind else ANY
