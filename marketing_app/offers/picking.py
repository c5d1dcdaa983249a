"""A person picks which text of the conversation is the offer's: a draft, an edit, or a draft that was not the best."""

from typing import Any

from ..database import db
from ..llm.certainty import Bars
from ..models import Message, MessageRole, Offer, User
from ..privacy.services import must_not_be_opted_out
from .checking import check_draft, facts_of_message, verdict_of
from .conversation import has_text
from .edits import ChangedMeanwhile, edit_text
from .finishing import lock_cleared
from .sense import model_sense
from .services import lock_idle, must_be_active
from .texts import take_text


class NoSuchText(Exception):
    """The message has no text to pick: it failed, or is a request, or never made so many drafts."""


class Retired(Exception):
    """The text is the text bank's, and may not be used any more."""


def pick_text(offer: Offer, message: Message, revision: int) -> None:
    """Make a draft or edit of the conversation the offer's text again, checked by what is true today.

    Raises NoSuchText, Retired, and the errors of edits.edit_text.
    """
    must_be_active(offer.project_channel.project)
    must_not_be_opted_out(offer.client)
    lock_idle(offer)
    if offer.revision != revision:
        raise ChangedMeanwhile
    if message.role is MessageRole.PROMPT or not has_text(message):
        raise NoSuchText
    if message.role is MessageRole.BANK and not lock_cleared(message):
        raise Retired
    take_text(offer, message, verdict_of(check_draft(message.text, facts_of_message(message))))
    db.session.flush()


def pick_candidate(offer: Offer, message: Message, number: int, author: User, revision: int) -> None:
    """Make one of the drafts that lost to `message` the offer's text. Kept as the picker's edit: the draft stays as it
    was written. `number` counts from 0. Raises as `pick_text`.
    """
    if not 0 <= number < len(message.drafts):
        raise NoSuchText
    edit_text(offer, message.drafts[number][0], author, revision, of=message, certainty=_certainty_of(message, number))


def _certainty_of(message: Message, number: int) -> dict[str, Any] | None:
    """How sure the model was of one of its drafts, by the bars of the message."""
    text, _tokens, mean = message.drafts[number]
    if message.certainty is None or mean is None:
        return None
    return model_sense(mean, (0, len(text)), Bars(*message.certainty["bars"]))
