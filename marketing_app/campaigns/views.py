"""Campaigns in the browser.

The controls are buttons that htmx sends with the token of the page's headers: so the streamed fragment that holds
them is the same for all who watch.
"""

import secrets
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime, get_locale, get_timezone, ngettext
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from ..access import may, project_access, signed_in, within
from ..clients.conditions import from_arguments, to_arguments
from ..clients.services import segments_of
from ..clients.wording import filter_words
from ..database import db
from ..models import Campaign, Project, ProjectSaleChannel
from ..offers.angles import benefits_for
from ..offers.finishing import count_endings
from ..projects.services import ProjectArchived
from ..projects.wording import reason
from ..web.arguments import asked, asked_all
from ..web.fields import row_number
from ..web.fragments import go_to, is_htmx
from ..web.paging import page_number
from ..web.streams import stream
from . import queries, services
from .forms import LARGEST_SEED, CampaignForm, Clients
from .live import Subject, View, Viewer, campaign_events, is_over, reader
from .queries import Stage
from .wording import STAGES, clients_gone, clients_left_out, nobody_to_write

bp = Blueprint("campaigns", __name__)


@bp.get("/campaigns/running")
@signed_in
def running() -> ResponseReturnValue:
    """What runs for the person, as the navigation of every page shows it."""
    return render_template("campaigns/_running.html")


@bp.get("/projects/<int:project_id>/campaigns")
@project_access("view")
def index(project: Project) -> ResponseReturnValue:
    stage = asked("stage", Stage)
    page = queries.campaigns_page(project, stage, page_number())
    return render_template(
        "campaigns/index.html",
        project=project,
        page=page,
        state={"project_id": project.id, "stage": stage.value if stage else None},
        progress_by_id=queries.progress_of(page.rows),
        stages=STAGES,
        may_write=_may_write(project),
    )


@bp.get("/projects/<int:project_id>/campaigns/new")
@project_access("write_offers")
def new(project: Project) -> ResponseReturnValue:
    if project.is_archived:
        raise ProjectArchived
    form = _form(project, request.args, is_sent=False)
    if form and not form.names_what_is_there:
        abort(404)
    return _new_page(project, form)


@bp.post("/projects/<int:project_id>/campaigns/plan")
@project_access("write_offers")
def plan(project: Project) -> ResponseReturnValue:
    """What the form as it stands would do: how many offers, with which prompt, and what is wrong with the choice."""
    form = _form(project, request.form) or abort(409)
    form.follow_channel()
    form.validate()
    if form.channel_id.errors:
        return render_template("campaigns/_no_channel.html", form=form), 422
    count = services.count_clients(form.channel, form.choice)
    opted_out = services.count_opted_out(form.channel, form.choice)
    endings = count_endings(form.channel)
    return render_template(
        "campaigns/_plan.html", project=project, form=form, count=count, opted_out=opted_out, endings=endings
    )


@bp.post("/projects/<int:project_id>/campaigns")
@project_access("write_offers")
def start(project: Project) -> ResponseReturnValue:
    form = _form(project, request.form)
    if form is None or not form.validate():
        return _new_page(project, form), 422
    seed = secrets.randbelow(LARGEST_SEED) if form.seed.data is None else form.seed.data
    try:
        campaign = services.start_campaign(
            form.channel,
            form.version,
            form.choice,
            name=(form.name.data or "").strip() or _default_name(form.channel),
            drafts=form.drafts.data,
            seed=seed,
            author=current_user,
            benefit=form.benefit,
            comparison=form.comparison,
            is_from_bank=form.is_from_bank.data,
        )
    except services.UnknownClients as error:
        db.session.rollback()
        form.clients.errors = [clients_gone(error.count)]
        return _new_page(project, form), 422
    except services.NoClients:
        db.session.rollback()
        taken = services.count_with_offer(form.channel, form.choice)
        form.clients.errors = [nobody_to_write(queries.newest_campaign(form.channel.id) if taken else None)]
        return _new_page(project, form), 422
    taken = services.count_with_offer(form.channel, form.choice) - campaign.offer_count
    db.session.commit()
    started = ngettext("%(num)d offer is on its way.", "%(num)d offers are on their way.", campaign.offer_count)
    flash(started + clients_left_out(taken), "success")
    return go_to("campaigns.show", project_id=project.id, campaign_id=campaign.id)


@bp.get("/projects/<int:project_id>/campaigns/<int:campaign_id>")
@project_access("view")
def show(project: Project, campaign_id: int) -> ResponseReturnValue:
    campaign = within(project, Campaign, campaign_id)
    view = queries.view_of(campaign)
    return render_template(
        "campaigns/show.html",
        project=project,
        campaign=campaign,
        view=view,
        is_over=is_over(view),
        may_write=_may_write(project),
    )


@bp.get("/projects/<int:project_id>/campaigns/<int:campaign_id>/stream")
@project_access("view")
def campaign_stream(project: Project, campaign_id: int) -> Response:
    campaign = within(project, Campaign, campaign_id)
    return _stream(project, Subject(False, campaign.id), "campaigns/_live.html")


@bp.get("/projects/<int:project_id>/campaigns/stream")
@project_access("view")
def project_stream(project: Project) -> Response:
    return _stream(project, Subject(True, project.id), "campaigns/_of_project.html")


@bp.post("/projects/<int:project_id>/campaigns/<int:campaign_id>/pause")
@project_access("write_offers")
def pause(project: Project, campaign_id: int) -> ResponseReturnValue:
    services.pause_campaign(within(project, Campaign, campaign_id))
    return _done(_("The campaign is paused. Texts that were begun are finished; nothing new is begun."))


@bp.post("/projects/<int:project_id>/campaigns/<int:campaign_id>/resume")
@project_access("write_offers")
def resume(project: Project, campaign_id: int) -> ResponseReturnValue:
    services.resume_campaign(within(project, Campaign, campaign_id))
    return _done(_("The campaign goes on."))


@bp.post("/projects/<int:project_id>/campaigns/<int:campaign_id>/cancel")
@project_access("write_offers")
def cancel(project: Project, campaign_id: int) -> ResponseReturnValue:
    services.cancel_campaign(within(project, Campaign, campaign_id))
    return _done(_("The campaign is cancelled. The offers that are written stay."))


@bp.post("/projects/<int:project_id>/campaigns/<int:campaign_id>/retry")
@project_access("write_offers")
def retry(project: Project, campaign_id: int) -> ResponseReturnValue:
    campaign = within(project, Campaign, campaign_id)
    count = services.retry_failed(campaign)
    tried = ngettext("%(num)d offer is tried again.", "%(num)d offers are tried again.", count)
    return _done(tried + clients_left_out(services.count_left_out(campaign)))


@bp.errorhandler(services.CampaignOver)
@bp.errorhandler(ProjectArchived)
def not_possible(error: services.CampaignOver | ProjectArchived) -> ResponseReturnValue:
    db.session.rollback()
    ended = _("The campaign has come to its end: nothing was changed.")
    sentence = reason(error) if isinstance(error, ProjectArchived) else ended
    if not is_htmx():
        return render_template("projects/refused.html", reason=sentence), 409
    flash(sentence, "warning")
    return _news(409)


def _done(sentence: str) -> ResponseReturnValue:
    """Commit, let the streams look at once, and say what was done where the person is."""
    db.session.commit()
    reader.look()
    flash(sentence, "success")
    if is_htmx():
        return _news(200)
    return go_to("campaigns.show", **(request.view_args or {}))


def _news(status: int) -> Response:
    """What was said, for the top of whichever page; its pieces that show campaigns then fetch themselves anew."""
    response = make_response(render_template("shared/_flashes.html"), status)
    response.headers["HX-Trigger"] = '{"campaign-changed": {"target": "body"}}'
    return response


def _stream(project: Project, subject: Subject, template: str) -> Response:
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    viewer = Viewer(str(get_locale()), str(get_timezone()), _may_write(project))

    def render(view: View) -> str:
        return render_template(template, view=view, may_write=viewer.may_write)

    return stream(campaign_events(app, subject, viewer, render))


def _may_write(project: Project) -> bool:
    return may(project, "write_offers") and not project.is_archived


def _form(project: Project, sent: MultiDict[str, str], is_sent: bool = True) -> CampaignForm | None:
    """The form as sent, or as it begins, with what a link chose; None when the project has no channel yet."""
    channels = services.channels_of(project)
    if not channels:
        return None
    form = CampaignForm(
        channels,
        queries.loads_of(project),
        segments_of(project),
        from_arguments(sent.to_dict(flat=False)),
        sent if is_sent else None,
        **({} if is_sent else _beginning(sent)),
    )
    form.offer_versions(queries.versions_of(form.channel.id))
    form.offer_benefits(benefits_for(form.channel))
    return form


def _beginning(sent: MultiDict[str, str]) -> dict[str, Any]:
    """What the form begins with: the clients and the versions that a link chose, as many drafts as the model needs."""
    values: dict[str, Any] = {"drafts": services.usual_drafts(), "client_ids": asked_all("client_ids", row_number)}
    if values["client_ids"] or "chosen" in sent:
        values["clients"] = Clients.CHOSEN.value
    elif "matching" in sent:
        values["clients"] = Clients.MATCHING.value
    elif "segment_id" in sent:
        values |= {"clients": Clients.SEGMENT.value, "segment_id": asked("segment_id", row_number)}
    chosen = {name: asked(name, row_number) for name in ("channel_id", "version_id", "compared_id")}
    return values | {name: number for name, number in chosen.items() if number is not None}


def _new_page(project: Project, form: CampaignForm | None) -> str:
    return render_template(
        "campaigns/new.html",
        project=project,
        form=form,
        has_clients=queries.has_clients(project),
        asked=to_arguments(form.conditions) if form else {},
        asked_words=filter_words(project, form.conditions) if form and form.conditions else "",
    )


def _default_name(channel: ProjectSaleChannel) -> str:
    return f"{channel.channel.name} · {format_datetime(format='d MMMM y, HH:mm ZZZZ')}"
