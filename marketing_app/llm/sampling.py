"""Choosing the next token: repetition, top-k, top-p, min-p, temperature, in llama.cpp's order."""

from collections import deque
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from .engine import Options

REMEMBERED = 64
"""How many of the newest tokens count as repetition."""

BLOCK = 256

LEAST_PERMITTED = 0.02
"""Where less than this share of what the model would say next is permitted, it has nothing more to say."""


class Sampler:
    """Draws one draft's tokens. The same seed draws the same tokens from the same scores.

    `permitted` says of each token whether it may be drawn; None permits all.
    """

    def __init__(
        self, options: Options, seed: int | None, prompt: list[int], permitted: NDArray[np.bool_] | None = None
    ) -> None:
        self._options = options
        self._permitted = permitted
        self._random = np.random.default_rng(seed)
        self._recent = deque(prompt[-REMEMBERED:], maxlen=REMEMBERED)

    def draw(self, logits: NDArray[np.float32]) -> tuple[int, float] | None:
        """The next token, and its log-probability as the model has it, before any option changes it.

        None when hardly anything that the model would say is permitted.
        """
        whole = _log_sum(logits)
        penalised = self._penalise(logits)
        candidates = likeliest(logits, self._options.top_k or len(logits))
        scores = logits[candidates].astype(np.float64)
        logits[penalised[0]] = penalised[1]
        logprobs = scores - _log_sum(scores)
        if self._permitted is not None:
            allowed = self._permitted[candidates]
            candidates, logprobs = candidates[allowed], logprobs[allowed]
            if np.exp(logprobs).sum() < LEAST_PERMITTED:
                return None
        kept = self._cut(logprobs)
        chosen = self._one_of(logprobs[kept])
        token = int(candidates[kept][chosen])
        self._recent.append(token)
        return token, float(logits[token]) - whole

    def _penalise(self, logits: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Lower the scores of recent tokens in place; returns which they were and what they had, to put them back."""
        recent = np.fromiter(set(self._recent), dtype=np.int64)
        before = logits[recent]
        penalty = self._options.repeat_penalty
        logits[recent] = np.where(before > 0, before / penalty, before * penalty)
        return recent, before

    def _cut(self, logprobs: NDArray[np.float64]) -> NDArray[np.intp]:
        """Places of the candidates, which come likeliest first, that top-p and min-p leave."""
        probabilities = np.exp(logprobs - _log_sum(logprobs))
        within = np.cumsum(probabilities) - probabilities < self._options.top_p
        likely = probabilities >= self._options.min_p * probabilities[0]
        return np.flatnonzero(within & likely)

    def _one_of(self, logprobs: NDArray[np.float64]) -> int:
        if self._options.temperature <= 0:
            return int(np.argmax(logprobs))
        weights = np.exp((logprobs - logprobs.max()) / self._options.temperature)
        return int(self._random.choice(len(weights), p=weights / weights.sum()))


class ForcedTokens:
    """Draws the tokens that it is given, to learn how likely the model has them; then nothing."""

    def __init__(self, tokens: Iterable[int]) -> None:
        self._tokens = iter(tokens)

    def draw(self, logits: NDArray[np.float32]) -> tuple[int, float] | None:
        token = next(self._tokens, None)
        return None if token is None else (token, float(logits[token]) - _log_sum(logits))


def likeliest(scores: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Places of the `count` highest scores, highest first.

    A quarter of a million scores are too many to sort sixteen times a step. The highest `count` lie in the `count`
    blocks with the highest maxima, so only those blocks are looked into.
    """
    whole = len(scores) // BLOCK * BLOCK
    maxima = scores[:whole].reshape(-1, BLOCK).max(axis=1)
    blocks = (
        np.argpartition(maxima, -min(count, len(maxima)))[-count:] if count < len(maxima) else np.arange(len(maxima))
    )
    places = (blocks[:, None] * BLOCK + np.arange(BLOCK)).ravel()
    places = np.concatenate([places, np.arange(whole, len(scores))])
    values = scores[places]
    best = np.argpartition(values, -min(count, len(values)))[-count:]
    return places[best[np.argsort(values[best])[::-1]]]


def _log_sum(scores: NDArray[np.float32] | NDArray[np.float64]) -> float:
    highest = scores.max()
    return float(highest + np.log(np.exp(scores - highest).sum()))
