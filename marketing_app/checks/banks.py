"""Finds names of other banks. A word that ends in "банк", in any case and spelling, names another bank unless it is our
bank's name or a common word. Bank names without "банк" are listed."""

import re
from collections.abc import Iterator
from functools import lru_cache

from .findings import N_, Complaint, Facts, Severity, Span
from .morphology import is_known, is_name_only, readings
from .phrases import phrases
from .registry import rule

LISTED = phrases(
    "сбер(|а|у|ом|е)", "втб", "тинькофф*", "райффайзен*", "псб", "мкб", "ак барс*", "хоум кредит*", "уралсиб*",
    "русск* стандарт*", "юникредит*", "(альфа|почта|мтс|озон|ozon|яндекс|локо|связь|хоум) банк*",
    "sber", "vtb", "tinkoff", "raiffeisen*",
)  # fmt: skip
COMMON = frozenset(
    {
        "интернет", "онлайн", "мобильный", "мобайл", "веб", "смс", "телефон", "клиент", "видео", "центро", "пауэр",
        "повер", "вип", "internet", "online", "mobile", "web", "sms", "client", "piggy", "power", "data", "e", "vip",
    }
)  # fmt: skip
"""Common words that end in "банк" and name no bank: "интернет-банк"."""
NO_NAMES = frozenset({"your", "our", "the", "this", "that", "my", "any", "every", "another", "other", "each", "a"})
_BANK = r"(?:[Бб]анк|БАНК)(?:а|у|ом|е|и|ов|ам|ами|ах|А|У|ОМ|Е)?"
WORD = re.compile(r"«?(?<![\w-])\w[\w-]*»?")
ONE_WORD = re.compile(r"«?(?P<name>\w[\w-]*?)-?(?:банк(?:а|у|ом|е|и|ов|ам|ами|ах)?|bank)»?")
TWO_WORDS = re.compile(rf"«?(?<![\w-])(?P<name>[А-ЯЁA-Z][\w-]*)\s+(?P<bank>{_BANK}|Bank)(?![\w-])»?")
TITLED = re.compile(rf"(?<![\w-]){_BANK}\s+(?P<title>«[^«»\n]{{1,60}}»)")
ONE_LETTER_WORDS = frozenset("АВИКОСУЯ")
OF_WHOM = re.compile(r"(?:банка|банков)$", re.IGNORECASE)
"""Before the genitive stands something that belongs to the bank, not its name: "приложение банка"."""


@rule("fact.other_bank", Severity.BLOCK, N_("another bank"))
def no_other_bank(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    end = 0
    for start, stop in sorted(other_banks(text, facts), key=lambda span: (span[0], -span[1])):
        if start >= end:
            yield Complaint(N_("“%(name)s” is another bank."), {"name": text[start:stop].strip("«»")}, (start, stop))
            end = stop


def other_banks(text: str, facts: Facts) -> Iterator[Span]:
    """The spans where other banks are named; a span may occur twice."""
    known = _words_of(f"{facts.true_text} {facts.bank} {facts.client.told}".lower())
    for match in LISTED.finditer(text):
        if match[0].lower() not in f"{facts.true_text} {facts.bank}".lower():
            yield match.span()
    for word in WORD.finditer(text):
        one = ONE_WORD.fullmatch(word[0].lower())
        if one and one["name"] not in COMMON | known:
            yield word.span()
    for match in TWO_WORDS.finditer(text):
        if match["name"].lower() not in COMMON | NO_NAMES | known and _is_name(match["name"], match["bank"]):
            yield match.span()
    for match in TITLED.finditer(text):
        if not known.issuperset(re.findall(r"\w+", match["title"].lower())):
            yield match.span()


@lru_cache(maxsize=256)
def _words_of(known: str) -> frozenset[str]:
    """The words of `known`, and each of them without its ending "банк"."""
    words = re.findall(r"\w+", known)
    return frozenset(words) | {re.sub(r"(?:банк\w{0,3}|bank)$", "", word) for word in words}


def _is_name(word: str, bank: str) -> bool:
    """Whether a capitalised word before "банк" is a bank's name. It is one if it is an abbreviation, if the dictionary
    lacks it or knows it only as a name, or if it is a noun that "Банк" follows, as in "Почта Банк"."""
    if word.isupper() and word not in ONE_LETTER_WORDS:
        return True
    if word.isascii() or not is_known(word) or is_name_only(word):
        return True
    is_noun = any({"NOUN", "nomn"} <= reading for reading in readings(word))
    return is_noun and bank[0].isupper() and not OF_WHOM.match(bank)
