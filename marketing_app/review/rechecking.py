"""Texts held against what is true today: a rule, a product or a client may have changed since they were written."""

from collections.abc import Sequence

from ..checks.findings import Angle, Facts, Finding
from ..database import db
from ..models import Benefit, Message, Offer
from ..offers.checking import check_draft, facts_of
from ..offers.prompting import frames_of


def facts_now(offers: Sequence[Offer]) -> dict[int, Facts]:
    """What each text is held against, by offer; the offers are of one project. So many queries for all of them."""
    frames = frames_of(offer.project_channel for offer in offers)
    prompts = _prompts_of(offers)
    signs = _signs_of(offers)
    return {
        offer.id: facts_of(
            frames[offer.project_channel_id],
            offer.client.data,
            prompts.get(offer.current_id or 0, ""),
            Angle(offer.angle, signs.get(offer.benefit_id or 0, ())),
        )
        for offer in offers
    }


def findings_now(offers: Sequence[Offer]) -> dict[int, list[Finding]]:
    """What is wrong with each text, gravest first, by offer."""
    facts = facts_now(offers)
    return {offer.id: check_draft(offer.text, facts[offer.id]) for offer in offers}


def _prompts_of(offers: Sequence[Offer]) -> dict[int, str]:
    """What the model read for each current text, by message: an echo of it is found."""
    numbers = [offer.current_id for offer in offers if offer.current_id]
    query = db.select(Message.id, Message.prompt).where(Message.id.in_(numbers))
    return {number: prompt for number, prompt in db.session.execute(query)}


def _signs_of(offers: Sequence[Offer]) -> dict[int, tuple[str, ...]]:
    numbers = {offer.benefit_id for offer in offers if offer.benefit_id}
    if not numbers:
        return {}
    query = db.select(Benefit.id, Benefit.signs).where(Benefit.id.in_(numbers))
    return {number: tuple(signs) for number, signs in db.session.execute(query)}
