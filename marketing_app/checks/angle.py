"""The text says the benefit that it was written for."""

from collections.abc import Iterator

from .facts import says
from .findings import N_, Angle, Complaint, Facts, Severity, has_words
from .phrases import phrases
from .quantities import quantities
from .registry import rule


@rule("angle.said", Severity.WARN, N_("the chosen benefit is not said"))
def benefit_is_said(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    if has_words(text) and facts.angle.text and not is_said(text, facts.angle):
        yield Complaint(N_("The text does not say the benefit “%(benefit)s”."), {"benefit": facts.angle.text})


def is_said(text: str, angle: Angle) -> bool:
    """Whether a text says the benefit: by one of its signs, or else with its figures and most of its words."""
    if angle.signs and phrases(*angle.signs).search(text):
        return True
    said = quantities(text)
    has_figures = all(any(each.is_of(figure) for each in said) for figure in quantities(angle.text))
    return has_figures and says(text, angle.text)
