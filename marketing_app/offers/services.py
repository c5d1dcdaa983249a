"""What a marketer does with an offer: begin it, ask for a change, say what came of it."""

from dataclasses import replace

from sqlalchemy.dialects.postgresql import insert

from ..database import db
from ..llm.engine import Engine, Options, Prompt, PromptTooLong
from ..llm.prompts import Turn
from ..llm.registry import model
from ..models import (
    Benefit,
    Client,
    DraftState,
    Message,
    MessageRole,
    Offer,
    OfferState,
    Outcome,
    Project,
    ProjectSaleChannel,
    User,
)
from ..privacy.services import must_not_be_opted_out
from ..projects.services import ProjectArchived, current_version
from . import prompting
from .angles import BEST, benefits_to_say
from .conversation import beginning_of, branch, usual_start
from .learning import keep_prompt
from .requests import request_for_benefit
from .writing import close_abandoned

DEFAULT_MAX_TOKENS = 256
CHARACTERS_PER_TOKEN = 2.5
FEWEST_TOKENS = 48
BASE_CANDIDATES = 8
"""A base model is uneven: what it says first is seldom the best. What it adds to an opening is short, so eight cost
little more than one."""

BASE_TEMPERATURE, BASE_MIN_P, BASE_REPEAT_PENALTY = 0.7, 0.15, 1.0
"""Measured by the model's certainty (docs/performance.md): hotter it writes less sense, and a penalty costs sense in
texts so short that nothing is repeated in them."""


class StillWriting(Exception):
    """The offer's last draft is not finished yet: one draft of an offer is written at a time."""


def begin_offer(
    project_channel: ProjectSaleChannel, client: Client, text: str, author: User, benefit_id: int = BEST
) -> tuple[Message, Prompt]:
    """The first, or the next, draft of an offer from a prompt text (the channel's own, or changed for this once).

    `benefit_id` is as angles.Benefits.asked takes it. Returns the stored draft and the exact prompt for the model.
    Raises ProjectArchived, OptedOut, StillWriting, or the errors of the engine when it cannot take the prompt; then
    nothing is stored.
    """
    must_be_active(project_channel.project)
    must_not_be_opted_out(client)
    lock_starts(project_channel, is_shared=True)
    benefit = benefits_to_say(project_channel, client).asked(benefit_id)
    prompt = prompting.exact_prompt(project_channel, text, client, angle=benefit.text if benefit else "")
    _must_fit(prompt, project_channel)
    offer = _offer_for(project_channel, client)
    choose_benefit(offer, benefit)
    asked = Message(offer=offer, role=MessageRole.PROMPT, text=text, author_id=author.id, is_beginning=True)
    return _answer_to(asked, prompt), prompt


def ask_for_change(offer: Offer, request: str, author: User, after: Message | None = None) -> tuple[Message, Prompt]:
    """The next draft of an offer, written with the conversation up to the text `after` and the new request.

    Without `after` it goes on from conversation.usual_start. Raises as `begin_offer`.
    """
    must_be_active(offer.project_channel.project)
    must_not_be_opted_out(offer.client)
    lock_starts(offer.project_channel, is_shared=True)
    lock_idle(offer)
    parent = after or usual_start(offer)
    started, turns = branch(offer, parent)
    asked_so_far = [*turns, Turn("user", request)]
    prompt = prompting.exact_prompt(offer.project_channel, started, offer.client, asked_so_far, offer.angle)
    _must_fit(prompt, offer.project_channel)
    asked = Message(offer=offer, role=MessageRole.PROMPT, text=request, author_id=author.id)
    asked.parent_id = parent.id if parent else None
    return _answer_to(asked, prompt), prompt


def ask_anew(offer: Offer, author: User) -> tuple[Message, Prompt]:
    """A draft that says the offer's benefit, from the prompt that the conversation began with.

    The model reads none of the drafts before it: a small one would say their benefit again. Raises as `begin_offer`.
    """
    must_be_active(offer.project_channel.project)
    must_not_be_opted_out(offer.client)
    lock_starts(offer.project_channel, is_shared=True)
    lock_idle(offer)
    begun = beginning_of(offer)
    started = begun.text if begun else offer.prompt_version.text
    prompt = prompting.exact_prompt(offer.project_channel, started, offer.client, angle=offer.angle)
    _must_fit(prompt, offer.project_channel)
    request = request_for_benefit(offer.angle, offer.project_channel.project.language)
    asked = Message(offer=offer, role=MessageRole.PROMPT, text=request, author_id=author.id)
    asked.parent_id = begun.id if begun else None
    return _answer_to(asked, prompt), prompt


def choose_benefit(offer: Offer, benefit: Benefit | None) -> None:
    """What the offer's next drafts are to say first of all, in the benefit's words of now."""
    offer.benefit_id, offer.angle = (benefit.id, benefit.text) if benefit else (None, "")


def options_for(project_channel: ProjectSaleChannel) -> Options:
    return options_for_length(project_channel.channel.max_length, model.engine())


def options_for_length(longest: int | None, engine: Engine) -> Options:
    """How a model writes texts of at most so many characters: several candidates when it is a base model."""
    tokens = int(longest / CHARACTERS_PER_TOKEN) if longest else DEFAULT_MAX_TOKENS
    usual = Options(max_tokens=min(DEFAULT_MAX_TOKENS, max(FEWEST_TOKENS, tokens)))
    if engine.is_chat:
        return usual
    return replace(
        usual,
        candidates=BASE_CANDIDATES,
        temperature=BASE_TEMPERATURE,
        min_p=BASE_MIN_P,
        repeat_penalty=BASE_REPEAT_PENALTY,
    )


def set_outcome(offer: Offer, outcome: Outcome) -> None:
    must_be_active(offer.project_channel.project)
    offer.outcome = outcome
    db.session.flush()


def must_be_active(project: Project) -> None:
    if project.is_archived:
        raise ProjectArchived


def lock_starts(project_channel: ProjectSaleChannel, *, is_shared: bool = False) -> None:
    """Until this transaction ends, whoever asks which clients of the channel have no offer waits for what we begin.

    Campaigns exclude each other and all drafts by hand; those, `is_shared`, exclude campaigns alone. Locked before any
    offer is.
    """
    channel = db.select(ProjectSaleChannel.id).where(ProjectSaleChannel.id == project_channel.id)
    # Not the lock of a deletion: the foreign keys of new offers may refer to the row meanwhile.
    db.session.execute(channel.with_for_update(read=is_shared, key_share=not is_shared))


def _must_fit(prompt: Prompt, project_channel: ProjectSaleChannel) -> None:
    counted = prompting.count_tokens(prompt)
    if counted is None:
        return
    tokens, context = counted
    limit = context - options_for(project_channel).max_tokens
    if tokens > limit:
        raise PromptTooLong(tokens, limit)


def _offer_for(project_channel: ProjectSaleChannel, client: Client) -> Offer:
    """The client's offer by hand, made where there is none; who begins it at the same moment waits and finds ours."""
    key = {"project_channel_id": project_channel.id, "client_id": client.id}
    version = current_version(project_channel)
    new = {"project_id": project_channel.project_id, "prompt_version_id": version.id, "state": OfferState.WRITING}
    db.session.execute(insert(Offer).values(key | new).on_conflict_do_nothing())
    by_hand = db.select(Offer).filter_by(campaign_id=None, **key).with_for_update(of=Offer)
    offer = db.session.scalars(by_hand.execution_options(populate_existing=True)).one()
    _must_be_idle(offer)
    offer.prompt_version_id = version.id
    offer.state = offer.state if offer.text else OfferState.WRITING
    return offer


def lock_idle(offer: Offer) -> None:
    """Nobody else changes the offer until this transaction ends. Raises StillWriting while a draft is being written."""
    db.session.refresh(offer, ["state", "text", "current_id", "revision"], with_for_update={"of": Offer})
    _must_be_idle(offer)


def _must_be_idle(offer: Offer) -> None:
    close_abandoned()
    writing = db.select(Message.id).filter_by(offer_id=offer.id, state=DraftState.WRITING)
    is_in_campaign = offer.campaign_id is not None and offer.state in (OfferState.WAITING, OfferState.WRITING)
    if is_in_campaign or db.session.scalar(writing.limit(1)):
        raise StillWriting


def _answer_to(asked: Message, prompt: Prompt) -> Message:
    """Store what was asked and the empty draft that will answer it."""
    db.session.add(asked)
    db.session.flush()
    draft = Message(offer=asked.offer, role=MessageRole.DRAFT, state=DraftState.WRITING)
    keep_prompt(draft, prompt)
    draft.parent_id, draft.model_name = asked.id, model.engine().card.name
    db.session.add(draft)
    db.session.flush()
    return draft
