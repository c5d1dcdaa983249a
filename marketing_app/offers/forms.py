"""What a marketer may send about an offer."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from ..models import Outcome
from ..projects.forms import PromptRules

LONGEST_REQUEST = 2_000

OUTCOMES = {
    Outcome.UNKNOWN: _("Not known yet"),
    Outcome.SOLD: _("Sold"),
    Outcome.INTERESTED: _("Interested"),
    Outcome.CONSIDERING: _("Considering"),
    Outcome.POSITIVE: _("Positive answer"),
    Outcome.NEGATIVE: _("Negative answer"),
}


class WriteForm(FlaskForm):
    """The prompt for one offer: the channel's own, or changed for this once."""

    text = TextAreaField(_("Prompt for this offer"), [PromptRules()])


class ChangeForm(FlaskForm):
    request = TextAreaField(
        _("What should be different?"),
        [
            InputRequired(_("Say what should be different.")),
            Length(max=LONGEST_REQUEST, message=_("At most %(max)d characters.")),
        ],
    )


class OutcomeForm(FlaskForm):
    outcome = SelectField(_("What came of it"), choices=[(key.value, label) for key, label in OUTCOMES.items()])
