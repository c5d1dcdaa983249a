"""The variables of a text of the bank, and how an offer fills them."""

import re

VARIABLES = ("product", "benefit")

_BRACED = re.compile(r"\{[^{}]*\}?|\}")
_KNOWN = re.compile(r"(?P<end>(?:^|[.!?…]\s+|\n)?)\{(?P<name>product|benefit)\}")
_BRACED_VARIABLES = tuple(f"{{{name}}}" for name in VARIABLES)


def unknown_variables(text: str) -> list[str]:
    """Words in braces that are no variable, and braces without a partner, in the order of the text."""
    return [piece for piece in dict.fromkeys(_BRACED.findall(text)) if piece not in _BRACED_VARIABLES]


def names_of_variables() -> str:
    """As they are written, for a person."""
    return ", ".join(_BRACED_VARIABLES)


def needs_benefit(text: str) -> bool:
    return "{benefit}" in text


def filled(text: str, product: str, benefit: str) -> str:
    """The text with its variables' values. A benefit that begins a sentence gets a capital letter."""
    values = {"product": product, "benefit": benefit}

    def value(found: re.Match[str]) -> str:
        said = values[found["name"]]
        begins = bool(found["end"]) or not found.start()
        return found["end"] + (said[:1].upper() + said[1:] if begins else said)

    return _KNOWN.sub(value, text)
