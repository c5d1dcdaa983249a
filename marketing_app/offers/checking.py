"""An offer's text held against the rules: what is true of its product, and what is known of its client."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..checks.findings import Angle, ClientFacts, Facts, Finding, Settings, Severity
from ..checks.registry import RULES, check
from ..database import db
from ..dictionary.words import FieldLike, word_of, words
from ..models import Benefit, DraftState, Message, Offer, Verdict
from .endings import OF_THE_ENDING
from .learning import read_by_model, texts_of_examples
from .prompting import Frame, frame_of, frames_of
from .sense import senses_of

MEN = ("муж", "male", "man")
WOMEN = ("жен", "female", "woman")
GRAVE = {Verdict.BLOCK: Severity.BLOCK, Verdict.WARN: Severity.WARN}


def facts_of(frame: Frame, data: Mapping[str, Any] | None, prompt: str, angle: Angle | None = None) -> Facts:
    """What a text for a client with this data may say, and what it may not."""
    angle = angle or Angle()
    return replace(
        frame.facts,
        client=_client(frame.fields, data, frame.language) if data else ClientFacts(),
        prompt=prompt,
        angle=angle,
        openings=frame.openings(angle.text) if angle.text else (),
    )


def check_draft(text: str, facts: Facts) -> list[Finding]:
    """What is wrong with a text as the client gets it, gravest first, by the rules as they are set for the channel."""
    changed = facts.channel.settings
    if facts.channel.has_ending:
        return check(text, facts, changed)
    return check(text, facts, replace(changed, switched_off=changed.switched_off | OF_THE_ENDING))


def law_wants(text: str, facts: Facts) -> list[Finding]:
    """What the law still wants of an advertisement where nobody has written the channel's ending (see `endings`)."""
    if facts.channel.has_ending:
        return []
    others = (RULES.keys() - OF_THE_ENDING) | facts.channel.settings.switched_off
    return check(text, facts, Settings(switched_off=frozenset(others)))


def weight(findings: Iterable[Finding]) -> tuple[int, int]:
    """How many of them block, and how many warn."""
    severities = [finding.severity for finding in findings]
    return severities.count(Severity.BLOCK), severities.count(Severity.WARN)


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """What an offer keeps of its text's findings. Notes do not count."""
    blocking, warning = weight(findings)
    if blocking:
        return Verdict.BLOCK
    return Verdict.WARN if warning else Verdict.CLEAN


def gravest_of(offers: Sequence[Offer]) -> dict[int, Severity]:
    """The gravest that was said of each text when it came to be, by offer; notes do not count.

    Texts from before verdicts were kept are judged now. The offers are of one project.
    """
    unchecked = [offer for offer in offers if offer.text and offer.verdict is Verdict.UNCHECKED]
    frames = frames_of(offer.project_channel for offer in unchecked)
    verdicts = {offer.id: offer.verdict for offer in offers}
    for offer in unchecked:
        facts = facts_of(frames[offer.project_channel_id], offer.client.data, "")
        verdicts[offer.id] = verdict_of(check_draft(offer.text, facts))
    return {number: GRAVE[verdict] for number, verdict in verdicts.items() if verdict in GRAVE}


def findings_of(message: Message) -> list[Finding]:
    """What is wrong with a finished draft, by what is true today. One that broke off has other troubles."""
    if not message.text or message.state is DraftState.FAILED:
        return []
    return check_draft(message.text, facts_of_message(message))


def facts_of_message(message: Message) -> Facts:
    """With what the model thought of the message's text."""
    prompt = read_by_model(message.prompt, message.example_ids, texts_of_examples(message.example_ids))
    return replace(facts_of_offer(message.offer, prompt), senses=senses_of(message.text, message.certainty))


def facts_of_offer(offer: Offer, prompt: str = "") -> Facts:
    """What a text of this offer is held against, by what is true today; `prompt` is what the model read for it."""
    angle = angle_of(offer.benefit_id, offer.angle)
    return facts_of(frame_of(offer.project_channel), offer.client.data, prompt, angle)


def angle_of(benefit_id: int | None, words_then: str) -> Angle:
    """What a text was to say. The signs of a benefit that has got other words since are not those of `words_then`."""
    benefit = db.session.get(Benefit, benefit_id) if benefit_id else None
    return Angle(words_then, tuple(benefit.signs) if benefit and benefit.text == words_then else ())


def _client(fields: Iterable[FieldLike], data: Mapping[str, Any], language: str) -> ClientFacts:
    fields = list(fields)
    age = data.get("age")
    return ClientFacts(
        gender=_gender(fields, data),
        age=float(age) if isinstance(age, int | float) else None,
        secrets=tuple(
            said
            for field in fields
            if field.sensitivity == "secret" and field.key in data
            for said in (data[field.key], *_decoded(field, data[field.key], language))
        ),
        hidden_numbers=tuple(
            float(data[field.key])
            for field in fields
            if field.sensitivity == "behaviour" and isinstance(data.get(field.key), int | float)
        ),
        told=words(fields, data, language),
    )


def _decoded(field: FieldLike, value: object, language: str) -> list[str]:
    """What a code means, which is as secret as the code."""
    return [word_of(field, value, language)] if field.type == "code" else []


def _gender(fields: Iterable[FieldLike], data: Mapping[str, Any]) -> str | None:
    """As the project's dictionary decodes it; None where it is not known."""
    field = next((field for field in fields if field.key == "gender"), None)
    word = str(field.codes.get(str(data.get("gender")), "")).lower() if field else ""
    if word.startswith(MEN):
        return "male"
    return "female" if word.startswith(WOMEN) else None
