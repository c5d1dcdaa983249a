"""What people may send about a project."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.validators import Email, InputRequired, Length, NumberRange, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from ..database import db
from ..llm.prompts import VARIABLES, unknown_variables
from ..models import LONGEST_RETENTION_DAYS, USUAL_RETENTION_DAYS, Product, Role, SaleChannel
from ..web.fields import LinesField, RowField, choices_of

LONGEST_PROMPT = 20_000
LONGEST_OCCASION = 2_000
PROMPT_ROWS = 12

ROLES = {Role.MANAGER: _l("Manager"), Role.PERFORMER: _l("Performer")}
LANGUAGE_NAMES = {"ru": _l("Russian"), "en": _l("English")}


class PromptRules:
    """A prompt has a text of bearable length and no variables but the known ones."""

    field_flags = {"required": True}

    def __call__(self, _form: FlaskForm, field: Field) -> None:
        text = field.data or ""
        if not text.strip():
            raise ValidationError(_("The prompt is empty. Write what the model should do."))
        if len(text) > LONGEST_PROMPT:
            raise ValidationError(_("The prompt is longer than %(n)d characters. Shorten it.", n=LONGEST_PROMPT))
        unknown = unknown_variables(text)
        if unknown:
            names = ", ".join(f"{{{name}}}" for name in unknown)
            known = ", ".join(f"{{{name}}}" for name in VARIABLES)
            raise ValidationError(_("Unknown: %(names)s. The variables are %(known)s.", names=names, known=known))


class ChannelChoice(SelectMultipleField):
    """Sales channels as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ProjectForm(FlaskForm):
    name = StringField(_l("Name"), [InputRequired(_l("Give the project a name.")), Length(max=200)])
    product_id = RowField(_l("Product"))
    occasion = LinesField(_l("Occasion"), [Length(max=LONGEST_OCCASION)])
    language = SelectField(_l("Language of the texts"), choices=choices_of(LANGUAGE_NAMES.items()))
    retention_days = IntegerField(
        _l("How many days clients’ data is kept"),
        [
            InputRequired(_l("Enter a whole number of days.")),
            NumberRange(1, LONGEST_RETENTION_DAYS, _l("From %(min)d to %(max)d days.")),
        ],
        default=USUAL_RETENTION_DAYS,
        render_kw={"min": 1, "max": LONGEST_RETENTION_DAYS},
    )

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        products = db.session.scalars(db.select(Product).order_by(Product.name)).all()
        self.product_id.choices = choices_of((product.id, product.name) for product in products)

    @property
    def chosen_product(self) -> Product:
        return db.session.get_one(Product, self.product_id.data)

    def validate_name(self, field: Field) -> None:
        field.data = field.data.strip()
        if not field.data:
            raise ValidationError(_("Give the project a name."))


LONGEST_NOTE = 300


class OffersChannels:
    """Part of a form: the channels that may be chosen, and those that were."""

    channels: ChannelChoice

    def offer(self, offered: Sequence[SaleChannel]) -> None:
        self._offered = {channel.id: channel for channel in offered}
        self.channels.choices = choices_of((channel.id, channel.name) for channel in offered)

    @property
    def chosen(self) -> list[SaleChannel]:
        return [self._offered[number] for number in self.channels.data or []]


class ChannelsForm(OffersChannels, FlaskForm):
    """Channels to add to a project."""

    channels = ChannelChoice(_l("Channels"), coerce=int)


class NewProjectForm(OffersChannels, ProjectForm):
    """A project with its first channels."""

    channels = ChannelChoice(_l("Channels"), coerce=int)


class PromptForm(FlaskForm):
    text = LinesField(_l("Prompt"), [PromptRules()], render_kw={"rows": PROMPT_ROWS})
    note = StringField(
        _l("What is new in this version"),
        [Length(max=LONGEST_NOTE, message=_l("At most %(max)d characters."))],
        filters=[lambda note: (note or "").strip()],
    )
    based_on = IntegerField()


class MemberForm(FlaskForm):
    email = StringField(
        _l("E-mail"),
        [InputRequired(_l("Enter an e-mail.")), Email(_l("This is not an e-mail address.")), Length(max=254)],
    )
    role = SelectField(_l("Role"), choices=choices_of(ROLES.items()), default=Role.PERFORMER.value)


class WithdrawForm(FlaskForm):
    email = StringField(validators=[InputRequired(), Length(max=254)])


class RoleForm(FlaskForm):
    role = SelectField(_l("Role"), choices=choices_of(ROLES.items()))
