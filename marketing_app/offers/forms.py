"""What a marketer may send about an offer."""

from typing import ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, SelectField
from wtforms.validators import Length, StopValidation, ValidationError

from ..models import Benefit, Message, Offer
from ..projects.forms import PROMPT_ROWS, PromptRules
from ..web.fields import LinesField, RowField, choices_of
from .angles import BEST, NONE, Benefits
from .conversation import texts_of, usual_start
from .requests import ANOTHER_BENEFIT, REQUESTS
from .wording import OUTCOMES, QUICK_REQUESTS, text_name

LONGEST_REQUEST = 2_000
AS_NOW = 0


def benefit_choices(benefits: Benefits, known: str = "") -> list[tuple[int, str]]:
    """All but the one that is said in the `known` words."""
    suiting = [(each.id, _("%(benefit)s (suits the client)", benefit=each.text)) for each in benefits.suiting]
    words = {each.id: each.text for each in benefits.all}
    choices = suiting + [(each.id, each.text) for each in benefits.others]
    return [(number, label) for number, label in choices if words[number] != known]


class WriteForm(FlaskForm):
    """The prompt for one offer: the channel's own, or changed for this once; and the benefit that it is to say."""

    text = LinesField(_l("Prompt for this offer"), [PromptRules()], render_kw={"rows": PROMPT_ROWS})
    benefit_id = RowField(_l("Benefit to say"), default=BEST)

    def __init__(self, benefits: Benefits, text: str = "") -> None:
        super().__init__(text=text)
        best = benefits.best.text if benefits.best else _("none suits")
        chosen = [(BEST, _("The best for the client: %(benefit)s", benefit=best))]
        self.benefit_id.choices = choices_of([*chosen, *benefit_choices(benefits), (NONE, _("No benefit"))])


class SaidOrPressed:
    """A request in words, unless one of the ready ones was pressed or another benefit chosen."""

    field_flags: ClassVar = {"required": True}

    def __call__(self, form: "ChangeForm", field: Field) -> None:
        if not form.quick.data and not form.is_for_benefit and not (field.data or "").strip():
            raise StopValidation(_("Say what should be different."))


class ChangeForm(FlaskForm):
    """What should be different, from which text of the conversation it goes on, and which benefit is said from now on.

    Another benefit without a request in words is asked for anew: no text of the conversation is gone on from.
    """

    request = LinesField(
        _l("What should be different?"),
        [SaidOrPressed(), Length(max=LONGEST_REQUEST, message=_l("At most %(max)d characters."))],
    )
    quick = SelectField(default="")
    after = SelectField(_l("Goes on from"), coerce=int, validate_choice=False)
    benefit_id = RowField(_l("Benefit to say"), default=AS_NOW)

    def __init__(self, offer: Offer, benefits: Benefits, after: Message | None = None) -> None:
        self._texts = {message.id: message for message in texts_of(offer)}
        start = usual_start(offer)
        usual = start.id if start and start.id in self._texts else 0
        super().__init__(after=after.id if after else usual)
        unnamed = [] if usual else [(0, _("The newest beginning"))]
        named = [(number, text_name(message)) for number, message in self._texts.items()]
        self.after.choices = choices_of(unnamed + named)
        self._ready = REQUESTS[offer.project_channel.project.language]
        self._benefits, self._next = benefits, benefits.after(offer.angle)
        self._offer_benefits(offer.angle)

    def _offer_benefits(self, said: str) -> None:
        without = [(NONE, _("No benefit"))] if said else []
        others = benefit_choices(self._benefits, said)
        self.benefit_id.choices = choices_of([(AS_NOW, said or _("No benefit")), *others, *without])
        another = [(ANOTHER_BENEFIT, _("Another benefit"))] if self._next else []
        self.quick.choices = choices_of([("", ""), *QUICK_REQUESTS.items(), *another])

    def validate_after(self, field: Field) -> None:
        # 0 comes from a page that was opened before the first draft was finished.
        if field.data and field.data not in self._texts:
            raise ValidationError(_("This text is not in the conversation."))

    @property
    def is_for_benefit(self) -> bool:
        """Whether the next draft is to say another benefit than the offer's."""
        return self.quick.data == ANOTHER_BENEFIT or self.benefit_id.data != AS_NOW

    @property
    def is_anew(self) -> bool:
        has_request = self.quick.data or (self.request.data or "").strip()
        return self.quick.data == ANOTHER_BENEFIT or (self.is_for_benefit and not has_request)

    @property
    def benefit(self) -> Benefit | None:
        """The other one: that which was chosen, or else the next in turn."""
        return self._benefits.asked(self.benefit_id.data) if self.benefit_id.data != AS_NOW else self._next

    @property
    def wish(self) -> str:
        """What the model is asked for."""
        return str(self._ready[self.quick.data] if self.quick.data else self.request.data)

    @property
    def start(self) -> Message | None:
        """The text that the person chose to go on from."""
        return self._texts.get(self.after.data)


class OutcomeForm(FlaskForm):
    outcome = SelectField(_l("What came of it"), choices=choices_of(OUTCOMES.items()))
