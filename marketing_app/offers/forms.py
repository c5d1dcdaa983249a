"""What a marketer may send about an offer."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from ..projects.forms import PROMPT_ROWS, PromptRules
from .wording import OUTCOMES

LONGEST_REQUEST = 2_000


class WriteForm(FlaskForm):
    """The prompt for one offer: the channel's own, or changed for this once."""

    text = TextAreaField(_l("Prompt for this offer"), [PromptRules()], render_kw={"rows": PROMPT_ROWS})


class ChangeForm(FlaskForm):
    request = TextAreaField(
        _l("What should be different?"),
        [
            InputRequired(_l("Say what should be different.")),
            Length(max=LONGEST_REQUEST, message=_l("At most %(max)d characters.")),
        ],
    )


class OutcomeForm(FlaskForm):
    outcome = SelectField(_l("What came of it"), choices=[(key.value, label) for key, label in OUTCOMES.items()])
