"""A person's own text of an offer, written over the draft or the edit before it."""

from ..checks.sms import plain
from ..database import db
from ..models import Message, MessageRole, Offer, User
from ..privacy.services import must_not_be_opted_out
from .checking import check_draft, facts_of_offer, verdict_of
from .scoring import queue_scoring
from .services import lock_idle, must_be_active
from .texts import take_text


class ChangedMeanwhile(Exception):
    """Somebody changed the offer's text or its review since the page was opened; nothing is stored."""


def edit_text(offer: Offer, text: str, author: User, revision: int, of: Message | None = None) -> Message:
    """Make a person's text the offer's: kept as an edit of `of` or else of the text before it, checked as a draft is.

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
    db.session.add(message)
    db.session.flush()
    take_text(offer, message, verdict_of(check_draft(written, facts_of_offer(offer))))
    queue_scoring(message)
    db.session.flush()
    return message


def write_plainly(offer: Offer, author: User, revision: int) -> Message:
    """The same text in characters that every phone has and that need the fewest SMS parts. Raises as `edit_text`."""
    return edit_text(offer, plain(offer.text), author, revision)
