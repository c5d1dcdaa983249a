"""Places, shops and people: none but those that the bank or the client's own data name."""

import re
from collections.abc import Iterator
from functools import lru_cache

from .banks import other_banks
from .facts import contacts_in
from .findings import N_, Complaint, Facts, Severity, Span, places
from .morphology import is_name_only, lemmas, lemmas_of
from .registry import rule
from .spelling import is_word

_WAY = (
    r"(?:[Уу]л\.|[Уу]лиц[аеуы]|[Пп]роспект\w{0,2}|[Пп]р-т\w?|[Пп]ер\.|[Пп]ереул(?:ок|к\w{1,2})|[Шш]оссе|"
    r"[Нн]абережн\w{2})"
)
ADDRESS = re.compile(
    rf"(?<!\w)(?:[Пп]о\s+адресу(?:\s*:\s*|\s+)(?:г\.\s*|{_WAY}\s*)?[А-ЯЁ][\w-]+|{_WAY}\s*[А-ЯЁ][\w-]+|"
    r"[Aa]t\s+\d+\s+[A-Z]\w+|[A-Z]\w+\s+(?:[Ss]treet|[Aa]venue))(?!\w)"
)
QUOTED = re.compile(r"«[А-ЯЁA-Z][^«»\n]{1,60}(?<![.?!…])»|“[А-ЯЁA-Z][^“”\n]{1,60}(?<![.?!…])”")
CAPITALISED = re.compile(r"(?<![\w@./-])[А-ЯЁ][а-яё]+(?:[-.][А-ЯЁ]?[а-яё]+){0,3}(?!\w)")
IN_A_SENTENCE = re.compile(r"\w[,;]? $")
OF_EVERYBODY = re.compile(
    r"(?:вы|вас|вами?|ваш\w{0,3}|приложени\w{1,3}|банк\w{0,2}|росси\w{1,3}|"
    r"нов(?:ый|ого|ому|ым|ом)|день|дн(?:я|ю|[её]м|е)|рождеств\w{1,2}|марта|ма[йя]|пасх\w{1,2}|маслениц\w{1,2})$",
    re.IGNORECASE,
)
"""Words that have a capital and name nobody: out of politeness, the country, holidays."""
ADDRESSES = re.compile(r"\s*(?:[А-ЯЁ][а-яё]+\s*)?[,!]")
"""What follows a name with which a text begins: "Анна Сергеевна, ..."."""
SPEAKER = re.compile(
    r"(?<!\w)(?:[Мм]еня\s+зовут|[Зз]овут\s+меня|[Вв]ас\s+беспокоит|[Вв]ам\s+(?:звонит|пишет)|[Ээ]то|[Сс]\s+уважением,?)(?:\s+[А-ЯЁ][а-яё-]+){1,3}|"
    r"(?<!\w)[А-ЯЁ][а-яё]+\s+меня\s+зовут"
)
"""Who writes or calls: people know their own names."""
LEAST_OF_ANOTHER = 6
"""From so many letters on, a name may match inside a known word: "Казахстан" where the product says "казахстанских"."""


@rule("fact.name", Severity.BLOCK, N_("places, shops and people that nobody named"))
def names_are_known(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    """Addresses, names in quotes and, in Russian, words with a capital letter that are no common words."""
    known = f"{facts.true_text} {facts.bank} {facts.client.told} {' '.join(facts.other_products)}".lower()
    named = sorted((*_places_and_titles(text), *_proper_names(text, facts.language)))
    apart = places((*(match.span() for match in contacts_in(text)), *other_banks(text, facts))) if named else ()
    end = 0
    for start, stop in named:
        words = text[start:stop]
        if start >= end and start not in apart and not _is_known(words, known):
            yield Complaint(N_("“%(words)s” is a name that nobody gave."), {"words": words}, (start, stop))
            end = stop


def _places_and_titles(text: str) -> Iterator[Span]:
    return (match.span() for pattern in (ADDRESS, QUOTED) for match in pattern.finditer(text))


def _proper_names(text: str, language: str) -> Iterator[Span]:
    """Finds names by their capital letter. Every sentence begins with one, so the first word counts only if it
    addresses somebody or can be nothing but a name."""
    speakers = places(match.span() for match in SPEAKER.finditer(text))
    for match in CAPITALISED.finditer(text) if language == "ru" else ():
        if match.start() in speakers or OF_EVERYBODY.match(match[0]):
            continue
        is_spoken_to = ADDRESSES.match(text, match.end()) and not is_word(match[0].lower())
        is_within = IN_A_SENTENCE.search(text[max(0, match.start() - 3) : match.start()])
        if is_within or is_spoken_to or is_name_only(match[0]):
            yield match.span()


def _is_known(words: str, known: str) -> bool:
    """Whether the lemma of every word of the name is known. A common beginning is not enough: "верный" does not make
    "Вера" known."""
    ours = _lemmas_in(known)
    return all(
        not (forms := lemmas(word)).isdisjoint(ours) or any(_is_within(form, known) for form in forms)
        for word in re.findall(r"\w+", words)
    )


@lru_cache(maxsize=256)
def _lemmas_in(known: str) -> frozenset[str]:
    return lemmas_of(re.findall(r"\w+", known))


def _is_within(lemma: str, known: str) -> bool:
    return len(lemma) >= LEAST_OF_ANOTHER and bool(re.search(rf"(?<!\w){re.escape(lemma)}", known))
