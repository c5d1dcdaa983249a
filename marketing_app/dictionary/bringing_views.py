"""What the browser asks to bring a dictionary here from another project or a file, and to take it away as one."""

from collections.abc import Sequence

from flask import Response, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from ..access import project_access
from ..client_imports.wording import refusal
from ..database import db
from ..imports.errors import SourceError
from ..models import AuditEntry, Project
from ..web.bodies import takes_file
from ..web.fragments import go_to
from . import bringing, queries
from .files import BadDictionary, NotADictionary, read_dictionary, write_dictionary
from .forms import BringForm, CopyForm, FileForm
from .services import KnownField, as_known, fields_of, known_fields
from .views import bp
from .wording import not_a_dictionary, problem, reason


@bp.get("/projects/<int:project_id>/dictionary/bring")
@project_access("edit")
def choose(project: Project) -> ResponseReturnValue:
    return _page(project)


@bp.post("/projects/<int:project_id>/dictionary/copy/look")
@project_access("edit")
def look_at_copy(project: Project) -> ResponseReturnValue:
    form = _copy_form(project)
    return _look(project, form, _of_project(form) if form.validate() else None)


@bp.post("/projects/<int:project_id>/dictionary/copy")
@project_access("edit")
def copy(project: Project) -> ResponseReturnValue:
    form = _copy_form(project)
    brought = _of_project(form) if form.validate() else None
    return _bring(project, form, brought)


@bp.post("/projects/<int:project_id>/dictionary/file/look")
@project_access("edit")
@takes_file
def look_at_file(project: Project) -> ResponseReturnValue:
    form = FileForm()
    return _look(project, form, _of_file(project, form) if form.validate() else None)


@bp.post("/projects/<int:project_id>/dictionary/file")
@project_access("edit")
@takes_file
def load_file(project: Project) -> ResponseReturnValue:
    form = FileForm()
    brought = _of_file(project, form) if form.validate() else None
    return _bring(project, form, brought)


@bp.get("/projects/<int:project_id>/dictionary/file")
@project_access("view")
def download(project: Project) -> ResponseReturnValue:
    content = write_dictionary(as_known(own) for own in fields_of(project))
    db.session.add(AuditEntry.about(project, "download dictionary", current_user))
    db.session.commit()
    headers = {"Content-Disposition": f"attachment; filename=dictionary-{project.id}.csv"}
    return Response(content, mimetype="text/csv", headers=headers)


def _page(project: Project, sent: BringForm | None = None, **values: object) -> str:
    """Both forms, one of which may have been sent and has errors, or a plan to be looked at again."""
    copying = sent if isinstance(sent, CopyForm) else _copy_form(project, is_sent=False)
    loading = sent if isinstance(sent, FileForm) else FileForm(formdata=None)
    return render_template(
        "dictionary/bring.html", project=project, sent=sent, copying=copying, loading=loading, **values
    )


def _look(project: Project, form: BringForm, brought: Sequence[KnownField] | None) -> ResponseReturnValue:
    """What bringing these would change, before it does."""
    if brought is None:
        return render_template("dictionary/_plan.html", form=form), 422
    return render_template("dictionary/_plan.html", plan=bringing.plan_of(project, brought, form.is_overwriting))


def _bring(project: Project, form: BringForm, brought: Sequence[KnownField] | None) -> ResponseReturnValue:
    if brought is None:
        return _page(project, form), 422
    try:
        plan = bringing.bring(project, brought, form.is_overwriting, form.state.data or "", current_user)
    except bringing.DictionaryChanged as error:
        plan = bringing.plan_of(project, brought, form.is_overwriting)
        return _page(project, form, plan=plan, refusal=reason(error)), 409
    db.session.commit()
    flash(_brought(len(plan.added), len(plan.changed)), "success")
    return go_to("dictionary.index", project_id=project.id)


def _brought(added: int, changed: int) -> str:
    if not added and not changed:
        return _("Nothing was changed: the dictionary has all of it.")
    sentences = [
        ngettext("%(num)d field was added.", "%(num)d fields were added.", added) if added else "",
        ngettext("%(num)d field was overwritten.", "%(num)d fields were overwritten.", changed) if changed else "",
    ]
    return " ".join(filter(None, sentences))


def _copy_form(project: Project, is_sent: bool = True) -> CopyForm:
    form = CopyForm() if is_sent else CopyForm(formdata=None)
    form.offer(queries.other_projects(current_user, project))
    return form


def _of_project(form: CopyForm) -> list[KnownField]:
    return [as_known(own) for own in fields_of(form.chosen)]


def _of_file(project: Project, form: FileForm) -> list[KnownField] | None:
    """The fields of the sent file; None when they cannot be read, which the form then says."""
    try:
        return read_dictionary(form.file.data.stream, project.language, known_fields(project))
    except SourceError as error:
        form.file.errors = [refusal(error)]
    except NotADictionary as error:
        form.file.errors = [not_a_dictionary(error)]
    except BadDictionary as error:
        form.file.errors = [
            _("Line %(n)d: %(problem)s", n=each.line, problem=problem(each.problem)) for each in error.lines
        ]
    return None
