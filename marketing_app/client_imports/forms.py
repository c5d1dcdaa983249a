"""What people send about clients: a database, and what the columns of a source mean."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from enum import StrEnum
from typing import Any, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.exceptions import BadRequest
from wtforms import Field, IntegerField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from ..dictionary.services import KnownField
from ..imports import errors
from ..imports.addresses import PostgresAddress
from ..imports.date_order import DateOrder
from ..imports.kinds import DATES
from ..imports.mongo_address import DEFAULT_PORT, MongoAddress, MongoQuery, read_uri, without_secrets
from ..imports.profile import ColumnProfile, Profile
from ..models import Duplicates, FieldType, Sensitivity
from ..web.fields import LinesField
from .columns import CONTACTS, FIELD_PREFIX, NAMED_ONCE, ColumnPlan, NewField, Target, twice_used
from .doubts import kind_of
from .matching import identifies
from .wording import refusal

E = TypeVar("E", bound=StrEnum)
D = TypeVar("D")

LONGEST_TEXT = 500
LONGEST_QUERY = 20_000
LONGEST_NAME = 120
LONGEST_LABEL = 200


class DatabaseForm(FlaskForm):
    """What both kinds of database ask for. The password is never given back to the browser."""

    password = PasswordField(_l("Password"), [Length(max=LONGEST_TEXT)])

    def place_of(self, error: errors.SourceError) -> Field:
        """The field that an error is about."""
        raise NotImplementedError

    def refuse(self, error: errors.SourceError, sentence: str) -> None:
        self.place_of(error).errors = [sentence]


class PostgresForm(DatabaseForm):
    host = StringField(_l("Host"), [InputRequired(_l("Name the host.")), Length(max=LONGEST_TEXT)])
    port = IntegerField(_l("Port"), [InputRequired(_l("Give the port.")), NumberRange(1, 65535)], default=5432)
    database = StringField(_l("Database"), [InputRequired(_l("Name the database.")), Length(max=LONGEST_TEXT)])
    user = StringField(_l("User"), [InputRequired(_l("Name the user.")), Length(max=LONGEST_TEXT)])
    query = LinesField(
        _l("Query, one SELECT"), [InputRequired(_l("Write a query.")), Length(max=LONGEST_QUERY)], render_kw={"rows": 4}
    )

    @property
    def address(self) -> PostgresAddress:
        return PostgresAddress(
            (self.host.data or "").strip(), int(self.port.data or 0), self.database.data or "", self.user.data or ""
        )

    @property
    def settings(self) -> dict[str, Any]:
        """What is kept with the source, and fills the form again."""
        return asdict(self.address) | {"query": self.query.data}

    def place_of(self, error: errors.SourceError) -> Field:
        match error:
            case errors.UnknownHost() | errors.ForbiddenHost():
                return self.host
            case errors.WrongCredentials():
                return self.password
            case errors.UnknownDatabase():
                return self.database
            case _:
                return self.query


class MongoForm(DatabaseForm):
    """By an address in one line, or by host and port. A secret within the address is taken out of it at once."""

    uri = StringField(_l("Address in one line"), [Optional(), Length(max=2000)])
    host = StringField(_l("Host"), [Length(max=LONGEST_TEXT)])
    port = IntegerField(_l("Port"), [Optional(), NumberRange(1, 65535)], default=DEFAULT_PORT)
    database = StringField(_l("Database"), [Length(max=LONGEST_TEXT)])
    user = StringField(_l("User"), [Length(max=LONGEST_TEXT)])
    collection = StringField(_l("Collection"), [InputRequired(_l("Name the collection.")), Length(max=LONGEST_TEXT)])
    filter = LinesField(_l("Filter in JSON"), [Length(max=LONGEST_QUERY)], render_kw={"rows": 2})
    fields = StringField(_l("Fields, parted by commas"), [Length(max=LONGEST_QUERY)])

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        self.address = MongoAddress((), "")
        self.secret = self.password.data or ""
        if (self.uri.data or "").strip():
            return self._take_address_apart() and is_valid
        for control, words in ((self.host, _("Name the host.")), (self.database, _("Name the database."))):
            if not (control.data or "").strip():
                control.errors = [*control.errors, words]
                is_valid = False
        place = ((self.host.data or "").strip(), int(self.port.data or DEFAULT_PORT))
        self.address = MongoAddress((place,), self.database.data or "", self.user.data or "")
        return is_valid

    @property
    def mongo_query(self) -> MongoQuery:
        fields = tuple(name.strip() for name in (self.fields.data or "").split(",") if name.strip())
        return MongoQuery(self.collection.data or "", self.filter.data or "", fields)

    @property
    def settings(self) -> dict[str, Any]:
        """What is kept with the source, and fills the form again."""
        hosts = ", ".join(f"{host}:{port}" for host, port in self.address.hosts)
        host, port = self.address.hosts[0] if len(self.address.hosts) == 1 else (hosts, None)
        return {
            "uri": self.uri.data or "",
            "host": host,
            "port": port,
            "database": self.address.database,
            "user": self.address.user,
            "collection": self.collection.data,
            "filter": self.filter.data or "",
            "fields": self.fields.data or "",
        }

    def place_of(self, error: errors.SourceError) -> Field:
        where = self.uri if (self.uri.data or "").strip() else self.host
        match error:
            case errors.WrongCredentials():
                return self.password
            case errors.UnknownDatabase():
                return self.uri if where is self.uri else self.database
            case errors.ConnectionRefused():
                return where
            case errors.UnsafeFilter() | errors.BadFilter():
                return self.filter
            case _:
                return self.collection

    def _take_address_apart(self) -> bool:
        written = (self.uri.data or "").strip()
        self.uri.data = without_secrets(written)
        try:
            address, secret = read_uri(written)
        except errors.SourceError as error:
            self.uri.errors = [refusal(error)]
            return False
        self.secret = secret or self.secret
        self.address = replace(
            address, database=address.database or self.database.data or "", user=address.user or self.user.data or ""
        )
        if not self.address.database:
            self.database.errors = [_("Name the database.")]
        return bool(self.address.database)


class ColumnsForm(FlaskForm):
    """One choice per column. The number of columns is the source's, so their fields are read by number: `name-3`,
    `target-3`, `label-3`, `type-3`, `sensitivity-3`, `prompt-3`, `order-3` are those of the fourth column that the
    page showed. `nobody-3` says that its column of refusals is empty because nobody refused.
    """

    def read(
        self,
        guessed: Sequence[ColumnPlan],
        known: Mapping[str, KnownField],
        duplicates: Duplicates,
        sent: Mapping[str, str],
    ) -> None:
        """What was sent, by the columns' names; a column of which nothing was said is as guessed."""
        self.known = known
        self.problems: dict[int, str] = {}
        shown = {name: at.removeprefix("name-") for at, name in sent.items() if at.startswith("name-")}
        self.is_of_other_columns = bool(shown) and shown.keys() != {column.name for column in guessed}
        places = {column.name: shown.get(column.name, str(column.position)) for column in guessed}
        self.plan = [self._column(column, places[column.name], sent) for column in guessed]
        self.nobody_refused = {column.position for column in guessed if f"nobody-{places[column.name]}" in sent}
        self.duplicates = _member(Duplicates, sent.get("duplicates"), duplicates)

    def check(self, seen: Profile) -> bool:
        """Whether the plan can be carried out; `problems` says by column what stands against it."""
        for column in self.plan:
            problem = self._problem(column) or self._question(column, seen.columns[column.position])
            if problem:
                self.problems[column.position] = problem
        for position in twice_used(self.plan):
            self.problems[position] = _("Another column fills this already. Choose one of them.")
        if problem := self._problem_of_all():
            self.problems.setdefault(0, problem)
        return not self.problems and not self.is_of_other_columns and not self.cannot_update

    def is_order_asked(self, column: ColumnPlan, looks: ColumnProfile) -> bool:
        """Whether a person has to say how the dates of the column are to be read: nothing in them tells."""
        return looks.date_order is DateOrder.UNKNOWN and kind_of(column, self.known) in DATES

    def is_silence_asked(self, column: ColumnPlan, looks: ColumnProfile) -> bool:
        """Whether a person has to say that nobody refused: the column of refusals has no value."""
        return column.target == Target.OPT_OUT and looks.is_without_values

    @property
    def has_id(self) -> bool:
        return identifies(self.plan)

    @property
    def cannot_update(self) -> bool:
        """Without an id nobody can tell whose data has changed."""
        return self.duplicates is Duplicates.UPDATE and not self.has_id

    def _problem_of_all(self) -> str:
        """Whether the chosen columns make a client, or a list of refusals, at all."""
        if any(column.key or column.target in CONTACTS for column in self.plan):
            return ""
        match {column.target for column in self.plan} & set(NAMED_ONCE):
            case chosen if {Target.CLIENT_ID, Target.OPT_OUT} <= chosen:
                return ""
            case chosen if Target.CLIENT_ID in chosen:
                return _(
                    "No column is chosen that says anything of a client but the id."
                    " Choose a contact, a field or the opt-out too."
                )
            case chosen if Target.OPT_OUT in chosen:
                return _(
                    "No column is chosen that says who refused. Choose the client’s id, the e-mail or the phone too."
                )
            case _:
                return _("No column is chosen. Choose what at least one of them means.")

    def _column(self, guessed: ColumnPlan, at: str, sent: Mapping[str, str]) -> ColumnPlan:
        guessed = replace(guessed, date_order=_member(DateOrder, sent.get(f"order-{at}"), guessed.date_order))
        target = sent.get(f"target-{at}")
        if target is None:
            return guessed
        if target != Target.NEW_FIELD:
            return replace(guessed, target=target, new=None)
        new = NewField(
            sent.get(f"label-{at}", "").strip()[:LONGEST_LABEL],
            _member(FieldType, sent.get(f"type-{at}"), FieldType.TEXT),
            _member(Sensitivity, sent.get(f"sensitivity-{at}"), Sensitivity.PERSONAL),
            f"prompt-{at}" in sent,
        )
        return replace(guessed, target=target, new=new)

    def _question(self, column: ColumnPlan, looks: ColumnProfile) -> str:
        """What a person has to say of a column before its values can be believed."""
        if self.is_order_asked(column, looks) and column.date_order is None:
            return _("Say whether the day or the month comes first in these dates.")
        if self.is_silence_asked(column, looks) and column.position not in self.nobody_refused:
            return _("This column has no value, so nobody would count as having refused. Confirm that it is so.")
        return ""

    def _problem(self, column: ColumnPlan) -> str:
        if column.target.startswith(FIELD_PREFIX) and column.key not in self.known:
            return _("There is no such field.")
        if column.target not in set(Target) and not column.target.startswith(FIELD_PREFIX):
            return _("There is no such choice.")
        if column.new is None:
            return ""
        if len(column.name) > LONGEST_NAME:
            return _("The column's name is longer than 120 characters. Leave it out, or rename it in the source.")
        if column.name in self.known:
            return _("The dictionary has a field of this name already. Choose it, or leave the column out.")
        if not column.new.label:
            return _("Say what the column means, or leave it out.")
        if column.new.sensitivity is Sensitivity.SECRET and column.new.is_in_prompt:
            return _("A secret field never goes into a prompt.")
        return ""


def _member(enumeration: type[E], value: str | None, default: D) -> E | D:
    """What was said; the default where nothing was. Raises BadRequest for a word that no page offers."""
    try:
        return enumeration(value) if value else default
    except ValueError as error:
        raise BadRequest from error
