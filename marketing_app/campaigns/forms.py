"""What a marketer says to start a campaign."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, IntegerField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from ..clients.conditions import MOST_CONDITIONS, Condition, Problem
from ..clients.services import conditions_of
from ..clients.wording import problem_words
from ..models import MOST_DRAFTS, Benefit, ClientImport, ProjectSaleChannel, PromptVersion, Segment
from ..web.fields import RowField, choices_of, row_number
from .services import ClientChoice, Comparison

LARGEST_SEED = 2**31 - 1
LONGEST_SEARCH = 120
BEST_FOR_EACH = 0
NO_OTHER_VERSION = 0
SHARES = range(1, 100)
"""Per cent."""


class Clients(StrEnum):
    """Which clients a campaign is for."""

    ALL = "all"
    SEARCH = "search"
    LOAD = "load"
    SEGMENT = "segment"
    MATCHING = "matching"
    CHOSEN = "chosen"


class CampaignForm(FlaskForm):
    channel_id = RowField(_l("Channel"))
    version_id = RowField(_l("Prompt version"))
    compared_id = RowField(_l("Compare with"), default=NO_OTHER_VERSION)
    compared_share = IntegerField(
        _l("Its share, per cent"),
        default=50,
        render_kw={"min": SHARES[0], "max": SHARES[-1]},
    )
    benefit_id = RowField(_l("Benefit to say"), default=BEST_FOR_EACH)
    clients = RadioField(
        _l("Clients"),
        choices=choices_of(
            [
                (Clients.ALL, _l("All clients of the project")),
                (Clients.SEARCH, _l("Those whose id begins with")),
                (Clients.LOAD, _l("Those of one load")),
                (Clients.SEGMENT, _l("Those of a segment")),
                (Clients.MATCHING, _l("Those who match the filter of the clients page")),
                (Clients.CHOSEN, _l("Those ticked on the clients page")),
            ]
        ),
        validators=[InputRequired(_l("Choose the clients."))],
        default=Clients.ALL.value,
    )
    search = StringField(_l("Client id begins with"), [Length(max=LONGEST_SEARCH)])
    import_id = SelectField(_l("Load"), coerce=int, validate_choice=False)
    segment_id = SelectField(_l("Segment"), coerce=int, validate_choice=False)
    client_ids = SelectMultipleField(coerce=row_number, validate_choice=False)
    without_offer = BooleanField(_l("Only clients who have no offer in this channel yet"), default=True)
    is_from_bank = BooleanField(_l("Text bank only: no model is asked"))
    drafts = IntegerField(
        _l("Drafts per client"),
        [
            InputRequired(_l("Say how many drafts are written for each client.")),
            NumberRange(1, MOST_DRAFTS, _l("From %(min)d to %(max)d drafts.")),
        ],
        render_kw={"min": 1, "max": MOST_DRAFTS},
    )
    seed = IntegerField(
        _l("Seed"),
        [Optional(), NumberRange(0, LARGEST_SEED, _l("A whole number from %(min)d to %(max)d."))],
        render_kw={"min": 0, "max": LARGEST_SEED},
    )
    name = StringField(_l("Name"), [Length(max=200, message=_l("At most %(max)d characters."))])

    def __init__(
        self,
        channels: Sequence[ProjectSaleChannel],
        loads: Sequence[ClientImport],
        segments: Sequence[Segment],
        conditions: tuple[Condition, ...],
        sent: MultiDict[str, str] | None,
        **values: Any,
    ) -> None:
        """`conditions` are those of the clients page, where somebody asked for a campaign for all who match."""
        super().__init__(sent, **values)
        self.conditions = conditions
        self._segments = {segment.id: segment for segment in segments}
        self.segment_id.choices = choices_of((segment.id, segment.name) for segment in segments)
        self._channels = {channel.id: channel for channel in channels}
        self.channel_id.choices = choices_of((channel.id, channel.channel.name) for channel in channels)
        self.import_id.choices = choices_of((load.id, load.source) for load in loads)
        if self.is_from_bank.data:
            self.drafts.process(MultiDict({"drafts": "1"}))  # none is written, whatever the hidden field says

    def offer_versions(self, versions: Sequence[PromptVersion]) -> None:
        """The versions of the chosen channel's prompt, newest first."""
        self._versions = {version.id: version for version in versions}
        named = [
            (version.id, f"{_('Version %(n)d', n=version.number)} · {format_datetime(version.created_at, 'short')}")
            for version in versions
        ]
        self.version_id.choices = choices_of(named)
        nothing = (NO_OTHER_VERSION, _("No other version: all get this one"))
        self.compared_id.choices = choices_of([nothing, *named])

    def offer_benefits(self, benefits: Sequence[Benefit]) -> None:
        """Those that the channel may say."""
        self._benefits = {benefit.id: benefit for benefit in benefits}
        each = [(benefit.id, benefit.text) for benefit in benefits]
        self.benefit_id.choices = choices_of([(BEST_FOR_EACH, _("The best for each client")), *each])

    def follow_channel(self) -> None:
        """Another channel was chosen on the page, which gets its versions and benefits now: what it has not gives way
        to the first."""
        for field in (self.version_id, self.compared_id, self.benefit_id):
            if not field.is_offered:
                field.data = field.choices[0].value

    @property
    def names_what_is_there(self) -> bool:
        """Whether what a link to the page chose is there; a link may choose nothing."""
        rows = (self.channel_id, self.version_id, self.compared_id)
        is_known = self.segment_id.data is None or self.segment_id.data in self._segments
        return is_known and all(row.data is None or row.is_offered for row in rows)

    @property
    def benefit(self) -> Benefit | None:
        """The one that all texts say; None for the best for each client."""
        return self._benefits.get(self.benefit_id.data)

    @property
    def channel(self) -> ProjectSaleChannel:
        """The first one while none is chosen, or one that is not there."""
        return self._channels.get(self.channel_id.data) or next(iter(self._channels.values()))

    @property
    def version(self) -> PromptVersion:
        """The newest while none is chosen, or one that is not there."""
        return self._versions.get(self.version_id.data) or next(iter(self._versions.values()))

    @property
    def versions(self) -> list[PromptVersion]:
        """Those that the campaign would use: one, or two that are compared."""
        return [self.version, self.comparison.version] if self.comparison else [self.version]

    @property
    def comparison(self) -> Comparison | None:
        """None where one version writes for all, and while what is asked is not possible."""
        version, share = self._versions.get(self.compared_id.data), self.compared_share.data
        if self.is_from_bank.data or version is None or version is self.version or share not in SHARES:
            return None
        return Comparison(version, share)

    @property
    def choice(self) -> ClientChoice:
        """Only what belongs to the chosen way counts: a search typed before another way was chosen is forgotten."""
        way = self.clients.data
        return ClientChoice(
            client_ids=tuple(self.client_ids.data or ()) if way == Clients.CHOSEN else None,
            search=(self.search.data or "").strip() if way == Clients.SEARCH else "",
            import_id=self.import_id.data if way == Clients.LOAD else None,
            conditions=self._asked(way),
            segment=self._segments[self.segment_id.data].name if self._is_for_segment(way) else "",
            without_offer=self.without_offer.data,
        )

    def _is_for_segment(self, way: str) -> bool:
        return way == Clients.SEGMENT and self.segment_id.data in self._segments

    def _asked(self, way: str) -> tuple[Condition, ...] | None:
        """What the segment asks at this moment; a segment that there is not asks nothing, which matches nobody."""
        if way == Clients.SEGMENT:
            return conditions_of(self._segments[self.segment_id.data]) if self._is_for_segment(way) else ()
        return self.conditions if way == Clients.MATCHING else None

    def validate_compared_id(self, field: Field) -> None:
        if not self.is_from_bank.data and field.data == self.version_id.data:
            raise ValidationError(_("Choose another version to compare with."))

    def validate_compared_share(self, field: Field) -> None:
        """What stands there counts only where two versions are compared."""
        field.errors = []
        if not self.is_from_bank.data and self.compared_id.data != NO_OTHER_VERSION and field.data not in SHARES:
            raise ValidationError(_("A whole number from %(min)d to %(max)d.", min=SHARES[0], max=SHARES[-1]))

    def validate_search(self, field: Field) -> None:
        if self.clients.data == Clients.SEARCH and not (field.data or "").strip():
            raise ValidationError(_("Type how the ids of the clients begin, or choose all clients."))

    def validate_import_id(self, field: Field) -> None:
        if self.clients.data == Clients.LOAD and field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(_("Choose a load."))

    def validate_segment_id(self, field: Field) -> None:
        if self.clients.data == Clients.SEGMENT and field.data not in self._segments:
            raise ValidationError(_("Choose a segment."))

    def validate_clients(self, field: Field) -> None:
        if field.data == Clients.MATCHING and not self.conditions:
            raise ValidationError(_("Filter the clients on the clients page first, or choose them in another way."))
        if field.data == Clients.MATCHING and len(self.conditions) > MOST_CONDITIONS:
            raise ValidationError(problem_words(Problem.TOO_MANY))

    def validate_client_ids(self, field: Field) -> None:
        if field.process_errors:
            field.errors = []
            raise ValidationError(_("A chosen client is none. Tick the clients on the clients page again."))
