"""A project says how long it keeps clients, and the nights hold to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from marketing_app.bank_time import bank_zone
from marketing_app.campaigns.writing import OfferWriter
from marketing_app.client_imports.loading import BackgroundLoads
from marketing_app.client_imports.staging import Stage
from marketing_app.database import db
from marketing_app.models import (
    USUAL_RETENTION_DAYS,
    AuditEntry,
    Campaign,
    Client,
    ClientChange,
    ClientImport,
    ClientRejection,
    ClientSource,
    ImportState,
    Offer,
    Project,
)
from marketing_app.privacy import erasure, retention
from marketing_app.tasks import task_queue
from tests.factories import a_campaign, a_client, a_project, a_source, an_offer, many_clients, saved
from tests.privacy.conftest import Person


def aged(days: float, project: Project, outside_id: str | None = None) -> Client:
    person = a_client(project, outside_id)
    person.updated_at = datetime.now(UTC) - timedelta(days=days)
    db.session.commit()
    return person


def keep(project: Project, days: int) -> None:
    project.retention_days = days
    db.session.commit()


def night() -> None:
    db.session.commit()
    retention.enforce_retention()


def left() -> list[str | None]:
    return list(db.session.scalars(db.select(Client.outside_id).order_by(Client.outside_id)))


def lines() -> list[tuple[Any, ...]]:
    query = db.select(AuditEntry.user_id, AuditEntry.action, AuditEntry.object_type, AuditEntry.changes)
    return [tuple(line) for line in db.session.execute(query.order_by(AuditEntry.id))]


def edit(person: Person, project: Project, **values: Any) -> Any:
    data = {"name": project.name, "product_id": project.product_id, "occasion": "", "language": "ru"}
    return person.post("/edit", **(data | values))


def test_a_manager_says_how_long(manager: Person, project: Project) -> None:
    assert f'value="{USUAL_RETENTION_DAYS}"' in manager.page("/edit")
    edit(manager, project, retention_days=90)
    assert project.retention_days == 90
    assert "kept for 90 days" in manager.page("/rights")


@pytest.mark.parametrize("days", ["0", "3651", "", "soon"])
def test_a_time_that_cannot_be_is_refused(manager: Person, project: Project, days: str) -> None:
    assert edit(manager, project, retention_days=days).status_code == 422
    assert project.retention_days == USUAL_RETENTION_DAYS


def test_a_performer_changes_the_project_and_not_its_time(performer: Person, project: Project) -> None:
    assert "retention_days" not in performer.page("/edit")
    edit(performer, project, name="Зима", retention_days=1)
    assert (project.name, project.retention_days) == ("Зима", USUAL_RETENTION_DAYS)


def test_a_night_erases_what_is_older_than_its_project_keeps(project: Project) -> None:
    other = a_project(is_archived=True, retention_days=30)
    keep(project, 10)
    for days, where, outside_id in (
        (11, project, "OLD"),
        (9, project, "NEW"),
        (31, other, "OLD 2"),
        (29, other, "NEW 2"),
    ):
        aged(days, where, outside_id)
    night()
    assert left() == ["NEW", "NEW 2"]
    assert lines() == [(None, "erase", "project", {"clients": ["1", "0"]})] * 2


def test_offers_go_with_the_client(project: Project) -> None:
    keep(project, 10)
    an_offer(a_campaign(project, offer_count=1), aged(11, project))
    night()
    assert db.session.scalar(db.select(Offer)) is None
    campaign = db.session.scalars(db.select(Campaign)).one()
    assert campaign.offer_count == 0 and campaign.finished_at


def test_a_night_goes_on_in_batches_and_leaves_one_line(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "AT_ONCE", 10)
    many_clients(project, 25)
    db.session.execute(db.update(Client).values(updated_at=datetime.now(UTC) - timedelta(days=400)))
    night()
    assert left() == [] and lines() == [(None, "erase", "project", {"clients": ["25", "0"]})]


def test_an_interrupted_night_is_finished_by_the_next(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure of the database in the middle: what is done stays done, and the line says how much that was."""
    monkeypatch.setattr(erasure, "AT_ONCE", 10)
    many_clients(project, 25)
    db.session.execute(db.update(Client).values(updated_at=datetime.now(UTC) - timedelta(days=400)))
    db.session.execute(text("CREATE SEQUENCE deletions"))
    stop = "IF nextval('deletions') = 25 THEN RAISE 'power cut'; END IF; RETURN OLD;"
    db.session.execute(text(f"CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {stop} END $$"))
    db.session.execute(text("CREATE TRIGGER stop BEFORE DELETE ON client FOR EACH ROW EXECUTE FUNCTION stop()"))
    try:
        with pytest.raises(Exception, match="power cut"):
            night()
        assert len(left()) == 5 and lines() == [(None, "erase", "project", {"clients": ["20", "0"]})]
    finally:
        db.session.execute(text("DROP FUNCTION stop() CASCADE"))
        db.session.execute(text("DROP SEQUENCE deletions"))
    night()
    assert left() == [] and lines()[1:] == [(None, "erase", "project", {"clients": ["5", "0"]})]


def test_rejected_rows_are_kept_for_thirty_days(project: Project) -> None:
    for days in (29, 31):
        at = datetime.now(UTC) - timedelta(days=days)
        load = saved(ClientImport(project_id=project.id, source=f"{days}.csv", touched_at=at))
        saved(ClientRejection(import_id=load.id, row_number=days, reason="bad_value", cells=["x"]))
    night()
    assert db.session.scalars(db.select(ClientRejection.row_number)).all() == [29]


def test_rejected_rows_are_kept_no_longer_than_clients(project: Project) -> None:
    keep(project, 2)
    for days in (1, 3):
        at = datetime.now(UTC) - timedelta(days=days)
        load = saved(ClientImport(project_id=project.id, source=f"{days}.csv", touched_at=at))
        saved(ClientRejection(import_id=load.id, row_number=days, reason="bad_value", cells=["x"]))
    night()
    assert db.session.scalars(db.select(ClientRejection.row_number)).all() == [1]


@pytest.mark.parametrize(("kept_days", "left_days"), [(2, [1]), (365, [1, 3, 6])])
def test_kept_sources_are_kept_no_longer_than_clients(project: Project, kept_days: int, left_days: list[int]) -> None:
    keep(project, kept_days)
    for days in (1, 3, 6, 8):
        a_source(project, b"x", name=str(days), touched_at=datetime.now(UTC) - timedelta(days=days))
    night()
    left_names = db.session.scalars(db.select(ClientSource.name).order_by(ClientSource.name)).all()
    assert left_names == [str(days) for days in left_days]


def a_staged_load(project: Project, state: ImportState, days: float) -> ClientImport:
    at = datetime.now(UTC) - timedelta(days=days)
    source = a_source(project, b"client_id\n1\n", touched_at=at)
    load = ClientImport(project_id=project.id, source="x.csv", source_id=source.id, state=state, touched_at=at)
    saved(load)
    Stage(load).make()
    db.session.commit()
    return load


@pytest.mark.parametrize(("kept_days", "age_days", "is_left"), [(1, 3, False), (365, 8, False), (365, 6, True)])
def test_an_interrupted_load_is_given_up_in_time(
    project: Project, kept_days: int, age_days: int, is_left: bool
) -> None:
    keep(project, kept_days)
    load = a_staged_load(project, ImportState.INTERRUPTED, age_days)
    number = load.id
    night()
    load = db.session.get_one(ClientImport, number)
    assert load.state is (ImportState.INTERRUPTED if is_left else ImportState.CANCELLED)
    assert (Stage(load).count() is not None) is is_left
    assert (db.session.scalar(db.select(ClientSource)) is not None) is is_left


def test_a_load_that_runs_keeps_its_source_and_its_stage(project: Project) -> None:
    keep(project, 1)
    number = a_staged_load(project, ImportState.READING, 3).id
    night()
    load = db.session.get_one(ClientImport, number)
    assert load.state is ImportState.READING and Stage(load).count() == 0
    assert db.session.scalar(db.select(ClientSource))


def test_no_stage_outlives_its_load(project: Project) -> None:
    running = a_staged_load(project, ImportState.WAITING, 0).id
    a_staged_load(project, ImportState.FAILED, 0)
    gone = a_staged_load(project, ImportState.CANCELLED, 0)
    db.session.delete(gone)
    night()
    staged = db.session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'staging'")).all()
    assert staged == [f"load_{running}"]


def test_what_a_client_was_goes_when_it_is_too_old(project: Project) -> None:
    keep(project, 10)
    person = aged(1, project)
    for days in (9, 11):
        load = saved(ClientImport(project_id=project.id, source="x.csv"))
        at = datetime.now(UTC) - timedelta(days=days)
        saved(ClientChange(import_id=load.id, client_id=person.id, data={"days": days}, updated_at=at))
    night()
    assert db.session.scalars(db.select(ClientChange.data)).all() == [{"days": 9}]


def test_the_page_says_how_many_go_and_when(performer: Person, project: Project) -> None:
    assert "The next night" not in performer.page("/rights")
    keep(project, 10)
    aged(9, project), aged(9, project), aged(1, project)
    due = retention.next_night(datetime.now(UTC) + timedelta(days=1)).astimezone(bank_zone())
    said = performer.page("/rights")
    assert f"{due.month}/{due.day}/{due:%y}, 3:30" in said and "2 of them" in said


def test_what_the_page_foretells_happens(performer: Person, project: Project) -> None:
    keep(project, 10)
    aged(11, project), aged(9, project)
    assert "1 of them" in performer.page("/rights")
    night()
    assert len(left()) == 1


@pytest.mark.parametrize(
    ("zone", "utc"),
    [
        ("Europe/Moscow", ["2026-05-01 00:30", "2026-05-02 00:30"]),
        ("Asia/Kathmandu", ["2026-05-01 21:45", "2026-05-02 21:45"]),
        ("Europe/Berlin", ["2026-10-24 01:30", "2026-10-25 02:30"]),  # the clocks go back in between
    ],
)
def test_the_job_runs_at_half_past_three_of_the_bank(
    app: Flask, monkeypatch: pytest.MonkeyPatch, zone: str, utc: list[str]
) -> None:
    settings = app.config["STUDIO"].model_copy(update={"time_zone": zone})
    monkeypatch.setitem(app.config, "STUDIO", settings)
    ran: list[int] = []
    monkeypatch.setattr(retention, "enforce_retention", lambda: ran.append(timestamp))
    queue = task_queue(app, OfferWriter(app), BackgroundLoads(app))
    (job,) = [each for each in queue.periodic_registry.periodic_tasks.values() if each.task.name == "enforce_retention"]
    first, second = (datetime.fromisoformat(f"{each}+00:00") for each in utc)
    begin, end = (int((at + timedelta(hours=hours)).timestamp()) for at, hours in ((first, -12), (second, 6)))
    timestamp = begin
    while (timestamp := round(job.croniter.get_next(ret_type=float, start_time=timestamp))) < end:
        job.task.func(timestamp)
    assert [datetime.fromtimestamp(at, UTC) for at in ran] == [first, second]
