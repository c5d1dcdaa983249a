"""Clients and segments in the browser."""

from typing import Any

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from ..access import project_access, within
from ..database import db
from ..dictionary.services import fields_of
from ..dictionary.wording import SENSITIVITIES
from ..dictionary.words import band_words, words
from ..models import Client, ClientImport, Project, Segment
from ..offers.angle_words import whom_they_suit
from ..offers.angles import benefits_by_channels, benefits_of_project, best_of_clients
from ..offers.wording import OFFER_COLOURS, OFFER_STATES, OUTCOMES
from ..projects.services import ProjectArchived
from ..projects.wording import reason
from ..web.fragments import go_to
from ..web.paging import page_number
from . import queries, services, wording
from .conditions import from_json, problem_of, to_arguments
from .forms import ListState, SegmentForm
from .matching import expression

bp = Blueprint("clients", __name__)
bp.add_app_template_filter(wording.shown_date, "shown_date")
bp.add_app_template_global(wording.label_of, "label_of")
bp.add_app_template_global(band_words)
bp.add_app_template_filter(wording.problem_words, "problem_words")
bp.add_app_template_filter(lambda kept: to_arguments(from_json(kept)), "as_arguments")


@bp.get("/projects/<int:project_id>/clients")
@project_access("view")
def index(project: Project) -> ResponseReturnValue:
    return _list(project, _sent(), SegmentForm(formdata=None))


@bp.get("/projects/<int:project_id>/clients/filter")
@project_access("view")
def conditions(project: Project) -> ResponseReturnValue:
    """The boxes of the filter after one was added or taken away, and how many clients match now."""
    filled = _filter(project, _sent())
    return render_template("clients/_filter_changed.html", project=project, **filled, **_count(project, filled))


@bp.get("/projects/<int:project_id>/clients/count")
@project_access("view")
def count(project: Project) -> ResponseReturnValue:
    """How many clients match the filter as it stands."""
    return render_template("clients/_count.html", **_count(project, _filter(project, _sent())))


@bp.get("/projects/<int:project_id>/segments")
@project_access("view")
def segments(project: Project) -> ResponseReturnValue:
    page = queries.segments_page(project, page_number())
    subjects = services.asked_subjects(project, fields_of(project))
    return render_template(
        "clients/segments.html",
        project=project,
        page=page,
        state={"project_id": project.id},
        words_by_id={each.id: wording.sentence(services.conditions_of(each), subjects) for each in page.rows},
    )


@bp.get("/projects/<int:project_id>/segments/<int:segment_id>/count")
@project_access("view")
def segment_count(project: Project, segment_id: int) -> ResponseReturnValue:
    asked = services.matching(project, services.conditions_of(within(project, Segment, segment_id)))
    return render_template("clients/_segment_count.html", count=queries.count_matching(asked))


@bp.post("/projects/<int:project_id>/segments")
@project_access("edit")
def save_segment(project: Project) -> ResponseReturnValue:
    form, state = SegmentForm(), _sent()
    if not form.validate():
        return _list(project, state, form), 422
    try:
        segment = services.save_segment(project, form.name.data, state.conditions, current_user)
    except services.SegmentError as error:
        return _refused(project, state, form, error)
    return _saved(segment, _("The segment is saved. Campaigns can be started for it."))


@bp.post("/projects/<int:project_id>/segments/<int:segment_id>")
@project_access("edit")
def change_segment(project: Project, segment_id: int) -> ResponseReturnValue:
    form, state = SegmentForm(), _sent()
    segment = within(project, Segment, segment_id)
    if not form.validate():
        return _list(project, state, form), 422
    try:
        services.change_segment(project, segment, form.name.data, state.conditions)
    except services.SegmentError as error:
        return _refused(project, state, form, error)
    return _saved(segment, _("The segment is changed. Campaigns that were started before keep their clients."))


@bp.post("/projects/<int:project_id>/segments/<int:segment_id>/remove")
@project_access("edit")
def remove_segment(project: Project, segment_id: int) -> ResponseReturnValue:
    services.remove_segment(project, within(project, Segment, segment_id))
    db.session.commit()
    flash(_("The segment is removed; its clients stay."), "success")
    return go_to("clients.segments", project_id=project.id)


@bp.get("/projects/<int:project_id>/clients/<int:client_id>")
@project_access("view")
def show(project: Project, client_id: int) -> ResponseReturnValue:
    client = within(project, Client, client_id)
    fields = fields_of(project)
    by_channels = benefits_by_channels(project, client)
    return render_template(
        "clients/show.html",
        project=project,
        client=client,
        load=within(project, ClientImport, client.import_id),
        fields=[field for field in fields if field.key in client.data],
        unknown=sorted(set(client.data) - {field.key for field in fields}),
        sensitivities=SENSITIVITIES,
        by_channels=by_channels,
        suits=whom_they_suit({each for _channels, benefits in by_channels for each in benefits.all}, fields),
        in_prompt=words(fields, client.data, project.language),
        page=queries.offers_page(client, page_number()),
        state={"project_id": project.id, "client_id": client.id},
        outcomes=OUTCOMES,
        offer_states=OFFER_STATES,
        offer_colours=OFFER_COLOURS,
    )


@bp.errorhandler(ProjectArchived)
def archived(error: ProjectArchived) -> ResponseReturnValue:
    db.session.rollback()
    return render_template("projects/refused.html", reason=reason(error)), 409


def _sent() -> ListState:
    return ListState.of(request.values.to_dict(flat=False))


def _list(project: Project, state: ListState, form: SegmentForm) -> str:
    filled = _filter(project, state)
    asked = expression(project.id, state.complete, filled["subjects"]) if state.complete else None
    segments = services.segments_of(project)
    page = queries.clients_page(project, asked, state.order, page_number())
    benefits = benefits_of_project(project)
    return render_template(
        "clients/index.html",
        project=project,
        page=page,
        count=page.total,
        problem=problem_of(state.complete, filled["subjects"]),
        has_clients=page.total > 0 or queries.client_count(project) > 0,
        columns=state.shown(filled["fields"], [listed.client for listed in page.rows]),
        benefits=best_of_clients(project, benefits, filled["fields"], [listed.client.id for listed in page.rows]),
        suits=whom_they_suit(benefits, filled["fields"]),
        orders=wording.ORDERS,
        imports=queries.imports_of(project),
        load_states=wording.LOAD_STATES,
        segments=segments,
        segment=next((each for each in segments if each.id == state.segment_id), None),
        segment_form=form,
        **filled,
    )


def _filter(project: Project, state: ListState) -> dict[str, Any]:
    """What the filter of the list is made of."""
    fields = fields_of(project)
    subjects = services.asked_subjects(project, fields)
    boxes = state.boxes(subjects, request.args.get("add", ""))
    return {
        "state": state,
        "fields": fields,
        "subjects": subjects,
        "boxes": boxes,
        "offered": [each for each in subjects.values() if each.name not in {box.condition.subject for box in boxes}],
        "examples": queries.examples_of(
            project, {box.key: box.subject.choices for box in boxes if box.subject and box.key}
        ),
        "operators": wording.OPERATORS,
    }


def _count(project: Project, filled: dict[str, Any]) -> dict[str, Any]:
    state: ListState = filled["state"]
    if not state.complete:
        return {"count": queries.client_count(project), "problem": None}
    asked = expression(project.id, state.complete, filled["subjects"])
    return {"count": queries.count_matching(asked), "problem": problem_of(state.complete, filled["subjects"])}


def _saved(segment: Segment, sentence: str) -> ResponseReturnValue:
    db.session.commit()
    flash(sentence, "success")
    asked: dict[str, Any] = to_arguments(services.conditions_of(segment))
    return go_to("clients.index", project_id=segment.project_id, segment=segment.id, **asked)


def _refused(
    project: Project, state: ListState, form: SegmentForm, error: services.SegmentError
) -> ResponseReturnValue:
    db.session.rollback()
    form.name.errors = [wording.segment_refusal(error)]
    return _list(project, state, form), 422
