"""What people send about their accounts."""

from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, Field, PasswordField, SelectField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from ..models import LANGUAGES
from ..web.fields import choices_of
from ..web.zones import zone_name, zones_by_name
from .services import LONGEST_PASSWORD, SHORTEST_PASSWORD, WeakPassword, check_password

ZONE_OF_THE_BANK = ""
LANGUAGE_CHOICES = choices_of([("ru", "Русский"), ("en", "English")])


class SignInForm(FlaskForm):
    email = EmailField(
        _l("E-mail"), [InputRequired(_l("Enter your e-mail.")), Length(max=254)], render_kw={"autocomplete": "username"}
    )
    password = PasswordField(
        _l("Password"),
        [InputRequired(_l("Enter your password.")), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )
    remember = BooleanField(_l("Stay signed in for a week"))


class ProfileForm(FlaskForm):
    name = StringField(_l("Full name"), [InputRequired(_l("Enter your name.")), Length(max=120)])
    language = SelectField(_l("Language"), choices=LANGUAGE_CHOICES)
    time_zone = SelectField(_l("Time zone"), default=ZONE_OF_THE_BANK)

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        bank = current_app.config["STUDIO"].time_zone
        self.time_zone.choices = choices_of(
            [(ZONE_OF_THE_BANK, _("The bank’s: %(zone)s", zone=zone_name(bank))), *zones_by_name()]
        )


class PasswordForm(FlaskForm):
    old = PasswordField(
        _l("Present password"),
        [InputRequired(_l("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        _l("New password"), [InputRequired(_l("Enter a password."))], render_kw={"autocomplete": "new-password"}
    )
    again = PasswordField(
        _l("New password again"),
        [EqualTo("new", _l("The two passwords differ."))],
        render_kw={"autocomplete": "new-password"},
    )

    def validate_old(self, field: Field) -> None:
        if not current_user.has_password(field.data or ""):
            raise ValidationError(_("This is not your present password."))

    def validate_new(self, field: Field) -> None:
        must_be_strong(field.data or "", current_user.email)


def must_be_strong(password: str, email: str) -> None:
    """Raises ValidationError in the person's language."""
    try:
        check_password(password, email)
    except WeakPassword as error:
        raise ValidationError(
            _(
                "A password has %(least)d to %(most)d characters and is not the e-mail.",
                least=SHORTEST_PASSWORD,
                most=LONGEST_PASSWORD,
            )
        ) from error


class LanguageForm(FlaskForm):
    language = SelectField(choices=LANGUAGES)
