"""Whether the model of the settings works here, and how fast: it writes one offer, as it does for pages."""

import time
from dataclasses import dataclass

import psutil

from ..checks.findings import ChannelFacts, Facts, ProductFacts
from ..demonstration.catalogue import CHANNELS, PRODUCTS
from ..llm import prompts
from ..llm.cards import ModelCard
from ..llm.engine import Engine, Prompt
from ..offers.choosing import best_draft
from ..offers.services import options_for_length
from ..settings import Settings
from .services import load_engine

LANGUAGE = "ru"
OCCASION = "Начало учебного года"
CLIENT = "пол: женский; возраст: 34 года; регион: Ярославская область; покупок по карте за 3 месяца: много"
LONGEST = 134
"""Characters of two SMS parts: nothing is added to the text here."""

_PRODUCT = next(product for product in PRODUCTS if product.key == "CC")
_CHANNEL = next(channel for channel in CHANNELS if channel.key == "SMS")


@dataclass(frozen=True)
class Trial:
    """An offer and what it took. Times are seconds: until the model was loaded, until the first word, from there to
    the end of the last draft. `memory_bytes` is what this process keeps in memory by then."""

    card: ModelCard
    load_seconds: float
    text: str
    draft_count: int
    prompt_tokens: int
    first_word_seconds: float
    token_count: int
    writing_seconds: float
    memory_bytes: int

    @property
    def tokens_per_second(self) -> float:
        return self.token_count / self.writing_seconds if self.writing_seconds else 0.0


def try_model(settings: Settings) -> Trial:
    """Load the model and let it write. Raises EngineError, or MemoryError where its context does not fit."""
    begun = time.monotonic()
    engine = load_engine(settings)
    try:
        return _try(engine, time.monotonic() - begun)
    finally:
        engine.close()


def _try(engine: Engine, load_seconds: float) -> Trial:
    prompt = _prompt(engine)
    begun = time.monotonic()
    generation = engine.submit(prompt, options_for_length(LONGEST, engine))
    pieces = iter(generation)
    next(pieces, None)
    first = time.monotonic()
    for _piece in pieces:
        pass
    facts = Facts(
        ProductFacts(_PRODUCT.name, _PRODUCT.kind, _PRODUCT.description),
        ChannelFacts(_CHANNEL.key, LONGEST),
        occasion=OCCASION,
        language=LANGUAGE,
        prompt=prompt.text,
    )
    return Trial(
        card=engine.card,
        load_seconds=load_seconds,
        text=best_draft(generation, facts).text,
        draft_count=len(generation.drafts),
        prompt_tokens=generation.prompt_tokens,
        first_word_seconds=first - begun,
        token_count=generation.token_count,
        writing_seconds=time.monotonic() - first,
        memory_bytes=psutil.Process().memory_info().rss,
    )


def _prompt(engine: Engine) -> Prompt:
    product = prompts.Product(_PRODUCT.name, _PRODUCT.kind, _PRODUCT.description)
    channel = prompts.Channel(_CHANNEL.key, _CHANNEL.name, _CHANNEL.description, LONGEST)
    return prompts.compose(
        prompts.default_prompt(product, channel, OCCASION, LANGUAGE),
        product=product,
        channel=channel,
        occasion=OCCASION,
        client=CLIENT,
        language=LANGUAGE,
        is_chat=engine.is_chat,
        chat_template=engine.chat_template,
    )
