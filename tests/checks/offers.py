"""The corpus: offers with the rules that must complain of them, and nothing else may."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from marketing_app.checks.findings import Angle, ChannelFacts, ClientFacts, Facts, ProductFacts
from marketing_app.demonstration.catalogue import PRODUCTS
from marketing_app.llm.openings import openings

CORPUS = Path(__file__).parent / "corpus"
ADVERTISING = ("SMS", "PUSH", "EMAIL", "MOB_BANNER")


@dataclass(frozen=True)
class Offer:
    """`rules` are the ids of all rules that complain of it. `is_held_out`: a third of all, marked `h` in the files.
    Nobody looks at them while mending rules, so they tell what a rule does with texts that it was not made for."""

    name: str
    text: str
    facts: Facts
    rules: frozenset[str]
    is_held_out: bool


@cache
def offers() -> tuple[Offer, ...]:
    return tuple(
        Offer(
            f"{file.stem.upper()}-{place}",
            entry["t"],
            facts_of(file.stem.upper(), entry),
            frozenset(entry["r"].split()),
            entry.get("h", False),
        )
        for file in sorted(CORPUS.glob("*.yaml"))
        if file.stem != "facts"
        for place, entry in enumerate(_read(file), start=1)
    )


def facts_of(channel: str, entry: dict[str, Any]) -> Facts:
    """Facts of an entry: `p` product, `c` client, `o` occasion, `e` ending, `q` prompt, `l` language, `a` the
    benefit that was chosen, with which our own openings begin, `b` another opening that was ours once."""
    shared = _shared()
    language = entry.get("l", "ru")
    product = products()[entry["p"]]
    benefit = entry.get("a", "")
    return Facts(
        product=product,
        channel=ChannelFacts(channel, shared["lengths"][channel]),
        client=_client(shared["clients"].get(entry.get("c"), {})),
        occasion=entry.get("o", ""),
        language=language,
        bank=shared["bank"][language],
        other_products=tuple(other.name for other in products().values() if other is not product),
        prompt=shared["prompts"].get(entry.get("q"), ""),
        angle=Angle(benefit),
        openings=(*openings(channel, product.name, benefit, language), *_former(entry)) if benefit else (),
        ending=shared["endings"][entry.get("e") or _usual_ending(channel, product)][language],
    )


def _former(entry: dict[str, Any]) -> tuple[str, ...]:
    return (entry["b"],) if "b" in entry else ()


@cache
def products() -> dict[str, ProductFacts]:
    demonstration = {
        product.key: ProductFacts(product.name, product.kind, product.description, product.link) for product in PRODUCTS
    }
    return demonstration | {key: ProductFacts(**fields) for key, fields in _shared()["products"].items()}


def _client(fields: dict[str, Any]) -> ClientFacts:
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in fields.items()}
    return ClientFacts(**values)


def _usual_ending(channel: str, product: ProductFacts) -> str:
    is_credit = product.kind in ("loan", "mortgage") or "Кредитная" in product.name
    if channel not in ADVERTISING:
        return "none"
    if channel == "EMAIL":
        return "credit_letter" if is_credit else "letter"
    return "warning" if is_credit else "plain"


@cache
def _shared() -> dict[str, Any]:
    shared: dict[str, Any] = _read(CORPUS / "facts.yaml")
    return shared


def _read(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))
