"""No client without its load, whoever writes to the tables: what a foreign key would keep, the triggers keep."""

import pytest
from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, OperationalError

from marketing_app.database import db
from marketing_app.models import Client, ClientCount, ClientImport, Project
from tests.factories import a_client, a_project, many_clients

ADD = "INSERT INTO client (project_id, import_id, outside_id, data) VALUES (:project, :load, 'C1', '{}')"


@pytest.fixture
def project(app: Flask) -> Project:
    return a_project()


def add(connection: Connection, project_id: int, load_id: int) -> None:
    connection.execute(text(ADD), {"project": project_id, "load": load_id})


def test_a_client_of_no_load_is_refused(project: Project) -> None:
    with pytest.raises(IntegrityError, match="has no load 999999"):
        add(db.session.connection(), project.id, 999_999)


def test_a_client_of_another_projects_load_is_refused(project: Project) -> None:
    load = many_clients(a_project(), 1)
    with pytest.raises(IntegrityError, match="has no load"):
        add(db.session.connection(), project.id, load.id)


@pytest.mark.parametrize("column", ["import_id", "project_id"])
def test_a_client_does_not_move(project: Project, column: str) -> None:
    client = a_client(project)
    with pytest.raises(IntegrityError, match="stays with the load"):
        db.session.execute(db.update(Client).filter_by(id=client.id).values({column: 999_999}))


@pytest.mark.parametrize("column", ["id", "project_id"])
def test_a_load_does_not_move(project: Project, column: str) -> None:
    load = many_clients(project, 1)
    with pytest.raises(IntegrityError, match="stays with the load"):
        db.session.execute(db.update(ClientImport).filter_by(id=load.id).values({column: 999_999}))


def test_with_a_load_go_its_clients_and_no_others(project: Project) -> None:
    load = many_clients(project, 3)
    other = a_client(project)
    db.session.execute(db.delete(ClientImport).filter_by(id=load.id))
    assert db.session.scalars(db.select(Client.id)).all() == [other.id]
    assert db.session.get_one(ClientCount, project.id, populate_existing=True).count == 1


def test_with_a_project_go_all_its_clients(project: Project) -> None:
    many_clients(project, 3)
    other = a_client(a_project())
    db.session.execute(db.delete(Project).filter_by(id=project.id))
    assert db.session.scalars(db.select(Client.id)).all() == [other.id]


def test_a_load_that_gets_a_client_cannot_be_deleted_meanwhile(project: Project) -> None:
    load = many_clients(project, 1)
    db.session.commit()
    with db.engine.connect() as adding, db.engine.connect() as deleting:
        add(adding, project.id, load.id)
        deleting.execute(text("SET LOCAL lock_timeout = '200ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            deleting.execute(db.delete(ClientImport).where(ClientImport.id == load.id))


def test_a_load_that_is_being_deleted_gets_no_client(project: Project) -> None:
    load = many_clients(project, 1)
    db.session.commit()
    with db.engine.connect() as deleting, db.engine.connect() as adding:
        deleting.execute(db.delete(ClientImport).where(ClientImport.id == load.id))
        adding.execute(text("SET LOCAL lock_timeout = '200ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            add(adding, project.id, load.id)
