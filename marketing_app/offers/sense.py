"""How sure a model was of an offer's text: its bars, what a message keeps of it, and a person's text scored later."""

from collections.abc import Iterable, Mapping
from typing import Any

from ..checks.findings import Facts, Sense
from ..database import db
from ..llm.certainty import Bars, Certainty
from ..llm.engine import Draft
from ..models import Message, MessageRole, ModelCalibration


def bars_of(model_name: str, language: str) -> Bars | None:
    """Those that were measured for the model; None while they are not, and for one that cannot tell sense."""
    found = db.session.get(ModelCalibration, (model_name, language))
    if found is None or found.upper_bar is None or found.lower_bar is None:
        return None
    return Bars(found.upper_bar, found.lower_bar)


def senses_of_drafts(drafts: Iterable[Draft], bars: Bars | None) -> Mapping[str, Sense]:
    """By text, as the rules look it up. Of two drafts with the same text the surer one counts."""
    if bars is None:
        return {}
    known = sorted((draft.certainty.mean, draft.text, draft.certainty) for draft in drafts if draft.certainty)
    return {text.strip(): Sense(mean, certainty.weakest_span, bars) for mean, text, certainty in known}


def kept_sense(text: str, facts: Facts) -> dict[str, Any] | None:
    """What a message keeps of its text's certainty."""
    sense = facts.senses.get(text)
    if sense is None:
        return None
    bars = [sense.bars.upper, sense.bars.lower]
    return {"mean": round(sense.mean, 4), "weakest": list(sense.weakest), "bars": bars}


def kept_score(certainty: Certainty, offset: int, bars: Bars) -> dict[str, Any]:
    """The same of a text that a person wrote, whose scored part begins at `offset`."""
    start, end = certainty.weakest_span
    weakest = [start + offset, end + offset]
    return {"mean": round(certainty.mean, 4), "weakest": weakest, "bars": [bars.upper, bars.lower]}


def senses_of(text: str, kept: Mapping[str, Any] | None, role: MessageRole) -> Mapping[str, Sense]:
    """What was kept of a message's text, for the rules."""
    if not kept:
        return {}
    start, end = kept["weakest"]
    return {text: Sense(kept["mean"], (start, end), Bars(*kept["bars"]), is_by_person=role is MessageRole.EDIT)}


def senses_of_message(message: Message) -> Mapping[str, Sense]:
    return senses_of(message.text, message.certainty, message.role)
