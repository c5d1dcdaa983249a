"""How sure a model has to be of its words: the bars are its own, measured on sentences of which we know.

Measured with the embedded model: it writes what stands near the examples of its prompt, and what it is less sure of
than of the examples themselves is mostly nonsense. So our own continuations are scored after a prompt whose examples
hold them, and so are their words in disorder, which a model that tells sense has to find far less likely.
"""

from random import Random
from statistics import median, quantiles

from . import prompts
from .certainty import Bars
from .chat_templates import ChatTemplate
from .continuations import CONTINUATIONS, STYLES
from .engine import Engine, Generation, Priority, Prompt
from .examples import begun_examples

CHANNELS = ("SMS", *STYLES)
"""One of the short ones, and those that go on otherwise."""
KIND = "loan"
"""How a model goes on depends on the channel far more than on the product."""
SENTENCES = 6
"""Of each channel: those that the examples of its prompts end with."""
LEAST_GAP = 1.0
"""Between the lower bar and the median of words in disorder, natural logarithm. A model with less cannot tell."""


def measured_bars(engine: Engine, language: str) -> Bars | None:
    """Half of our sentences reach the upper bar, nineteen of twenty the lower one.

    None for a model that cannot tell sense from disorder, and where a server scores no words but its own. Takes as long
    as writing some fifty texts, at the priority of a campaign. Raises EngineError.
    """
    random = Random(1)  # noqa: S311 no secret
    scores = [score for channel in CHANNELS for score in _scores(engine, channel, language, random)]
    if not scores:
        return None
    good, shuffled = zip(*scores, strict=True)
    twentieths = quantiles(good, n=20, method="inclusive")
    bars = Bars(upper=median(good), lower=twentieths[0])
    return bars if bars.lower - median(shuffled) >= LEAST_GAP else None


def _scores(engine: Engine, channel: str, language: str, random: Random) -> list[tuple[float, float]]:
    """Of each sentence, and of its words in disorder, after a prompt that shows it. One channel's are asked for at a
    time, so that the model can be closed soon."""
    prompt = _prompt(channel, language, is_chat=engine.is_chat, template=engine.chat_template)
    asked = []
    for sentence in CONTINUATIONS[language][KIND][STYLES.get(channel, "short")][:SENTENCES]:
        good = engine.score(prompt, sentence, priority=Priority.CAMPAIGN)
        shuffled = engine.score(prompt, _shuffled(sentence, random), priority=Priority.CAMPAIGN)
        if good is None or shuffled is None:
            return []
        asked.append((good, shuffled))
    return [(_mean(good), _mean(shuffled)) for good, shuffled in asked]


def _prompt(channel: str, language: str, *, is_chat: bool, template: ChatTemplate | None) -> Prompt:
    """One about the product of an example, as a campaign would ask for a text."""
    example = begun_examples(channel, KIND, 1, language)[0]
    name, _dot, description = example.product.partition(". ")
    product = prompts.Product(name, KIND, description)
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
