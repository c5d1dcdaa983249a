"""What a check knows, and what it finds."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from ..llm.certainty import Bars

Span = tuple[int, int]
"""The place in a text, from and to, in characters."""
SENTENCE = re.compile(r"[^.!?…\n]+[.!?…]*")


def N_(text: str) -> str:
    """Marks a sentence for translation; who shows it translates it."""
    return text


def has_words(text: str) -> bool:
    """Where there is nothing to read, only language.empty complains."""
    return any(character.isalnum() for character in text)


def places(spans: Iterable[Span]) -> frozenset[int]:
    """All places in the text that some spans cover."""
    return frozenset(place for start, end in spans for place in range(start, end))


class Severity(StrEnum):
    """BLOCK keeps a text from being sent, WARN asks a person to look, NOTE is for the curious."""

    BLOCK = "block"
    WARN = "warn"
    NOTE = "note"


@dataclass(frozen=True)
class Complaint:
    """What a rule finds wrong with a text: an English sentence with its values, and the place of the words, if any.
    Without `severity` the rule's own applies."""

    message: str
    values: Mapping[str, object] = field(default_factory=dict)
    span: Span | None = None
    severity: Severity | None = None


@dataclass(frozen=True)
class Finding:
    """A complaint with the rule that made it and how much it weighs."""

    rule: str
    severity: Severity
    message: str
    values: Mapping[str, object]
    span: Span | None


@dataclass(frozen=True)
class ProductFacts:
    """What is true of the product: `kind` is one of ProductKind's words, `link` its page."""

    name: str
    kind: str
    description: str = ""
    link: str = ""


@dataclass(frozen=True)
class Settings:
    """What an administrator changed for a channel: rules that are switched off, and limits by rule."""

    switched_off: frozenset[str] = frozenset()
    limits: Mapping[str, float] = field(default_factory=dict)


AS_USUAL = Settings()


@dataclass(frozen=True)
class ChannelFacts:
    """Where the text goes; `max_length` is in characters, with what the channel adds. `has_ending` says whether
    somebody settled what it adds to texts on this kind of product, though it be nothing for this one."""

    key: str
    max_length: int | None = None
    settings: Settings = AS_USUAL
    has_ending: bool = False


@dataclass(frozen=True)
class ClientFacts:
    """What a text may not tell of its client, and how the client is addressed.

    `gender` is "male", "female" or None; `age` in years. `secrets` are values of secret fields, as loaded;
    `hidden_numbers` are figures that may be hinted at and never named; `told` is what the prompt says of the client,
    whose numbers a text may repeat.
    """

    gender: str | None = None
    age: float | None = None
    secrets: tuple[object, ...] = ()
    hidden_numbers: tuple[float, ...] = ()
    told: str = ""


@dataclass(frozen=True)
class Sense:
    """How certain a model was of a text: the `mean` per token, the bars it is compared with, and the weakest words."""

    mean: float
    weakest: Span
    bars: Bars
    is_by_person: bool = False


@dataclass(frozen=True)
class Angle:
    """The benefit that a text is to say, in a few words, and phrases (see `phrases`) of which one at least says it."""

    text: str = ""
    signs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """Everything that a text is held against. `prompt` is what the model read, examples included; `bank` the name of
    the bank, empty where nobody set it; `language` that of the text, "ru" or "en"; `ending` what the channel adds to
    every text, as the law's warnings; `angle` the benefit that the text was written for; `openings`
    are ways in which our own prompts let such a text begin; `former` is the text that a change was asked of; `bars` are
    those of the model that writes, and `senses` how certain a model was of texts, by text."""

    product: ProductFacts
    channel: ChannelFacts
    client: ClientFacts = ClientFacts()
    occasion: str = ""
    language: str = "ru"
    bank: str = ""
    other_products: tuple[str, ...] = ()
    prompt: str = ""
    ending: str = ""
    angle: Angle = Angle()
    openings: tuple[str, ...] = ()
    former: str = ""
    bars: Bars | None = None
    senses: Mapping[str, Sense] = field(default_factory=dict)

    def whole(self, text: str) -> str:
        """What the client receives: the text with the channel's ending, in a line of its own where there are lines."""
        if not self.ending:
            return text
        joint = "\n" if "\n" in text.strip() or "\n" in self.ending else " "
        return f"{text.rstrip()}{joint}{self.ending}".strip()

    @cached_property
    def true_text(self) -> str:
        """What an offer may state: the words that the bank itself wrote of the product and the occasion."""
        return f"{self.product.name}. {self.product.description} {self.occasion} {self.product.link}"


Check = Callable[[str, Facts, float], Iterator[Complaint]]


@dataclass(frozen=True)
class Rule:
    """A check with what it concerns. `channels` and `kinds` are keys of channels and kinds of products, all where none
    is named. `limit` is the figure that an administrator may change, None where there is none to change."""

    id: str
    severity: Severity
    about: str
    check: Check
    channels: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    limit: float | None = None

    def concerns(self, facts: Facts) -> bool:
        return (not self.channels or facts.channel.key in self.channels) and (
            not self.kinds or facts.product.kind in self.kinds
        )
