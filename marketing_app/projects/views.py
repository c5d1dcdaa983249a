"""Projects in the browser."""

from flask import Blueprint, abort, flash, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from ..access import may, project_access, signed_in, within
from ..database import db
from ..llm.prompts import VARIABLES
from ..models import Client, Project, ProjectSaleChannel, PromptVersion
from ..offers import prompting
from ..offers.angles import BEST, NONE, benefits_to_say
from ..web.arguments import asked
from ..web.fields import row_number
from ..web.fragments import go_to
from ..web.paging import page_number
from . import queries, services
from .forms import LANGUAGE_NAMES, ROLES, ChannelsForm, NewProjectForm, ProjectForm, PromptForm
from .prompt_checks import check_prompt, secret_fields
from .results import results_of
from .wording import reason

bp = Blueprint("projects", __name__)

CLIENTS_OFFERED = 50


@bp.get("/")
@signed_in
def index() -> ResponseReturnValue:
    search = request.args.get("search", "").strip()
    product_id = asked("product_id", row_number)
    archived = request.args.get("archived") == "1"
    order = request.args.get("order", "newest")
    order = order if order in queries.ORDERS else "newest"
    page = queries.projects_page(current_user, search, product_id, archived, order, page_number())
    numbers = [project.id for project in page.rows]
    state = {"search": search, "product_id": product_id, "archived": "1" if archived else None, "order": order}
    return render_template(
        "projects/index.html",
        page=page,
        state=state,
        counts=queries.counts_of(numbers),
        roles=queries.roles_of(current_user, numbers),
        role_names=ROLES,
        products=queries.products_of(current_user),
        invitations=queries.invitations_for(current_user),
    )


@bp.route("/projects/new", methods=["GET", "POST"])
@signed_in
def create() -> ResponseReturnValue:
    form = NewProjectForm()
    form.offer(queries.all_channels())
    if not form.is_submitted():
        return render_template("projects/new.html", form=form)
    if not form.validate():
        return render_template("projects/new.html", form=form), 422
    project = services.create_project(
        form.name.data,
        form.chosen_product,
        form.occasion.data,
        form.language.data,
        form.chosen,
        current_user,
        form.retention_days.data,
    )
    db.session.commit()
    flash(_("The project is made. Its next steps are below."), "success")
    return go_to("projects.show", project_id=project.id)


@bp.get("/projects/<int:project_id>")
@project_access("view")
def show(project: Project) -> ResponseReturnValue:
    counts = queries.counts_of([project.id])[project.id]
    is_edited = queries.has_edited_prompt(project)
    return render_template(
        "projects/show.html", project=project, counts=counts, is_edited=is_edited, language_names=LANGUAGE_NAMES
    )


@bp.route("/projects/<int:project_id>/edit", methods=["GET", "POST"])
@project_access("edit")
def edit(project: Project) -> ResponseReturnValue:
    form = ProjectForm(obj=None if request.method == "POST" else project)
    if not may(project, "erase"):
        del form.retention_days  # a shorter time erases clients
    if not form.is_submitted():
        return render_template("projects/edit.html", project=project, form=form)
    if not form.validate():
        return render_template("projects/edit.html", project=project, form=form), 422
    days = form.retention_days.data if form.retention_days else project.retention_days
    services.change_project(project, form.name.data, form.chosen_product, form.occasion.data, form.language.data, days)
    db.session.commit()
    flash(_("The project is saved."), "success")
    return go_to("projects.show", project_id=project.id)


@bp.post("/projects/<int:project_id>/archive")
@project_access("archive")
def archive(project: Project) -> ResponseReturnValue:
    services.archive_project(project)
    db.session.commit()
    flash(_("The project is in the archive. It can be restored at any time."), "success")
    return go_to("projects.show", project_id=project.id)


@bp.post("/projects/<int:project_id>/restore")
@project_access("archive")
def restore(project: Project) -> ResponseReturnValue:
    services.restore_project(project)
    db.session.commit()
    flash(_("The project is restored."), "success")
    return go_to("projects.show", project_id=project.id)


@bp.get("/projects/<int:project_id>/channels")
@project_access("view")
def channels(project: Project) -> ResponseReturnValue:
    return _channels_page(project, _channels_form(project))


@bp.post("/projects/<int:project_id>/channels")
@project_access("edit")
def add_channels(project: Project) -> ResponseReturnValue:
    form = _channels_form(project)
    if not form.validate():
        return _channels_page(project, form), 422
    services.add_channels(project, form.chosen, current_user)
    db.session.commit()
    flash(_("The channels are added, each with its first prompt."), "success")
    return go_to("projects.channels", project_id=project.id)


@bp.post("/projects/<int:project_id>/channels/<int:channel_id>/remove")
@project_access("edit")
def remove_channel(project: Project, channel_id: int) -> ResponseReturnValue:
    services.remove_channel(within(project, ProjectSaleChannel, channel_id))
    db.session.commit()
    flash(_("The channel is removed."), "success")
    return go_to("projects.channels", project_id=project.id)


@bp.get("/projects/<int:project_id>/channels/<int:channel_id>")
@project_access("view")
def prompt(project: Project, channel_id: int) -> ResponseReturnValue:
    channel = within(project, ProjectSaleChannel, channel_id)
    newest = services.current_version(channel)
    number = asked("version", row_number)
    shown = newest if number is None else version_numbered(channel, number)
    return _prompt_page(project, channel, PromptForm(text=shown.text, based_on=newest.number))


@bp.post("/projects/<int:project_id>/channels/<int:channel_id>")
@project_access("edit")
def save_prompt(project: Project, channel_id: int) -> ResponseReturnValue:
    channel = within(project, ProjectSaleChannel, channel_id)
    form = PromptForm()
    if not form.validate() or _speaks_of_secrets(project, form):
        return _prompt_page(project, channel, form), 422
    try:
        version = services.save_prompt(channel, form.text.data, form.based_on.data or 0, current_user, form.note.data)
    except services.PromptChanged as error:
        form = PromptForm(formdata=None, text=form.text.data, note=form.note.data, based_on=error.newest.number)
        return _prompt_page(project, channel, form, newer=error.newest), 409
    db.session.commit()
    flash(_("Version %(n)d is the channel's prompt now.", n=version.number), "success")
    return go_to("projects.prompt", project_id=project.id, channel_id=channel.id)


@bp.post("/projects/<int:project_id>/channels/<int:channel_id>/preview")
@project_access("view")
def preview(project: Project, channel_id: int) -> ResponseReturnValue:
    """The exact prompt of an unsaved text for a chosen client, or what is wrong with the form."""
    channel = within(project, ProjectSaleChannel, channel_id)
    form = PromptForm()
    if not form.validate():
        wrong = [error for errors in form.errors.values() for error in errors]
        return render_template("projects/_preview.html", errors=wrong), 422
    client_id, benefit_id = asked("client_id", row_number), asked("benefit_id", int, BEST)
    client = None if client_id is None else within(project, Client, client_id)
    frame = prompting.writing_frame_of(channel)
    benefit = benefits_to_say(channel, client).asked(benefit_id) if client else None
    if client and benefit is None and benefit_id not in (BEST, NONE):
        abort(404)
    angle = benefit.text if benefit else ""
    exact = frame.prompt_for(form.text.data, client, angle=angle)
    return render_template(
        "projects/_preview.html",
        prompt=exact,
        tokens=prompting.count_tokens(exact),
        saved=prompting.tokens_saved(frame, client),
        text=form.text.data,
        findings=check_prompt(frame, channel, form.text.data, client),
    )


@bp.app_errorhandler(services.ProjectError)
def refused(error: services.ProjectError) -> ResponseReturnValue:
    """The project's rules say no: the reason is shown where the person was, and nothing has changed."""
    db.session.rollback()
    return make_response(render_template("projects/refused.html", reason=reason(error)), 409)


def _channels_form(project: Project) -> ChannelsForm:
    form = ChannelsForm()
    present = {channel.sale_channel_id for channel in project.channels}
    form.offer([channel for channel in queries.all_channels() if channel.id not in present])
    return form


def _channels_page(project: Project, form: ChannelsForm) -> str:
    return render_template("projects/channels.html", project=project, form=form, table=queries.channels_table(project))


def _prompt_page(
    project: Project, channel: ProjectSaleChannel, form: PromptForm, newer: PromptVersion | None = None
) -> str:
    clients = db.session.scalars(
        db.select(Client).filter_by(project_id=project.id).order_by(Client.id).limit(CLIENTS_OFFERED)
    ).all()
    values = prompting.variable_values(channel, clients[0] if clients else None)
    return render_template(
        "projects/prompt.html",
        project=project,
        channel=channel,
        form=form,
        newer=newer,
        clients=clients,
        variables={name: values[name] for name in VARIABLES},
        versions=queries.versions_of(channel),
        results=results_of(channel),
    )


def _speaks_of_secrets(project: Project, form: PromptForm) -> bool:
    """Refuse a prompt that names a secret field, and say which."""
    found = list(secret_fields(prompting.fields_of(project), form.text.data))
    form.text.errors = [*form.text.errors, *(_(finding.message, **finding.values) for finding in found)]
    return bool(found)


def version_numbered(channel: ProjectSaleChannel, number: int) -> PromptVersion:
    query = db.select(PromptVersion).filter_by(project_channel_id=channel.id, number=number)
    return db.session.scalar(query) or abort(404)
