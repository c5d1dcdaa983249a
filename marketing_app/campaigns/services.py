"""What a marketer does with a campaign: start it, pause it, go on, cancel it, retry what failed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, case, cast, false, func, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, aliased, lazyload

from ..clients.conditions import SEARCHED, Condition
from ..clients.matching import is_shown_as
from ..clients.services import described_all, matching
from ..database import db
from ..llm.engine import EngineError
from ..llm.registry import model
from ..models import (
    Benefit,
    Campaign,
    CampaignState,
    Client,
    ClientImport,
    DraftState,
    Message,
    Offer,
    OfferState,
    Project,
    ProjectSaleChannel,
    PromptVersion,
    User,
)
from ..offers.angles import LARGEST_HASH, benefits_for, best, words_of_benefit
from ..offers.services import BASE_CANDIDATES, lock_starts
from ..privacy.services import client_opted_out, not_opted_out, opted_out
from ..projects.services import must_be_active
from . import jobs

PERSONAL_SUBJECTS = (SEARCHED, "email", "phone")
LEFT_OUT = "…"
ANY_OFFER = true()


class CampaignError(Exception):
    """Something that cannot be done with a campaign."""


class NoClients(CampaignError):
    """No client matches the choice."""


class UnknownClients(CampaignError):
    """So many of the chosen clients are not in the project, or not any more."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} clients are not in the project")
        self.count = count


class CampaignOver(CampaignError):
    """The campaign has finished or was cancelled: there is nothing to pause, to go on with or to cancel."""


@dataclass(frozen=True)
class ClientChoice:
    """Clients of a project: the given ones, those of whom all `conditions` are true, or those whose outside id begins
    with `search` and who came with one load.

    `segment` is the name under which the conditions are kept. `without_offer` leaves out who has an offer in the
    channel already, or gets one at this moment, whoever begins it. Who has opted out is never among them.
    """

    client_ids: tuple[int, ...] | None = None
    search: str = ""
    import_id: int | None = None
    conditions: tuple[Condition, ...] | None = None
    segment: str = ""
    without_offer: bool = False


@dataclass(frozen=True)
class Comparison:
    """Another version of the channel's prompt for so many per cent of the clients, drawn by the campaign's seed."""

    version: PromptVersion
    share: int


def count_clients(project_channel: ProjectSaleChannel, choice: ClientChoice) -> int:
    query = _clients(project_channel, choice).with_only_columns(func.count())
    return db.session.scalar(query) or 0


def count_opted_out(project_channel: ProjectSaleChannel, choice: ClientChoice) -> int:
    """How many of the choice get nothing because they have opted out."""
    query = _chosen(project_channel, choice).where(opted_out(project_channel.project_id))
    return db.session.scalar(query.with_only_columns(func.count())) or 0


def count_with_offer(project_channel: ProjectSaleChannel, choice: ClientChoice) -> int:
    """How many of the choice have an offer in the channel; 0 where the choice does not leave them out."""
    if not choice.without_offer:
        return 0
    whoever = replace(choice, without_offer=False)
    query = _clients(project_channel, whoever).where(_has_offer(project_channel, Client.id))
    return db.session.scalar(query.with_only_columns(func.count())) or 0


def start_campaign(
    project_channel: ProjectSaleChannel,
    version: PromptVersion,
    choice: ClientChoice,
    *,
    name: str,
    drafts: int,
    seed: int,
    author: User,
    benefit: Benefit | None = None,
    comparison: Comparison | None = None,
    is_from_bank: bool = False,
) -> Campaign:
    """Make a campaign with its offers and their jobs: the last two in one statement, so that none is without the other.

    All its offers say `benefit`; without it each says the one that suits its client best (see offers.angles).
    `version` writes for all clients but those of the `comparison`. One `is_from_bank` asks no model: it takes all texts
    from the text bank. Who starts one in the channel at the same moment waits until this transaction ends.
    Raises ProjectArchived, UnknownClients or NoClients.
    """
    must_be_active(project_channel.project)
    _must_be_there(project_channel.project, choice.client_ids or ())
    lock_starts(project_channel)
    campaign = Campaign(
        project_id=project_channel.project_id,
        project_channel_id=project_channel.id,
        prompt_version_id=version.id,
        compared_version_id=comparison.version.id if comparison else None,
        compared_share=comparison.share if comparison else None,
        author_id=author.id,
        name=name,
        drafts_per_client=drafts,
        seed=seed,
        is_from_bank=is_from_bank,
        benefit=benefit,
        chosen=_in_words(project_channel.project, choice),
    )
    with db.session.begin_nested():
        db.session.add(campaign)
        db.session.flush()
        campaign.offer_count = jobs.queue_new(_offers(campaign, project_channel, choice))
        if not campaign.offer_count:
            raise NoClients
    return campaign


def pause_campaign(campaign: Campaign) -> None:
    """Begin nothing new: what is being written is finished. Raises CampaignOver."""
    _lock_open(campaign)
    campaign.state = CampaignState.PAUSED
    db.session.flush()
    jobs.remove_waiting(campaign)


def resume_campaign(campaign: Campaign) -> None:
    """Raises ProjectArchived or CampaignOver."""
    must_be_active(campaign.project)
    _lock_open(campaign)
    campaign.state = CampaignState.RUNNING
    db.session.flush()
    jobs.queue_waiting([campaign.id])


def cancel_campaign(campaign: Campaign) -> None:
    """Write nothing more; texts that are ready stay. Raises CampaignOver when it has finished."""
    _lock(campaign)
    if campaign.finished_at:
        raise CampaignOver
    campaign.state = CampaignState.CANCELLED
    db.session.flush()
    _change(campaign, OfferState.CANCELLED, OfferState.WAITING, OfferState.WRITING)
    jobs.remove_waiting(campaign)


def retry_failed(campaign: Campaign) -> int:
    """Let the offers that failed wait again, and a finished campaign run again; returns their number.

    Who opted out since is not tried again; nor is, in a campaign for clients without an offer, who has got one in the
    channel.
    Raises ProjectArchived, or CampaignOver when the campaign was cancelled.
    """
    must_be_active(campaign.project)
    _lock(campaign)
    if campaign.state is CampaignState.CANCELLED:
        raise CampaignOver
    lock_starts(campaign.project_channel)
    _change(campaign, OfferState.OPTED_OUT, OfferState.FAILED, where=client_opted_out())
    count = _change(campaign, OfferState.WAITING, OfferState.FAILED, where=~_has_other_offer(campaign))
    if count and campaign.finished_at:
        campaign.state, campaign.finished_at = CampaignState.RUNNING, None
    db.session.flush()
    jobs.queue_waiting([campaign.id])
    return count


def count_left_out(campaign: Campaign) -> int:
    """How many offers that failed are not tried again, since their clients have got others."""
    failed = db.select(func.count(Offer.id)).filter_by(campaign_id=campaign.id, state=OfferState.FAILED)
    return db.session.scalar(failed.where(_has_other_offer(campaign))) or 0


def channels_of(project: Project) -> Sequence[ProjectSaleChannel]:
    """Those that a campaign can be for, in the order in which the project got them."""
    query = db.select(ProjectSaleChannel).filter_by(project_id=project.id)
    return db.session.scalars(query.order_by(ProjectSaleChannel.id)).all()


def usual_drafts() -> int:
    """As many drafts per client as this model needs for one that is good."""
    try:
        return 1 if model.engine().is_chat else BASE_CANDIDATES
    except EngineError:
        return BASE_CANDIDATES


def _clients(project_channel: ProjectSaleChannel, choice: ClientChoice) -> Select[Any]:
    return _chosen(project_channel, choice).where(not_opted_out(project_channel.project_id))


def _chosen(project_channel: ProjectSaleChannel, choice: ClientChoice) -> Select[Any]:
    """Whether they have opted out or not."""
    query = db.select(Client).filter_by(project_id=project_channel.project_id)
    if choice.client_ids is not None:
        query = query.where(Client.id == func.any(_array(choice.client_ids)))
    elif choice.import_id is not None:
        query = query.filter_by(import_id=choice.import_id)
    elif choice.conditions is not None:
        asked = matching(project_channel.project, choice.conditions) if choice.conditions else false()
        query = query.where(asked)
    if choice.client_ids is None and choice.search:
        query = query.where(is_shown_as(choice.search))
    return query.where(~_has_offer(project_channel, Client.id)) if choice.without_offer else query


def _must_be_there(project: Project, client_ids: tuple[int, ...]) -> None:
    """Raises UnknownClients."""
    known = db.select(func.count(Client.id)).where(
        Client.project_id == project.id, Client.id == func.any(_array(client_ids))
    )
    missing = len(set(client_ids)) - (db.session.scalar(known) or 0) if client_ids else 0
    if missing:
        raise UnknownClients(missing)


def _array(numbers: tuple[int, ...]) -> ColumnElement[Any]:
    """One parameter, however many numbers: ten thousand of them would make a slow statement."""
    return cast(bindparam(None, list(numbers)), ARRAY(BigInteger))


def _has_offer(project_channel: ProjectSaleChannel, client_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether the client has an offer in the channel, or gets one: one that failed may be written by hand now."""
    known = aliased(Offer)
    states = (OfferState.WAITING, OfferState.WRITING, OfferState.READY, OfferState.NEEDS_PERSON)
    by_hand = db.select(Message.offer_id).where(Message.state == DraftState.WRITING)
    query = db.select(known.id).where(
        known.client_id == client_id,
        known.project_channel_id == project_channel.id,
        known.state.in_(states) | known.id.in_(by_hand),
    )
    return query.exists()


def _has_other_offer(campaign: Campaign) -> ColumnElement[bool]:
    """Of Offer: whether a campaign for clients without an offer must not write it, since its client has got another."""
    return _has_offer(campaign.project_channel, Offer.client_id) if campaign.chosen.get("without_offer") else false()


def _offers(campaign: Campaign, project_channel: ProjectSaleChannel, choice: ClientChoice) -> Any:
    """The statement that makes the offers, in the order in which the clients came."""
    values = {
        Offer.project_id: campaign.project_id,
        Offer.project_channel_id: campaign.project_channel_id,
        Offer.campaign_id: campaign.id,
    }
    benefits = [campaign.benefit] if campaign.benefit else benefits_for(project_channel)
    benefit_id = db.literal(campaign.benefit_id) if campaign.benefit else best(campaign.project, benefits)
    clients = (
        _clients(project_channel, choice)
        .with_only_columns(Client.id, _version_of(campaign).label("version_id"), benefit_id.label("benefit_id"))
        .subquery()
    )
    columns = [Offer.client_id, *values, Offer.prompt_version_id, Offer.benefit_id, Offer.angle]
    chosen = db.select(
        clients.c.id,
        *(db.literal(value) for value in values.values()),
        clients.c.version_id,
        clients.c.benefit_id,
        words_of_benefit(benefits, clients.c.benefit_id),
    ).order_by(clients.c.id)
    is_from_bank = db.literal(campaign.is_from_bank).label("is_from_bank")
    return db.insert(Offer).from_select(columns, chosen).returning(Offer.id, is_from_bank).cte("made")


def _version_of(campaign: Campaign) -> ColumnElement[int]:
    """Of Client: the id of the version that writes for the client.

    A seed of 0 would hash as benefits are spread, and one version would get one benefit.
    """
    if not campaign.is_split:
        return db.literal(campaign.prompt_version_id)
    hashed = func.hashint8extended(Client.id, campaign.seed + 1, type_=BigInteger)
    drawn = hashed.op("&", return_type=BigInteger())(LARGEST_HASH) % 100
    return case((drawn < campaign.compared_share, campaign.compared_version_id), else_=campaign.prompt_version_id)


def _in_words(project: Project, choice: ClientChoice) -> dict[str, Any]:
    """For people to read: how many were picked, not who; what was asked, whatever becomes of the segment.

    Nobody's id, e-mail or phone is among it: it would outlive the client's erasure.
    """
    conditions = [_without_persons(condition) for condition in choice.conditions or ()]
    load = db.session.get(ClientImport, choice.import_id) if choice.import_id is not None else None
    return {
        "client_ids": None if choice.client_ids is None else len(choice.client_ids),
        "search": LEFT_OUT if choice.search else "",
        "load": load.source if load else "",
        "segment": choice.segment,
        "conditions": described_all(project, conditions) if conditions else [],
        "without_offer": choice.without_offer,
    }


def _without_persons(condition: Condition) -> Condition:
    is_personal = condition.subject in PERSONAL_SUBJECTS and condition.values
    return replace(condition, values=(LEFT_OUT,)) if is_personal else condition


def _lock(campaign: Campaign) -> None:
    """Read the campaign again and keep it from changing: two people may press buttons at the same moment."""
    db.session.execute(
        db.select(Campaign)
        .filter_by(id=campaign.id)
        .options(lazyload("*"))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def _lock_open(campaign: Campaign) -> None:
    _lock(campaign)
    if campaign.is_over:
        raise CampaignOver


def _change(campaign: Campaign, state: OfferState, *states: OfferState, where: ColumnElement[bool] = ANY_OFFER) -> int:
    """Bring the offers in some states, those `where` it is so, into another; returns their number."""
    change = (
        db.update(Offer)
        .where(Offer.campaign_id == campaign.id, Offer.state.in_(states), where)
        .values(state=state, failure="", failure_detail={}, death_count=0)
        .execution_options(synchronize_session=False)
    )
    return len(db.session.scalars(change.returning(Offer.id)).all())
