"""The two statements that every offer of a campaign costs: one claims it, one stores its text.

They are composed once, when this module is imported: composing them again for each offer took longer than PostgreSQL
needs to carry them out.
"""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import BindParameter, ColumnElement, Table, bindparam, func
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate, Update
from sqlalchemy.types import TypeEngine

from ..database import db
from ..models import Benefit, Campaign, Client, DraftState, Message, MessageRole, Offer, OfferState, Project, Verdict
from ..offers.texts import state_with
from ..privacy.services import opted_out
from .jobs import may_run

OFFERS, MESSAGES = cast(Table, Offer.__table__), cast(Table, Message.__table__)
ASKED = ("text", "author_id")
DRAFT = (
    "text", "prompt", "example_ids", "model_name", "drafts", "certainty", "round_count",
    "prompt_token_count", "token_count", "seconds",
)  # fmt: skip
"""What differs from offer to offer in the two turns of its conversation: what was asked, and the draft."""


def claim(offer_id: int) -> Sequence[Any] | None:
    """Make the offer ours when it waits and its campaign runs; returns what `_claiming` does."""
    return db.session.connection().execute(_CLAIM, {"offer": offer_id}).one_or_none()


def store_text(offer_id: int, attempt: int, asked: Message, draft: Message, verdict: Verdict) -> None:
    """Store the text of `draft` as the offer's, with the turns it came from, unless the offer is not ours any more."""
    values = {"offer": offer_id, "attempt": attempt, "verdict": verdict, "state": state_with(verdict)}
    turns = _values("asked", asked, ASKED) | _values("draft", draft, DRAFT)
    db.session.connection().execute(_STORE, values | turns)


def _claiming() -> ReturningUpdate[Any]:
    """A benefit that has got other words since is not what the text is to say: its signs are left out."""
    signs = db.select(Benefit.signs).where(Benefit.id == Offer.benefit_id, Benefit.text == Offer.angle)
    return (
        db.update(Offer)
        .where(Offer.id == bindparam("offer"), Offer.state == OfferState.WAITING)
        .where(Campaign.id == Offer.campaign_id, Project.id == Campaign.project_id, Client.id == Offer.client_id)
        .where(may_run())
        .values(state=OfferState.WRITING, attempt_count=Offer.attempt_count + 1)
        .returning(
            Offer.id,
            Offer.attempt_count,
            Offer.campaign_id,
            Offer.prompt_version_id,
            Offer.client_id,
            Client.data,
            opted_out(Offer.project_id),
            Offer.angle,
            signs.scalar_subquery(),
        )
        .execution_options(synchronize_session=False)
    )


def _storing() -> Update:
    """The offer is locked before its turns are made, so that whoever cancels or erases it goes first or last.

    The draft is made out of the row of what was asked: so it has the higher id of the two.
    """
    ours = (
        db.select(OFFERS.c.id)
        .where(OFFERS.c.id == bindparam("offer"), OFFERS.c.state == OfferState.WRITING)
        .where(OFFERS.c.attempt_count == bindparam("attempt"))
        .with_for_update()
        .cte("ours")
    )
    asked = _turn("asked", ours.c.id, ASKED, MessageRole.PROMPT).cte("asked")
    draft = _turn("draft", asked.c.offer_id, DRAFT, MessageRole.DRAFT).cte("draft")
    return (
        db.update(OFFERS)
        .where(OFFERS.c.id == draft.c.offer_id)
        .values(
            text=bindparam("draft_text"),
            verdict=bindparam("verdict"),
            state=bindparam("state"),
            current_id=draft.c.id,
            written_at=func.now(),
        )
    )


def _turn(prefix: str, offer_id: ColumnElement[int], names: tuple[str, ...], role: MessageRole) -> ReturningInsert[Any]:
    """A message of the offer, with what every message of its role has and what is given in parameters."""
    is_beginning = role is MessageRole.PROMPT
    same = {"role": role, "state": DraftState.READY, "is_beginning": is_beginning}
    usual = {"text": "", "prompt": "", "drafts": [], "model_name": "", "failure": ""}
    counts = dict.fromkeys(("prompt_token_count", "token_count", "seconds"), 0)
    fixed = {name: value for name, value in (same | usual | counts).items() if name not in names}
    literals = [db.literal(value, MESSAGES.c[name].type) for name, value in fixed.items()]
    given = [_parameter(prefix, name) for name in names]
    rows = db.select(offer_id, *literals, *given)
    columns = ["offer_id", *fixed, *names]
    inserted = db.insert(MESSAGES).from_select(columns, rows, include_defaults=False)
    return inserted.returning(MESSAGES.c.id, MESSAGES.c.offer_id)


def _parameter(prefix: str, name: str) -> BindParameter[Any]:
    kind: TypeEngine[Any] = MESSAGES.c[name].type
    return bindparam(f"{prefix}_{name}", type_=kind)


def _values(prefix: str, message: Message, names: tuple[str, ...]) -> dict[str, Any]:
    return {f"{prefix}_{name}": getattr(message, name) for name in names}


_CLAIM = _claiming()
_STORE = _storing()
