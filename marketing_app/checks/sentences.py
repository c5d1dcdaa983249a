"""Finds sentences that stop after a preposition or lack a verb, and sentences that repeat the opening: a small model
often writes such."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from ..llm.openings import opening_of
from .channel import GREETING
from .findings import N_, SENTENCE, Complaint, Facts, Severity, Span, has_words
from .language import HEAD_OF_EMAIL
from .morphology import lemmas, readings
from .phrases import phrases
from .registry import rule

WORD = re.compile(r"\w[\w-]*")
CAPTIONS = ("PUSH", "MOB_BANNER")
"""Channels where an infinitive alone is the caption of a button: "Оформить карту"."""
TERSE = ("SMS", *CAPTIONS)
"""Channels where a noun alone saves characters: "Оформление в приложении"."""
PREDICATES = frozenset({"PRED", "ADJS", "PRTS", "COMP"})
"""Predicates that need no finite verb: "можно", "готовы", "открыт", "проще"."""
FINITE = frozenset({"VERB"})
GOVERNING = frozenset(
    {
        "предложить", "помочь", "попробовать", "начать", "позволить", "успеть", "решить", "дать", "разрешить", "давать",
        "хотеть", "мочь", "собираться", "планировать", "стать", "помогать", "предлагать", "просить", "попросить",
        "уметь", "любить", "привыкнуть", "советовать", "приглашать", "пригласить", "обещать", "стоить", "остаться",
        "осталось", "прийти", "приходить", "зайти", "заходить", "возможность", "время", "право", "шанс", "способ",
        "повод", "желание", "решение", "готовый", "рад", "легко", "удобно", "просто", "сложно", "трудно", "быстро",
        "выгодно", "приятно", "важно",
    }
)  # fmt: skip
"""Words that an infinitive may follow."""
GOING = frozenset(
    {
        "заглянуть", "заглядывать", "зайти", "заходить", "войти", "входить", "перейти", "переходить", "вернуться",
        "добавить", "добавлять", "загрузить", "прислать", "отправить", "отправлять", "присылать", "прийти", "приходить",
        "пожаловать", "поступить", "поступать", "попасть", "вход", "внести", "выгрузить",
    }
)  # fmt: skip
"""Verbs that "в приложение" may follow. Others need "в приложении": a card is ordered there."""
INTO_THE_APP = re.compile(r"(?<!\w)в приложение(?!\w)", re.IGNORECASE)
LI_TOO_LATE = re.compile(r"(?<!\w)(?:вы|вас|вам|вами)\s+(?!вряд|едва|чуть)\w+\s+ли(?!\w)", re.IGNORECASE)
"""The particle comes after the first word: "Есть ли у вас", not "Для вас есть ли"."""
TWICE_WOULD = re.compile(r"(?<!\w)бы(?!\w)[^,;:.!?—–]*(?<!\w)бы(?!\w)", re.IGNORECASE)
ONLY_A_CLAUSE = re.compile(
    r"^\W*(?:(?:если|чтобы)\s+\w+\s[^,:;—–]*[.!?]|(?:когда|поскольку|хотя)\s+\w+\s[^,:;—–?]*[.!])$", re.IGNORECASE
)
"""A subordinate clause without its main clause: "Если у вас есть планы?" """
ONLY_ASKED_CLAUSES = re.compile(
    r"^\W*если\s+[^,:;—–?]*?(?P<last>\w+),\s+(?:что|как|где|когда|сколько|зачем|каки\w+|какой|какая|какое)\s"
    r"[^,:;—–]*\?$",
    re.IGNORECASE,
)
"""Two subordinate clauses without a main clause: "Если вам хочется узнать, что входит в полис?" """
LI_AFTER_A_QUESTION_WORD = re.compile(
    r"^\W*(?:как|насколько|сколько|где|куда|когда|почему|зачем|как(?:ой|ая|ое|ие|им|их))\s+(?:\w+\s+){0,2}"
    r"(?<!вряд )(?<!едва )(?<!чуть )ли(?!\w)",
    re.IGNORECASE,
)
ACTIONS = frozenset({"оформление", "подача", "заказ", "покупка", "получение", "просмотр", "подключение", "открытие"})
"""Nouns of actions, which need a verb beside a place: "Оформление полиса в приложении"."""
WITHOUT_SENSE = phrases(
    "(пополните|пополняйте|пополним|пополнить) [ваш |свой |этот |новый ](полис|страховк*|кредит|ипотек*|заявк*)",
    "(подай|подайте|подавайте|подать) (нам|мне) (заявк*|заявлени*)",
    "(сделайте|произведите) оплату",
    "отложите (срок|условия)",
    "обсудите с вами",
    "хотите[,] (помогите|расскажите|покажите|посмотрите|подскажите|посчитайте)",
    "посмотрите на полис",
    "подскажите мне",
    "посмотрите в приложении[,] и",
    "посмотрите в [мобильном ]приложении.",
    "заявк* на карте",
)
"""Verbs with an object that they cannot have."""
WITHOUT_OBJECT = re.compile(r"^\W*(?:закажите|заказывайте)\s+в\s+(?:мобильном\s+)?приложении\W*$", re.IGNORECASE)
"""A sentence that does not say what to order."""
THERE_IS = re.compile(r"^\W*(?:[аи]\s+)?(?:у|для)\s+(?:вас|нас|клиента)\s+есть\s+(?=\w)(?P<what>.*)", re.IGNORECASE)
FOR_YOU = re.compile(r"^\W*для вас\s.*\?$", re.IGNORECASE)
ASKED_ALONE = frozenset({"как", "что", "чем", "когда", "раз", "пока"})
"""Conjunctions that end a question: "Показать, как?" """
ENGLISH_HALVES = frozenset(
    {
        "and", "or", "but", "to", "for", "with", "of", "the", "a", "an", "in", "at", "if", "that", "your", "our",
        "from", "by",
    }
)  # fmt: skip
CONTENT = frozenset(
    {"NOUN", "ADJF", "ADJS", "VERB", "INFN", "PRTF", "PRTS", "GRND", "COMP", "NUMR", "NUMB", "LATN", "UNKN"}
)
"""Parts of speech that carry meaning; PRONOUNS and EMPTY are excluded."""
PRONOUNS = frozenset({"Apro", "NPRO"})
EMPTY = ENGLISH_HALVES | {
    "быть", "есть", "нет", "нужный", "подойти", "мочь", "you", "we", "us", "is", "are", "it", "this", "have",
}  # fmt: skip


@rule("language.sentence", Severity.WARN, N_("an incomplete sentence"))
def sentences_are_whole(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    """Skips our own opening, which the model did not write, and the head of an e-mail."""
    for start, end in _own_sentences(text, facts):
        sentence = text[start:end]
        is_broken = _is_broken(sentence, facts.channel.key) if facts.language == "ru" else _is_half_english(sentence)
        if is_broken:
            yield Complaint(N_("“%(words)s” is not a complete sentence."), {"words": sentence}, (start, end))
    for match in WITHOUT_SENSE.finditer(text) if facts.language == "ru" else ():
        yield Complaint(N_("“%(words)s” makes no sense."), {"words": match[0]}, match.span())


@rule("language.repeats_opening", Severity.WARN, N_("the opening said again"))
def opening_is_said_once(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    opening = HEAD_OF_EMAIL.sub("", opening_of(text, facts.openings))
    said = _content_of(opening)
    for start, end in _own_sentences(text, facts) if said else ():
        sentence = text[start:end]
        content = _content(sentence)
        is_greeting = GREETING.pattern.match(sentence) and GREETING.search(opening)
        if is_greeting or (content and all(not word.isdisjoint(said) for word in content)):
            yield Complaint(N_("“%(words)s” says again what the text begins with."), {"words": sentence}, (start, end))
            return


def _own_sentences(text: str, facts: Facts) -> Iterator[Span]:
    """The spans of the sentences after our opening."""
    heads = [match.span() for match in HEAD_OF_EMAIL.finditer(text)]
    begun = max(len(opening_of(text, facts.openings)), *(end for _start, end in heads), 0)
    for match in SENTENCE.finditer(text, begun):
        if has_words(match[0]):
            yield match.end() - len(match[0].lstrip()), match.end()


def _is_broken(sentence: str, channel: str) -> bool:
    words = [word.lower() for word in WORD.findall(sentence)]
    tests: list[Callable[[str, list[str]], bool]] = [
        _stops_half_way,
        _has_a_wrong_turn,
        _goes_on_wrongly,
        _asks_nothing,
    ]
    if channel not in CAPTIONS:
        tests.append(_is_bare)
    if channel not in TERSE:
        tests.append(_names_an_action)
    return any(test(sentence, words) for test in tests)


def _stops_half_way(sentence: str, words: list[str]) -> bool:
    """It ends with a preposition or a conjunction: "Хотите заказать карту с?" """
    if len(words) < 2 or sentence.rstrip()[-1:] not in (".", "!", "?", "…") or words[-1] in ASKED_ALONE:
        return words[-1:] == ["как"] and sentence.rstrip().endswith(".")
    return bool(readings(words[-1])[0] & {"PREP", "CONJ"}) and not _may_be(words[-1], {"ADVB"})


def _has_a_wrong_turn(sentence: str, words: list[str]) -> bool:
    """ "У вас есть в приложении", "Вы можете ли вам", "Если вы хотите.", "Закажите в приложение"."""
    there_is = THERE_IS.match(sentence)
    if there_is and not _names_something(WORD.findall(there_is["what"].lower())):
        return True
    if any(pattern.search(sentence) for pattern in (LI_TOO_LATE, TWICE_WOULD, ONLY_A_CLAUSE, WITHOUT_OBJECT)):
        return True
    if FOR_YOU.match(sentence) and not _has(words, PREDICATES | FINITE):
        return True
    into = INTO_THE_APP.search(sentence)
    before = [word.lower() for word in WORD.findall(sentence[: into.start()])] if into else []
    is_done = any(_may_be(word, {"impr"}) or _may_be(word, {"INFN"}) for word in before)
    return is_done and not any(lemmas(word) & GOING for word in before)


def _names_something(words: list[str]) -> bool:
    """Whether a word is there that depends on no preposition: "есть в приложении карта", not "есть на выбор"."""
    is_free = True
    for word in words:
        if readings(word)[0] & {"PREP"}:
            is_free = False
        elif is_free:
            return True
        else:
            is_free = "NOUN" in readings(word)[0] or _may_be(word, {"NPRO"})
    return False


def _goes_on_wrongly(sentence: str, words: list[str]) -> bool:
    """Whether an infinitive that nothing governs follows "и": "Посмотрите условия и оформить заявку"."""
    for at, word in enumerate(words[1:], start=1):
        if words[at - 1] == "и" and _is_infinitive(word):
            before = words[: at - 1]
            is_governed = any(_is_infinitive(each) or lemmas(each) & GOVERNING for each in before)
            return not is_governed and not _has(before, PREDICATES) and any(_may_be(each, {"impr"}) for each in before)
    return False


def _asks_nothing(sentence: str, _words: list[str]) -> bool:
    """ "Если вам хочется узнать, что входит в полис?", "Насколько выгодным ли вам кажется такой вклад?" """
    asked = ONLY_ASKED_CLAUSES.match(sentence)
    return bool(asked and _is_infinitive(asked["last"])) or bool(LI_AFTER_A_QUESTION_WORD.match(sentence))


def _names_an_action(_sentence: str, words: list[str]) -> bool:
    """Whether it consists of nouns, one of them an action, and a place: "Подробности и оформление в приложении"."""
    if ACTIONS.isdisjoint(words):
        return False
    first = [readings(word)[0] for word in words]
    return any("PREP" in reading for reading in first) and all(reading & {"NOUN", "PREP", "CONJ"} for reading in first)


def _is_bare(sentence: str, words: list[str]) -> bool:
    """It begins with an infinitive, asks nothing and has no other verb: "Показать как оформить в этом банке."."""
    if len(words) < 3 or sentence.rstrip().endswith("?") or "INFN" not in readings(words[0])[0]:
        return False
    return not _has(words, PREDICATES | FINITE) and not any(lemmas(word) & GOVERNING for word in words[1:])


def _is_half_english(sentence: str) -> bool:
    words = WORD.findall(sentence.lower())
    return len(words) > 1 and words[-1] in ENGLISH_HALVES and sentence.rstrip()[-1:] in ".!?…"


def _is_infinitive(word: str) -> bool:
    return all("INFN" in reading for reading in readings(word))


def _may_be(word: str, wanted: set[str]) -> bool:
    return any(wanted <= reading for reading in readings(word))


def _has(words: list[str], parts: frozenset[str]) -> bool:
    return any(reading & parts for word in words for reading in readings(word))


@lru_cache(maxsize=256)
def _content_of(text: str) -> frozenset[str]:
    return frozenset().union(*_content(text))


def _content(text: str) -> tuple[frozenset[str], ...]:
    """The lemmas of each word that carries meaning."""
    words = [word.lower() for word in WORD.findall(text)]
    return tuple(lemmas(word) for word in words if _says_something(word))


@lru_cache(maxsize=4096)
def _says_something(word: str) -> bool:
    first = readings(word)[0]
    return bool(first & CONTENT) and not first & PRONOUNS and lemmas(word).isdisjoint(EMPTY)
