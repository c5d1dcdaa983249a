"""Reviewing offers one by one in the browser."""

from typing import Any

from flask import Blueprint, current_app, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

from ..access import may, project_access, within
from ..database import db
from ..language_model.wording import refusal
from ..llm.engine import EngineError
from ..llm.registry import ModelNotReady
from ..models import Offer, Project, ReviewAction
from ..offers import writing
from ..offers.edits import ChangedMeanwhile
from ..offers.services import StillWriting, options_for
from ..offers.wording import RETIRED
from ..privacy.services import OptedOut, opted_out_among
from ..projects.services import ProjectArchived
from ..web.arguments import asked
from ..web.fields import row_number
from ..web.fragments import go_to
from ..web.paging import page_number
from . import actions, queries, services
from .forms import LONGEST_TEXT, DecisionForm, RejectForm, RevisionForm, TextForm
from .rechecking import facts_now
from .showing import asked_filter, checked, filter_values, offer_page
from .wording import cannot, done_words, undone_words, who_did_what

bp = Blueprint("review", __name__)
bp.add_app_template_global(actions.is_withdrawn, "is_withdrawn")
REFUSALS = (services.Blocked, services.NoText, StillWriting, OptedOut, ProjectArchived, EngineError, ModelNotReady)


@bp.get("/projects/<int:project_id>/review")
@project_access("view")
def queue(project: Project) -> ResponseReturnValue:
    """The next offer that matches, past the number `after`."""
    chosen = asked_filter()
    found = queries.first_after(project, chosen, asked("after", row_number, 0))
    if found is None:
        return render_template("review/empty.html", **filter_values(project, chosen))
    return offer_page(project, within(project, Offer, found))


@bp.get("/projects/<int:project_id>/review/table")
@project_access("view")
def table(project: Project) -> ResponseReturnValue:
    chosen = asked_filter()
    page = queries.table_page(project, chosen, page_number())
    refused = opted_out_among(page.rows)
    return render_template("review/table.html", page=page, refused=refused, **filter_values(project, chosen))


@bp.get("/projects/<int:project_id>/review/<int:offer_id>")
@project_access("view")
def show(project: Project, offer_id: int) -> ResponseReturnValue:
    if writing.close_abandoned():
        db.session.commit()
    return offer_page(project, within(project, Offer, offer_id))


@bp.post("/projects/<int:project_id>/review/<int:offer_id>/approve")
@project_access("review")
def approve(project: Project, offer_id: int) -> ResponseReturnValue:
    form = DecisionForm()
    offer = within(project, Offer, offer_id)
    if not form.validate():
        return _wrong(project, offer, form)
    reason = form.reason.data if may(project, "override") else ""
    try:
        action = services.approve(offer, current_user, form.revision.data, reason or "")
    except (ChangedMeanwhile, *REFUSALS) as error:
        return _refused(project, offer_id, error)
    return _decided(project, action)


@bp.post("/projects/<int:project_id>/review/<int:offer_id>/reject")
@project_access("review")
def reject(project: Project, offer_id: int) -> ResponseReturnValue:
    form = RejectForm()
    offer = within(project, Offer, offer_id)
    if not form.validate() or not form.said:
        return _wrong(project, offer, form, problem=_("Say why the offer is rejected."), typed_reason=form.reason.data)
    try:
        action = services.reject(offer, current_user, form.revision.data, form.said)
    except (ChangedMeanwhile, *REFUSALS) as error:
        return _refused(project, offer_id, error, typed_reason=form.said)
    return _decided(project, action)


@bp.post("/projects/<int:project_id>/review/<int:offer_id>/reopen")
@project_access("review")
def reopen(project: Project, offer_id: int) -> ResponseReturnValue:
    form = DecisionForm()
    offer = within(project, Offer, offer_id)
    if not form.validate():
        return _wrong(project, offer, form)
    try:
        action = services.reopen(offer, current_user, form.revision.data)
    except (ChangedMeanwhile, *REFUSALS) as error:
        return _refused(project, offer_id, error)
    return _stay(project, action)


@bp.post("/projects/<int:project_id>/review/<int:offer_id>/text")
@project_access("review")
def save_text(project: Project, offer_id: int) -> ResponseReturnValue:
    form = TextForm()
    offer = within(project, Offer, offer_id)
    if not form.validate():
        return _wrong(project, offer, form, typed_text=form.text.data)
    try:
        action = services.save_text(offer, form.text.data, current_user, form.revision.data)
    except (ChangedMeanwhile, *REFUSALS) as error:
        return _refused(project, offer_id, error, typed_text=form.text.data)
    return _stay(project, action)


@bp.post("/projects/<int:project_id>/review/<int:offer_id>/check")
@project_access("review")
def check(project: Project, offer_id: int) -> ResponseReturnValue:
    """What the checks say of a text as it is typed; nothing is stored."""
    offer = within(project, Offer, offer_id)
    text = request.form.get("text", "")[:LONGEST_TEXT]
    return render_template("review/_checked.html", checked=checked(text, facts_now([offer])[offer.id]))


@bp.post("/projects/<int:project_id>/review/<int:offer_id>/revise")
@project_access("review")
def revise(project: Project, offer_id: int) -> ResponseReturnValue:
    """Ask the model for another draft; it is watched where the text stood."""
    form = RevisionForm()
    offer = within(project, Offer, offer_id)
    if not form.validate():
        return _wrong(project, offer, form, typed_request=form.request.data)
    try:
        draft, prompt = services.ask_for_revision(offer, form.request.data, current_user, form.revision.data)
        options = options_for(offer.project_channel)
    except (ChangedMeanwhile, *REFUSALS) as error:
        return _refused(project, offer_id, error, typed_request=form.request.data)
    db.session.commit()
    writing.begin(current_app._get_current_object(), draft, prompt, options)  # type: ignore[attr-defined]
    db.session.commit()
    return go_to("review.show", project_id=project.id, offer_id=offer_id, **asked_filter().words)


@bp.post("/projects/<int:project_id>/review/undo")
@project_access("review")
def undo(project: Project) -> ResponseReturnValue:
    chosen = asked_filter().words
    try:
        action, undone, kept = actions.undo_newest(project, current_user)
        offer_id = action.offer_id
        flash(undone_words(undone, kept), "success")
    except actions.NothingToUndo:
        flash(_("There is nothing of yours to undo here."), "warning")
        return go_to("review.queue", project_id=project.id, **chosen)
    except actions.DecidedSince as error:
        offer_id = error.offer_id
        flash(_("Nothing was undone: the offer was changed after your decision."), "warning")
    except actions.TextRetired as error:
        offer_id = error.offer_id
        flash(". ".join(map(str, RETIRED)), "warning")
    except ProjectArchived as error:
        flash(cannot(error), "warning")
        return go_to("review.queue", project_id=project.id, **chosen)
    db.session.commit()
    return go_to("review.show", project_id=project.id, offer_id=offer_id, **chosen)


def _decided(project: Project, action: ReviewAction) -> ResponseReturnValue:
    """On to the next offer that matches."""
    flash(done_words(action), "success")
    after = action.offer_id
    db.session.commit()
    return go_to("review.queue", project_id=project.id, after=after, **asked_filter().words)


def _stay(project: Project, action: ReviewAction) -> ResponseReturnValue:
    flash(done_words(action), "success")
    offer_id = action.offer_id
    db.session.commit()
    return go_to("review.show", project_id=project.id, offer_id=offer_id, **asked_filter().words)


def _wrong(project: Project, offer: Offer, form: FlaskForm, problem: str = "", **typed: Any) -> ResponseReturnValue:
    errors = [str(error) for errors in form.errors.values() for error in errors]
    return offer_page(project, offer, problem=" ".join(errors) or problem, **typed), 422


def _refused(project: Project, offer_id: int, error: Exception, **typed: Any) -> ResponseReturnValue:
    """Nothing is stored; the page shows the offer as it is by now, and keeps what was typed."""
    db.session.rollback()
    offer = within(project, Offer, offer_id)
    status = 503 if isinstance(error, ModelNotReady) else 409
    return offer_page(project, offer, problem=_problem(offer, error), **typed), status


def _problem(offer: Offer, error: Exception) -> str:
    if isinstance(error, EngineError | ModelNotReady):
        return refusal(error)
    if not isinstance(error, ChangedMeanwhile):
        return cannot(error)
    latest = actions.latest_of(offer)
    who = who_did_what(latest) if latest and latest.revision == offer.revision else _("A new text was written.")
    return who + " " + _("Nothing of yours was stored. Look at the offer as it is now, then decide again.")
