"""Facts for tests of single rules, and the words that a rule complains of."""

from dataclasses import replace
from typing import Any

from marketing_app.checks.findings import ChannelFacts, ClientFacts, Facts, Settings
from marketing_app.checks.registry import RULES, check

from .offers import products


def facts(product: str = "PK", channel: str | ChannelFacts = "TMO", **changes: Any) -> Facts:
    """An offer of one of the demonstration's products, by key, to a client of whom nothing is known."""
    to = channel if isinstance(channel, ChannelFacts) else ChannelFacts(channel)
    return replace(Facts(products()[product], to, ClientFacts(), bank="Северный Берег"), **changes)


def marked(rule: str, text: str, about: Facts | None = None) -> list[str]:
    """The words that one rule complains of; the whole text where it means no words in particular."""
    only = Settings(switched_off=frozenset(RULES) - {rule})
    found = check(text, about or facts(), only)
    return [text[slice(*finding.span)] if finding.span else text for finding in found]
