"""What the pages of review show: the filter in their address, one offer with all that a reviewer needs."""

from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask_login import current_user

from ..access import may
from ..campaigns.services import channels_of
from ..checks.channel import characters
from ..checks.findings import Facts, Finding
from ..checks.sms import Size, size
from ..database import db
from ..models import DraftState, Message, Offer, OfferState, Project, Review, User, Verdict
from ..offers.checking import check_draft
from ..offers.prompting import client_words
from ..web.arguments import asked
from ..web.differences import differences
from ..web.fields import row_number
from . import actions, queries
from .queries import ALL, REFUSED, ReviewFilter
from .rechecking import facts_now
from .wording import QUICK_REASONS


@dataclass(frozen=True)
class Checked:
    """A text with what the checks say of it. `length` is with the channel's ending, as it counts; `sms` for an SMS."""

    text: str
    findings: list[Finding]
    length: int
    longest: int | None
    sms: Size | None

    @property
    def is_blocked(self) -> bool:
        return any(finding.severity.value == "block" for finding in self.findings)


def checked(text: str, facts: Facts) -> Checked:
    whole = facts.whole(text)
    sms = size(whole) if facts.channel.key == "SMS" else None
    length = characters(whole, facts.channel.key)
    return Checked(text, check_draft(text, facts), length, facts.channel.max_length, sms)


def asked_filter() -> ReviewFilter:
    """From the address or the form: what is to be reviewed, unless it says otherwise."""
    said = request.values.get("review", "")
    return ReviewFilter(
        channel_id=asked("channel_id", row_number),
        campaign_id=asked("campaign_id", row_number),
        verdict=asked("verdict", Verdict),
        review=None if said in (ALL, REFUSED) else asked("review", Review, Review.OPEN),
        state=asked("state", OfferState),
        is_refused=said == REFUSED,
    )


def filter_values(project: Project, chosen: ReviewFilter) -> dict[str, Any]:
    """What the filter's form offers and says."""
    return {
        "project": project,
        "chosen": chosen,
        "state": {"project_id": project.id} | chosen.words,
        "counts": queries.counts(project, chosen),
        "channels": channels_of(project),
        "campaigns": queries.campaigns_of(project),
        "undoable": actions.newest_action(project, _person()),
    }


def offer_page(project: Project, offer: Offer, **said: Any) -> str:
    """The queue with one offer; `said` holds what was typed and what went wrong, after a refusal."""
    chosen = asked_filter()
    facts = facts_now([offer])[offer.id]
    before = queries.text_before(offer)
    is_open_to_changes = may(project, "review") and not project.is_archived
    values = filter_values(project, chosen) | {
        "offer": offer,
        "place": queries.place(project, chosen, offer),
        "checked": checked(offer.text, facts),
        "client_words": client_words(project, offer.client),
        "before": before,
        "sides": differences(before.text, offer.text) if before else None,
        "draft": _being_written(offer),
        "quick_reasons": QUICK_REASONS,
        "is_open_to_changes": is_open_to_changes,
    }
    return render_template("review/queue.html", **(values | said))


def _being_written(offer: Offer) -> Message | None:
    query = db.select(Message).filter_by(offer_id=offer.id, state=DraftState.WRITING)
    return db.session.scalar(query.order_by(Message.id.desc()).limit(1))


def _person() -> User:
    return current_user._get_current_object()
