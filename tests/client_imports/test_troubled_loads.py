"""A load waits for a database that cannot take it; when that lasts it says why, and somebody goes on with it."""

import time
from threading import Event, Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from marketing_app.client_imports import services
from marketing_app.client_imports.loading import BackgroundLoads, RowsLost, encoder_of
from marketing_app.database import db
from marketing_app.models import ClientImport, ImportState, Project
from tests.client_imports.test_loads import counts, project, started
from tests.web.troubled_database import as_server_owner, full_disk_of, second_session, server_setting

__all__ = ["project"]
ROW = ["A1", "30", "1", "", ""]


@pytest.fixture
def brief_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marketing_app.database.PATIENCE_SECONDS", (0.01, 0.01))


def page_of(client: FlaskClient, project_id: int, load_id: int, language: str = "en") -> str:
    address = f"/projects/{project_id}/clients/imports/{load_id}"
    return client.get(address, headers={"Accept-Language": language}).get_data(as_text=True)


def test_a_load_waits_for_a_lock_that_somebody_holds(app: Flask, project: Project) -> None:
    number = started(project, ROW).id
    url, is_held = db.engine.url, Event()

    def hold() -> None:
        with second_session(url) as other:
            other.execute(text("LOCK TABLE client IN EXCLUSIVE MODE"))
            is_held.set()
            time.sleep(1.5)

    with server_setting("lock_timeout", "200ms"):
        holder = Thread(target=hold)
        holder.start()
        assert is_held.wait(10)
        BackgroundLoads(app).carry_out(number)
        holder.join()
    load = db.session.get_one(ClientImport, number)
    assert (load.state, load.added_count) == (ImportState.FINISHED, 1)


def test_a_load_that_a_full_disk_stopped_says_so_and_goes_on_when_there_is_room(
    app: Flask, client: FlaskClient, project: Project, brief_patience: None
) -> None:
    project_id, number = project.id, started(project, ROW).id
    with full_disk_of("client"):
        BackgroundLoads(app).carry_out(number)
        assert db.session.get_one(ClientImport, number).state is ImportState.INTERRUPTED
        assert "disk is full" in page_of(client, project_id, number)
    load = db.session.get_one(ClientImport, number)
    db.session.execute(text("DELETE FROM procrastinate_jobs"))  # no queue ran it, so none has ended it
    services.continue_import(load)
    db.session.commit()
    BackgroundLoads(app).carry_out(number)
    db.session.expire_all()
    assert (load.state, load.failure, load.added_count) == (ImportState.FINISHED, "", 1)


def test_a_load_that_the_database_refuses_is_told_without_its_rows(
    app: Flask, client: FlaskClient, project: Project, brief_patience: None, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is raised into the queue, which would log the error's text."""
    project_id, number = project.id, started(project, ROW).id
    as_server_owner("ALTER TABLE client ADD CONSTRAINT ck_client_none CHECK (outside_id <> 'A1')")
    try:
        BackgroundLoads(app).carry_out(number)
    finally:
        as_server_owner("ALTER TABLE client DROP CONSTRAINT ck_client_none")
    db.session.expire_all()
    assert db.session.get_one(ClientImport, number).state is ImportState.INTERRUPTED
    assert "The load was interrupted" in page_of(client, project_id, number)
    assert "A1" not in caplog.text


def test_refusals_of_rejected_rows_do_not_hide_a_crash(app: Flask, project: Project) -> None:
    """One row was staged before it, and the refusal of one rejected row after it."""
    header = ["client_id", "age", "refused"]
    taken, rejected = (2, ["A1", "30", ""]), (3, ["A2", "many", "yes"])
    load = started(project, taken[1], rejected[1], header=header)
    background = BackgroundLoads(app)
    claim = background._claim(load.id)
    assert claim
    encoder = encoder_of(load, 3)
    background._store(claim, encoder.encode([taken]), 0)
    db.session.execute(text(f"TRUNCATE staging.load_{load.id}"))
    db.session.commit()
    background._store(claim, encoder.encode([rejected]), 1)
    with pytest.raises(RowsLost):
        background._place(claim)


def test_a_load_whose_rows_cannot_be_staged_is_told_without_them(
    app: Flask, project: Project, brief_patience: None, caplog: pytest.LogCaptureFixture
) -> None:
    load = started(project, ROW)
    background = BackgroundLoads(app)
    claim = background._claim(load.id)
    assert claim
    as_server_owner(f"ALTER TABLE staging.load_{load.id} ADD CHECK (outside_id <> 'A1')")
    background._finish(claim)
    db.session.expire_all()
    assert load.state is ImportState.INTERRUPTED
    assert "A1" not in caplog.text


def test_a_load_waits_for_a_lock_on_its_stage(app: Flask, project: Project) -> None:
    number = started(project, ROW).id
    background = BackgroundLoads(app)
    claim = background._claim(number)
    assert claim
    url, stage, is_held = db.engine.url, f"staging.load_{number}", Event()

    def hold() -> None:
        with second_session(url) as other:
            other.execute(text(f"LOCK TABLE {stage} IN EXCLUSIVE MODE"))
            is_held.set()
            time.sleep(1.5)

    with server_setting("lock_timeout", "200ms"):
        holder = Thread(target=hold)
        holder.start()
        assert is_held.wait(10)
        background._finish(claim)
        holder.join()
    load = db.session.get_one(ClientImport, number)
    assert (load.state, load.added_count) == (ImportState.FINISHED, 1)


def test_rows_whose_commit_was_not_heard_of_are_not_counted_twice(app: Flask, project: Project) -> None:
    load = started(project, ROW)
    background = BackgroundLoads(app)
    claim = background._claim(load.id)
    assert claim
    encoded = encoder_of(load, 5).encode([(2, ROW)])
    background._store(claim, encoded, 0)
    background._store(claim, encoded, 0)
    background._place(claim)
    db.session.expire_all()
    assert counts(load)[0] == 1 and load.row_count == 1


def test_a_crash_of_the_database_in_mid_load_loses_no_row(app: Flask, project: Project) -> None:
    """The connection is made anew, but the stage is empty then."""
    load = started(project, ROW, ["A2", "40", "2", "", ""])
    background = BackgroundLoads(app)
    claim = background._claim(load.id)
    assert claim
    background._read(claim)
    db.session.execute(text(f"TRUNCATE staging.load_{load.id}"))
    db.session.commit()
    with pytest.raises(RowsLost):
        background._finish(claim)
    db.session.expire_all()
    assert load.state is ImportState.INTERRUPTED
    db.session.execute(text("DELETE FROM procrastinate_jobs"))
    services.continue_import(load)
    db.session.commit()
    background.carry_out(load.id)
    db.session.expire_all()
    assert (load.state, load.added_count) == (ImportState.FINISHED, 2)
