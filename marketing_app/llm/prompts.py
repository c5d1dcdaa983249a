"""Prompts: the text a marketer edits, and the exact text a model reads.

A model with a chat template gets messages through it. A base model gets a completion to go on with: instructions,
examples in the form product, client, text, then the new client, and stops at the end of the line.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from .chat_templates import ChatTemplate, TemplateRefused, alternating
from .engine import ChatMessage, Prompt, Quoted
from .examples import Example, begun_examples, examples_for, nearest
from .fencing import fenced, quiet
from .openings import openings, turned

VARIABLES = ("product", "channel", "occasion", "client")
EXAMPLE_COUNT = 8
CLIENT_MARK = "\u241f"
"""Stands where the client's words go while a chat template is filled; a control picture that no text holds."""

PLAIN_TEMPLATE = ChatTemplate("{% for message in messages %}{{ message.role }}: {{ message.content }}\n\n{% endfor %}")

_VARIABLE = re.compile(r"\{([^{}\s]{1,40})\}")


@dataclass(frozen=True, slots=True)
class Product:
    """What is sold. The description holds the true conditions."""

    name: str
    kind: str
    description: str


@dataclass(frozen=True, slots=True)
class Channel:
    """Where the offer is read. `max_length` is in characters."""

    key: str
    name: str
    description: str
    max_length: int | None


@dataclass(frozen=True, slots=True)
class Turn:
    """One step of the conversation about an offer: a draft of the model's, or what a person asked for."""

    role: Literal["user", "draft"]
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """The fixed words of a prompt in one language."""

    house: str
    product: str
    client: str
    request: str
    text: str
    angle: str
    nobody: str
    opening: str
    limit: str
    occasion: str


_WORDS = {
    "ru": Words(
        house=(
            "Ты пишешь предложения клиентам банка. Пиши по-русски, одной строкой, вежливо, на «вы». "
            "Называй только те условия, что есть в описании продукта. Не упоминай доходы, долги и возраст клиента."
        ),
        product="Продукт",
        client="Клиент",
        request="Просьба",
        text="Текст",
        angle="Главное",
        nobody="данных нет",
        opening="Напиши предложение для канала: {channel}\nПродукт: {product}",
        limit="Не длиннее {n} знаков.",
        occasion="Повод: {occasion}",
    ),
    "en": Words(
        house=(
            "You write offers to a bank's clients. Write in English, in one line, politely. Name only the conditions "
            "that the product's description states. Never mention the client's income, debts or age."
        ),
        product="Product",
        client="Client",
        request="Request",
        text="Text",
        angle="Main point",
        nobody="nothing is known",
        opening="Write an offer for the channel: {channel}\nProduct: {product}",
        limit="At most {n} characters.",
        occasion="Occasion: {occasion}",
    ),
}


def unknown_variables(text: str) -> list[str]:
    """Names written like variables that are none, in the order they stand."""
    return [name for name in dict.fromkeys(_VARIABLE.findall(text)) if name not in VARIABLES]


def default_prompt(product: Product, channel: Channel, occasion: str, language: str) -> str:
    """The text a channel's prompt begins with; it holds the variables, so it stays true when the product changes."""
    words = _WORDS[language]
    lines = [words.opening]
    if occasion.strip():
        lines.append(words.occasion)
    if channel.max_length:
        lines.append(words.limit.replace("{n}", str(channel.max_length)))
    lines.append(f"{words.client}: {{client}}")
    return "\n".join(lines)


def compose(
    text: str,
    *,
    product: Product,
    channel: Channel,
    occasion: str,
    client: str,
    language: str,
    bank: str = "",
    angle: str = "",
    turns: Sequence[Turn] = (),
    learned: Sequence[Example] = (),
    variant: int = 0,
    is_chat: bool = False,
    chat_template: ChatTemplate | None = None,
) -> Prompt:
    """The exact prompt for one client. `bank` is the name that callers say, `angle` the benefit that the text is to say
    first of all, `turns` are earlier drafts and requests, oldest first. Of the `learned` examples, in the order of
    their worth, the nearest to the angle are shown. `variant` says with which of the openings a base model's text
    begins (see `openings`).

    For a model that converses, the prompt is messages, and their text by its template; without a template, which
    only its server has then, the text is what a person may read of them. Raises TemplateRefused.
    """
    values = {
        "product": _product_line(product),
        "channel": f"{channel.name}. {channel.description}".strip(),
        "occasion": quiet(_one_line(occasion)),
    }
    asked = _VARIABLE.sub(lambda found: values.get(found[1], found[0]), text).strip()
    words = fenced(_one_line(client)) or _WORDS[language].nobody
    shown = nearest(learned, angle)
    quoted = _quoted(tuple(shown), language)
    if is_chat:
        prompt = _chat(asked, words, _one_line(angle), language, turns, chat_template or PLAIN_TEMPLATE, shown)
        return replace(prompt, quoted=quoted)
    prompt = _completion(asked, words, _one_line(angle), product, channel, language, bank, turns, shown)
    openings = _openings(prompt, product, channel, _one_line(angle), bank, variant, has_turns=bool(turns))
    return replace(prompt, openings=openings, quoted=quoted)


def asked_again(prompt: Prompt, draft: str, request: str, language: str, chat_template: ChatTemplate | None) -> Prompt:
    """The same prompt with a request for another text. A model that converses reads the draft that was refused as its
    own turn; a base model does not: it would copy it. Its text begins in another way. Raises TemplateRefused."""
    if prompt.messages:
        turns: list[ChatMessage] = [{"role": "assistant", "content": draft}, {"role": "user", "content": request}]
        messages = tuple(alternating([*prompt.messages, *turns]))
        text = (chat_template or PLAIN_TEMPLATE).fill(messages)
        shared = prompt.prefix if text.startswith(prompt.prefix) else ""
        return replace(prompt, prefix=shared, suffix=text.removeprefix(shared), messages=messages)
    last = f"{_WORDS[language].text}:"
    asked = _turn_lines([Turn("user", request)], language)
    suffix = f"{prompt.suffix.removesuffix(last)}{asked}{last}"
    return replace(prompt, suffix=suffix, openings=turned(prompt.openings, 1))


def _completion(
    asked: str,
    client: str,
    angle: str,
    product: Product,
    channel: Channel,
    language: str,
    bank: str,
    turns: Sequence[Turn],
    learned: Sequence[Example],
) -> Prompt:
    """Few-shot. The client's words and the angle stand in the last, unfinished example, as in those before it.

    It stops at the end of the line, and where the model goes on with the next example in the same line.
    """
    words = _WORDS[language]
    prefix = _beginning(asked, product, channel, language, bank, tuple(learned), with_angle=bool(angle))
    suffix = f"{client}\n{_angle_line(angle, language)}{_turn_lines(turns, language)}{words.text}:"
    stops = ("\n", *(f" {mark}:" for mark in (words.product, words.client, words.request)))
    return Prompt(prefix, suffix, stops, language=language)


@lru_cache(maxsize=64)
def _beginning(
    asked: str,
    product: Product,
    channel: Channel,
    language: str,
    bank: str,
    learned: tuple[Example, ...],
    *,
    with_angle: bool,
) -> str:
    """What the prompts of a campaign share: composed once for all its clients."""
    words = _WORDS[language]
    instructions = asked.replace(f"{words.client}: {{client}}", "").replace("{client}", words.client.lower()).strip()
    limit = EXAMPLE_COUNT - len(learned)
    if with_angle:
        ours = begun_examples(channel.key, product.kind, limit, language, bank)
    else:
        ours = examples_for(channel.key, product.kind, limit, language)
    examples = "\n\n".join(_example(example, language, with_angle=with_angle) for example in (*ours, *learned))
    last = f"{words.product}: {_product_line(product)}\n{words.client}: "
    return f"{words.house}\n\n{instructions}\n\n{examples}\n\n{last}"


@lru_cache(maxsize=64)
def _quoted(shown: tuple[Example, ...], language: str) -> tuple[Quoted, ...]:
    """What examples of somebody's say in a prompt, in its order."""
    theirs = ((each.number, (_example_opening(each, language), each.text)) for each in shown)
    return tuple(Quoted(number, words) for number, words in theirs if number is not None)


def _openings(
    prompt: Prompt, product: Product, channel: Channel, angle: str, bank: str, variant: int, *, has_turns: bool
) -> tuple[str, ...]:
    """A text with a benefit to say begins with one. Where there is none, and where a person asked for a change, the
    model first begins by itself; should nothing of that pass, the next round has an opening."""
    several = turned(openings(channel.key, product.name, angle, prompt.language, bank=bank), variant)
    return several if angle and not has_turns else ("", *several)


def _turn_lines(turns: Sequence[Turn], language: str) -> str:
    words = _WORDS[language]
    names = {"draft": words.text, "user": words.request}
    return "".join(f"{names[turn.role]}: {_one_line(turn.text)}\n" for turn in turns)


def _angle_line(angle: str, language: str) -> str:
    return f"{_WORDS[language].angle}: {angle}\n" if angle else ""


def _example(example: Example, language: str, *, with_angle: bool) -> str:
    words = _WORDS[language]
    angle = _angle_line(example.angle, language) if with_angle else ""
    return f"{_example_opening(example, language)}\n{angle}{words.text}: {example.text}"


def _example_opening(example: Example, language: str) -> str:
    words = _WORDS[language]
    client = fenced(example.client) or words.nobody
    return f"{words.product}: {quiet(_one_line(example.product))}\n{words.client}: {client}"


def _example_messages(example: Example, language: str, *, with_angle: bool) -> list[ChatMessage]:
    angle = f"\n{_angle_line(example.angle, language)}".rstrip() if with_angle else ""
    return [
        {"role": "user", "content": f"{_example_opening(example, language)}{angle}"},
        {"role": "assistant", "content": example.text},
    ]


def _chat(
    asked: str,
    client: str,
    angle: str,
    language: str,
    turns: Sequence[Turn],
    template: ChatTemplate,
    learned: Sequence[Example],
) -> Prompt:
    words = _WORDS[language]
    if "{client}" not in asked:
        asked = f"{asked}\n{words.client}: {{client}}"
    if angle:
        asked = f"{asked}\n{words.angle}: {angle}"
    messages: list[ChatMessage] = [{"role": "system", "content": words.house}]
    for example in learned:
        messages += _example_messages(example, language, with_angle=bool(angle))
    messages.append({"role": "user", "content": asked.replace("{client}", CLIENT_MARK)})
    marked = alternating([*messages, *(_turn_message(turn) for turn in turns)])
    before, mark, after = template.fill(marked).partition(CLIENT_MARK)
    if not mark:
        raise TemplateRefused("it leaves out the request with the client's data")
    return Prompt(before, client + after.replace(CLIENT_MARK, client), messages=_with_client(marked, client))


def _with_client(messages: Sequence[ChatMessage], client: str) -> tuple[ChatMessage, ...]:
    return tuple({"role": each["role"], "content": each["content"].replace(CLIENT_MARK, client)} for each in messages)


def _turn_message(turn: Turn) -> ChatMessage:
    return {"role": "assistant" if turn.role == "draft" else "user", "content": turn.text}


def _product_line(product: Product) -> str:
    return quiet(_one_line(f"{product.name}. {product.description}"))


def _one_line(text: str) -> str:
    """Text of others in one line, so that it cannot pass for an example, a request or an instruction of ours."""
    return " ".join(text.split())
