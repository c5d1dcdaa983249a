"""The corpus of examples: approved texts with what is known of their clients, and whether they tell anything of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml

from marketing_app.checks.findings import ChannelFacts, Facts
from marketing_app.checks.telling import first_telling
from marketing_app.offers.learning import values_of

from .offers import products
from .scores import Score

LEAST_PRECISION = 0.95
LEAST_RECALL = 0.98
"""A missed text shows a client's data to others; an imagined one only costs an example."""
CORPUS = Path(__file__).parent / "learned.yaml"
FIELD = {"codes": {}, "bands": [], "sensitivity": "personal", "is_in_prompt": True}
BANKS = {"ru": "Северный Берег", "en": "North Shore"}


@dataclass(frozen=True)
class Pair:
    """`tells` are the keys of the fields that the text tells of, "unknown" where it tells of nobody's known value."""

    name: str
    text: str
    data: dict[str, Any]
    facts: Facts
    tells: frozenset[str]
    is_held_out: bool


@cache
def pairs() -> tuple[Pair, ...]:
    corpus = _corpus()
    return tuple(
        Pair(
            f"LEARNED-{place}",
            entry["t"],
            corpus["clients"][entry["c"]],
            _facts_of(entry),
            frozenset(entry["tells"].split()),
            entry.get("h", False),
        )
        for place, entry in enumerate(corpus["texts"], start=1)
    )


def score(several: Iterable[Pair]) -> Score:
    """How well `first_telling` tells the texts that give something away from those that may be examples."""
    result = Score()
    for pair in several:
        told = first_telling(pair.text, values_of(fields(), pair.data), pair.facts)
        if told and pair.tells:
            result.hits += 1
        elif told:
            result.imagined += (pair.name,)
        elif pair.tells:
            result.missed += (pair.name,)
    return result


@cache
def fields() -> tuple[Any, ...]:
    return tuple(SimpleNamespace(**(FIELD | values | {"key": key})) for key, values in _corpus()["fields"].items())


def _facts_of(entry: dict[str, Any]) -> Facts:
    language = entry.get("l", "ru")
    product = products()[entry["p"]]
    return Facts(product, ChannelFacts("TMO"), occasion=entry.get("o", ""), language=language, bank=BANKS[language])


@cache
def _corpus() -> Any:
    return yaml.safe_load(CORPUS.read_text(encoding="utf-8"))
