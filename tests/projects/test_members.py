"""How people come into a project: a manager invites an e-mail, its owner accepts; roles change, members go."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import AuditEntry, Project, ProjectInvitation, ProjectUser, Role, User
from marketing_app.projects.invitations import MOST_INVITATIONS
from tests.clients.conftest import count_queries
from tests.factories import a_member, a_project, a_user, saved

__all__ = ["count_queries"]

ADDRESS = "anna@bank.example"


@pytest.fixture
def manager(client: FlaskClient) -> User:
    manager = a_user("Управляющая", language="en")
    client.sign_in(manager)
    return manager


@pytest.fixture
def project(manager: User) -> Project:
    return a_project(manager)


def page(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.text


def invite(client: FlaskClient, project: Project, email: str = ADDRESS, role: str = "performer") -> int:
    data = {"email": email, "role": role}
    return int(client.post(f"/projects/{project.id}/members", data=data).status_code)


def visitor(app: Flask, user: User) -> FlaskClient:
    client = app.test_client()
    client.sign_in(user)  # type: ignore[attr-defined]
    return client


def lines() -> list[tuple[str, dict[str, object]]]:
    """What the audit says of projects."""
    query = db.select(AuditEntry.action, AuditEntry.changes).filter_by(object_type="project").order_by(AuditEntry.id)
    return [(action, changes) for action, changes in db.session.execute(query)]


@pytest.mark.parametrize("account", ["none", "open", "closed", "member elsewhere"])
def test_an_invitation_does_not_tell_who_has_an_account(client: FlaskClient, project: Project, account: str) -> None:
    """The answer, the page after it and the answer to the same once more are those of an e-mail without an account."""
    if account != "none":
        user = saved(User(email=ADDRESS, name="Анна", password_hash="-", is_active=account != "closed"))
        if account == "member elsewhere":
            a_member(a_project(), user)
    assert [invite(client, project) for _time in range(2)] == [303, 303]
    shown = page(client, f"/projects/{project.id}/members")
    row = re.search(rf"<td>{ADDRESS}</td>.*?</tr>", shown, re.DOTALL)
    assert row and "Performer" in row[0] and "Управляющая" in row[0] and "Анна" not in shown
    assert "an administrator makes accounts" in shown
    assert [member.user_id for member in project.members] == [project.members[0].user_id]


def test_who_is_invited_becomes_a_member_by_accepting(app: Flask, client: FlaskClient, project: Project) -> None:
    user = a_user()
    assert invite(client, project, user.email.upper(), "manager") == 303
    theirs = visitor(app, user)
    assert theirs.get(f"/projects/{project.id}").status_code == 404
    assert project.name in page(theirs, "/")
    assert theirs.post(f"/invitations/{project.id}/accept").location == f"/projects/{project.id}"
    assert theirs.get(f"/projects/{project.id}").status_code == 200
    assert db.session.get_one(ProjectUser, (project.id, user.id)).role is Role.MANAGER
    assert db.session.scalar(db.select(ProjectInvitation)) is None


def test_an_invitation_waits_for_an_account_that_is_made_later(
    app: Flask, client: FlaskClient, project: Project
) -> None:
    invite(client, project)
    theirs = visitor(app, a_user(email=ADDRESS))
    theirs.post(f"/invitations/{project.id}/accept")
    assert theirs.get(f"/projects/{project.id}").status_code == 200


def test_nobody_accepts_another_s_invitation(app: Flask, client: FlaskClient, project: Project) -> None:
    invite(client, project)
    stranger = visitor(app, a_user())
    assert project.name not in page(stranger, "/")
    for verb in ("accept", "decline"):
        assert stranger.post(f"/invitations/{project.id}/{verb}").status_code == 409
    assert db.session.scalars(db.select(ProjectInvitation)).one()


@pytest.mark.parametrize("way", ["declined", "withdrawn"])
def test_an_invitation_that_is_gone_is_not_accepted(
    app: Flask, client: FlaskClient, project: Project, way: str
) -> None:
    user = a_user(language="en")
    invite(client, project, user.email)
    theirs = visitor(app, user)
    if way == "declined":
        theirs.post(f"/invitations/{project.id}/decline")
    else:
        client.post(f"/projects/{project.id}/members/withdraw", data={"email": user.email})
    assert project.name not in page(theirs, "/")
    assert user.email not in page(client, f"/projects/{project.id}/members")
    refused = theirs.post(f"/invitations/{project.id}/accept")
    assert refused.status_code == 409 and "There is no such invitation any more" in refused.text
    assert theirs.get(f"/projects/{project.id}").status_code == 404


def test_an_archived_project_invites_nobody(app: Flask, client: FlaskClient, project: Project) -> None:
    user = a_user()
    invite(client, project, user.email)
    project.is_archived = True
    db.session.commit()
    theirs = visitor(app, user)
    assert project.name not in page(theirs, "/")
    assert theirs.post(f"/invitations/{project.id}/accept").status_code == 409
    assert invite(client, project) == 409


def test_inviting_again_changes_the_role(client: FlaskClient, project: Project) -> None:
    for role in ("performer", "manager"):
        invite(client, project, role=role)
    assert db.session.scalars(db.select(ProjectInvitation)).one().role is Role.MANAGER


def test_who_is_a_member_already_is_not_invited(client: FlaskClient, project: Project) -> None:
    assert invite(client, project, a_member(project).email) == 422


@pytest.mark.parametrize("email", ["nonsense", "", "a" * 300 + "@bank.example"])
def test_what_is_no_e_mail_is_not_invited(client: FlaskClient, project: Project, email: str) -> None:
    assert invite(client, project, email) == 422


def test_no_endless_number_of_invitations_waits(client: FlaskClient, project: Project) -> None:
    author_id = project.members[0].user_id
    several = (
        ProjectInvitation(project_id=project.id, email=f"a{n}@b.example", role=Role.PERFORMER, author_id=author_id)
        for n in range(MOST_INVITATIONS)
    )
    db.session.add_all(several)
    db.session.commit()
    assert invite(client, project) == 422 and invite(client, project, "a1@b.example", "manager") == 303


def test_performers_see_neither_invitations_nor_the_form(app: Flask, client: FlaskClient, project: Project) -> None:
    invite(client, project)
    theirs = visitor(app, a_member(project))
    shown = page(theirs, f"/projects/{project.id}/members")
    assert ADDRESS not in shown and 'name="role"' not in shown
    assert invite(theirs, project, "b@bank.example") == 404


def test_many_invitations_take_as_many_queries_as_one(client: FlaskClient, project: Project, count_queries) -> None:  # type: ignore[no-untyped-def]
    invite(client, project)
    one = count_queries(lambda: client.get(f"/projects/{project.id}/members"))
    for number in range(5):
        invite(client, project, f"a{number}@bank.example")
    assert count_queries(lambda: client.get(f"/projects/{project.id}/members")) == one


def test_a_new_member_is_a_performer_unless_a_manager_is_chosen(client: FlaskClient, project: Project) -> None:
    form = page(client, f"/projects/{project.id}/members").split("Invite a colleague")[-1]
    assert '<option selected value="performer">' in form


def test_managers_are_listed_before_performers(client: FlaskClient, project: Project, manager: User) -> None:
    performer, second_manager = a_member(project), a_member(project, role=Role.MANAGER)
    text = page(client, f"/projects/{project.id}/members")
    places = [text.index(user.email) for user in (manager, second_manager, performer)]
    assert places == sorted(places)
    assert [member.user for member in project.members] == [manager, second_manager, performer]


def test_a_project_keeps_a_manager(client: FlaskClient, project: Project, manager: User) -> None:
    address = f"/projects/{project.id}/members/{manager.id}"
    for path, data in (("role", {"role": "performer"}), ("remove", {})):
        answer = client.post(f"{address}/{path}", data=data)
        assert answer.status_code == 409 and "at least one manager" in answer.text
    second = a_member(project, role=Role.MANAGER)
    assert client.post(f"{address}/remove").status_code == 303
    assert [member.user_id for member in project.members] == [second.id]


def test_the_audit_has_a_line_of_every_change_of_members(app: Flask, client: FlaskClient, project: Project) -> None:
    user = a_user()
    theirs = visitor(app, user)
    invite(client, project, user.email)
    theirs.post(f"/invitations/{project.id}/accept")
    client.post(f"/projects/{project.id}/members/{user.id}/role", data={"role": "manager"})
    client.post(f"/projects/{project.id}/members/{user.id}/remove")
    invite(client, project)
    client.post(f"/projects/{project.id}/members/withdraw", data={"email": ADDRESS})
    invite(client, project, user.email)
    theirs.post(f"/invitations/{project.id}/decline")
    assert lines() == [
        ("invite", {user.email: [None, "performer"]}),
        ("join", {user.email: [None, "performer"]}),
        ("change role", {user.email: ["performer", "manager"]}),
        ("remove member", {user.email: ["manager", None]}),
        ("invite", {ADDRESS: [None, "performer"]}),
        ("withdraw invitation", {ADDRESS: ["performer", None]}),
        ("invite", {user.email: [None, "performer"]}),
        ("decline invitation", {user.email: ["performer", None]}),
    ]
    manager_id = project.members[0].user_id
    by = db.session.scalars(db.select(AuditEntry.user_id).filter_by(object_type="project").order_by(AuditEntry.id))
    assert list(by) == [manager_id, user.id, *[manager_id] * 5, user.id]
