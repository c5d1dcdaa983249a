"""What administrators may enter."""

import re
from typing import Any

from flask_admin.form import BaseForm
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    FileField,
    IntegerField,
    PasswordField,
    SelectField,
    StringField,
)
from wtforms.validators import URL, Email, InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from ..accounts.forms import LANGUAGE_CHOICES, must_be_strong
from ..catalogue.wording import KINDS
from ..database import db
from ..models import Product, ProductKind, SaleChannel, User
from ..web.fields import LinesField, RowField, choices_of

NOBODY = 0
FULL_COST = re.compile(r"\d{1,3}([.,]\d{1,3})?(%?–\d{1,3}([.,]\d{1,3})?)?%")


class Unique:
    """No other row of the table has this value."""

    def __init__(self, model: type[Any], column: str) -> None:
        self._model = model
        self._column = column

    def __call__(self, form: BaseForm, field: Field) -> None:
        other = db.session.scalar(db.select(self._model).filter_by(**{self._column: field.data}))
        if other is not None and other is not form._obj:
            raise ValidationError(_("Another one has this already."))


def key_rules(model: type[Any]) -> list[Any]:
    return [
        InputRequired(),
        Length(max=40),
        Regexp(r"^[A-Z][A-Z0-9_]*$", message=_l("Capital Latin letters, digits and _, a letter first.")),
        Unique(model, "key"),
    ]


class ProductForm(BaseForm):
    key = StringField(_l("Key"), key_rules(Product))
    name = StringField(_l("Name"), [InputRequired(), Length(max=200)])
    kind = SelectField(_l("Kind"), coerce=ProductKind, choices=choices_of(KINDS.items()))
    description = LinesField(_l("What is true of it"), [Length(max=10_000)], render_kw={"rows": 6})
    link = StringField(
        _l("Link"), [Optional(), URL(message=_l("An address with http:// or https://.")), Length(max=500)]
    )
    full_cost = StringField(_l("Full cost of the credit a year (empty where it is no credit)"), [Length(max=80)])
    picture = FileField(_l("Picture (PNG, JPEG or WebP, at most 2 MB)"))
    is_picture_removed = BooleanField(_l("Remove the present picture"))

    def validate_link(self, field: Field) -> None:
        field.data = field.data or ""
        if field.data and not field.data.lower().startswith(("http://", "https://")):
            raise ValidationError(_("An address with http:// or https://."))

    def validate_full_cost(self, field: Field) -> None:
        """Kept without spaces and with a long dash, as the endings of channels say it."""
        written = re.sub(r"\s", "", field.data or "").replace("-", "–")
        if written and not FULL_COST.fullmatch(written):
            raise ValidationError(_("A percentage or a range of them, as in %(example)s.", example="17,9–29,9%"))
        field.data = written


class ChannelForm(BaseForm):
    key = StringField(_l("Key"), key_rules(SaleChannel))
    name = StringField(_l("Name"), [InputRequired(), Length(max=200)])
    description = LinesField(_l("Description for the prompt"), [Length(max=10_000)], render_kw={"rows": 4})
    max_length = IntegerField(
        _l("Longest text, characters"), [Optional(), NumberRange(1, 100_000, message=_l("From 1 to 100,000."))]
    )
    picture = FileField(_l("Picture (PNG, JPEG or WebP, at most 2 MB)"))
    is_picture_removed = BooleanField(_l("Remove the present picture"))


class UserForm(BaseForm):
    email = StringField(
        _l("E-mail"),
        [InputRequired(), Email(_l("This is not an e-mail address.")), Length(max=254)],
        filters=[lambda text: text.strip().lower() if text else text],
    )
    name = StringField(_l("Full name"), [InputRequired(), Length(max=120)])
    password = PasswordField(
        _l("Password (empty: stays as it is)"), [Optional()], render_kw={"autocomplete": "new-password"}
    )
    language = SelectField(_l("Language"), choices=LANGUAGE_CHOICES)
    is_active = BooleanField(_l("Account is open: the person may sign in"), default=True)
    successor = RowField(_l("When it is closed: who manages the projects that nobody else manages"), default=NOBODY)
    is_administrator = BooleanField(_l("Administrator"))

    def __init__(self, formdata: Any = None, obj: User | None = None, **values: Any) -> None:
        super().__init__(formdata, obj=obj, **values)
        if obj is None:
            del self.successor
            self.password.label.text = _("Password")
            return
        people = db.select(User).where(User.is_active, User.id != obj.id).order_by(User.name, User.id)
        self._people = {user.id: user for user in db.session.scalars(people)}
        named = ((user.id, f"{user.name}, {user.email}") for user in self._people.values())
        self.successor.choices = choices_of([(NOBODY, _("Nobody")), *named])

    @property
    def chosen_successor(self) -> User | None:
        return self._people.get(self.successor.data)

    def validate_email(self, field: Field) -> None:
        Unique(User, "email")(self, field)

    def validate_password(self, field: Field) -> None:
        must_be_strong(field.data, self.email.data or "")

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = super().validate(extra_validators)
        if self._obj is None and not self.password.data:
            self.password.errors = [_("A new account needs a password.")]
            return False
        return bool(is_valid)

    def populate_obj(self, obj: User) -> None:
        for name in ("email", "name", "language", "is_active", "is_administrator"):
            self[name].populate_obj(obj, name)
        if self.password.data:
            obj.set_password(self.password.data)
