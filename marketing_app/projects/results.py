"""What came of each version of a prompt so far: texts that pass, that people approved, that sold."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func

from ..database import db
from ..models import Offer, OfferState, Outcome, ProjectSaleChannel, PromptVersion, Review, Verdict

WITH_TEXT = (OfferState.READY, OfferState.NEEDS_PERSON)


@dataclass
class Results:
    """Offers of a version: those with a text, those of them that the checks have seen, and what they became."""

    texts: int = 0
    checked: int = 0
    passing: int = 0
    approved: int = 0
    sold: int = 0


def results_of(project_channel: ProjectSaleChannel) -> dict[int, Results]:
    """By version; one without offers has none. Grouped from ix_offer_prompt_version_id_results alone."""
    versions = db.select(PromptVersion.id).filter_by(project_channel_id=project_channel.id)
    kinds = (Offer.prompt_version_id, Offer.verdict, Offer.review, Offer.outcome)
    query = (
        db.select(*kinds, func.count())
        .where(Offer.prompt_version_id.in_(versions), Offer.state.in_(WITH_TEXT))
        .group_by(*kinds)
    )
    found = defaultdict[int, Results](Results)
    for version_id, verdict, review, outcome, count in db.session.execute(query):
        result = found[version_id]
        result.texts += count
        result.checked += count * (verdict is not Verdict.UNCHECKED)
        result.passing += count * (verdict in (Verdict.CLEAN, Verdict.WARN))
        result.approved += count * (review is Review.APPROVED)
        result.sold += count * (outcome is Outcome.SOLD)
    return found
