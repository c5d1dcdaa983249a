"""What Russian law and a bank's lawyer ask of an advertisement: federal laws 38-FZ and 353-FZ, in rules that a person
can switch off. The lawyer has the last word.

An advertisement is the model's text with the channel's ending: a warning that the ending gives need not be repeated.
"""

import re
from collections.abc import Iterator

from .findings import N_, Complaint, Facts, Severity, Span, has_words
from .phrases import phrases
from .quantities import Quantity, quantities
from .registry import rule

ADVERTISING = ("SMS", "PUSH", "EMAIL", "MOB_BANNER")
CREDIT = ("loan", "mortgage")
CREDIT_WARNING = "Оценивайте свои финансовые возможности и риски"
CREDIT_CONDITIONS = phrases("изучите все условия кредита", "study all conditions of the loan")
FULL_COST = phrases("полн* стоимост* кредита", "ПСК", "full cost of the loan")
CREDIT_CARD = phrases("кредитн*", "credit")
LEAST_SUM = 10_000
"""A number without a unit that is a sum of money: "кредит, 3 млн"."""
CLIENTS_OWN = phrases("зарплат*", "доход*", "долг*", "пенси*", "income", "salary", "debt*")
CLAUSE_END = re.compile(r"[.!?;:](?!\d)|,(?!\d)|\s[—–]\s")
LONGEST_CLAUSE = 120
PURCHASE_REWARD = phrases("к(е|э)шб(е|э)к*", "возвра*", "верн*", "cashback", "cash back")
INTEREST_FREE = phrases("льготн*", "без процентов", "беспроцентн*", "interest(-| )free", "grace")
PROMISED_INCOME = phrases(
    "(гарант*|обещаем|точно|наверняка|обязательно|стопроцентн*) ... (доход*|прибыл*|заработ*|рост|роста|вырас*)",
    "(доход*|прибыл*|рост*) ... (гарант*|обеспечен*|обещаем)", "(доход*|прибыл*|рост*)[,] (гарант*|обеспечен*|обещаем)",
    "без [всякого |всяких |какого-либо |малейшего ]риск*", "безрисков*", "ничем не рискуете", "риска нет",
    "(заработ*|доход*|прибыл*) (наверняка|точно|обязательно|гарантированно)",
    "деньги (будут расти|вырастут|растут|сделают)",
    "(капитал|вложения|сбережения) (вырас*|будут расти|растут)", "(удвоит*|утроит*|умножит*)",
    "доход* ... обеспечен*", "вы заработаете",
    "(всегда|только|постоянно) (раст*|дорожа*)", "(останетесь|будете|всегда) в плюсе", "ничего не потеряете",
    "не прогадаете",
    "(удвоим|приумножим|увеличим) (ваш*|деньги|капитал|вложени*)", "(получите|принесет|принесут) [вам ]прибыль",
    "(приносят|принесут|принесет|дают|дадут|даст) ... (доход*|прибыл*)", "заработа(йте|ть) на", "не проигрыва*",
    "(капитал|деньги|вложения|портфель)[,] [который |которые ]не (уменьш*|обесцен*|сгор*|потеря*|пропад*)",
    "[так же |такой же |также ](надежно|надежный)[,] как вклад", "так же надежно",
    "как вклад[,] только (выгоднее|лучше)",
    "(спас*|защит*|обгон*|обгоня*) ... инфляци*",
    "(пассивн*|надежн*|стабильн*|постоянн*|уверенн*) (доход*|прибыл*|заработ*)",
    "(за прошлый|в прошлом|за последн*) (год*|год) ... (доход*|прибыл*|принес*|выросл*|заработ*)",
    "(больше|доходнее)[,] чем в прошлом году", "(всегда|только) раст(ет|ут)",
    "guaranteed (income|return*|profit*)", "risk(-| )free", "no risk", "you will (surely |certainly )earn",
)  # fmt: skip
DENIED = re.compile(r"(?<!\w)(?:не|not)\s+(?:гарант|обеспеч|обещ|guarant)", re.IGNORECASE)
SUPERLATIVE = phrases(
    "лучш(ий|ая|ее|ие|его|ей|их|ую|им|ими|ем|ему)", "наилучш*", "сам(ый|ая|ые|ую|ого|ых|ой|ым|ыми|ом) *",
    "самое (выгодн*|лучш*|надежн*|низк*|высок*|быстр*|прост*|удобн*|большое|доступн*)", "номер один", "№ 1", "№1",
    "перв(ый|ая) в (стране|мире|городе|россии|банке)", "единственн*", "уникальн*", "непревзойденн*", "лидер рынка",
    "выгоднее (всех|некуда|не найти)", "(выгоднее|лучше) ... не (найти|найдете)",
    "не (найти|найдете) (выгоднее|лучше)", "нигде выгоднее", "нет [больше ]ни у кого", "нет больше нигде",
    "ни в одном банке", "(лучше|выгоднее)[,] чем у других", "(наибольш*|наименьш*|наивысш*) *",
    "the best", "number one", "unique", "unrivalled", "the (lowest|highest|cheapest)",
)  # fmt: skip
UNSUBSCRIBE = phrases("отпис*", "отказ* от рассыл*", "unsubscribe")


@rule("law.bank_name", Severity.BLOCK, N_("the bank is not named"), channels=ADVERTISING)
def bank_is_named(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    if has_words(text) and facts.bank and facts.bank.lower() not in facts.whole(text).lower():
        yield Complaint(N_("An advertisement names the bank: “%(bank)s”."), {"bank": facts.bank})


@rule(
    "law.credit_warning",
    Severity.BLOCK,
    N_("a credit without its warning"),
    channels=ADVERTISING,
    kinds=[*CREDIT, "card"],
)
def credit_is_warned_of(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    if _is_credit(facts) and has_words(text) and CREDIT_WARNING.lower() not in facts.whole(text).lower():
        yield Complaint(N_("An advertisement of credit says: “%(warning)s”."), {"warning": CREDIT_WARNING})


@rule(
    "law.credit_conditions",
    Severity.BLOCK,
    N_("one condition of a credit without the others"),
    channels=ADVERTISING,
    kinds=[*CREDIT, "card"],
)
def all_conditions_or_none(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    whole = facts.whole(text)
    if not _is_credit(facts) or (FULL_COST.search(whole) and CREDIT_CONDITIONS.search(whole)):
        return
    named = next((said for said in quantities(text) if _is_condition(said, text)), None)
    if named:
        yield Complaint(
            N_("“%(words)s” is a condition of the credit: name its full cost and where all conditions are, or none."),
            {"words": text[slice(*named.span)]},
            named.span,
        )


@rule("law.invest_promise", Severity.BLOCK, N_("promised income"), kinds=["investment", "insurance"])
def promises_no_income(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    for match in PROMISED_INCOME.finditer(text):
        before = max(0, match.start() - len("не "))
        if not DENIED.search(text[before : match.end()]):
            yield Complaint(N_("“%(words)s” promises income."), {"words": match[0]}, match.span())


@rule("law.superlative", Severity.WARN, N_("the best, without proof"))
def proves_the_best(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    for match in SUPERLATIVE.finditer(text):
        if match[0].lower() not in facts.true_text.lower():
            yield Complaint(N_("“%(words)s” needs a criterion and a source."), {"words": match[0]}, match.span())


@rule("law.unsubscribe", Severity.BLOCK, N_("an e-mail without a way out"), channels=["EMAIL"])
def says_how_to_unsubscribe(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    if has_words(text) and not UNSUBSCRIBE.search(facts.whole(text)):
        yield Complaint(N_("The e-mail does not say how to unsubscribe."))


def _is_credit(facts: Facts) -> bool:
    return facts.product.kind in CREDIT or bool(CREDIT_CARD.search(facts.product.name))


def _is_condition(said: Quantity, text: str) -> bool:
    """A rate, a sum or a term; not what purchases give back, what the client earns, how long a decision takes."""
    clause = _clause(text, said.span)
    if PURCHASE_REWARD.search(clause) or CLIENTS_OWN.search(clause):
        return False
    if said.kind == "number":
        return said.value >= LEAST_SUM
    return said.kind in ("percent", "money", "months") or (said.kind == "days" and bool(INTEREST_FREE.search(clause)))


def _clause(text: str, span: Span) -> str:
    """The words around a number, up to the nearest marks; a decimal comma is none."""
    before, after = text[max(0, span[0] - LONGEST_CLAUSE) : span[0]], text[span[1] : span[1] + LONGEST_CLAUSE]
    start = max((mark.end() for mark in CLAUSE_END.finditer(before)), default=0)
    end = CLAUSE_END.search(after)
    return before[start:] + text[slice(*span)] + (after[: end.start()] if end else after)
