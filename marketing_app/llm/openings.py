"""How a text begins: the product and the benefit in a sentence of ours, after which the model goes on.

Measured with the embedded base model: left to itself three of ten of its texts pass the checks, and one of seven says
the benefit that it was asked to say. After a beginning it has only to interest the client and to ask for a step, which
it can; so both are said in every text, and no figure is the model's.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

_RU_SPOKEN = (
    "Вам может подойти {common}: {benefit}.",
    "У нас для вас предложение: {common}. {Benefit}.",
    "У нас есть {common}: {benefit}.",
    "Вас может заинтересовать {common}: {benefit}.",
    "Есть предложение для вас: {common}. {Benefit}.",
)
_RU_SENTENCES = (
    "{name}: {benefit}.",
    "Вам может подойти {common}: {benefit}.",
    "Наше предложение: {common}. {Benefit}.",
    "Вас может заинтересовать {common}: {benefit}.",
    "Есть предложение для вас: {common}. {Benefit}.",
    "Для вас — {common}. {Benefit}.",
)
_RU_WRITTEN = _RU_SENTENCES[1:]
_RU_TITLED = (
    "Вам может подойти {common}. {Benefit}.",
    "Для вас — {common}. {Benefit}.",
    "Наше предложение: {common}. {Benefit}.",
    "Есть предложение для вас: {common}. {Benefit}.",
    "Вас может заинтересовать {common}. {Benefit}.",
)
"""The product comes first: a benefit alone reads like a notice about what the client already has."""
_RU_LETTER = (
    "Тема: {name}\nПрехедер: {Benefit}. Оформление в мобильном приложении\nДобрый день!",
    "Тема: {name} для вас\nПрехедер: {Benefit}. Условия в мобильном приложении\nЗдравствуйте!",
    "Тема: {name} для вас\nПрехедер: {Benefit}. Условия в мобильном приложении\nДобрый день!",
    "Тема: {name} для вас\nПрехедер: {Benefit}. Подробности в мобильном приложении\nЗдравствуйте!",
)
_RU_CALL = (
    "Здравствуйте! Это {bank}.",
    "Добрый день! Вам звонит {bank}.",
    "Здравствуйте! Вам звонит {bank}.",
    "Добрый день! Это {bank}.",
)
_RU_MEETING = ("Добрый день!", "Здравствуйте!")
_RU_OFFICE = (
    "Клиенту может подойти {common}: {benefit}.",
    "Повод для разговора: {common}. {Benefit}.",
    "Клиента может заинтересовать {common}: {benefit}.",
    "Предложение для клиента: {common}. {Benefit}.",
)
_EN_SENTENCES = (
    "{name}: {benefit}.",
    "Made for you: {name}, {benefit}.",
    "Have a look: {name}, {benefit}.",
    "This may suit you: {name}, {benefit}.",
)
_EN_TITLED = ("{name}. {Benefit}.", "For you: {name}. {Benefit}.", "Our offer: {name}. {Benefit}.")
_EN_LETTER = (
    "Subject: {name}\nPreheader: {Benefit}. The details are in your banking app\nHello!",
    "Subject: Our offer: {name}\nPreheader: {Benefit}. Have a look in your banking app\nGood afternoon!",
)
_EN_CALL = ("Hello! This is {bank}.", "Good afternoon! This is {bank}.")
_EN_OFFICE = ("Tell the client of {name}: {benefit}.", "Something to offer: {name}, {benefit}.")


def _joined(beginnings: Sequence[str], sentences: Sequence[str]) -> tuple[str, ...]:
    """Each with each; neighbours say their sentence in different ways."""
    return tuple(f"{beginning} {sentence}" for beginning in beginnings for sentence in sentences)


OPENINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "ru": {
        "SMS": _RU_SENTENCES[:-1],  # a dash is a sign that old telephones lack
        "PUSH": _RU_TITLED,
        "MOB_BANNER": _RU_TITLED,
        "EMAIL": _joined(_RU_LETTER, _RU_WRITTEN),
        "TMO": _joined(_RU_CALL, _RU_SPOKEN),
        "KND": _joined(_RU_MEETING, _RU_SPOKEN),
        "MOBILE_CHAT": _joined(("Здравствуйте!", "Добрый день!"), _RU_WRITTEN),
        "OFFICE_BANNER": _RU_OFFICE,
    },
    "en": {
        "SMS": _EN_SENTENCES,
        "PUSH": _EN_TITLED,
        "MOB_BANNER": _EN_TITLED,
        "EMAIL": _joined(_EN_LETTER, _EN_SENTENCES),
        "TMO": _joined(_EN_CALL, _EN_SENTENCES),
        "KND": _joined(("Good afternoon!", "Hello!"), _EN_SENTENCES),
        "MOBILE_CHAT": _joined(("Hello!", "Good afternoon!"), _EN_SENTENCES),
        "OFFICE_BANNER": _EN_OFFICE,
    },
}
"""By language and channel. A channel of the bank's own making begins as the text message does."""

_COMMON = re.compile(
    r"кредит|карт|вклад|депозит|сч[её]т|ипотек|рефинанс|страх|полис|управлени|обмен|проект|за[её]м|инвест|подписк",
    re.IGNORECASE,
)
_OF_BANK = re.compile(r" [^.!]*\{bank\}\.")
_POLITE = re.compile(r"(?<!\w)(?:вы|вас|вам|ваш\w*|[а-яё]+те)(?!\w)", re.IGNORECASE)


@lru_cache(maxsize=256)
def openings(
    channel: str, product: str, benefit: str, language: str, *, bank: str = "", is_familiar: bool = False
) -> tuple[str, ...]:
    """The ways in which a text for the channel may begin. `benefit` says one thing, as its catalogue has it; without one
    the product alone is named. Calls name the `bank`: a client takes a caller who does not for a swindler. `is_familiar`
    leaves out openings that say "вы", for a channel that says "ты"."""
    forms = OPENINGS[language].get(channel, OPENINGS[language]["SMS"])
    if is_familiar:
        forms = tuple(form for form in forms if not _POLITE.search(form))
    if not benefit:
        forms = tuple(dict.fromkeys(_without_benefit(form) for form in forms))
    if not bank:
        forms = tuple(dict.fromkeys(_OF_BANK.sub("", form) for form in forms))
    return tuple(
        form.format(
            name=product,
            common=_in_sentence(product),
            benefit=benefit,
            Benefit=benefit[:1].upper() + benefit[1:],
            bank=_caller(bank, language),
        )
        for form in forms
    )


def _caller(bank: str, language: str) -> str:
    """The bank as it presents itself, after "Это" and "Вам звонит"."""
    return bank if language == "en" or "банк" in bank.lower() else f"банк «{bank}»"


def _without_benefit(form: str) -> str:
    for words in (": {benefit}", ", {benefit}", "{Benefit}. ", ". {Benefit}"):
        form = form.replace(words, "")
    return form.replace("{Benefit}", "{name}")


def opening_of(text: str, known: Sequence[str], *, at_end: bool = False) -> str:
    """The longest of the known openings with which a text begins, or a prompt ends; "" for none of them."""
    found = (each for each in known if (text.endswith(each) if at_end else text.startswith(each)))
    return max(found, key=len, default="")


def turned(several: Sequence[str], by: int) -> tuple[str, ...]:
    """The same, beginning with another one."""
    at = by % len(several) if several else 0
    return (*several[at:], *several[:at])


def _in_sentence(product: str) -> str:
    """A product's name within a sentence: a common noun with a small letter, a name of its own in quotes."""
    if not _COMMON.search(product):
        return f"«{product}»"
    return product[:1].lower() + product[1:] if product[1:2].islower() else product
