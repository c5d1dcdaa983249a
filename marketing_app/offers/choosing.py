"""Which of the drafts becomes an offer's text, and what is kept of all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import inf
from typing import NamedTuple

from ..checks.findings import Facts, Finding, Severity
from ..checks.registry import passes
from ..llm.engine import Draft, Generation
from ..models import Message
from .checking import check_draft, weight
from .sense import kept_sense, senses_of_drafts

WORTH_ANOTHER_ROUND = frozenset(
    {
        "angle.said", "text.one_action", "call.question", "language.role", "language.spelling", "language.sentence",
        "language.repeats_opening", "language.only_opening", "language.sense", "office.step", "person.address",
        "person.familiar",
    }
)  # fmt: skip
"""Rules that do not block, or not always: what they ask for is what an offer is written for, or, as a word that no
dictionary has, the sign of a sentence that means nothing."""


class Choice(NamedTuple):
    """A draft's text, empty when the model gave none, with what the rules say of it. `is_unchanged` when it is the
    very text that a change was asked of."""

    text: str
    findings: list[Finding]
    logprob: float = 0.0
    is_unchanged: bool = False

    @property
    def rank(self) -> tuple[int, bool, int, int, float]:
        """The lowest is the best: what blocks it first, then whether it is no news, then what a person should look at,
        then notes that are worth another round; the model's own certainty last. Other notes do not count: a sign that
        an SMS has a plainer form of stands in the opening, and so in every draft."""
        blocking, warning = weight(self.findings)
        notes = sum(_is_worth_a_round(finding) for finding in self.findings if finding.severity is Severity.NOTE)
        return blocking, self.is_unchanged, warning, notes, -self.logprob

    @property
    def is_faultless(self) -> bool:
        return not any(self.rank[:-1])


def best_draft(generation: Generation, facts: Facts) -> Choice:
    """The choice with the lowest rank. The model's surest drafts are checked first: after one that no rule complains of
    the others need no check, which is most of what an offer costs beside the model."""
    best, seen = Choice("", []), set[str]()
    drafts = _with_text(generation)
    unknown = -inf if any(draft.certainty for draft in drafts) else 0.0
    for draft in sorted(drafts, key=lambda each: _certainty(each, unknown), reverse=True):
        if draft.text not in seen:
            seen.add(draft.text)
            choice = _choice(draft, facts, unknown)
            if not best.text or choice.rank < best.rank:
                best = choice
            if best.is_faultless:
                break
    return best


def is_good(findings: Sequence[Finding]) -> bool:
    """Whether nothing blocks a text, nor lacks it what an offer is written for."""
    return passes(findings) and not any(map(_is_worth_a_round, findings))


def keep_drafts(message: Message, generations: Sequence[Generation], facts: Facts) -> None:
    """Keep every draft of all rounds, how sure the model was of the message's text, and what the writing took."""
    drafts = [draft for generation in generations for draft in _with_text(generation)]
    message.drafts = [
        [draft.text, draft.token_count, round(draft.certainty.mean, 4) if draft.certainty else None] for draft in drafts
    ]
    message.certainty = kept_sense(message.text, with_senses(facts, drafts))
    message.round_count = len(generations)
    message.prompt_token_count = sum(generation.prompt_tokens for generation in generations)
    message.token_count = sum(generation.token_count for generation in generations)
    message.seconds = round(sum(generation.seconds for generation in generations), 3)


def with_senses(facts: Facts, drafts: Iterable[Draft]) -> Facts:
    """The facts with what the model thought of its drafts."""
    return replace(facts, senses=senses_of_drafts(drafts, facts.bars))


def _choice(draft: Draft, facts: Facts, unknown: float) -> Choice:
    text = draft.text.strip()
    return Choice(text, check_draft(text, facts), _certainty(draft, unknown), text == facts.former)


def _certainty(draft: Draft, unknown: float) -> float:
    """The mean; `unknown` for a draft without one. Where others have one, the model added nothing to the opening."""
    return draft.certainty.mean if draft.certainty else unknown


def _with_text(generation: Generation) -> list[Draft]:
    return [draft for draft in generation.drafts if draft.text.strip()]


def _is_worth_a_round(finding: Finding) -> bool:
    return finding.rule in WORTH_ANOTHER_ROUND
