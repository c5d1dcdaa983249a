"""Which of the drafts becomes an offer's text, and what is kept of all of them."""

from ..checks.findings import Facts
from ..llm.engine import Draft, Generation
from ..models import Message
from .checking import check_draft, weight


def best_text(generation: Generation, facts: Facts) -> str:
    """The text of the best draft; empty when the model gave none."""
    drafts = _with_text(generation)
    return min(drafts, key=lambda draft: _rank(draft, facts)).text.strip() if drafts else ""


def keep_drafts(message: Message, generation: Generation) -> None:
    """Keep every draft, and what the writing took."""
    message.drafts = [[draft.text, draft.token_count, _rounded(draft.mean_logprob)] for draft in _with_text(generation)]
    message.prompt_token_count = generation.prompt_tokens
    message.token_count = generation.token_count
    message.seconds = round(generation.seconds, 3)


def _rank(draft: Draft, facts: Facts) -> tuple[int, int, float]:
    """What blocks it first, then what a person should look at; the model's own certainty last."""
    blocking, warning = weight(check_draft(draft.text.strip(), facts))
    return blocking, warning, -(draft.mean_logprob or 0.0)


def _with_text(generation: Generation) -> list[Draft]:
    return [draft for draft in generation.drafts if draft.text.strip()]


def _rounded(logprob: float | None) -> float | None:
    return None if logprob is None else round(logprob, 4)
