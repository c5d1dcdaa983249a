"""What came of each version of a prompt so far: texts that pass, that people approved, that sold."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func

from ..database import db
from ..models import Campaign, Offer, OfferState, Outcome, ProjectSaleChannel, PromptVersion, Review, Verdict

WITH_TEXT = (OfferState.READY, OfferState.NEEDS_PERSON)


@dataclass
class Results:
    """Offers of a version: all, those with a text, those of them that the checks have seen, and what they became."""

    offers: int = 0
    texts: int = 0
    checked: int = 0
    passing: int = 0
    approved: int = 0
    sold: int = 0


def results_of(project_channel: ProjectSaleChannel) -> dict[int, Results]:
    """By version; one without offers has none."""
    versions = db.select(PromptVersion.id).filter_by(project_channel_id=project_channel.id)
    return _results(Offer.prompt_version_id.in_(versions))


def results_in(campaign: Campaign) -> list[tuple[int, Results]]:
    """The numbers of a campaign's versions, each with its results in this campaign alone."""
    found = _results(
        Offer.prompt_version_id.in_([version.id for version in campaign.versions]), Offer.campaign_id == campaign.id
    )
    return [(version.number, found[version.id]) for version in campaign.versions]


def _results(*which: ColumnElement[bool]) -> dict[int, Results]:
    """Grouped from ix_offer_prompt_version_id_results alone."""
    kinds = (Offer.prompt_version_id, Offer.state, Offer.verdict, Offer.review, Offer.outcome)
    query = db.select(*kinds, func.count()).where(*which).group_by(*kinds)
    found = defaultdict[int, Results](Results)
    for version_id, state, verdict, review, outcome, count in db.session.execute(query):
        result = found[version_id]
        result.offers += count
        if state not in WITH_TEXT:
            continue
        result.texts += count
        result.checked += count * (verdict is not Verdict.UNCHECKED)
        result.passing += count * (verdict in (Verdict.CLEAN, Verdict.WARN))
        result.approved += count * (review is Review.APPROVED)
        result.sold += count * (outcome is Outcome.SOLD)
    return found
