"""Uses the model's own certainty to tell sense from nonsense: text it was not sure of is mostly meaningless."""

from collections.abc import Iterator

from .findings import N_, Complaint, Facts, Severity
from .registry import rule


@rule("language.sense", Severity.BLOCK, N_("words that the model itself is not sure of"))
def makes_sense(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    """Texts without a score pass. Words that a person wrote are never blocked."""
    sense = facts.senses.get(text)
    if sense is None or sense.mean >= sense.bars.upper:
        return
    values = {"words": text[slice(*sense.weakest)]}
    if sense.mean < sense.bars.lower and not sense.is_by_person:
        yield Complaint(N_("The model is not sure of its words, least of all of “%(words)s”."), values, sense.weakest)
        return
    message = N_("The model is hardly sure of “%(words)s”: see whether it makes sense.")
    yield Complaint(message, values, sense.weakest, Severity.WARN)


@rule("language.only_opening", Severity.WARN, N_("nothing after the opening that the prompt gave"))
def goes_on(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    if text in facts.openings:
        yield Complaint(N_("The text ends with its opening: the model added nothing."))
