"""What a marketer may send about an offer."""

from typing import ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, SelectField, TextAreaField
from wtforms.validators import Length, StopValidation, ValidationError

from ..models import Message, Offer
from ..projects.forms import PROMPT_ROWS, PromptRules
from .conversation import texts_of, usual_start
from .requests import REQUESTS
from .wording import OUTCOMES, QUICK_REQUESTS, text_name

LONGEST_REQUEST = 2_000


class WriteForm(FlaskForm):
    """The prompt for one offer: the channel's own, or changed for this once."""

    text = TextAreaField(_l("Prompt for this offer"), [PromptRules()], render_kw={"rows": PROMPT_ROWS})


class SaidOrPressed:
    """A request in words, unless one of the ready ones was pressed."""

    field_flags: ClassVar = {"required": True}

    def __call__(self, form: "ChangeForm", field: Field) -> None:
        if not form.quick.data and not (field.data or "").strip():
            raise StopValidation(_("Say what should be different."))


class ChangeForm(FlaskForm):
    """What should be different, and from which text of the conversation it goes on."""

    request = TextAreaField(
        _l("What should be different?"),
        [SaidOrPressed(), Length(max=LONGEST_REQUEST, message=_l("At most %(max)d characters."))],
    )
    quick = SelectField(choices=[("", ""), *QUICK_REQUESTS.items()], default="")
    after = SelectField(_l("Goes on from"), coerce=int, validate_choice=False)

    def __init__(self, offer: Offer, after: int | None = None) -> None:
        self._texts = {message.id: message for message in texts_of(offer)}
        start = usual_start(offer)
        usual = start.id if start and start.id in self._texts else 0
        super().__init__(after=after if after in self._texts else usual)
        unnamed = [] if usual else [(0, _("The newest beginning"))]
        self.after.choices = unnamed + [(number, text_name(message)) for number, message in self._texts.items()]
        self._ready = REQUESTS[offer.project_channel.project.language]

    def validate_after(self, field: Field) -> None:
        # 0 comes from a page that was opened before the first draft was finished.
        if field.data and field.data not in self._texts:
            raise ValidationError(_("This text is not in the conversation."))

    @property
    def wish(self) -> str:
        """What the model is asked for."""
        return str(self._ready[self.quick.data] if self.quick.data else self.request.data)

    @property
    def start(self) -> Message | None:
        """The text that the person chose to go on from."""
        return self._texts.get(self.after.data)


class OutcomeForm(FlaskForm):
    outcome = SelectField(_l("What came of it"), choices=[(key.value, label) for key, label in OUTCOMES.items()])
