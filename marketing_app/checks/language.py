"""A text in good Russian or English: one language, whole sentences, nothing left over, the client rightly addressed."""

import re
from collections.abc import Iterator
from functools import lru_cache

from .facts import contacts_in
from .findings import N_, Complaint, Facts, Severity, has_words, places
from .phrases import phrases
from .registry import rule

LATIN_WORD = re.compile(r"(?<![\w@./-])[A-Za-z]{2,}(?![\w@]|\.\w)")
LONE_LOOKALIKE = re.compile(r"(?<![\w'’])[aceopxy](?![\w'’])")
"""A Latin letter that passes for a Russian preposition or conjunction."""
CYRILLIC_WORD = re.compile(r"(?<!\w)[А-Яа-яЁё]{2,}(?!\w)")
OTHER_SCRIPT = re.compile(r"[^\W\d_A-Za-zА-Яа-яЁё\u0300-\u036f]+")
MIXED_WORD = re.compile(r"(?<!\w)(?=\w*[A-Za-z])(?=\w*[А-Яа-яЁё])\w+(?!\w)")
LISTED = frozenset(
    {
        "sms", "push", "email", "e-mail", "online", "visa", "mir", "mastercard", "sim", "qr", "id", "pay", "nfc", "app",
        "store", "google", "apple", "android", "iphone", "ios",
    }
)  # fmt: skip
_NAME = r"[^\W\d_]+(?:[ _.-][^\W\d_]+){0,3}\d{0,2}"
LEFTOVER = re.compile(
    rf"%{_NAME}%|#{_NAME}#|\$[^\W\d_]\w*|&(?:[a-z]{{2,8}}|#\d{{2,5}});|\\[nrt]|"
    r"^[ \t]*#{1,6}(?=[ \t])|^[ \t]*(?:[-*_=][ \t]*){3,}$|`|(?<![\w*])\*[^\W\d_](?:[^*\n]{0,60}\w)?\*(?!\w)|"
    r"[\ufffd\ue000-\uf8ff\x00-\x08\x0b\x0c\x0e-\x1f]+|"
    r"\{[^{}\n]{0,80}\}|\[[^\[\]\n]{0,80}\]|<[^<>\n]{1,80}>|\*\*|__|```|#{2,}|%\(\w{1,40}\)s?|"
    r"(?<!\w)(?:NULL|None|nan|undefined)(?!\w)|(?<!\w)(?:Просьба|Request)\s*:|"
    r"^[ \t]*(?:Текст|Клиент|Менеджер|Сотрудник|Продукт|Просьба|Канал|Повод|Вариант(?: \d)?|Ответ|"
    r"Text|Client|Product|Request|Channel|Occasion|Answer)\s*:",
    re.IGNORECASE | re.MULTILINE,
)
EMPTY_PLACE = re.compile(
    r"(?<=\w),[ \t\u00a0]*(?:[!?;:,]|\.(?!\.))(?![-)(DР])|«\s*»|“\s*”|\(\s*\)|"
    r"(?<!\w)(?:здравствуйте|уважаем\w{2}|дорог(?:ой|ая|ие)|hello|hi|dear)[ \t\u00a0]+[!,.]|"
    r"(?<!\w)(?:уважаем(?:ый|ая)|dear)[!,]|"
    r"(?<!\w)(?:от|до|под|from|to|at)[ \t\u00a0]+[%₽]",
    re.IGNORECASE,
)
"""The place of a name or a figure that nobody filled: "Здравствуйте, !", "под % годовых"."""
PROMPT_WORDS = phrases(
    "имя клиента", "название банка", "название продукта", "ваше имя", "вставьте", "lorem ipsum", "your name",
    "bank name",
    "вот [вам ][готовый |несколько |примерный ](вариант*|текст*|пример*)", "конечно[,|!] вот", "надеюсь[,] (это|текст)",
    "(here is|here's) (the|a|your) (text|message|offer|draft)", "sure[,|!] here",
)  # fmt: skip
HEAD_OF_EMAIL = re.compile(r"^[ \t]*(?:тема|прехедер|subject|preheader)\s*:[^\n]*", re.IGNORECASE | re.MULTILINE)
MARKS = re.compile(r"[!?]*(?:!!|\?\?|!\?!|\?!\?)[!?]*")
CAPITALS = re.compile(r"(?<!\w)[А-ЯЁA-Z]{6,}(?!\w)")
ENDS = '.!?…»"”)'
OBEDIENCE = phrases(
    "игнорир*", "инструкци*", "предыдущ* указани*", "систем* (сообщени*|промпт*|подсказк*)", "промпт*",
    "(как|я|являюсь) [~](языковая модель|искусственный интеллект|нейросет*|ИИ|бот)", "взлом*", "отвечай как",
    "промокод администратор*", "ignor(e|ing) (all|any|the|previous|prior)", "system prompt", "as an ai",
    "language model",
)  # fmt: skip
_FEMALE = "рада|готова|уверена|должна|согласна|заинтересована|сама|одна|свободна|достойна"
_BETWEEN = r"(?:бы|уже|ещё|еще|не|так|сами|\w{2,20}о)"
"""Words between "вы" and what tells the gender: particles and adverbs."""
_MALE = "рад|готов|уверен|должен|согласен|заинтересован|сам|один|свободен|достоин"
TO_WOMEN = re.compile(
    rf"(?<!\w)(?:(?:уважаемая|дорогая)(?=\s+[А-ЯЁ])|вы\s+(?:{_BETWEEN}\s+){{0,2}}(?:{_FEMALE}|\w{{2,30}}ла(?:сь)?))(?!\w|\()",
    re.I,
)
TO_MEN = re.compile(
    r"(?<!\w)(?:(?:уважаемый|дорогой)(?! клиент)(?=\s+[А-ЯЁ])|"
    rf"вы\s+(?:{_BETWEEN}\s+){{0,2}}(?:{_MALE}|\w{{1,30}}[аеёиоуыюя]л(?:ся)?))(?!\w|\()",
    re.I,
)


@rule("language.empty", Severity.BLOCK, N_("no text"))
def has_text(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    if not has_words(text):
        yield Complaint(N_("There is no text."))


@rule("language.mixture", Severity.BLOCK, N_("words of another language"))
def one_language(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    true = _words_of(f"{facts.true_text} {facts.bank}")
    apart = places(match.span() for match in (*contacts_in(text), *LEFTOVER.finditer(text)))
    for match in _foreign(text, facts.language):
        if match[0].lower() not in LISTED and match[0].lower() not in true and match.start() not in apart:
            yield Complaint(N_("“%(words)s” is a word of another language."), {"words": match[0]}, match.span())
    for match in MIXED_WORD.finditer(text):
        if match[0].lower() not in true:
            yield Complaint(N_("“%(words)s” mixes two alphabets."), {"words": match[0]}, match.span())


@rule("language.leftover", Severity.BLOCK, N_("a placeholder, markup or words of the prompt left over"))
def nothing_left_over(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    for match in (*LEFTOVER.finditer(text), *EMPTY_PLACE.finditer(text), *PROMPT_WORDS.finditer(text)):
        yield Complaint(
            N_("“%(words)s” is left over from a template or the prompt."), {"words": match[0].strip()}, match.span()
        )


@rule("language.obedience", Severity.BLOCK, N_("an answer to an instruction hidden in the client’s data"))
def speaks_to_the_client(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    for match in OBEDIENCE.finditer(text):
        yield Complaint(N_("“%(words)s” is not said to a client."), {"words": match[0]}, match.span())


@rule("language.repetition", Severity.BLOCK, N_("three words in a row said twice"))
def no_repetition(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    """The head of an e-mail says what its body says; a product's name and a link are what they are."""
    head = max((line.end() for line in HEAD_OF_EMAIL.finditer(text)), default=0)
    name = " ".join(re.findall(r"\w+", facts.product.name.lower()))
    links = places(match.span() for match in contacts_in(text))
    words = [word for word in re.finditer(r"\w+", text) if word.start() >= head and word.start() not in links]
    seen: set[tuple[str, ...]] = set()
    for at in range(len(words) - 2):
        run = tuple(word[0].lower() for word in words[at : at + 3])
        span = words[at].start(), words[at + 2].end()
        if run in seen and " ".join(run) not in name and not any(word.isdigit() for word in run):
            yield Complaint(N_("“%(words)s” is said twice."), {"words": text[slice(*span)]}, span)
            return
        seen.add(run)


@rule("language.end", Severity.WARN, N_("a text that breaks off"))
def ends(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    """A banner is a heading and has no full stop; a link and a smile end a message as well."""
    shown = text.rstrip()
    if facts.channel.key == "MOB_BANNER" or not has_words(text):
        return
    is_ended = shown[-1] in ENDS or not (shown[-1].isalnum() or shown[-1] in ",;:-—–(«%₽")
    if not is_ended and not any(match.end() == len(shown) for match in contacts_in(shown)):
        yield Complaint(N_("The text does not end as a sentence does."), {}, (len(shown) - 1, len(shown)))


@rule("language.shouting", Severity.WARN, N_("capitals or marks in a row"))
def does_not_shout(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    for match in (*MARKS.finditer(text), *CAPITALS.finditer(text)) if has_words(text) else ():
        if match[0] not in facts.true_text and match[0] not in facts.bank:
            yield Complaint(N_("“%(words)s” shouts."), {"words": match[0]}, match.span())


@rule("person.gender", Severity.WARN, N_("the client addressed as a man or a woman without being one"))
def addresses_rightly(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    wrong = {"male": [TO_WOMEN], "female": [TO_MEN]}.get(facts.client.gender or "", [TO_WOMEN, TO_MEN])
    for pattern in wrong:
        for match in pattern.finditer(text):
            yield Complaint(N_("“%(words)s” is said to somebody else."), {"words": match[0]}, match.span())


def _foreign(text: str, language: str) -> Iterator[re.Match[str]]:
    patterns = (LATIN_WORD, LONE_LOOKALIKE) if language == "ru" else (CYRILLIC_WORD,)
    for pattern in (*patterns, OTHER_SCRIPT):
        yield from pattern.finditer(text)


@lru_cache(maxsize=64)
def _words_of(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))
