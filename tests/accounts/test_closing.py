"""Accounts are closed, never deleted: nobody enters by them, and names stay where people worked."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from marketing_app.database import db, own_transaction
from marketing_app.models import AuditEntry, Project, ProjectUser, Role, User
from marketing_app.projects.services import managed_alone
from tests.factories import a_campaign, a_project, a_user, an_offer


@pytest.fixture
def console(client: FlaskClient) -> FlaskClient:
    client.sign_in(a_user("Администратор", is_administrator=True, language="en"))
    return client


@pytest.fixture
def project(app: Flask) -> Project:
    return a_project(a_user("Управляющая"), a_user("Исполнитель"))


def change(console: FlaskClient, user: User, **values: object) -> str:
    """Save the account's form in the console; an empty tick is a closed account."""
    data = {"email": user.email, "name": user.name, "language": user.language, "password": "", "successor": 0}
    answer = console.post(f"/admin/user/edit/?id={user.id}", data=data | values, follow_redirects=True)
    return str(answer.get_data(as_text=True))


def role_in(project: Project, user: User) -> Role | None:
    member = db.session.get(ProjectUser, (project.id, user.id))
    return member.role if member else None


def test_a_closed_account_does_not_enter(client: FlaskClient) -> None:
    assert client.sign_in(a_user(is_active=False)).status_code == 422


def test_closing_ends_open_sessions_and_opening_again_does_not_bring_them_back(
    console: FlaskClient, app: Flask
) -> None:
    user, theirs = a_user(), app.test_client()
    theirs.sign_in(user)  # type: ignore[attr-defined]
    assert theirs.get("/").status_code == 200
    change(console, user)
    assert theirs.get("/").status_code == 302
    change(console, user, is_active="y")
    assert theirs.get("/").status_code == 302
    theirs.sign_in(user)  # type: ignore[attr-defined]
    assert theirs.get("/").status_code == 200


def test_no_account_is_deleted_and_the_approver_s_name_stays(console: FlaskClient, project: Project) -> None:
    approver = project.members[1].user
    offer = an_offer(a_campaign(project), reviewer_id=approver.id)
    for user in (approver, project.members[0].user, a_user()):
        console.post("/admin/user/delete/", data={"id": user.id})
        assert db.session.get(User, user.id)
    change(console, approver)
    assert offer.reviewer_id == approver.id and not approver.is_active


def test_the_database_deletes_no_name_either(project: Project) -> None:
    """Before, it named nobody as the one who approved."""
    approver = a_user()
    an_offer(a_campaign(project), reviewer_id=approver.id)
    with pytest.raises(IntegrityError):
        db.session.execute(db.delete(User).filter_by(id=approver.id))


def test_no_reference_to_an_account_forgets_it(app: Flask) -> None:
    with app.app_context():
        forgetting = "SELECT conrelid::regclass::text FROM pg_constraint WHERE confrelid = '\"user\"'::regclass"
        assert not db.session.scalars(text(f"{forgetting} AND confdeltype <> 'a'")).all()


def test_a_closed_account_is_shown_as_closed(console: FlaskClient, project: Project, app: Flask) -> None:
    performer = project.members[1].user
    change(console, performer)
    row = re.search(rf"{performer.email}.*?</tr>", console.get("/admin/user/").get_data(as_text=True), re.DOTALL)
    assert row and "closed" in row[0]
    manager = app.test_client()
    manager.sign_in(project.members[0].user)  # type: ignore[attr-defined]
    page = manager.get(f"/projects/{project.id}/members").get_data(as_text=True)
    assert f"{performer.name} <span" in page and f"{project.members[0].user.name} <span" not in page


def test_a_closed_account_is_appointed_to_nothing(client: FlaskClient, project: Project) -> None:
    client.sign_in(project.members[0].user)
    performer = project.members[1].user
    performer.is_active = False
    db.session.commit()
    raised = client.post(f"/projects/{project.id}/members/{performer.id}/role", data={"role": "manager"})
    assert raised.status_code == 409 and role_in(project, performer) is Role.PERFORMER


def test_the_only_manager_s_account_is_closed_once_somebody_else_manages(
    console: FlaskClient, project: Project
) -> None:
    manager, performer, outsider = project.members[0].user, project.members[1].user, a_user()
    archived = a_project(manager, is_archived=True)
    assert project.name in change(console, manager) and manager.is_active
    change(console, manager, successor=performer.id)
    assert not manager.is_active
    assert [role_in(each, performer) for each in (project, archived)] == [Role.MANAGER, Role.MANAGER]
    assert role_in(project, manager) is Role.MANAGER
    entries = db.session.scalars(db.select(AuditEntry).filter_by(object_type="project"))
    assert {entry.object_id for entry in entries} == {str(project.id), str(archived.id)}
    change(console, performer, successor=outsider.id)
    assert role_in(project, outsider) is Role.MANAGER


def test_with_another_manager_nobody_is_appointed(console: FlaskClient, project: Project) -> None:
    second, outsider = a_user(), a_user()
    db.session.add(ProjectUser(project_id=project.id, user_id=second.id, role=Role.MANAGER))
    db.session.commit()
    change(console, second, successor=outsider.id)
    assert not second.is_active and role_in(project, outsider) is None
    page = change(console, project.members[0].user)
    assert project.name in page and project.members[0].user.is_active


def test_the_last_open_manager_is_neither_removed_nor_demoted(client: FlaskClient, project: Project) -> None:
    closed = a_user(is_active=False)
    db.session.add(ProjectUser(project_id=project.id, user_id=closed.id, role=Role.MANAGER))
    db.session.commit()
    manager = project.members[0].user
    client.sign_in(manager)
    address = f"/projects/{project.id}/members/{manager.id}"
    answers = [client.post(f"{address}/role", data={"role": "performer"}), client.post(f"{address}/remove")]
    assert [answer.status_code for answer in answers] == [409, 409]
    assert client.post(f"/projects/{project.id}/members/{closed.id}/remove").status_code == 303


def test_two_managers_are_not_closed_at_one_moment(app: Flask, project: Project) -> None:
    """The second waits for the first, and then sees that nobody else is left."""
    first, second = project.members[0].user, a_user()
    db.session.add(ProjectUser(project_id=project.id, user_id=second.id, role=Role.MANAGER))
    db.session.commit()
    second_id = second.id
    assert managed_alone(first) == []
    first.is_active = False
    db.session.flush()

    def close_second() -> list[str]:
        with app.app_context(), own_transaction():
            return [left.name for left in managed_alone(db.session.get_one(User, second_id))]

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(close_second)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.5)
        name = project.name
        db.session.commit()
        assert waiting.result(timeout=10) == [name]


def test_nobody_closes_their_own_account(console: FlaskClient) -> None:
    me = db.session.scalars(db.select(User)).one()
    a_user(is_administrator=True)
    change(console, me, is_administrator="y")
    assert me.is_active


def test_the_audit_tells_of_the_closing_and_of_no_password(console: FlaskClient) -> None:
    change(console, a_user())
    entry = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry and entry.changes == {"is_active": ["True", "False"]}
