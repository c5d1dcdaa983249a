"""What there is to know of a model that runs."""

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What an administrator wants to know of the model that runs. Sizes are bytes, 0 or empty where unknown."""

    name: str
    source: str
    size_bytes: int = 0
    parameter_count: int = 0
    context_tokens: int = 0
    trained_context_tokens: int = 0
    sequence_count: int = 0
    licence: str = ""
    chat_template: str = ""
    vocabulary_tokens: int = 0
    source_vocabulary_tokens: int = 0
    """Tokens that the model had before its vocabulary was cut; 0 where it is whole."""
    why_whole: str = ""
    """Why a vocabulary that should have been cut is whole, in English."""


def without_credentials(url: str) -> str:
    """A server's address as a card may show it."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
