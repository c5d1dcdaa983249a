"""The conversation of an offer as a tree: each text goes on from one before it, and the model reads its branch only."""

from ..llm.prompts import Turn
from ..models import DraftState, Message, MessageRole, Offer


def texts_of(offer: Offer) -> list[Message]:
    """Drafts and edits that have a text one may go on from, oldest first."""
    return [message for message in offer.messages if has_text(message)]


def has_text(message: Message) -> bool:
    is_over = message.state in (DraftState.READY, DraftState.STOPPED)
    return message.role is not MessageRole.PROMPT and is_over and bool(message.text)


def number_of(message: Message) -> int:
    """Which text of its offer it is, as people count them: from 1, prompts left out."""
    return sum(each.role is not MessageRole.PROMPT and each.id <= message.id for each in message.offer.messages)


def goes_on_from(message: Message) -> Message | None:
    """The earlier text that a request or an edit goes on from, where that is not the newest one before it."""
    earlier = [each for each in message.offer.messages if each.id < message.id and has_text(each)]
    parent = next((each for each in earlier if each.id == message.parent_id), None)
    return None if parent is None or parent is earlier[-1] else parent


def usual_start(offer: Offer) -> Message | None:
    """What the next request goes on from unless a person says otherwise: the offer's text, or a newer beginning."""
    begun = beginning_of(offer)
    newer = [each for each in offer.messages if begun is None or each.id > begun.id]
    current = next((each for each in newer if each.id == offer.current_id), None)
    return current or (offer.messages[-1] if offer.messages else None)


def beginning_of(offer: Offer) -> Message | None:
    """The prompt with which the conversation began, for the last time where that was more than once."""
    return next((message for message in reversed(offer.messages) if message.is_beginning), None)


def branch(offer: Offer, last: Message | None) -> tuple[str, list[Turn]]:
    """The prompt text with which the branch of `last` began, and its drafts and requests up to it."""
    turns = list[Turn]()
    message = last
    while message is not None:
        if message.is_beginning:
            return message.text, turns[::-1]
        if message.role is MessageRole.PROMPT:
            turns.append(Turn("user", message.text))
        elif has_text(message):
            turns.append(Turn("draft", message.text))
        message = _before(offer, message)
    return offer.prompt_version.text, turns[::-1]


def former_text(message: Message) -> str:
    """The text that a draft is to change; "" for the first of a conversation."""
    _started, turns = branch(message.offer, message)
    return next((turn.text for turn in reversed(turns) if turn.role == "draft"), "")


def _before(offer: Offer, message: Message) -> Message | None:
    """Its parent; the newest message before it where none is named (see models.Message)."""
    earlier = [each for each in offer.messages if each.id < message.id]
    named = next((each for each in earlier if each.id == message.parent_id), None)
    return named or (earlier[-1] if earlier else None)
