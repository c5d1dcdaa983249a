"""Nothing of what the bank knows of the client's money, and no sign that it looked."""

import re
from collections.abc import Iterator

from .findings import N_, Complaint, Facts, Severity, places
from .phrases import phrases
from .quantities import quantities
from .questions import prying_questions
from .registry import rule
from .telling import figures_told, number_of, phrase_told

WATCHED = phrases(
    "просроч*", "задолженност*", "закредитован*", "(кредитн*|долгов*|финансов*) нагрузк*",
    "вы (зарабатываете|тратите|должны банку|задолжали)", "вы получаете [около |примерно |ежемесячно ]#",
    "вы [так |очень ](часто|регулярно|постоянно|обычно|много|каждый день|каждый месяц) (платите|покупаете|снимаете)",
    "вы [так |очень ](часто|регулярно|постоянно|обычно|много|каждый день) (заправляетесь|тратите|ездите|переводите)",
    "(часто|много|регулярно|постоянно) (тратит|снимает|платит|покупает|заправляется)",
    "видно по (операци*|покупк*|выписк*)",
    "(хорошо|много|неплохо|мало) зарабатыва*", "проанализиров* ... (платеж*|операци*|покуп*|трат*|истори*)",
    "(была|были|был|заметна|видна) [крупн* |больш* ](покупк*|операци*|платеж*|трат*)",
    "(пришли|поступили|заканчиваются|закончились|кончились) деньги", "(мало|нет|много) денег", "вам пришл*",
    "вы оплатили",
    "зарплата [уже ](пришла|поступила)",
    "(вчера|недавно|вчерашн*|недавн*) ... (покупк*|операци*|потрат*|оплат*|перевод*)",
    "ваши (покупки|траты|операции|расходы|платежи) (показывают|говорят|выросли)",
    "вы (купили|потратили|сняли|перевели)",
    "у вас [сейчас ](хорош*|высок*|больш*|небольш*|стабильн*|низк*|много|мало) (зарплат*|доход*|денег|долг*|пенси*)",
    "(с|при) ваш(ей|им) (зарплат*|доход*|пенси*)", "денег на [вашем ](счету|счете)",
    "на [вашем ](счету|счете) ... денег",
    "(прибавк*|добавк*) к (пенсии|зарплате|окладу)", "последний раз вы", "в последний раз вы",
    "вы (заходили|покупали|платили|ездили|летали|заказывали|оплачивали|брали)",
    "учитывая [ваши |ваш |вашу ]* (поступлени*|оборот*|операци*|доход*|истори*)", "крупн* поступлени*",
    "мы (видим|заметили|обратили внимание)", "с деньгами [сейчас ](туго|трудно|сложно|тяжело|непросто)",
    "финансов* (трудност*|проблем*|сложност*)", "трудн* (период*|времен*|ситуаци*)",
    "на (карте|картах|счете|счетах|вкладе) [у ][вас |клиент* ][около |примерно |больше |более ]# (000|тыс*|млн|₽|руб*)",
    "вам не хватает (денег|до зарплаты)",
    "мы (видим|заметили|знаем|обратили внимание) ... (покуп*|трат*|операц*|плат*|зарплат*|доход*|счет*)",
    "мы (видим|заметили|знаем)[,] что (вы|у вас)", "я (вижу|знаю)[,] что у вас", "(вижу|видим)[,] что у вас",
    "(судя|исходя) (по|из) [вашим |вашей |ваших ](операци*|покупк*|трат*|данн*|истори*)",
    "на основ* [ваших |анализа ](операци*|данн*|покуп*|трат*)", "(мы|банк) проанализировал* ваш*",
    "(размер*|уровень|уровня|уровню) [вашей |вашего |ваш ](зарплат*|доход*|долг*)", "ваши долги", "(от|из) долгов",
    "(зарплат*|оклад*|доход*|пенси*|долг*|баланс*|остат*) [клиент* |примерно |около |в |больше |более |~]#",
    "на [вашем ]счет* ... (лежит|скопил*|накопил*)", "на [вашем ]счет* # (000|тыс*|млн|₽|руб*)",
    "кластер*", "(сегмент|сегмента|сегменте|сегменту)",
    "your (salary|income|debt*|balance|overdue|spending)", "overdue", "you (earn|spend|owe)",
    "we (see|noticed|know) ... (you|spend|pay|salary|purchases)", "we (see|noticed|know) [that ](you|your)",
)  # fmt: skip
OWN_MONEY = phrases(
    "(ваш*|свою|свой|своей|своим|своего) [большой |высокий |текущий ](зарплат*|доход*|заработ*|оклад*|долг*|баланс*)",
    "(ваш*|свой|своего) [большой ]остат*", "(хорош*|высок*|больш*|небольш*|низк*) (зарплат*|доход*|оклад*)",
)  # fmt: skip
"""Words of the product itself may be said of the client too: a salary project is about salaries."""
BRINGING_INCOME = ("deposit", "investment", "insurance")
AGE = re.compile(
    r"(?<!\w)(?:вам|вашем возрасте|в ваши|you are|aged?)\s+(\d{2})(?!\d)|"
    r"(?<![\w.,])(\d{2})(?:-?(?:ти|ми|и))?[\s-](?:лет|год)\w*|"
    r"(?<!\w)at (\d{2})(?!\w)",
    re.I,
)


@rule("secret.value", Severity.BLOCK, N_("a value of a secret field"))
def no_secret_value(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    """In any spelling: figures rounded, in thousands or millions, in words; words in any of their forms."""
    known = quantities(f"{facts.true_text} {facts.client.told}")
    hidden = (*facts.client.secrets, *facts.client.hidden_numbers)
    numbers = [number for value in hidden if (number := number_of(value)) is not None]
    figures = [said.span for said in figures_told(text, numbers, known)]
    words = [span for secret in facts.client.secrets for span in phrase_told(text, secret, facts.true_text)]
    for span in (*figures, *words):
        yield Complaint(N_("“%(words)s” gives away what the bank knows of the client."), _words(text, span), span)


@rule("secret.hint", Severity.BLOCK, N_("a hint at income, debts or watched purchases"))
def no_hint(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    own = facts.true_text.lower()
    asked = places(prying_questions(text, facts))  # A question gives nothing away; secret.question blocks it.
    for match in (*WATCHED.finditer(text), *OWN_MONEY.finditer(text)):
        if (
            match.start() in asked
            or match[0].lower() in own
            or (match.re is OWN_MONEY.pattern and _is_of_the_product(match[0], facts))
        ):
            continue
        yield Complaint(
            N_("“%(words)s” tells the client that the bank looked."), _words(text, match.span()), match.span()
        )


@rule("person.age", Severity.WARN, N_("the client’s age as a number"))
def no_age(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    age = facts.client.age
    known = quantities(facts.true_text)
    for match in AGE.finditer(text):
        years = match[match.lastindex or 0]
        if age is None or int(years) != int(age):
            continue
        if any(fact.kind == "months" and fact.written == int(years) for fact in known):
            continue
        yield Complaint(N_("“%(words)s” names the client’s age."), _words(text, match.span()), match.span())


def _is_of_the_product(words: str, facts: Facts) -> bool:
    """Whether "ваша зарплата" is what the product is about, or "ваш доход" what it brings."""
    stem = words.lower().split()[-1][:5]
    brings = facts.product.kind in BRINGING_INCOME and stem == "доход"
    return brings or bool(re.search(rf"(?<!\w){re.escape(stem)}", facts.true_text.lower()))


def _words(text: str, span: tuple[int, int]) -> dict[str, object]:
    return {"words": text[slice(*span)]}
