"""How sure a model has to be of its words: the bars are its own, measured on sentences of which we know.

Measured with the embedded model: it writes what stands near the examples of its prompt, and what it is less sure of
than of the examples themselves is mostly nonsense. So our own continuations are scored after a prompt whose examples
hold them, and so are their words in disorder, which a model that tells sense has to find far less likely.
"""

from collections.abc import Iterator
from random import Random
from statistics import median, quantiles

from . import prompts
from .certainty import Bars
from .continuations import CONTINUATIONS, STYLES
from .engine import Engine, Generation, Priority, Prompt
from .examples import begun_examples

CHANNELS = ("SMS", *STYLES)
"""One of the short ones, and those that go on otherwise."""
KINDS = ("loan", "deposit")
SENTENCES = 6
"""Of each kind of product and channel."""
LEAST_GAP = 1.0
"""Between the lower bar and the median of words in disorder, natural logarithm. A model with less cannot tell."""


def measured_bars(engine: Engine, language: str) -> Bars | None:
    """Three of four of our sentences reach the upper bar, nineteen of twenty the lower one.

    None for a model that cannot tell sense from disorder, and where a server scores no words but its own. Takes as long
    as writing some ninety texts, at the priority of a campaign. Raises EngineError.
    """
    asked = list(_ask(engine, language))
    if not asked:
        return None
    good, shuffled = ([_mean(generation) for generation in several] for several in zip(*asked, strict=True))
    twentieths = quantiles(good, n=20, method="inclusive")
    bars = Bars(upper=twentieths[4], lower=twentieths[0])
    return bars if bars.lower - median(shuffled) >= LEAST_GAP else None


def _ask(engine: Engine, language: str) -> Iterator[tuple[Generation, Generation]]:
    """Each sentence, and its words in disorder, after a prompt that shows it."""
    random = Random(1)  # noqa: S311 no secret
    for channel in CHANNELS:
        for kind in KINDS:
            prompt = _prompt(channel, kind, language, is_chat=engine.is_chat, template=engine.chat_template)
            for sentence in CONTINUATIONS[language][kind][STYLES.get(channel, "short")][:SENTENCES]:
                pair = [
                    engine.score(prompt, text, priority=Priority.CAMPAIGN)
                    for text in (sentence, _shuffled(sentence, random))
                ]
                if pair[0] is None or pair[1] is None:
                    return
                yield pair[0], pair[1]


def _prompt(channel: str, kind: str, language: str, *, is_chat: bool, template: str | None) -> Prompt:
    """One about the product of an example, as a campaign would ask for a text."""
    example = begun_examples(channel, kind, 1, language)[0]
    name, _dot, description = example.product.partition(". ")
    product = prompts.Product(name, kind, description)
    where = prompts.Channel(channel, channel, "", None)
    return prompts.compose(
        prompts.default_prompt(product, where, "", language),
        product=product,
        channel=where,
        occasion="",
        client=example.client,
        language=language,
        angle=example.angle,
        is_chat=is_chat,
        chat_template=template,
    )


def _shuffled(sentence: str, random: Random) -> str:
    words = sentence.split()
    random.shuffle(words)
    return " ".join(words)


def _mean(generation: Generation) -> float:
    certainty = generation.result()[0].certainty
    return certainty.mean if certainty else 0.0
