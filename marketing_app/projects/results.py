"""What came of each version of a prompt so far: texts that pass, that people approved, that sold."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func
from sqlalchemy.orm import InstrumentedAttribute

from ..database import db
from ..models import Campaign, Offer, OfferState, Outcome, ProjectSaleChannel, PromptVersion, Review, Verdict

WITH_TEXT = (OfferState.READY, OfferState.NEEDS_PERSON)


@dataclass
class Results:
    """Offers of a version: all, those with a text, those of them that the checks have seen, and what they became.

    The approval of an offer ends when its client opts out, and is not counted then.
    """

    offers: int = 0
    texts: int = 0
    checked: int = 0
    passing: int = 0
    approved: int = 0
    sold: int = 0

    def add(self, state: OfferState, verdict: Verdict, review: Review, outcome: Outcome, count: int) -> None:
        """Count so many offers of one kind."""
        self.offers += count
        if state not in WITH_TEXT:
            return
        self.texts += count
        self.checked += count * (verdict is not Verdict.UNCHECKED)
        self.passing += count * (verdict in (Verdict.CLEAN, Verdict.WARN))
        self.approved += count * (review is Review.APPROVED)
        self.sold += count * (outcome is Outcome.SOLD)


def results_of(project_channel: ProjectSaleChannel) -> dict[int, Results]:
    """By version; one without offers has none."""
    versions = db.select(PromptVersion.id).filter_by(project_channel_id=project_channel.id)
    counts = _counts(Offer.prompt_version_id).where(Offer.prompt_version_id.in_(versions))
    found = defaultdict[int, Results](Results)
    for version_id, *kind in db.session.execute(counts):
        found[version_id].add(*kind)
    return found


def results_of_campaigns(campaigns: Iterable[Campaign]) -> dict[int, tuple[tuple[int, Results], ...]]:
    """The numbers of the versions that these campaigns are split between, each with its results in that campaign
    alone; two queries whatever the campaigns' number. One that is not split has no results here."""
    split = {each.id: (each.prompt_version_id, each.compared_version_id) for each in campaigns if each.is_split}
    if not split:
        return {}
    version_ids = {version_id for pair in split.values() for version_id in pair}
    asked = db.select(PromptVersion.id, PromptVersion.number).where(PromptVersion.id.in_(version_ids))
    numbers = {version_id: number for version_id, number in db.session.execute(asked)}
    found = defaultdict[tuple[int, int], Results](Results)
    counts = _counts(Offer.campaign_id, Offer.prompt_version_id)
    is_asked = Offer.campaign_id.in_(list(split)), Offer.prompt_version_id.in_(version_ids)
    for campaign_id, version_id, *kind in db.session.execute(counts.where(*is_asked)):
        found[campaign_id, version_id].add(*kind)
    return {
        campaign_id: tuple((numbers[each], found[campaign_id, each]) for each in pair if each is not None)
        for campaign_id, pair in split.items()
    }


def _counts(*owners: InstrumentedAttribute[Any]) -> Select[Any]:
    """By owner and what became of the offers, from ix_offer_prompt_version_id_results alone."""
    kinds = (*owners, Offer.state, Offer.verdict, Offer.review, Offer.outcome)
    return db.select(*kinds, func.count()).group_by(*kinds)
