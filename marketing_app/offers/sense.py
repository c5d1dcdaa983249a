"""How sure a model was of an offer's text: its bars, what a message keeps of it, and a person's text scored later."""

from collections.abc import Iterable, Mapping
from typing import Any

from ..checks.findings import Facts, Sense, Span
from ..database import db
from ..llm.cards import ModelCard
from ..llm.certainty import Bars, Certainty
from ..llm.engine import Draft
from ..models import ModelCalibration


def calibration_of(card: ModelCard, language: str) -> ModelCalibration | None:
    """What was measured of the model; None while nothing is."""
    return db.session.get(ModelCalibration, (card.name, card.source, language))


def bars_of(card: ModelCard, language: str) -> Bars | None:
    """Those that were measured for the model; None while they are not, and for one that cannot tell sense."""
    found = calibration_of(card, language)
    if found is None or found.upper_bar is None or found.lower_bar is None:
        return None
    return Bars(found.upper_bar, found.lower_bar)


def senses_of_drafts(drafts: Iterable[Draft], bars: Bars | None) -> Mapping[str, Sense]:
    """By text, as the rules look it up. Of two drafts with the same text the surer one counts."""
    if bars is None:
        return {}
    known = [(draft.text.strip(), draft.certainty) for draft in drafts if draft.certainty]
    known.sort(key=lambda each: each[1].mean)
    return {text: Sense(certainty.mean, certainty.weakest_span, bars) for text, certainty in known}


def kept_sense(text: str, facts: Facts) -> dict[str, Any] | None:
    """What a message keeps of its text's certainty."""
    sense = facts.senses.get(text)
    return model_sense(sense.mean, sense.weakest, sense.bars) if sense else None


def model_sense(mean: float, weakest: Span, bars: Bars) -> dict[str, Any]:
    """The same of words that are the model's own."""
    return {"mean": round(mean, 4), "weakest": list(weakest), "bars": [bars.upper, bars.lower], "is_by_person": False}


def persons_sense(certainty: Certainty, offset: int, bars: Bars) -> dict[str, Any]:
    """The same of a text that a person wrote, whose scored part begins at `offset`."""
    start, end = certainty.weakest_span
    return model_sense(certainty.mean, (start + offset, end + offset), bars) | {"is_by_person": True}


def senses_of(text: str, kept: Mapping[str, Any] | None) -> Mapping[str, Sense]:
    """What was kept of a message's text, for the rules."""
    if not kept:
        return {}
    start, end = (min(place, len(text)) for place in kept["weakest"])
    return {text: Sense(kept["mean"], (start, end), Bars(*kept["bars"]), kept["is_by_person"])}
