"""Offers in the browser."""

from collections.abc import Sequence
from typing import TypeVar

from flask import Blueprint, Response, abort, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from ..access import project_access, within
from ..database import db
from ..dictionary.services import fields_of
from ..language_model.wording import refusal
from ..llm.engine import EngineError, Options, Prompt
from ..llm.registry import ModelNotReady
from ..models import Campaign, Client, Message, Offer, OfferState, Outcome, Project, ProjectSaleChannel
from ..privacy.services import OptedOut, opted_out_among
from ..projects.services import current_version
from ..web.arguments import asked
from ..web.fields import row_number
from ..web.fragments import go_to
from ..web.paging import page_number
from ..web.streams import stream
from . import checking, queries, services, writing
from .angle_words import whom_they_suit
from .angles import Benefits, benefits_to_say
from .conversation import texts_of
from .forms import ChangeForm, OutcomeForm, WriteForm
from .live import draft_events
from .queries import OfferFilter
from .wording import OUTCOMES, draft_failure

bp = Blueprint("offers", __name__)
M = TypeVar("M", ProjectSaleChannel, Client, Campaign)


@bp.get("/projects/<int:project_id>/offers")
@project_access("view")
def index(project: Project) -> ResponseReturnValue:
    campaign = _chosen(project, Campaign, "campaign_id")
    chosen = OfferFilter(
        channel_id=asked("channel_id", row_number),
        outcome=asked("outcome", Outcome),
        campaign_id=campaign.id if campaign else None,
        state=asked("state", OfferState),
        is_finished="is_finished" in request.args,
    )
    page = queries.offers_page(project, chosen, page_number())
    return render_template(
        "offers/index.html",
        project=project,
        page=page,
        gravest=checking.gravest_of(page.rows),
        refused=opted_out_among(page.rows),
        state={"project_id": project.id} | {name: value for name, value in vars(chosen).items() if value},
        channels=queries.channels_of(project),
        campaigns=queries.campaigns_of(project),
        outcomes=OUTCOMES,
    )


@bp.get("/projects/<int:project_id>/offers/write")
@project_access("write_offers")
def write(project: Project) -> ResponseReturnValue:
    return _write_page(
        project, _chosen(project, ProjectSaleChannel, "channel_id"), _chosen(project, Client, "client_id")
    )


@bp.post("/projects/<int:project_id>/offers/write")
@project_access("write_offers")
def begin(project: Project) -> ResponseReturnValue:
    channel = within(project, ProjectSaleChannel, asked("channel_id", row_number, 0))
    client = within(project, Client, asked("client_id", row_number, 0))
    form = WriteForm(benefits_to_say(channel, client))
    if not form.validate():
        return _write_page(project, channel, client, form), 422
    draft, prompt = services.begin_offer(channel, client, form.text.data, current_user, form.benefit_id.data)
    return _start(draft, prompt)


@bp.get("/projects/<int:project_id>/offers/<int:offer_id>")
@project_access("view")
def show(project: Project, offer_id: int) -> ResponseReturnValue:
    if writing.close_abandoned():
        db.session.commit()
    offer = _conversation(project, offer_id)
    benefits = benefits_to_say(offer.project_channel, offer.client)
    return _offer_page(project, offer, benefits, ChangeForm(offer, benefits, asked_text(texts_of(offer), "after")))


@bp.post("/projects/<int:project_id>/offers/<int:offer_id>/change")
@project_access("write_offers")
def change(project: Project, offer_id: int) -> ResponseReturnValue:
    offer = _conversation(project, offer_id)
    benefits = benefits_to_say(offer.project_channel, offer.client)
    form = ChangeForm(offer, benefits)
    if not form.validate():
        return _offer_page(project, offer, benefits, form), 422
    if form.is_for_benefit:
        services.choose_benefit(offer, form.benefit)
    if form.is_anew:
        return _start(*services.ask_anew(offer, current_user))
    return _start(*services.ask_for_change(offer, form.wish, current_user, form.start))


@bp.post("/projects/<int:project_id>/offers/<int:offer_id>/outcome")
@project_access("write_offers")
def outcome(project: Project, offer_id: int) -> ResponseReturnValue:
    form = OutcomeForm()
    if not form.validate():
        abort(400)
    services.set_outcome(within(project, Offer, offer_id), Outcome(form.outcome.data))
    db.session.commit()
    flash(_("The outcome is saved."), "success")
    return go_to("offers.show", project_id=project.id, offer_id=offer_id)


@bp.post("/projects/<int:project_id>/offers/<int:offer_id>/drafts/<int:draft_id>/stop")
@project_access("write_offers")
def stop(project: Project, offer_id: int, draft_id: int) -> ResponseReturnValue:
    writing.stop(_draft(project, offer_id, draft_id).id)
    return go_to("offers.show", project_id=project.id, offer_id=offer_id)


@bp.get("/projects/<int:project_id>/offers/<int:offer_id>/drafts/<int:draft_id>/stream")
@project_access("view")
def draft_stream(project: Project, offer_id: int, draft_id: int) -> Response:
    draft = _draft(project, offer_id, draft_id)
    return stream(draft_events(project.id, offer_id, draft.id))


@bp.errorhandler(EngineError)
@bp.errorhandler(ModelNotReady)
def model_refuses(error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    return refused(_("The offer was not started"), refusal(error), 503 if isinstance(error, ModelNotReady) else 422)


@bp.errorhandler(services.StillWriting)
def still_writing(_error: services.StillWriting) -> ResponseReturnValue:
    db.session.rollback()
    return refused(
        _("A draft of this offer is being written"), _("Wait until it is finished, or stop it; then ask again."), 409
    )


@bp.errorhandler(OptedOut)
def opted_out(_error: OptedOut) -> ResponseReturnValue:
    db.session.rollback()
    return refused(
        _("The client does not want to be written to"),
        _("No offer is written for them. Who may be written to is decided on the page “Clients’ rights”."),
        409,
    )


@bp.app_template_filter("draft_failure")
def draft_failure_filter(message: Message) -> str:
    return draft_failure(message)


def _start(draft: Message, prompt: Prompt) -> ResponseReturnValue:
    """Commit the draft, hand it to the model, and go where it can be watched."""
    offer = draft.offer
    channel = offer.project_channel
    options: Options = services.options_for(channel)
    db.session.commit()
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    writing.begin(app, draft, prompt, options)
    db.session.commit()
    return go_to("offers.show", project_id=offer.project_id, offer_id=offer.id, _anchor=f"message-{draft.id}")


def refused(title: str, advice: str, status: int) -> ResponseReturnValue:
    """The page that says why nothing was done, with the way back."""
    back = (
        request.referrer
        if request.referrer and request.referrer.startswith(request.host_url)
        else url_for("projects.index")
    )
    return render_template("offers/refused.html", title=title, advice=advice, back=back), status


def _write_page(
    project: Project, channel: ProjectSaleChannel | None, client: Client | None, form: WriteForm | None = None
) -> str:
    version = current_version(channel) if channel else None
    benefits = benefits_to_say(channel, client) if channel and client else Benefits()
    search = request.args.get("search", "").strip()
    return render_template(
        "offers/write.html",
        project=project,
        channels=queries.channels_of(project),
        clients=queries.clients_to_choose(project, search),
        search=search,
        channel=channel,
        client=client,
        version=version,
        form=form or WriteForm(benefits, version.text if version else ""),
        **_shown(project, benefits),
    )


def _offer_page(project: Project, offer: Offer, benefits: Benefits, form: ChangeForm) -> str:
    return render_template(
        "offers/show.html",
        project=project,
        offer=offer,
        form=form,
        outcome_form=OutcomeForm(outcome=offer.outcome.value),
        **_shown(project, benefits),
    )


def _shown(project: Project, benefits: Benefits) -> dict[str, object]:
    """What a page says of the benefits that may be said to a client."""
    return {"benefits": benefits, "suits": whom_they_suit(benefits.all, fields_of(project))}


def _chosen(project: Project, model: type[M], name: str) -> M | None:
    chosen = asked(name, row_number)
    return None if chosen is None else within(project, model, chosen)


def asked_text(texts: Sequence[Message], name: str) -> Message | None:
    """The text of a conversation that the address names; 404 when it is none of them."""
    number = asked(name, row_number)
    return None if number is None else next((each for each in texts if each.id == number), None) or abort(404)


def _conversation(project: Project, offer_id: int) -> Offer:
    return queries.offer_with_conversation(project, offer_id) or abort(404)


def _draft(project: Project, offer_id: int, draft_id: int) -> Message:
    offer = within(project, Offer, offer_id)
    return db.session.scalar(db.select(Message).filter_by(id=draft_id, offer_id=offer.id)) or abort(404)
