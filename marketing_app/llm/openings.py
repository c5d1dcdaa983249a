"""How a text begins: the product and the benefit in a sentence of ours, after which the model goes on.

Measured with the embedded base model: left to itself three of ten of its texts pass the checks, and one of seven says
the benefit that it was asked to say. After a beginning it has only to interest the client and to ask for a step, which
it can; so both are said in every text, and no figure is the model's.
"""

import re
from collections.abc import Sequence

_RU_SHORT = (
    "{name}: {benefit}.",
    "Вам подойдёт {common}: {benefit}.",
    "Для вас {common}: {benefit}.",
    "Знакомьтесь, {common}: {benefit}.",
    "У нас есть {common}: {benefit}.",
    "Вам может пригодиться {common}: {benefit}.",
)
_RU_TITLED = (
    "{Benefit}. Вам подойдёт {common}.",
    "{Benefit}. Для вас {common}.",
    "{Benefit}. {name}.",
    "{name}. {Benefit}.",
    "{Benefit}. У нас есть {common}.",
    "{Benefit}. Вам может пригодиться {common}.",
)

OPENINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "ru": {
        "SMS": _RU_SHORT,
        "PUSH": _RU_TITLED,
        "MOB_BANNER": _RU_TITLED,
        "EMAIL": (
            "Тема: {Benefit}\nПрехедер: {name}: подробности и оформление в приложении\nЗдравствуйте! Вам подойдёт {common}: {benefit}.",
            "Тема: {Benefit}\nПрехедер: {name}: посмотрите условия в приложении банка\nЗдравствуйте! У нас есть {common}: {benefit}.",
            "Тема: {Benefit}\nПрехедер: {name}: всё самое важное в одном письме\nЗдравствуйте! Хотим рассказать о главном: {common}, {benefit}.",
            "Тема: {Benefit}\nПрехедер: {name}: расскажем коротко и покажем, с чего начать\nДобрый день! Для вас есть {common}: {benefit}.",
            "Тема: {Benefit}\nПрехедер: {name}: подробности ждут вас в приложении банка\nДобрый день! Вам может пригодиться {common}: {benefit}.",
            "Тема: {Benefit}\nПрехедер: {name}: загляните в приложение банка сегодня\nЗдравствуйте! Знакомьтесь, {common}: {benefit}.",
        ),
        "TMO": (
            "Здравствуйте! Меня зовут Анна, я из банка. Вам может подойти {common}: {benefit}.",
            "Здравствуйте! Меня зовут Илья, я из банка. У нас есть {common}: {benefit}.",
            "Здравствуйте! Это ваш банк, меня зовут Ольга. Хочу рассказать коротко: {common}, {benefit}.",
            "Добрый день! Меня зовут Павел, я звоню из банка. Вам может пригодиться {common}: {benefit}.",
            "Добрый день! Это Марина из вашего банка. Для вас есть {common}: {benefit}.",
        ),
        "KND": (
            "Добрый день! Вам может подойти {common}: {benefit}.",
            "Добрый день! У нашего банка есть {common}: {benefit}.",
            "Добрый день! Пока вы смотрите документы, скажу коротко: {common}, {benefit}.",
            "Здравствуйте! Вам может пригодиться {common}: {benefit}.",
            "Здравствуйте! Раз уж мы встретились, расскажу: {common}, {benefit}.",
        ),
        "MOBILE_CHAT": (
            "Здравствуйте! Вам подойдёт {common}: {benefit}.",
            "Здравствуйте! У нас есть {common}: {benefit}.",
            "Добрый день! Нашли кое-что для вас: {common}, {benefit}.",
            "Здравствуйте! Вам может пригодиться {common}: {benefit}.",
            "Здравствуйте! Для вас есть {common}: {benefit}.",
            "Добрый день! Посмотрите, пожалуйста: {common}, {benefit}.",
        ),
        "OFFICE_BANNER": (
            "Клиенту подойдёт {common}: {benefit}.",
            "Предложите клиенту: {common}, {benefit}.",
            "Повод для разговора: {common}, {benefit}.",
            "Расскажите клиенту: {common}, {benefit}.",
            "Клиенту может пригодиться {common}: {benefit}.",
            "Есть что предложить: {common}, {benefit}.",
        ),
    },
    "en": {
        "SMS": ("{name}: {benefit}.", "Made for you: {name}, {benefit}.", "Have a look: {name}, {benefit}."),
        "PUSH": ("{Benefit}. {name}.", "{name}. {Benefit}.", "{Benefit}. For you: {name}."),
        "MOB_BANNER": ("{Benefit}. {name}.", "{name}. {Benefit}."),
        "EMAIL": (
            "Subject: {Benefit}\nPreheader: {name}: the details are in your banking app\nHello! Here is something for you: {name}, {benefit}.",
            "Subject: {Benefit}\nPreheader: {name}: have a look in your banking app today\nHello! Let us tell you of {name}: {benefit}.",
        ),
        "TMO": (
            "Hello! My name is Anna, I am calling from your bank. We have something for you: {name}, {benefit}.",
            "Good afternoon! This is Paul from your bank. May I tell you of {name}: {benefit}.",
        ),
        "KND": ("Good afternoon! This may suit you: {name}, {benefit}.", "Hello! Our bank has {name}: {benefit}."),
        "MOBILE_CHAT": ("Hello! This may suit you: {name}, {benefit}.", "Hello! We have {name} for you: {benefit}."),
        "OFFICE_BANNER": ("Tell the client of {name}: {benefit}.", "Something to offer: {name}, {benefit}."),
    },
}
"""By language and channel. A channel of the bank's own making begins as the text message does."""

_COMMON = re.compile(
    r"кредит|карт|вклад|депозит|сч[её]т|ипотек|рефинанс|страх|полис|управлени|обмен|проект|за[её]м|инвест|подписк",
    re.IGNORECASE,
)


def openings(channel: str, product: str, benefit: str, language: str) -> tuple[str, ...]:
    """The ways in which a text for the channel may begin. `benefit` says one thing, as its catalogue has it; without one
    the product alone is named."""
    forms = OPENINGS[language].get(channel, OPENINGS[language]["SMS"])
    if not benefit:
        forms = tuple(dict.fromkeys(_without_benefit(form) for form in forms))
    return tuple(
        form.format(
            name=product, common=_in_sentence(product), benefit=benefit, Benefit=benefit[:1].upper() + benefit[1:]
        )
        for form in forms
    )


def _without_benefit(form: str) -> str:
    for words in (": {benefit}", ", {benefit}", "{Benefit}. ", ". {Benefit}"):
        form = form.replace(words, "")
    return form.replace("{Benefit}", "{name}")


def turned(several: Sequence[str], by: int) -> tuple[str, ...]:
    """The same, beginning with another one."""
    at = by % len(several) if several else 0
    return (*several[at:], *several[:at])


def _in_sentence(product: str) -> str:
    """A product's name within a sentence: a common noun with a small letter, a name of its own in quotes."""
    if not _COMMON.search(product):
        return f"«{product}»"
    return product[:1].lower() + product[1:] if product[1:2].islower() else product
