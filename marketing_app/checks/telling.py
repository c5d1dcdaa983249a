"""What a text tells of a client: a value that the bank knows of them, in any spelling, and what nobody can vouch for.

The rules on secrets and the choice of examples for other clients' prompts share these functions. A rule blocks a text
of the client's own; an example goes to everybody, so it is held against every value and any doubt excludes it.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from .findings import Facts, Settings, Span
from .morphology import NAMES, is_known, is_name_only, lemmas, lemmas_of, readings
from .quantities import Quantity, quantities
from .registry import RULES, check

LEAST_TELLING = 100
"""A smaller figure tells only beside a word of its field: "два вклада" and not "два клика"."""
MOST_WORDS_BETWEEN = 3
SHORTEST_STEM = 4
"""Letters of a word that find it with any ending and suffix: "москвича" tells of Moscow."""
SHORTEST_CODE = 3
LONGEST_VALUE = 5_000
"""Characters. Each word of a value is looked for in every form: a longer value would take seconds for every text, so
whoever has one tells of it, whatever the text says."""
VOUCHING = frozenset({"fact.name", "fact.number", "fact.contact", "person.gender", "secret.hint"})
"""Rules that complain of what the bank's own words do not explain, whoever the client is."""

_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]{2,}")
_ENGLISH = re.compile(r"[a-z]+", re.IGNORECASE)
_ENGLISH_NAME = re.compile(r"(?<=[\w,] )[A-Z][a-z]+(?!\w)|(?:(?<=^)|(?<=[.!?] ))[A-Z][a-z]+(?=[,!])")
_SAID_TO_ALL = frozenset({"dear", "good", "hello", "hi", "mr", "mrs", "ms", "now", "sir", "today", "welcome"})
_SENTENCE = re.compile(r"[^.!?…\n]+")
_NAME_LABEL = re.compile(
    r"(?<!\w)(?:имя|фамили|отчеств|фио|обращени|(?:first |last |full )?name|surname)", re.IGNORECASE
)
_PARTICLES = frozenset({"PREP", "CONJ", "PRCL", "NPRO", "PRED", "INTJ", "NUMR"})
_ENGLISH_PARTICLES = frozenset(
    {"a", "an", "and", "at", "by", "for", "from", "has", "in", "is", "no", "not", "of", "on", "or", "the", "to", "with"}
)
_KINDS_OF_PLACES = frozenset(
    {"город", "область", "республика", "край", "район", "округ", "посёлок", "село", "city", "region", "district"}
)
_YES, _NO = frozenset({"да", "есть", "yes"}), frozenset({"нет", "no", "none"})


@dataclass(frozen=True)
class Value:
    """What is known of a client in one field. `raw` is the value as loaded, `word` what a prompt says for it where that
    is something else: the word of a code, or with `is_band` the words of a band, which tell nothing by themselves."""

    label: str
    raw: object
    word: str = ""
    is_band: bool = False


@dataclass(frozen=True)
class Telling:
    """Words of a text that tell something; `label` is the field, "" where the words are nobody's known value."""

    label: str
    span: Span


def first_telling(text: str, values: Iterable[Value], facts: Facts) -> Telling | None:
    """What a text tells of the client with these values, or whatever the words of the product, the occasion and the
    bank do not explain; None where anybody may read the text.

    `facts.client` says what may be told of the client to everybody.
    """
    own = lemmas_of(_words(f"{facts.true_text} {facts.bank} {facts.angle.text} {facts.client.told}".lower()))
    known = quantities(facts.true_text)
    for value in values:
        if len(str(value.raw)) > LONGEST_VALUE:
            return Telling(value.label, (0, len(text)))
        if span := _place_of(value, text, own, known):
            return Telling(value.label, span)
    return next((Telling("", span or (0, len(text))) for span in _unexplained(text, facts, own)), None)


def figures_told(text: str, numbers: Collection[Decimal], known: Sequence[Quantity]) -> Iterator[Quantity]:
    """The figures of a text that are one of the numbers, also rounded, in thousands and in words; `known` ones are
    nobody's secret."""
    for said in quantities(text):
        if not any(said.is_of(fact) for fact in known) and any(_is_rounded(said.written, number) for number in numbers):
            yield said


def phrase_told(text: str, value: object, own: str) -> Iterator[Span]:
    """Where the words of a value stand together, in any of their forms: a cluster without its letter and numbers.

    "Есть" and "высокий" by themselves are said of anything.
    """
    wanted = _words(str(value))
    found = list(_phrases(text, wanted)) if wanted else []
    if not found or (len(wanted) == 1 and (wanted[0].lower() in _YES | _NO or _is_adjective(wanted[0]))):
        return
    if _telling_words(str(value)) and not any(_phrases(own, wanted)):
        yield from found


def number_of(value: object) -> Decimal | None:
    """The number that a value is, whichever way it was loaded."""
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(re.sub(r"\s", "", str(value)).replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _unexplained(text: str, facts: Facts, own: frozenset[str]) -> Iterator[Span | None]:
    """English has capitals inside a sentence for names alone; the rule on names leaves them to people."""
    only = Settings(switched_off=frozenset(RULES) - VOUCHING)
    yield from (finding.span for finding in check(text, facts, only))
    for match in _ENGLISH_NAME.finditer(text) if facts.language == "en" else ():
        if match[0].lower() not in _SAID_TO_ALL and match[0].lower() not in own:
            yield match.span()


def _place_of(value: Value, text: str, own: frozenset[str], known: Sequence[Quantity]) -> Span | None:
    word = value.word or " ".join(str(value.raw).split())
    number = None if value.word else number_of(value.raw)
    if number is not None:
        return _place_of_number(number, value.label, text, known)
    if word.lower() in _NO:
        return None
    if word.lower() in _YES:
        return _place_of_words(value.label, text, own, is_name=False)
    if value.is_band:
        return _place_beside(word, value.label, text)
    if day := _day_of(value.raw):
        dates = (said for said in quantities(text) if said.kind == "date" and said.value == day)
        return next((said.span for said in dates if not any(said.is_of(fact) for fact in known)), None)
    if len(word) >= SHORTEST_CODE and _DIGIT.search(word) and (whole := _whole(word).search(text)):
        return whole.span()
    return _place_of_words(word, text, own, is_name=bool(_NAME_LABEL.search(value.label)))


@lru_cache(maxsize=4096)
def _whole(word: str) -> re.Pattern[str]:
    """Finds an id or a code as it is written."""
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)


def _place_of_number(number: Decimal, label: str, text: str, known: Sequence[Quantity]) -> Span | None:
    for said in figures_told(text, [number], known):
        return said.span
    field = lemmas_of(word for word in _telling_words(label))
    for said in quantities(text):
        after = _words(text[said.span[1] :])[:MOST_WORDS_BETWEEN]
        is_own = any(said.is_of(fact) for fact in known)
        if said.written == number and not is_own and not field.isdisjoint(lemmas_of(after)):
            return said.span
    return None


def _place_beside(word: str, label: str, text: str) -> Span | None:
    """Where the words of a value and a word of its field stand in one sentence."""
    wanted, field = _telling_words(word), lemmas_of(_telling_words(label))
    for sentence in _SENTENCE.finditer(text):
        said = lemmas_of(_words(sentence[0]))
        if wanted and all(not lemmas(each).isdisjoint(said) for each in wanted) and not field.isdisjoint(said):
            return sentence.span()
    return None


def _place_of_words(value: str, text: str, own: frozenset[str], *, is_name: bool) -> Span | None:
    """Where any telling word of the value stands that the bank's own words do not have."""
    wanted = [each for each in _telling_words(value, is_name=is_name) if is_name or lemmas(each).isdisjoint(own)]
    for said in _WORD.finditer(text):
        if any(_is_form(said[0], each, is_name=is_name) for each in wanted):
            return said.span()
    return None


@lru_cache(maxsize=4096)
def _telling_words(value: str, *, is_name: bool = False) -> tuple[str, ...]:
    """The words of a value that mean something by themselves: every word of a name, else no prepositions, no "город",
    and no lower-case adjective where there is a noun ("связь" of "мобильная связь")."""
    found = _words(value)
    if is_name:
        return tuple(found)
    found = [word for word in found if not _is_particle(word) and word.lower() not in _KINDS_OF_PLACES]
    has_noun = any("NOUN" in _likeliest(word) for word in found)
    return tuple(word for word in found if not (has_noun and _is_adjective(word)))


def _is_adjective(word: str) -> bool:
    """One with a capital may be a name: "Московская"."""
    return word.islower() and "ADJF" in _likeliest(word)


def _is_particle(word: str) -> bool:
    if _ENGLISH.fullmatch(word):
        return word.lower() in _ENGLISH_PARTICLES
    return not _likeliest(word).isdisjoint(_PARTICLES)


def _likeliest(word: str) -> frozenset[str]:
    return next(iter(readings(word)), frozenset())


def _is_form(said: str, word: str, *, is_name: bool = False) -> bool:
    """Whether a word of a text is a form of a value's word. A name that is a common word as well ("вера") is meant only
    with a capital letter."""
    low, other = _folded(said), _folded(word)
    if low[0] != other[0]:
        return False
    if low == other or not lemmas(low).isdisjoint(lemmas(other)):
        return not (_may_be_name(word, is_name) and said.islower() and not is_name_only(low) and is_known(low))
    if _may_be_name(word, is_name):
        is_near = low[: len(other) - 1] == other[:-1] and len(low) <= len(other) + MOST_WORDS_BETWEEN
        return is_near and said[0].isupper() and not is_known(low)
    return len(other) > SHORTEST_STEM and low.startswith(other[: max(SHORTEST_STEM, len(other) - 2)])


def _may_be_name(word: str, is_name: bool) -> bool:
    return is_name or any(not grammemes.isdisjoint(NAMES) for grammemes in readings(word))


def _phrases(text: str, wanted: Sequence[str]) -> Iterator[Span]:
    said = list(_WORD.finditer(text))
    for at in range(len(said) - len(wanted) + 1):
        run = said[at : at + len(wanted)]
        if all(_is_form(match[0], word) for match, word in zip(run, wanted, strict=True)):
            yield run[0].start(), run[-1].end()


def _is_rounded(said: Decimal, secret: Decimal) -> bool:
    """Whether a figure is the secret, or the secret rounded up or down to two digits or more."""
    if abs(secret) < LEAST_TELLING or said.adjusted() not in (secret.adjusted(), secret.adjusted() + 1):
        return False
    return any(
        said == secret.quantize(Decimal(1).scaleb(secret.adjusted() - digits + 1), rounding)
        for digits in range(2, 10)
        for rounding in (ROUND_FLOOR, ROUND_CEILING, ROUND_HALF_UP)
    )


def _day_of(value: object) -> int | None:
    """A date as `quantities` has it: month and day."""
    try:
        day = date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
    return day.month * 100 + day.day


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _folded(word: str) -> str:
    return word.lower().replace("ё", "е")
