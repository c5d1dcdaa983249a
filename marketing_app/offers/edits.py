"""A person's own text of an offer, written over the draft or the edit before it."""

from typing import Any

from ..checks.sms import plain
from ..database import db
from ..models import Message, MessageRole, Offer, User
from ..privacy.services import must_not_be_opted_out
from .checking import findings_of, verdict_of
from .scoring import queue_scoring
from .services import lock_idle, must_be_active
from .texts import take_text


class ChangedMeanwhile(Exception):
    """Somebody changed the offer's text or its review since the page was opened; nothing is stored."""


def edit_text(
    offer: Offer,
    text: str,
    author: User,
    revision: int,
    of: Message | None = None,
    certainty: dict[str, Any] | None = None,
) -> Message:
    """Make a person's text the offer's: kept as an edit of `of` or else of the text before it, checked as a draft is.
    Where the words are the model's own after all, `certainty` is what a message keeps of them (see `sense`).

    `revision` is the offer's when the person began to write. Raises ChangedMeanwhile when it is another one by now,
    and ProjectArchived, OptedOut, StillWriting as services.ask_for_change does.
    """
    must_be_active(offer.project_channel.project)
    must_not_be_opted_out(offer.client)
    lock_idle(offer)
    if offer.revision != revision:
        raise ChangedMeanwhile
    written = text.strip()
    parent_id = of.id if of else offer.current_id
    message = Message(offer=offer, role=MessageRole.EDIT, text=written, parent_id=parent_id, author_id=author.id)
    message.certainty = certainty
    db.session.add(message)
    db.session.flush()
    take_text(offer, message, verdict_of(findings_of(message)))
    if certainty is None:
        queue_scoring(message)
    db.session.flush()
    return message


def write_plainly(offer: Offer, author: User, revision: int) -> Message:
    """The same text in characters that every phone has and that need the fewest SMS parts. Raises as `edit_text`."""
    current = db.session.get(Message, offer.current_id) if offer.current_id else None
    return edit_text(offer, plain(offer.text), author, revision, certainty=current.certainty if current else None)
