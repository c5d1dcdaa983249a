"""What a reviewer may send. Every form carries the revision of the offer that was looked at."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import UUID, InputRequired, Length, NumberRange, Optional

from ..models import ReviewVerb
from ..web.fields import LARGEST_NUMBER, LinesField

LONGEST_REASON = 500
LONGEST_TEXT = 5_000
LONGEST_REQUEST = 2_000
ROW_NUMBER = NumberRange(0, LARGEST_NUMBER)
TOO_LONG = _l("At most %(max)d characters.")


class DecisionForm(FlaskForm):
    """`reason` is a manager's, for a text that the checks block."""

    revision = IntegerField(validators=[InputRequired()])
    reason = StringField(validators=[Length(max=LONGEST_REASON, message=TOO_LONG)])


class RejectForm(FlaskForm):
    """A quick reason, one in the reviewer's own words, or both."""

    revision = IntegerField(validators=[InputRequired()])
    quick = StringField(validators=[Length(max=100)])
    reason = StringField(validators=[Length(max=LONGEST_REASON - 102, message=TOO_LONG)])

    @property
    def said(self) -> str:
        return ": ".join(part for part in ((self.quick.data or "").strip(), (self.reason.data or "").strip()) if part)


class TextForm(FlaskForm):
    revision = IntegerField(validators=[InputRequired()])
    text = LinesField(
        _l("Text"),
        [InputRequired(_l("Write a text.")), Length(max=LONGEST_TEXT, message=TOO_LONG)],
    )


class RevisionForm(FlaskForm):
    revision = IntegerField(validators=[InputRequired()])
    request = LinesField(
        _l("What should be different?"),
        [InputRequired(_l("Say what should be different.")), Length(max=LONGEST_REQUEST, message=TOO_LONG)],
    )


class BulkForm(FlaskForm):
    """An order for all that match. From the second piece on it names its batch and how far it came."""

    verb = SelectField(choices=[verb.value for verb in ReviewVerb if verb is not ReviewVerb.EDIT])
    reason = StringField(validators=[Length(max=LONGEST_REASON, message=TOO_LONG)])
    warned_too = BooleanField()
    batch = HiddenField(validators=[Optional(), UUID()])
    after = IntegerField(validators=[Optional(), ROW_NUMBER], default=0)
    until = IntegerField(validators=[Optional(), ROW_NUMBER], default=0)
    total = IntegerField(validators=[Optional(), ROW_NUMBER], default=0)
    done = IntegerField(validators=[Optional(), ROW_NUMBER], default=0)
