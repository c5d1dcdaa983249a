"""A text in good Russian or English: one language, whole sentences, nothing left over, the client rightly addressed."""

import re
from collections.abc import Iterator

from .findings import N_, Complaint, Facts, Severity
from .registry import rule

LATIN_WORD = re.compile(r"(?<![\w@./-])[A-Za-z]{2,}(?![\w@]|\.\w)")
CYRILLIC_WORD = re.compile(r"(?<!\w)[А-Яа-яЁё]{2,}(?!\w)")
MIXED_WORD = re.compile(r"(?<!\w)(?=\w*[A-Za-z])(?=\w*[А-Яа-яЁё])\w+(?!\w)")
LISTED = frozenset(
    {
        "sms",
        "push",
        "email",
        "e-mail",
        "online",
        "visa",
        "mir",
        "mastercard",
        "sim",
        "qr",
        "id",
        "pay",
        "nfc",
        "app",
        "store",
    }
)
LEFTOVER = re.compile(
    r"\{[^}]*\}|\[[^\]]*\]|<[^>]*>|\*\*|__|```|#{2,}|%\(\w+\)|\bNULL\b|\bNone\b|\bnan\b|\bundefined\b|"
    r"(?:^|\n)\s*(?:Текст|Клиент|Продукт|Просьба|Канал|Повод|Text|Client|Product|Request|Channel|Occasion)\s*:|"
    r"(?<!\w)(?:имя клиента|название банка|ваше имя|вставьте|lorem ipsum|your name|bank name)(?!\w)",
    re.IGNORECASE,
)
MARKS = re.compile(r"!{2,}|\?{2,}|[!?]{3,}")
CAPITALS = re.compile(r"(?<!\w)[А-ЯЁA-Z]{6,}(?!\w)")
END = re.compile(r"[.!?…»\")]\s*$")
OBEDIENCE = re.compile(
    r"игнорир\w+|инструкци\w*|систем\w+ (?:сообщени|промпт|подсказк)\w*|как языковая модель|я (?:—|-) (?:ии|нейросет\w*|модель)|"
    r"ignore (?:all|any|the|previous)|system prompt|as an ai|language model|promocode|взлом\w*",
    re.IGNORECASE,
)
TO_WOMEN = re.compile(r"(?<!\w)(?:уважаемая|дорогая|сама|готова|рада|уверена|должна)(?!\w)", re.I)
DEAR_MAN = re.compile(r"(?<!\w)(?:уважаемый|дорогой)(?! клиент)(?!\w)", re.I)
FAMILIAR = re.compile(r"(?<!\w)(?:ты|тебе|тебя|твой|твоя|твоё|твои|твоего|твоей|тобой)(?!\w)", re.I)


@rule("language.empty", Severity.BLOCK, N_("no text"))
def has_text(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    if not re.search(r"\w", text):
        yield Complaint(N_("There is no text."))


@rule("language.mixture", Severity.BLOCK, N_("words of another language"))
def one_language(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    known = {word.lower() for word in LATIN_WORD.findall(f"{facts.true_text} {facts.bank}")} | LISTED
    foreign = LATIN_WORD if facts.language == "ru" else CYRILLIC_WORD
    true = f"{facts.true_text} {facts.bank}".lower()
    for match in foreign.finditer(text):
        if match[0].lower() not in known and match[0].lower() not in true:
            yield Complaint(N_("“%(words)s” is a word of another language."), {"words": match[0]}, match.span())
    for match in MIXED_WORD.finditer(text):
        yield Complaint(N_("“%(words)s” mixes two alphabets."), {"words": match[0]}, match.span())


@rule("language.leftover", Severity.BLOCK, N_("a placeholder, markup or words of the prompt left over"))
def nothing_left_over(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    for match in LEFTOVER.finditer(text):
        yield Complaint(
            N_("“%(words)s” is left over from a template or the prompt."), {"words": match[0].strip()}, match.span()
        )


@rule("language.obedience", Severity.BLOCK, N_("an answer to an instruction hidden in the client’s data"))
def speaks_to_the_client(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    for match in OBEDIENCE.finditer(text):
        yield Complaint(N_("“%(words)s” is not said to a client."), {"words": match[0]}, match.span())


@rule("language.repetition", Severity.BLOCK, N_("three words in a row said twice"))
def no_repetition(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    words = list(re.finditer(r"\w+", text.lower()))
    seen: set[tuple[str, ...]] = set()
    for at in range(len(words) - 2):
        run = tuple(word[0] for word in words[at : at + 3])
        span = words[at].start(), words[at + 2].end()
        if run in seen and not any(character.isdigit() for word in run for character in word):
            yield Complaint(N_("“%(words)s” is said twice."), {"words": text[slice(*span)]}, span)
            return
        seen.add(run)


@rule("language.end", Severity.WARN, N_("a text that breaks off"))
def ends(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    if text.strip() and not END.search(text):
        yield Complaint(
            N_("The text does not end as a sentence does."), {}, (max(0, len(text.rstrip()) - 1), len(text))
        )


@rule("language.shouting", Severity.WARN, N_("capitals or marks in a row"))
def does_not_shout(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    for match in (*MARKS.finditer(text), *CAPITALS.finditer(text)):
        if match[0] not in facts.true_text and match[0] not in facts.bank:
            yield Complaint(N_("“%(words)s” shouts."), {"words": match[0]}, match.span())


@rule("person.gender", Severity.WARN, N_("the client addressed as a man or a woman without being one"))
def addresses_rightly(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    wrong = {"male": [TO_WOMEN], "female": [DEAR_MAN]}.get(facts.client.gender or "", [TO_WOMEN, DEAR_MAN])
    for pattern in wrong:
        for match in pattern.finditer(text):
            yield Complaint(N_("“%(words)s” is said to somebody else."), {"words": match[0]}, match.span())


@rule("person.familiar", Severity.WARN, N_("a client who is not addressed politely"))
def is_polite(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    for match in FAMILIAR.finditer(text):
        yield Complaint(N_("“%(words)s” is too familiar."), {"words": match[0]}, match.span())
