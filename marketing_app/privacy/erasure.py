"""Erasing clients with everything made of them: a line in the audit is all that stays.

Set-based statements over some thousand clients at a time: 100,000 of them with their offers go in seconds.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import lazyload

from ..campaigns import jobs
from ..client_imports.services import take_back_changes
from ..client_imports.sources import discard_unloaded
from ..client_imports.staging import Stage, one_at_a_time
from ..database import db
from ..models import (
    AuditEntry,
    Campaign,
    Client,
    ClientChange,
    ClientImport,
    ClientRejection,
    ClientSource,
    Message,
    Offer,
    User,
)
from . import stages
from .traces import forget_rejected, forget_rejected_of_nobody, forget_typed, traces_of

AT_ONCE = 5_000
"""Clients a statement takes."""


class LoadRuns(Exception):
    """The load is still bringing clients: cancel it first, or wait."""


def erase_client(client: Client, author: User) -> None:
    """With the project's sources that wait to be loaded, and the rejected rows that name nobody: the client may be in
    them.

    The audit keeps the bank's id of the client; a client without one is a number there.
    """
    discard_unloaded(client.project_id)  # first: a load of one that begins at this moment is then waited for
    _wait_for_loads(client.project_id)
    erase(client.project_id, [client.id])
    forget_rejected_of_nobody(client.project_id)
    record_erasure("client", client.id, author, name=client.shown_id)


def erase_import(load: ClientImport, author: User) -> int:
    """Erase the clients that a load brought, and the load; those whom it changed are again as they were.

    What may be one of them in the project goes too, as in erase_client. Returns the number of clients.

    Raises LoadRuns, or BuiltUpon when later loads changed those clients again.
    """
    if load.is_open:
        raise LoadRuns  # at once: while its clients are placed its row is locked
    discard_unloaded(load.project_id)
    _wait_for_loads(load.project_id)
    db.session.refresh(load, with_for_update={"of": ClientImport})
    if load.is_open:
        raise LoadRuns
    _run(db.delete(ClientRejection).where(ClientRejection.import_id == load.id))
    count = _erase_all(load)
    forget_rejected_of_nobody(load.project_id)
    take_back_changes(load)
    _forget_name(load)
    Stage(load).drop()
    _forget_source(load)
    db.session.execute(db.delete(ClientImport).where(ClientImport.id == load.id))
    record_erasure("client_import", load.id, author, count)
    return count


def erase_older(project_id: int, age_days: int) -> int:
    """Erase some of the clients whose data is older, the oldest first; returns their number."""
    _wait_for_loads(project_id)
    older = Client.updated_at < func.now() - func.make_interval(0, 0, 0, age_days)
    query = db.select(Client.id).where(Client.project_id == project_id, older).order_by(Client.updated_at)
    numbers = db.session.scalars(query.limit(AT_ONCE)).all()
    if numbers:
        erase(project_id, numbers)
    return len(numbers)


def erase(project_id: int, client_ids: Sequence[int]) -> None:
    """Erase clients of a project, and what was made of them.

    The clients are locked before their offers are looked for, so that no campaign takes one of them meanwhile, and
    the campaigns before their offers, as everywhere. A worker that writes for one of these finds no offer to store.
    """
    chosen = _array(client_ids)
    theirs = Client.id == func.any(chosen)
    identities = db.session.scalars(
        db.select(Client.identity).where(theirs).order_by(Client.id).with_for_update()
    ).all()
    traces = traces_of(theirs)
    stages.forget(project_id, identities)
    campaign_ids = _lock_campaigns(chosen)
    _erase_offers(chosen)
    _run(db.delete(ClientChange).where(ClientChange.client_id == func.any(chosen)))
    _run(db.delete(Client).where(theirs))
    forget_rejected(project_id, traces)
    forget_typed(project_id, traces)
    jobs.finish_campaigns(campaign_ids)


def record_erasure(
    object_type: str, object_id: int, author: User | None, count: int | None = None, name: str | None = None
) -> AuditEntry:
    """The line that stays: who, when, which or how many; without an author it was the night."""
    entry = AuditEntry(
        user_id=author.id if author else None,
        action="erase",
        object_type=object_type,
        object_id=str(object_id),
        object_name=name or str(object_id),
        changes={} if count is None else {"clients": [str(count), "0"]},
    )
    db.session.add(entry)
    db.session.flush()
    return entry


def _wait_for_loads(project_id: int) -> None:
    """No load stages or places clients until this transaction ends: it would lock the same ones in another order.

    The rows of loads first, as whoever places or takes back one does.
    """
    stages.lock_loads(project_id)
    one_at_a_time(project_id)


def _erase_all(load: ClientImport) -> int:
    query = db.select(Client.id).where(Client.import_id == load.id, Client.project_id == load.project_id)
    numbers = db.session.scalars(query).all()
    for start in range(0, len(numbers), AT_ONCE):
        erase(load.project_id, numbers[start : start + AT_ONCE])
    return len(numbers)


def _lock_campaigns(chosen: ColumnElement[Any]) -> Sequence[int]:
    concerned = db.select(Offer.campaign_id).where(Offer.client_id == func.any(chosen))
    query = db.select(Campaign.id).where(Campaign.id.in_(concerned)).options(lazyload("*")).order_by(Campaign.id)
    return db.session.scalars(query.with_for_update(key_share=True)).all()


def _erase_offers(chosen: ColumnElement[Any]) -> None:
    """Their conversations and jobs too. A campaign then has so many offers less, so that its progress stays true."""
    theirs = db.select(Offer.id).where(Offer.client_id == func.any(chosen))
    _run(db.delete(Message).where(Message.offer_id.in_(theirs)))
    erased = db.delete(Offer).where(Offer.client_id == func.any(chosen)).returning(Offer.id, Offer.campaign_id)
    offers = db.session.execute(erased.execution_options(synchronize_session=False)).all()
    jobs.remove_waiting_of([offer_id for offer_id, _campaign in offers])
    for campaign_id, count in Counter(campaign for _offer, campaign in offers if campaign).items():
        smaller = db.update(Campaign).where(Campaign.id == campaign_id)
        db.session.execute(smaller.values(offer_count=Campaign.offer_count - count))


def _forget_name(load: ClientImport) -> None:
    """Campaigns tell from which load their clients came; the name of a file may be that of a person."""
    told = db.update(Campaign).where(Campaign.project_id == load.project_id)
    told = told.where(Campaign.chosen["load"].as_string() == load.source)
    number = func.jsonb_build_object("load", f"№ {load.id}")
    _run(told.values(chosen=Campaign.chosen.concat(number)))


def _forget_source(load: ClientImport) -> None:
    """Unless another load has it: one of the same source may run at this moment."""
    source = db.select(ClientSource.id).where(ClientSource.id == load.source_id)
    db.session.execute(source.with_for_update())  # whoever starts a load of it does that too
    other = db.select(ClientImport.id).where(ClientImport.source_id == ClientSource.id, ClientImport.id != load.id)
    _run(db.delete(ClientSource).where(ClientSource.id == load.source_id, ~other.exists()))


def _array(numbers: Sequence[int]) -> ColumnElement[Any]:
    """One parameter, however many numbers."""
    return cast(list(numbers), ARRAY(BigInteger))


def _run(statement: Any) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))
