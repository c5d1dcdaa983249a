"""Members of a project and invitations to it, in the browser."""

from flask import abort, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from ..access import may, project_access, signed_in
from ..database import db
from ..models import Project, ProjectUser, Role
from ..web.fragments import go_to
from . import invitations, queries, services
from .forms import ROLES, MemberForm, RoleForm, WithdrawForm
from .views import bp
from .wording import reason


@bp.get("/projects/<int:project_id>/members")
@project_access("view")
def members(project: Project) -> ResponseReturnValue:
    return _page(project, MemberForm())


@bp.post("/projects/<int:project_id>/members")
@project_access("manage_members")
def invite(project: Project) -> ResponseReturnValue:
    """The answer is the same whether or not there is an account of the e-mail."""
    form = MemberForm()
    if not form.validate():
        return _page(project, form), 422
    try:
        invitations.invite(project, form.email.data, Role(form.role.data), current_user)
    except (services.AlreadyMember, invitations.TooManyInvitations) as error:
        form.email.errors = [reason(error)]
        return _page(project, form), 422
    db.session.commit()
    waits = _(
        "The invitation waits. Whoever has an account of this e-mail finds it on the page “Projects” and accepts it; "
        "an administrator makes accounts."
    )
    flash(waits, "success")
    return go_to("projects.members", project_id=project.id)


@bp.post("/projects/<int:project_id>/members/withdraw")
@project_access("manage_members")
def withdraw_invitation(project: Project) -> ResponseReturnValue:
    form = WithdrawForm()
    if not form.validate():
        abort(400)
    invitations.withdraw(project, form.email.data, current_user)
    db.session.commit()
    flash(_("The invitation is withdrawn."), "success")
    return go_to("projects.members", project_id=project.id)


@bp.post("/projects/<int:project_id>/members/<int:user_id>/role")
@project_access("manage_members")
def change_role(project: Project, user_id: int) -> ResponseReturnValue:
    form = RoleForm()
    if not form.validate():
        abort(400)
    services.change_role(_member(project, user_id), Role(form.role.data), current_user)
    db.session.commit()
    flash(_("The role is changed."), "success")
    return go_to("projects.members", project_id=project.id)


@bp.post("/projects/<int:project_id>/members/<int:user_id>/remove")
@project_access("manage_members")
def remove_member(project: Project, user_id: int) -> ResponseReturnValue:
    services.remove_member(_member(project, user_id), current_user)
    db.session.commit()
    flash(_("The member is removed."), "success")
    has_left = user_id == current_user.id
    return go_to("projects.index") if has_left else go_to("projects.members", project_id=project.id)


@bp.post("/invitations/<int:project_id>/accept")
@signed_in
def accept_invitation(project_id: int) -> ResponseReturnValue:
    project = invitations.accept(project_id, current_user)
    db.session.commit()
    flash(_("You are a member of the project now."), "success")
    return go_to("projects.show", project_id=project.id)


@bp.post("/invitations/<int:project_id>/decline")
@signed_in
def decline_invitation(project_id: int) -> ResponseReturnValue:
    invitations.decline(project_id, current_user)
    db.session.commit()
    flash(_("The invitation is declined."), "success")
    return go_to("projects.index")


def _page(project: Project, form: MemberForm) -> str:
    return render_template(
        "projects/members.html",
        project=project,
        form=form,
        members=project.members,
        role_names=ROLES,
        invitations=queries.invitations_to(project) if may(project, "manage_members") else [],
    )


def _member(project: Project, user_id: int) -> ProjectUser:
    return db.session.get(ProjectUser, (project.id, user_id)) or abort(404)
