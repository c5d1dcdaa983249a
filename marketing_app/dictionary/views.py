"""What the browser asks of a project's dictionary: its fields, one field, what a prompt says with it."""

from typing import Any

from flask import Blueprint, abort, flash, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from ..access import project_access, within
from ..database import db
from ..models import Client, ClientField, Project
from ..web.arguments import asked
from ..web.fields import row_number
from ..web.fragments import go_to, page_or_fragment
from . import editing, queries
from .bringing import differences
from .forms import FieldForm, NewFieldForm
from .services import KnownField, as_known, fields_of
from .wording import PARTS, SENSITIVITIES, TYPES, in_short, range_in_words, reason, shown
from .words import word_of, words

bp = Blueprint("dictionary", __name__)

MOVES = {"up": -1, "down": 1}


@bp.get("/projects/<int:project_id>/dictionary")
@project_access("view")
def index(project: Project) -> ResponseReturnValue:
    return render_template("dictionary/index.html", **_list_of(project))


@bp.get("/projects/<int:project_id>/dictionary/new")
@project_access("edit")
def new(project: Project) -> ResponseReturnValue:
    return render_template("dictionary/new.html", project=project, form=NewFieldForm(formdata=None))


@bp.post("/projects/<int:project_id>/dictionary/new")
@project_access("edit")
def add(project: Project) -> ResponseReturnValue:
    form = NewFieldForm()
    if not form.validate():
        return render_template("dictionary/new.html", project=project, form=form), 422
    try:
        added = editing.add_field(project, form.described, current_user)
    except editing.KeyTaken as error:
        form.key.errors = [reason(error)]
        return render_template("dictionary/new.html", project=project, form=form), 422
    db.session.commit()
    flash(_("The field “%(label)s” is added.", label=added.label), "success")
    return go_to("dictionary.index", project_id=project.id)


@bp.get("/projects/<int:project_id>/dictionary/<int:field_id>")
@project_access("view")
def edit(project: Project, field_id: int) -> ResponseReturnValue:
    field = within(project, ClientField, field_id)
    known = as_known(field)
    return _field_page(project, field, FieldForm.of(known, editing.state_of(known)))


@bp.post("/projects/<int:project_id>/dictionary/<int:field_id>")
@project_access("edit")
def save(project: Project, field_id: int) -> ResponseReturnValue:
    field = within(project, ClientField, field_id)
    form = FieldForm(field.key)
    if not form.validate():
        return _field_page(project, field, form), 422
    try:
        editing.save_field(project, field, form.described, form.state.data or "", current_user)
    except editing.FieldChanged as error:
        form.state.data = editing.state_of(error.newest)
        return _field_page(project, field, form, theirs=differences(error.newest, form.described)), 409
    db.session.commit()
    flash(_saved(field), "success")
    return go_to("dictionary.index", project_id=project.id)


@bp.post("/projects/<int:project_id>/dictionary/<int:field_id>/preview")
@project_access("view")
def preview(project: Project, field_id: int) -> ResponseReturnValue:
    """What a prompt says of a chosen client with the field as it stands in the form, unsaved."""
    field = within(project, ClientField, field_id)
    form = FieldForm(field.key)
    if not form.validate():
        return render_template("dictionary/_preview.html", errors=form.errors), 422
    client_id = asked("client_id", row_number)
    client = None if client_id is None else within(project, Client, client_id)
    return render_template("dictionary/_preview.html", client=client, **_said(project, form.described, client))


@bp.post("/projects/<int:project_id>/dictionary/rows")
@project_access("edit")
def rows(project: Project) -> ResponseReturnValue:
    """The rows of codes and bands of an unsaved form, with one more or one less, for the type that is chosen."""
    form = FieldForm("")
    added = request.form.get("add", "")
    if added in ("codes", "bands"):
        form[added].data.append(("", ""))
    name, _sign, number = request.form.get("remove", "").partition("-")
    if name in ("codes", "bands"):
        form[name].data = [pair for place, pair in enumerate(form[name].data) if str(place) != number]
    response = make_response(render_template("dictionary/_rows.html", project=project, form=form, added=added))
    response.headers["HX-Trigger"] = '{"rows-changed": {"target": "body"}}'
    return response


@bp.post("/projects/<int:project_id>/dictionary/<int:field_id>/move")
@project_access("edit")
def move(project: Project, field_id: int) -> ResponseReturnValue:
    way = request.form.get("way", "")
    if way not in MOVES:
        abort(400)
    editing.move_field(project, within(project, ClientField, field_id), MOVES[way])
    db.session.commit()
    return page_or_fragment("dictionary/index.html", "dictionary/_table.html", **_list_of(project))


@bp.get("/projects/<int:project_id>/dictionary/<int:field_id>/remove")
@project_access("edit")
def confirm_removal(project: Project, field_id: int) -> ResponseReturnValue:
    field = within(project, ClientField, field_id)
    count = queries.count_with_value(project, field.key)
    return render_template("dictionary/remove.html", project=project, field=field, count=count)


@bp.post("/projects/<int:project_id>/dictionary/<int:field_id>/remove")
@project_access("edit")
def remove(project: Project, field_id: int) -> ResponseReturnValue:
    field = within(project, ClientField, field_id)
    label = field.label
    count = editing.remove_field(project, field, current_user)
    db.session.commit()
    flash(
        ngettext(
            "The field “%(label)s” is removed, with its value of %(num)d client.",
            "The field “%(label)s” is removed, with its values of %(num)d clients.",
            count,
            label=label,
        ),
        "success",
    )
    return go_to("dictionary.index", project_id=project.id)


@bp.errorhandler(editing.LoadUnfinished)
def load_unfinished(error: editing.LoadUnfinished) -> ResponseReturnValue:
    db.session.rollback()
    return render_template("projects/refused.html", reason=reason(error)), 409


@bp.context_processor
def words_of_pages() -> dict[str, object]:
    return {"field_types": TYPES, "field_sensitivities": SENSITIVITIES, "field_parts": PARTS, "field_part": shown}


def _list_of(project: Project) -> dict[str, Any]:
    own = fields_of(project)
    return {
        "project": project,
        "fields": own,
        "in_short": {each.id: in_short(as_known(each)) for each in own},
        "likely": {each.id: range_in_words((each.lowest, each.highest)) for each in own},
    }


def _field_page(project: Project, field: ClientField, form: FieldForm, **values: object) -> str:
    clients = queries.clients_to_preview(project, field.key)
    return render_template("dictionary/edit.html", project=project, field=field, form=form, clients=clients, **values)


def _saved(field: ClientField) -> str:
    if field.is_in_prompt:
        return _("The field “%(label)s” is saved; prompts say it so from now on.", label=field.label)
    return _("The field “%(label)s” is saved; no prompt says anything of it.", label=field.label)


def _said(project: Project, described: KnownField, client: Client | None) -> dict[str, object]:
    if client is None:
        return {}
    fields = [described if own.key == described.key else as_known(own) for own in fields_of(project)]
    return {
        "raw": client.data.get(described.key),
        "word": word_of(described, client.data.get(described.key), project.language) if described.is_in_prompt else "",
        "line": words(fields, client.data, project.language),
    }
