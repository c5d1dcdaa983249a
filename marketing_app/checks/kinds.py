"""A text speaks of the kind of product that it offers: a loan is nothing to say in a letter on a deposit."""

from collections.abc import Iterator
from functools import lru_cache

from .findings import N_, Complaint, Facts, Severity
from .phrases import phrases
from .registry import rule

KINDS = {
    "loan": phrases("кредит*", "автокредит*", "микрозайм*", "loan*"),
    "refinancing": phrases("рефинансир*", "refinanc*"),
    "leasing": phrases("лизинг*", "leasing*"),
    "mortgage": phrases("ипоте*", "mortgage*"),
    "deposit": phrases("(вклад|вклада|вкладу|вкладом|вкладе|вклады|вкладов)", "депозит*", "deposit*"),
    "insurance": phrases("страхов*", "застрахов*", "полис*", "insur*"),
    "investment": phrases("инвест*", "брокер*", "invest*", "broker*"),
}

LOAN = phrases("(кредит|кредита|кредиту|кредитом|кредите|кредиты|кредитов)")
LOAN_ASKED_FOR = phrases(
    "(заявк* на|заказ*|закаж*|оформ*|возьм*|взять|дадим|выдадим) [наш |новый |свой |такой |этот |выгодный ]кредит"
)


@rule("fact.other_kind", Severity.BLOCK, N_("another kind of product than the one that is offered"))
def no_other_kind(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    """What the bank itself mentions of its product may be mentioned: a card's description may speak of insurance.

    A credit card's description says "кредитный лимит", which does not make the card a loan.
    """
    mentioned = {facts.product.kind} | _kinds_in(facts.true_text) | _kinds_in(facts.client.told)
    for kind, words in KINDS.items():
        match = None if kind in mentioned else words.search(text)
        if match:
            yield Complaint(N_("“%(words)s” is said of another kind of product."), {"words": match[0]}, match.span())
    loan = LOAN_ASKED_FOR.search(text) if facts.product.kind == "card" and "loan" in mentioned else None
    if loan and not LOAN.search(f"{facts.true_text} {facts.client.told}"):
        yield Complaint(N_("“%(words)s” is said of another kind of product."), {"words": loan[0]}, loan.span())


@lru_cache(maxsize=64)
def _kinds_in(text: str) -> frozenset[str]:
    return frozenset(kind for kind, words in KINDS.items() if words.search(text))
