"""Nothing of what the bank knows of the client's money, and no sign that it looked."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from .findings import N_, Complaint, Facts, Severity
from .quantities import quantities
from .registry import rule

LEAST_TELLING = 100
"""Smaller figures are too common to give anything away by themselves; as numbers of no product they are found anyway."""
SHORTEST_TELLING = 4

HINTS = re.compile(
    r"(?:ваш\w*|вашей|свою|свой|своей) (?:зарплат\w*|доход\w*|заработ\w*|оклад\w*|долг\w*|задолженност\w*|баланс\w*|остат\w*)|"
    r"(?:размер\w*|уровен\w*|уровня) (?:ваш\w+ )?(?:зарплат\w*|доход\w*)|"
    r"просроч\w*|задолженност\w*|закредитован\w*|кредитн\w+ нагрузк\w*|долгов\w+ нагрузк\w*|"
    r"вы (?:получаете|зарабатываете|тратите|должны банку|снимаете|часто платите)|ваш\w* (?:расход\w*|трат\w*)|"
    r"мы (?:видим|заметили|знаем|обратили внимание)[^.!?]{0,40}(?:покуп|трат|операц|плат|зарплат|счет|счёт|вы )\w*|"
    r"судя по (?:вашим )?(?:операц|покупк|трат|данн)\w*|на основ\w+ (?:ваших )?(?:операц|данн|покуп)\w*|"
    r"(?<!\w)кластер\w*|(?<!\w)сегмент\w*|"
    r"your (?:salary|income|debts?|balance|overdue|spending)|overdue|we (?:see|noticed|know)[^.!?]{0,40}(?:you|spend|pay)",
    re.IGNORECASE,
)
AGE = re.compile(
    r"(?:вам|вашем возрасте|в ваши|в|you are|aged?|at) (\d{2})(?:-?(?:ти|ми))?(?: (?:лет|год|года|years?))?", re.I
)
CLUSTER_CORE = re.compile(r"^\w\.\s*|\s*\([\d,\s]+\)$")


@rule("secret.value", Severity.BLOCK, N_("a value of a secret field"))
def no_secret_value(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    """In any spelling: rounded, in thousands or millions, in words."""
    known = quantities(facts.true_text)
    numbers = [
        number for secret in (*facts.client.secrets, *facts.client.hidden_numbers) if (number := _number(secret))
    ]
    for said in quantities(text):
        if any(said.is_of(fact) for fact in known):
            continue
        if any(_tells(said.value, number) for number in numbers):
            yield Complaint(
                N_("“%(words)s” gives away what the bank knows of the client."), _words(text, said.span), said.span
            )
    for secret in facts.client.secrets:
        yield from _spelled(text, secret)


@rule("secret.hint", Severity.BLOCK, N_("a hint at income, debts or watched purchases"))
def no_hint(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    own = facts.true_text.lower()
    for match in HINTS.finditer(text):
        if match[0].lower() not in own:
            yield Complaint(
                N_("“%(words)s” tells the client that the bank looked."), _words(text, match.span()), match.span()
            )


@rule("person.age", Severity.WARN, N_("the client’s age as a number"))
def no_age(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    age = facts.client.age
    for match in AGE.finditer(text):
        if age is not None and int(match[1]) == int(age):
            yield Complaint(N_("“%(words)s” names the client’s age."), _words(text, match.span()), match.span())


def _spelled(text: str, secret: object) -> Iterator[Complaint]:
    """A secret that is words: whole, or without the letter and numbers that a cluster's name has around it."""
    words = CLUSTER_CORE.sub("", str(secret)).strip()
    if len(words) < SHORTEST_TELLING or _number(secret) is not None:
        return
    for match in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.IGNORECASE):
        yield Complaint(
            N_("“%(words)s” gives away what the bank knows of the client."), _words(text, match.span()), match.span()
        )


def _number(value: object) -> Decimal | None:
    try:
        number = Decimal(str(value).replace(",", ".").replace(" ", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _tells(said: Decimal, secret: Decimal) -> bool:
    """Whether a figure is the secret, or the secret rounded to two digits or more."""
    if abs(secret) < LEAST_TELLING:
        return False
    return any(said == _rounded(secret, digits) for digits in range(2, 12))


def _rounded(number: Decimal, digits: int) -> Decimal:
    return round(number, digits - number.adjusted() - 1)


def _words(text: str, span: tuple[int, int]) -> dict[str, object]:
    return {"words": text[slice(*span)]}
