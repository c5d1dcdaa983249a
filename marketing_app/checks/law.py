"""What Russian law and a bank's lawyer ask of an advertisement: federal laws 38-FZ and 353-FZ, in rules that a person
can switch off. The lawyer has the last word."""

import re
from collections.abc import Iterator

from .findings import N_, Complaint, Facts, Severity
from .quantities import quantities
from .registry import rule

ADVERTISING = ("SMS", "PUSH", "EMAIL", "MOB_BANNER")
CREDIT = ("loan", "mortgage")
CREDIT_WARNING = "Оценивайте свои финансовые возможности и риски"
CREDIT_CONDITIONS = re.compile(r"изучите все условия кредита", re.I)
FULL_COST = re.compile(r"полн\w+ стоимост\w+ кредита|(?<!\w)ПСК(?!\w)", re.I)
CREDIT_CARD = re.compile(r"кредитн", re.I)
PROMISED_INCOME = re.compile(
    r"(?:гарантир\w*|гаранти\w*|обещаем|точно|наверняка|обязательно)[^.!?]{0,30}(?:доход\w*|прибыл\w*|заработ\w*|доходност\w*|рост\w*)|"
    r"(?:доход\w*|прибыл\w*|доходност\w*)[^.!?]{0,20}(?:гарантир\w*|обеспечен\w*)|без (?:всякого |какого-либо )?риск\w*|безрисков\w*|"
    r"надёжн\w+ доход\w*|стабильн\w+ доход\w*|(?:за прошлый|в прошлом) год\w*[^.!?]{0,30}(?:доход\w*|принес\w*|выросл\w*)|"
    r"guaranteed (?:income|return|profit)\w*|risk.free|no risk",
    re.IGNORECASE,
)
NEGATED = re.compile(r"(?:не|нет|not|no)\s+(?:\w+\s+)?$", re.IGNORECASE)
SUPERLATIVE = re.compile(
    r"(?<!\w)(?:лучш(?:ий|ая|ее|ие|его|ей|их|ую|им)|сам(?:ый|ая|ое|ые|ую|ого|ых)(?= \w+)|номер один|№ ?1|перв(?:ый|ая) в|единственн\w+|"
    r"уникальн\w+|самы\w+ выгодн\w+|выгоднее (?:всех|некуда)|непревзойдённ\w+|идеальн\w+|the best|number one|unique|unrivalled)(?!\w)",
    re.IGNORECASE,
)
UNSUBSCRIBE = re.compile(r"отпис\w*|отказ\w+ от рассылк\w*|unsubscribe", re.I)


@rule("law.bank_name", Severity.BLOCK, N_("the bank is not named"), channels=ADVERTISING)
def bank_is_named(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    if text.strip() and facts.bank and facts.bank.lower() not in text.lower():
        yield Complaint(N_("An advertisement names the bank: “%(bank)s”."), {"bank": facts.bank})


@rule(
    "law.credit_warning",
    Severity.BLOCK,
    N_("a credit without its warning"),
    channels=ADVERTISING,
    kinds=[*CREDIT, "card"],
)
def credit_is_warned_of(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    if _is_credit(facts) and text.strip() and CREDIT_WARNING.lower() not in text.lower():
        yield Complaint(N_("An advertisement of credit says: “%(warning)s”."), {"warning": CREDIT_WARNING})


@rule(
    "law.credit_conditions",
    Severity.BLOCK,
    N_("one condition of a credit without the others"),
    channels=ADVERTISING,
    kinds=[*CREDIT, "card"],
)
def all_conditions_or_none(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    named = [said for said in quantities(text) if said.kind in ("percent", "money", "months")]
    if _is_credit(facts) and named and not (FULL_COST.search(text) and CREDIT_CONDITIONS.search(text)):
        yield Complaint(
            N_(
                "“%(words)s” is a condition of the credit: name the full cost and where all conditions are, or none of them."
            ),
            {"words": text[slice(*named[0].span)]},
            named[0].span,
        )


@rule("law.invest_promise", Severity.BLOCK, N_("promised income"), kinds=["investment", "insurance"])
def promises_no_income(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    for match in PROMISED_INCOME.finditer(text):
        if not NEGATED.search(text[: match.start()]) and not re.search(r"(?<!\w)не(?!\w)", match[0]):
            yield Complaint(N_("“%(words)s” promises income."), {"words": match[0]}, match.span())


@rule("law.superlative", Severity.WARN, N_("the best, without proof"))
def proves_the_best(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    for match in SUPERLATIVE.finditer(text):
        if match[0].lower() not in facts.true_text.lower():
            yield Complaint(N_("“%(words)s” needs a criterion and a source."), {"words": match[0]}, match.span())


@rule("law.unsubscribe", Severity.WARN, N_("an e-mail without a way out"), channels=["EMAIL"])
def says_how_to_unsubscribe(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    if text.strip() and not UNSUBSCRIBE.search(text):
        yield Complaint(N_("The e-mail does not say how to unsubscribe."))


def _is_credit(facts: Facts) -> bool:
    return facts.product.kind in CREDIT or bool(CREDIT_CARD.search(facts.product.name))
