"""Finds questions about debts, income, age or health. A bank does not ask its client: it knows, or may not know."""

import re
from collections.abc import Iterator
from functools import lru_cache

from .findings import N_, SENTENCE, Complaint, Facts, Severity, Span
from .phrases import Phrases, phrases
from .registry import rule

TOLD_TO_ASK = re.compile(
    r"(?<!\w)(?:спросите|узнайте|уточните|поинтересуйтесь|ask|find out)(?!\w)[^.!?…\n]*", re.IGNORECASE
)
"""An employee who is told to ask will ask the client."""
ASKED = phrases(
    # debts
    "(долг|долга|долги|долгов|долгам|долгах|долгами)",
    "(есть|нет|сколько|какая|какие|большая|бывают|бывали) ... (задолженност*|просроч*)",
    "(должны|задолжали) (банку|банкам|кому|ли|кому-нибудь|кому-то)", "сколько ... (должны|задолжали)",
    # income
    "(сколько|хорошо|много) ... зарабатыва*", "сколько зарабатыва*", "вы зарабатыва*",
    "сколько ... получает* (на руки|в месяц|зарплат*|пенси*)",
    "(какой|какая|какова|каков) [сейчас ](у вас|у клиента|у него|у нее|ваш|ваша) "
    "[сейчас |ежемесячн* |средн* |официальн* ](доход*|зарплат*|оклад*|заработ*|пенси*)",
    "(какой|какая) (доход|зарплата|оклад|заработок|пенсия) (у вас|у клиента|у него|у нее)",
    "какую (зарплату|пенсию)", "каким доходом",
    "(размер|размера|уровень|уровня) [вашей |вашего ](зарплат*|доход*|оклад*|пенси*)",
    "у (вас|клиента) [есть |ли ][постоянн* |стабильн* |официальн* |дополнительн* ](доход|заработок|подработка)",
    "(есть|имеется) ли [у вас |у клиента ][постоянн* |стабильн* |официальн* ](доход|заработок|подработка)",
    "(хватает|хватило|достаточно) [ли ][вам |у вас ][ли ][ваш* ](денег|зарплаты|пенсии|дохода|средств)",
    "(довольны|устраивает) [ли ][вы |вас ][ваш* |своей |своим ](зарплат*|доход*|оклад*|пенси*)",
    "(официально|где|кем) [ли ][вы ](работаете|трудоустроены)", "(работаете|трудоустроены) официально",
    "(вы|клиент) [уже ](пенсионер*|на пенсии)",
    "сколько [у вас |у клиента ](денег|накоплений|сбережений|накоплено)", "сколько ... (на счету|на счетах)",
    # age
    "сколько [сейчас |уже |полных ]лет (вам|клиенту|ему|ей)", "сколько (вам|клиенту|ему|ей) [сейчас |уже |полных ]лет",
    "(какой|каков) [у вас |у клиента |ваш ]возраст", "ваш возраст",
    "вам [уже ][есть |исполнилось |больше ]# (лет|год*)",
    "(когда|какого года|в каком году) [вы |клиент ](родились|рождения|родился|родилась)",
    "(год|дата|дату) [вашего ]рождения",
    # health
    "как [ваше |у вас со ](здоровье|здоровьем|самочувствие)", "вы себя чувствуете",
    "(чем|часто|давно) [ли ][вы ](болеете|болели)",
    "(болеете|здоровы|курите|пьете) ли", "вы (здоровы|больны|болеете|курите|беременны)", "на что жалуетесь",
    "(у вас|есть ли|бывают ли|имеются ли) ... (болезн*|заболевани*|диагноз*|инвалидност*|аллерги*)",
    "(давно|когда) [ли ][вы ]были у врача",
    # English
    "debt*", "overdue", "how much (do|does) * (earn|make|owe)", "(what is|what's) your (income|salary|age|wage*)",
    "how old are you", "your age", "(do|does) * have (any |a )(income|job|illness*|disease*|health *|disabilit*)",
    "how is your health", "are you (healthy|ill|sick|pregnant|employed|in debt)", "when were you born", "do you smoke",
)  # fmt: skip
OWN_LOANS = phrases(
    "(есть|сколько|какие) [ли ][у вас |у клиента ][сейчас |ещё |другие |других |действующ* |непогашенн* |открыт* ]"
    "(кредит|кредиты|кредитов|займы|займов|ипотека)",
    "(платите|выплачиваете|погасили|закрыли|погашаете) [ли ][вы ][сейчас |уже |ещё ][* ](кредит|кредиты|займы|ипотеку)",
    "(do|does) * have [any |other |a ](loan|loans|mortgage)",
)  # fmt: skip
"""Questions about existing loans, allowed where the product pays loans off."""
PAYING_OFF = phrases("рефинанс*", "действующ* кредит*", "прежн* кредит*", "кредит* другого банка", "refinanc*")


@rule("secret.question", Severity.BLOCK, N_("a question about debts, income, age or health"))
def does_not_pry(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    end = 0
    for start, stop in sorted(prying_questions(text, facts)):
        if start >= end:
            yield Complaint(
                N_("“%(words)s” asks what a bank does not ask."), {"words": text[start:stop]}, (start, stop)
            )
            end = stop


def prying_questions(text: str, facts: Facts) -> tuple[Span, ...]:
    """The spans of whole questions; a span may occur twice."""
    return _asking(text, bool(PAYING_OFF.search(facts.true_text)))


@lru_cache(maxsize=64)
def _asking(text: str, pays_off: bool) -> tuple[Span, ...]:
    forbidden: tuple[Phrases, ...] = (ASKED,) if pays_off else (ASKED, OWN_LOANS)
    questions = (match for match in SENTENCE.finditer(text) if "?" in match[0])
    spans = []
    for match in (*questions, *TOLD_TO_ASK.finditer(text)):
        asked = match[0].lstrip()
        if any(words.search(asked) for words in forbidden):
            spans.append((match.end() - len(asked), match.end()))
    return tuple(spans)
