"""What people send about who must not be written to."""

import re
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import Field, IntegerField, RadioField, StringField
from wtforms.validators import AnyOf, InputRequired, Length, NumberRange, Optional, ValidationError

from ..models import LONGEST_ID
from ..web.fields import LinesField, choices_of
from .naming import Kind

MOST_BY_HAND = 1_000
MOST_IN_A_FILE = 1_000_000
LONGEST_NOTE = 500


class Reach(StrEnum):
    """Where somebody is not written to."""

    PROJECT = "project"
    BANK = "bank"


REACHES = {Reach.PROJECT: _l("In this project"), Reach.BANK: _l("In the whole bank")}


class ReachForm(FlaskForm):
    """How far an opt-out goes, and why. `may_reach_bank` is whether the person may choose the whole bank."""

    reach = RadioField(
        _l("Not written to"),
        choices=choices_of(REACHES.items()),
        default=Reach.PROJECT.value,
    )
    note = StringField(_l("Note"), [Length(max=LONGEST_NOTE, message=_l("At most %(max)d characters."))])

    def __init__(self, *, may_reach_bank: bool, **values: Any) -> None:
        super().__init__(**values)
        if not may_reach_bank:
            self.reach.choices = [(Reach.PROJECT.value, REACHES[Reach.PROJECT])]

    @property
    def is_bank_wide(self) -> bool:
        return bool(self.reach.data == Reach.BANK)


PARTED_BY = re.compile(r"[\n\r\t,;]+")


class ByHandForm(ReachForm):
    ids = LinesField(
        _l("Clients’ ids, phone numbers or e-mails"),
        [InputRequired(_l("Enter at least one id."))],
        render_kw={"rows": 5},
    )

    def __init__(self, *, may_list_for_bank: bool, **values: Any) -> None:
        super().__init__(**values)
        self._may_list_for_bank = may_list_for_bank

    @property
    def who_may(self) -> str:
        """Who keeps somebody out of the whole bank this way."""
        return _(
            "Managers and administrators may keep one client at a time out of the whole bank; only administrators keep"
            " out several at once, and lift that."
        )

    @property
    def is_list(self) -> bool:
        return len(self.words) > 1

    def validate_ids(self, field: Field) -> None:
        if not self.words:
            raise ValidationError(_("Enter at least one id."))
        if self.is_bank_wide and self.is_list and not self._may_list_for_bank:
            raise ValidationError(_("Only administrators keep several clients out of the whole bank at once."))
        if len(self.words) > MOST_BY_HAND:
            raise ValidationError(_("At most %(n)d ids here. Send more as a file.", n=MOST_BY_HAND))
        longest = max((word for word in self.words if "@" not in word), key=len, default="")
        if len(longest) > LONGEST_ID:
            raise ValidationError(
                _("“%(beginning)s…” is longer than an id can be. Write one id a line.", beginning=longest[:20])
            )

    @property
    def words(self) -> list[str]:
        """Each once, however they are parted: a list of ids is often pasted as one line."""
        words = (word.strip() for word in PARTED_BY.split(self.ids.data or ""))
        return list(dict.fromkeys(word for word in words if word))


class Header(StrEnum):
    """What the first row of a file is."""

    NAMES = "names"
    CLIENT = "client"


HEADERS = {Header.NAMES: _l("the names of the columns"), Header.CLIENT: _l("a client already")}


KINDS = {Kind.ID: _l("ids"), Kind.PHONE: _l("phone numbers"), Kind.EMAIL: _l("e-mails")}


class FileForm(ReachForm):
    """A file, and where in it the ids are; what nobody has said yet is found out."""

    file = FileField(_l("File with the list"), [FileRequired(_l("Choose a file."))])
    position = IntegerField(_l("Column of the list"), [Optional(), NumberRange(min=0)])
    header = StringField(_l("The first row is"), [Optional(), AnyOf(list(Header))])
    kind = StringField(_l("The column has"), [Optional(), AnyOf(list(Kind))])

    @property
    def who_may(self) -> str:
        """As ByHandForm."""
        return _("Only administrators keep a list out of the whole bank, and lift that.")

    def forget_answers(self) -> None:
        """They were about another file."""
        for field in (self.position, self.header, self.kind):
            field.data, field.raw_data = None, []

    @property
    def kind_of_values(self) -> Kind | None:
        return Kind(self.kind.data) if self.kind.data else None

    @property
    def has_header(self) -> bool | None:
        return self.header.data == Header.NAMES if self.header.data else None
