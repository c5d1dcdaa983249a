"""Texts held against what is true today: a rule, a product or a client may have changed since they were written."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..checks.findings import Angle, Facts, Finding
from ..database import db
from ..models import Benefit, Message, Offer
from ..offers.checking import check_draft, facts_of
from ..offers.learning import read_by_model, texts_of_examples
from ..offers.prompting import Frame, frames_of
from ..offers.sense import senses_of


def facts_now(offers: Sequence[Offer]) -> dict[int, Facts]:
    """What each text is held against, by offer; the offers are of one project. So many queries for all of them."""
    frames = frames_of(offer.project_channel for offer in offers)
    messages = _messages_of(offers)
    examples = texts_of_examples({number for message in messages.values() for number in message.example_ids})
    signs = _signs_of(offers)
    return {
        offer.id: _facts_of(offer, frames[offer.project_channel_id], messages.get(offer.id), signs, examples)
        for offer in offers
    }


def _facts_of(
    offer: Offer, frame: Frame, current: Any, signs: Mapping[int, tuple[str, ...]], examples: Mapping[int, str]
) -> Facts:
    angle = Angle(offer.angle, signs.get(offer.benefit_id or 0, ()))
    prompt = read_by_model(current.prompt, current.example_ids, examples) if current else ""
    facts = facts_of(frame, offer.client.data, prompt, angle)
    return replace(facts, senses=senses_of(offer.text, current.certainty)) if current else facts


def findings_now(offers: Sequence[Offer]) -> dict[int, list[Finding]]:
    """What is wrong with each text, gravest first, by offer."""
    facts = facts_now(offers)
    return {offer.id: check_draft(offer.text, facts[offer.id]) for offer in offers}


def _messages_of(offers: Sequence[Offer]) -> dict[int, Any]:
    """Of each current text, by offer: what the model read for it, of which an echo is found, and how sure it was."""
    numbers = [offer.current_id for offer in offers if offer.current_id]
    columns = (Message.offer_id, Message.prompt, Message.example_ids, Message.certainty)
    query = db.select(*columns).where(Message.id.in_(numbers))
    return {row.offer_id: row for row in db.session.execute(query)}


def _signs_of(offers: Sequence[Offer]) -> dict[int, tuple[str, ...]]:
    numbers = {offer.benefit_id for offer in offers if offer.benefit_id}
    if not numbers:
        return {}
    query = db.select(Benefit.id, Benefit.signs).where(Benefit.id.in_(numbers))
    return {number: tuple(signs) for number, signs in db.session.execute(query)}
