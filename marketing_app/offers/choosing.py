"""Which of the drafts becomes an offer's text, and what is kept of all of them."""

from dataclasses import dataclass

from ..llm.choice import better
from ..llm.engine import Draft, Generation
from ..models import Message, ProjectSaleChannel


@dataclass(frozen=True)
class Yardstick:
    """What the drafts of a channel are measured by.

    `facts` is what an offer may state: what the product's description and the occasion say. `max_length` is in
    characters.
    """

    language: str
    max_length: int | None
    facts: str


def yardstick_of(project_channel: ProjectSaleChannel) -> Yardstick:
    project = project_channel.project
    facts = f"{project.product.name} {project.product.description} {project.occasion}"
    return Yardstick(project.language, project_channel.channel.max_length, facts)


def best_text(generation: Generation, prompt: str, yardstick: Yardstick) -> str:
    """The text of the best draft; empty when the model gave none."""
    drafts = _with_text(generation)
    if not drafts:
        return ""
    chosen = better(
        drafts,
        language=yardstick.language,
        max_length=yardstick.max_length,
        prompt_text=prompt,
        facts=yardstick.facts,
    )
    return drafts[chosen].text.strip()


def keep_drafts(message: Message, generation: Generation) -> None:
    """Keep every draft, and what the writing took."""
    message.drafts = [[draft.text, draft.token_count, _rounded(draft.mean_logprob)] for draft in _with_text(generation)]
    message.prompt_token_count = generation.prompt_tokens
    message.token_count = generation.token_count
    message.seconds = round(generation.seconds, 3)


def _with_text(generation: Generation) -> list[Draft]:
    return [draft for draft in generation.drafts if draft.text.strip()]


def _rounded(logprob: float | None) -> float | None:
    return None if logprob is None else round(logprob, 4)
