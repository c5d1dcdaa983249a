"""Whoever is erased while a load is under way stays erased: rows that were not read yet do not bring them back."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from marketing_app.client_imports import loading, services
from marketing_app.client_imports.loading import BackgroundLoads
from marketing_app.database import db
from marketing_app.models import (
    Client,
    ClientImport,
    ClientRejection,
    Duplicates,
    ImportState,
    OptOut,
    Project,
)
from marketing_app.privacy.retention import enforce_retention
from tests.client_imports.test_loads import carried_out_through_a_crash, plan_of, stages, written
from tests.factories import a_client, a_source
from tests.privacy.conftest import Person

HEADER = ["client_id", "age", "refused"]
ROWS = [["A-1", "30", ""], ["A-2", "31", ""], ["A-3", "32", ""]]


def waiting(project: Project, rows: Iterable[Iterable[object]], header: list[str] = HEADER) -> ClientImport:
    """A load of these rows that no worker has taken yet; it changes who is there."""
    source = a_source(project, written(header, *rows))
    load = services.start_import(source, plan_of(header), Duplicates.UPDATE, project.members[0].user)
    db.session.commit()
    return load


def loaded_with(app: Flask, load: ClientImport, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], Any]) -> None:
    """Carry the load out, row by row; something happens when the first row is read and the others are not."""
    real = loading._chunks

    def chunks(rows: Any, bytes_read: Any) -> Iterator[Any]:
        for number, chunk in enumerate(real(rows, bytes_read)):
            if number == 1:
                meanwhile()
            yield chunk

    with monkeypatch.context() as patched:
        patched.setattr(loading, "CHUNK", 1)
        patched.setattr(loading, "_chunks", chunks)
        BackgroundLoads(app).carry_out(load.id)
    db.session.expire_all()
    assert load.state is ImportState.FINISHED and load.row_count > 1


def ids() -> list[str | None]:
    return sorted(db.session.scalars(db.select(Client.outside_id)), key=str)


@pytest.mark.parametrize("outside_id", ["A-1", "A-3"])
def test_a_client_erased_while_a_load_is_read_does_not_come_back(
    app: Flask, manager: Person, project: Project, monkeypatch: pytest.MonkeyPatch, outside_id: str
) -> None:
    person = a_client(project, outside_id).id
    load = waiting(project, ROWS)
    loaded_with(app, load, monkeypatch, lambda: manager.post(f"/clients/{person}/erase"))
    assert ids() == [each for each, *_ in ROWS if each != outside_id]
    assert stages() == 0


def test_a_client_without_an_id_does_not_come_back_either(
    app: Flask, manager: Person, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, header = [["30", "a@b.example"], ["31", "c@b.example"]], ["age", "mail"]
    BackgroundLoads(app).carry_out(waiting(project, rows[1:], header).id)
    person = db.session.scalars(db.select(Client.id)).one()
    load = waiting(project, rows, header)
    loaded_with(app, load, monkeypatch, lambda: manager.post(f"/clients/{person}/erase"))
    assert db.session.scalars(db.select(Client.email)).all() == ["a@b.example"]


def test_a_client_erased_before_a_worker_takes_the_load_does_not_come_back(
    app: Flask, manager: Person, project: Project
) -> None:
    person = a_client(project, "A-2")
    load = waiting(project, ROWS)
    manager.post(f"/clients/{person.id}/erase")
    BackgroundLoads(app).carry_out(load.id)
    assert ids() == ["A-1", "A-3"]


def test_a_client_does_not_come_back_when_a_crash_of_the_database_lets_all_rows_be_read_again(
    app: Flask, manager: Person, project: Project
) -> None:
    person = a_client(project, "A-2").id
    load = waiting(project, ROWS)
    carried_out_through_a_crash(app, load, meanwhile=lambda: manager.post(f"/clients/{person}/erase"))
    assert ids() == ["A-1", "A-3"]


def test_who_is_kept_too_long_does_not_come_back(app: Flask, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    person = a_client(project, "A-3")
    person.updated_at = datetime.now(UTC) - timedelta(days=project.retention_days + 1)
    load = waiting(project, ROWS)
    loaded_with(app, load, monkeypatch, enforce_retention)
    assert ids() == ["A-1", "A-2"]


def test_a_rejected_row_that_is_read_later_is_not_kept_but_its_refusal_is(
    app: Flask, manager: Person, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = a_client(project, "A-3").id
    load = waiting(project, [ROWS[0], ["A-2", "old", ""], [" A-3 ", "young", "yes"]])
    loaded_with(app, load, monkeypatch, lambda: manager.post(f"/clients/{person}/erase"))
    assert [row.cells[0] for row in db.session.scalars(db.select(ClientRejection))] == ["A-2"]
    assert load.rejected_count == 2
    assert db.session.scalars(db.select(OptOut.identity)).all() == ["A-3"]


def test_a_later_load_may_bring_the_client_again(app: Flask, manager: Person, project: Project) -> None:
    person = a_client(project, "A-2")
    first = waiting(project, ROWS)
    manager.post(f"/clients/{person.id}/erase")
    BackgroundLoads(app).carry_out(first.id)
    BackgroundLoads(app).carry_out(waiting(project, ROWS).id)
    assert ids() == ["A-1", "A-2", "A-3"]


def test_a_load_of_another_project_is_not_concerned(
    app: Flask, manager: Person, stranger: Person, project: Project
) -> None:
    person = a_client(project, "A-2")
    other = db.session.scalars(db.select(Project).where(Project.id != project.id)).one()
    load = waiting(other, ROWS)
    manager.post(f"/clients/{person.id}/erase")
    BackgroundLoads(app).carry_out(load.id)
    assert ids() == ["A-1", "A-2", "A-3"]


def test_who_was_erased_is_forgotten_when_the_load_is_cancelled(app: Flask, manager: Person, project: Project) -> None:
    person = a_client(project, "A-2")
    load = waiting(project, ROWS)
    manager.post(f"/clients/{person.id}/erase")
    assert stages() == 1
    manager.post(f"/clients/imports/{load.id}/cancel")
    assert stages() == 0
