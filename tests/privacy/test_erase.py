"""A manager erases a client, or a whole load, with everything made of them; a line in the audit stays."""

import time
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from marketing_app.campaigns import services
from marketing_app.campaigns.services import ClientChoice
from marketing_app.campaigns.writing import OfferWriter
from marketing_app.client_imports import services as import_services
from marketing_app.client_imports.loading import BackgroundLoads, Claim
from marketing_app.client_imports.staging import ONE_AT_A_TIME, Stage
from marketing_app.clients.conditions import Condition, Operator
from marketing_app.database import db, own_transaction
from marketing_app.llm.registry import Registry
from marketing_app.models import (
    AuditEntry,
    Campaign,
    Client,
    ClientChange,
    ClientCount,
    ClientImport,
    ClientRejection,
    ClientSource,
    ClientSourcePart,
    Duplicates,
    ImportState,
    Message,
    MessageRole,
    Offer,
    OfferCount,
    OfferState,
    OptOut,
    Outcome,
    Project,
    SourceKind,
    SourceState,
    User,
)
from marketing_app.offers import writing
from marketing_app.privacy import erasure
from tests.client_imports import test_loads as loads
from tests.factories import (
    PROMPT,
    a_campaign,
    a_channel,
    a_client,
    a_project,
    a_project_channel,
    a_source,
    an_offer,
    an_opt_out,
    saved,
)
from tests.privacy.conftest import Person

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
PLAN = [{"position": 0, "name": "client_id", "target": "client_id", "new": None}]
NAME, SALARY, ID, MAIL = "Епифаний", "918273", "CLIENT-7", "epifan@rare.example"


def everything() -> str:
    """All rows of all tables, the queue's and the staged ones too, as text."""
    tables = db.session.scalars(
        text("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'staging')")
    ).all()
    rows = [db.session.scalars(text(f"SELECT row_to_json(t)::text FROM {table} AS t")).all() for table in tables]
    return "\n".join(row for rows_of_table in rows for row in rows_of_table)


def a_rare_client(project: Project) -> Client:
    """Somebody whose data is everywhere that data can be."""
    person = a_client(project, ID, name=NAME, salary=int(SALARY))
    person.email = MAIL
    load = person.import_id
    channel = project.channels[0]
    by_hand = Offer(
        project_id=project.id,
        project_channel_id=channel.id,
        client_id=person.id,
        prompt_version_id=channel.versions[0].id,
        state=OfferState.READY,
        text=f"Здравствуйте, {NAME}!",
        written_at=db.func.now(),
    )
    by_hand.messages = [
        Message(role=MessageRole.PROMPT, text=f"Обратись к {NAME}"),
        Message(role=MessageRole.DRAFT, text="Текст", prompt=f"Клиент: зарплата {SALARY}", drafts=[[NAME, 1, 0.5]]),
    ]
    other = saved(ClientImport(project_id=project.id, source="later.csv"))
    changed = ClientChange(
        import_id=other.id, client_id=person.id, data={"name": NAME}, email=MAIL, updated_at=db.func.now()
    )
    rejected = [
        ClientRejection(import_id=number, row_number=2, reason="bad_value", detail=SALARY, cells=[ID, NAME])
        for number in (load, other.id)
    ]
    db.session.add_all([by_hand, changed, *rejected])
    db.session.commit()
    return person


def a_kept_source(project: Project, load: ClientImport) -> ClientSource:
    source = saved(
        ClientSource(
            project_id=project.id,
            user_id=project.members[0].user_id,
            kind=SourceKind.FILE,
            name=f"{NAME}.csv",
            state=SourceState.READY,
            profile={"examples": [NAME]},
        )
    )
    saved(ClientSourcePart(source_id=source.id, number=0, content=NAME.encode()))
    load.source, load.source_id, load.state = f"{NAME}.csv", source.id, ImportState.INTERRUPTED
    db.session.commit()
    return source


def start(project: Project, choice: ClientChoice | None = None) -> Campaign:
    """A campaign, of all clients unless told otherwise, with its jobs."""
    channel = project.channels[0]
    author = project.members[0].user
    campaign = services.start_campaign(
        channel, channel.versions[0], choice or ClientChoice(), name="Осень", drafts=1, seed=7, author=author
    )
    db.session.commit()
    return campaign


def audit() -> list[tuple[Any, ...]]:
    columns = (AuditEntry.user_id, AuditEntry.action, AuditEntry.object_type, AuditEntry.object_id)
    query = db.select(*columns, AuditEntry.object_name, AuditEntry.changes).where(AuditEntry.object_type != "user")
    return [tuple(line) for line in db.session.execute(query.order_by(AuditEntry.id))]


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)
        db.session.rollback()


def test_the_check_can_fail(project: Project) -> None:
    a_rare_client(project)
    assert all(trace in everything() for trace in (NAME, SALARY, MAIL))


def test_nothing_of_an_erased_client_remains_but_a_line_in_the_audit(manager: Person, project: Project) -> None:
    person, bystander = a_rare_client(project), a_client(project)
    start(project)
    number = person.id
    assert manager.post(f"/clients/{number}/erase").status_code == 303
    remains = everything()
    assert not [trace for trace in (NAME, SALARY, MAIL) if trace in remains]
    assert audit() == [(manager.user.id, "erase", "client", str(number), ID, {})]
    assert db.session.scalars(db.select(Client)).all() == [bystander]
    assert db.session.scalar(db.select(ClientCount.count)) == 1
    assert sum(db.session.scalars(db.select(OfferCount.count)).all()) == 1


def test_the_page_before_says_what_goes(manager: Person, project: Project) -> None:
    person = a_rare_client(project)
    page = manager.page(f"/clients/{person.id}/erase")
    assert f"Erase client {ID}" in page and "1 offer," in page and "earlier states" in page
    assert "opt-outs, because they protect" in page
    assert db.session.get(Client, person.id)


def test_what_waits_to_be_loaded_goes_with_an_erased_client(manager: Person, project: Project) -> None:
    person = a_client(project, "A-1").id
    cancelled = loads.started(project, ["A-1", "30"], header=["client_id", "age"])
    import_services.cancel_import(cancelled)
    a_source(project, f"client_id,name\nA-1,{NAME}\n".encode())
    elsewhere = a_source(a_project(), b"client_id,name\nA-1,x\n").id
    db.session.commit()
    assert "2 sources that wait to be loaded" in manager.page(f"/clients/{person}/erase")
    manager.post(f"/clients/{person}/erase")
    assert db.session.scalars(db.select(ClientSource.id)).all() == [elsewhere]


def test_a_load_that_begins_while_its_client_is_erased_keeps_nothing_of_them(
    app: Flask, manager: Person, project: Project
) -> None:
    """The erasure comes to its source while nobody sees the load yet; the load's row is locked all the same."""
    person_id, user_id = a_client(project, "A-1").id, manager.user.id
    source = a_source(project, b"client_id,age\nA-1,old\nA-2,30\n")
    plan, author = loads.plan_of(["client_id", "age"]), project.members[0].user
    load_id = import_services.start_import(source, plan, Duplicates.SKIP, author).id
    eraser = Thread(target=_erase, args=(app, person_id, user_id, 1.0))
    eraser.start()
    with db.engine.connect() as other:
        while not other.scalar(WAITING):
            time.sleep(0.05)
    db.session.commit()
    wait_for(lambda: not db.session.scalar(WAITING))
    BackgroundLoads(app).carry_out(load_id)
    eraser.join(30)
    db.session.expire_all()
    assert db.session.scalars(db.select(Client.outside_id)).all() == ["A-2"]
    assert db.session.scalar(db.select(ClientRejection)) is None


@pytest.mark.parametrize("is_cancelled", [True, False])
def test_the_source_of_a_load_goes_when_a_client_was_erased_and_the_load_comes_to_nothing(
    app: Flask, manager: Person, project: Project, is_cancelled: bool
) -> None:
    person = a_client(project, "A-1").id
    load = loads.started(project, ["A-1", "30"], header=["client_id", "age"])
    manager.post(f"/clients/{person}/erase")
    assert load.source_id
    if is_cancelled:
        manager.post(f"/clients/imports/{load.id}/cancel")
    else:
        db.session.execute(text("UPDATE client_source SET digest = 'another'"))
        db.session.commit()
        BackgroundLoads(app).carry_out(load.id)
    db.session.expire_all()
    assert load.state is (ImportState.CANCELLED if is_cancelled else ImportState.FAILED)
    assert load.source_id is None and db.session.scalar(db.select(ClientSource)) is None


def test_an_opt_out_outlives_the_client(manager: Person, project: Project) -> None:
    person = a_rare_client(project)
    an_opt_out(project, person)
    manager.post(f"/clients/{person.id}/erase")
    assert db.session.scalars(db.select(OptOut.identity)).all() == [ID]


def test_a_rejected_row_of_somebody_else_stays(manager: Person, project: Project) -> None:
    person = a_rare_client(project)
    load = saved(ClientImport(project_id=project.id, source="x.csv", plan=PLAN))
    saved(ClientRejection(import_id=load.id, row_number=3, reason="bad_value", cells=["CLIENT-77", "Пётр"]))
    manager.post(f"/clients/{person.id}/erase")
    assert db.session.scalars(db.select(ClientRejection.row_number)).all() == [3]


@pytest.mark.parametrize(
    ("plan", "reason", "detail", "cells"),
    [
        (PLAN, "no_id", "client_id", ["", "Епифаний"]),
        (PLAN, "bad_value", "client_id", ["1.23E+15", "Епифаний"]),
        (PLAN, "bad_value", "age", [" ", "Епифаний"]),
        (PLAN, "merged_lines", "", ["A-1", "Пётр;20\nCLIENT-7;Епифаний;30"]),
        ([], "bad_value", "age", ["Епифаний", "много"]),
    ],
)
def test_rejected_rows_that_name_nobody_go_with_whoever_is_erased(
    manager: Person, project: Project, plan: list[Any], reason: str, detail: str, cells: list[str]
) -> None:
    person, bystander = a_client(project, ID), a_client(project)
    load = saved(ClientImport(project_id=project.id, source="x.csv", plan=plan))
    saved(ClientRejection(import_id=load.id, row_number=3, reason=reason, detail=detail, cells=cells))
    theirs = saved(ClientImport(project_id=a_project().id, source="x.csv", plan=plan))
    saved(ClientRejection(import_id=theirs.id, row_number=4, reason=reason, detail=detail, cells=cells))
    erasure.erase(project.id, [bystander.id])
    db.session.commit()
    assert len(db.session.scalars(db.select(ClientRejection)).all()) == 2, "a night knows whose data is old"
    manager.post(f"/clients/{person.id}/erase")
    assert db.session.scalars(db.select(ClientRejection.row_number)).all() == [4]


@pytest.mark.parametrize(
    "cell", ["epifan@rare.example", "Епифаний <EPIFAN@rare.example>.", "8 (903) 123-45-67", "т.+79031234567, дом"]
)
def test_rejected_rows_with_a_contact_of_the_erased_go(manager: Person, project: Project, cell: str) -> None:
    person = a_client(project, ID)
    person.email, person.phone = MAIL, "79031234567"
    load = saved(ClientImport(project_id=project.id, source="x.csv", plan=PLAN))
    for number, contact in enumerate((cell, "xepifan@rare.example", "8 (903) 123-45-68"), 2):
        saved(ClientRejection(import_id=load.id, row_number=number, reason="bad_value", cells=["A-1", contact]))
    manager.post(f"/clients/{person.id}/erase")
    assert db.session.scalars(db.select(ClientRejection.row_number)).all() == [3, 4]


def test_nothing_of_an_erased_load_remains(manager: Person, project: Project) -> None:
    person, bystander = a_rare_client(project), a_client(project)
    load = db.session.get_one(ClientImport, person.import_id)
    number = load.id
    a_kept_source(project, load)
    saved(a_campaign(project, chosen={"client_ids": None, "search": "", "load": load.source}))
    stage = Stage(load)
    stage.make()
    stage.copy([f"1\t{ID}\t{MAIL}\t\\N\tf\t{{}}\t\\N\n"])
    db.session.commit()
    assert manager.post(f"/clients/imports/{number}/erase").status_code == 303
    remains = everything()
    assert not [trace for trace in (NAME, SALARY, MAIL, ID) if trace in remains]
    assert audit() == [(manager.user.id, "erase", "client_import", str(number), str(number), {"clients": ["1", "0"]})]
    assert db.session.scalars(db.select(Client)).all() == [bystander]
    assert db.session.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'staging'")) == 0


def test_clients_whom_an_erased_load_had_changed_are_as_before(manager: Person, project: Project) -> None:
    person = a_client(project, "A-1", salary=200)
    load = saved(ClientImport(project_id=project.id, source="later.csv"))
    saved(ClientChange(import_id=load.id, client_id=person.id, data={"salary": 100}, updated_at=db.func.now()))
    manager.post(f"/clients/imports/{load.id}/erase")
    assert person.data == {"salary": 100}


def test_the_page_before_says_what_goes_with_a_load(manager: Person, project: Project) -> None:
    person = a_rare_client(project)
    page = manager.page(f"/clients/imports/{person.import_id}/erase")
    assert "1 client whom this load brought" in page and "1 offer," in page and "1 rejected row" in page


def test_a_load_that_still_runs_is_not_erased(manager: Person, project: Project) -> None:
    person = a_client(project)
    load = db.session.get_one(ClientImport, person.import_id)
    load.state = ImportState.READING
    db.session.commit()
    answer = manager.post(f"/clients/imports/{load.id}/erase")
    assert answer.status_code == 409 and "still bringing clients" in answer.get_data(as_text=True)
    assert db.session.get(Client, person.id)


@pytest.mark.parametrize("what", ["client", "load"])
def test_a_campaign_goes_on_without_the_erased_and_reaches_its_end(
    app: Flask, manager: Person, project: Project, loaded_model: Registry, what: str
) -> None:
    leaving, staying = a_client(project), a_client(project)
    campaign = start(project)
    manager.post(f"/clients/{leaving.id}/erase" if what == "client" else f"/clients/imports/{leaving.import_id}/erase")
    assert campaign.offer_count == 1 and campaign.finished_at is None
    jobs = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND queue_name = 'offers'"
    assert db.session.scalar(text(jobs)) == 1
    offer = db.session.scalars(db.select(Offer)).one()
    OfferWriter(app).write(offer.id, is_last_try=False)
    db.session.rollback()
    assert offer.client_id == staying.id and offer.text and campaign.finished_at
    assert "100%" in manager.page(f"/campaigns/{campaign.id}")


def test_a_campaign_of_nobody_but_the_erased_ends(manager: Person, project: Project) -> None:
    person = a_client(project)
    campaign = start(project)
    manager.post(f"/clients/{person.id}/erase")
    assert campaign.offer_count == 0 and campaign.finished_at
    assert manager.get(f"/campaigns/{campaign.id}").status_code == 200


def test_a_campaigns_text_that_comes_too_late_is_forgotten(
    app: Flask, manager: Person, project: Project, loaded_model: Registry
) -> None:
    a_project_channel(project, a_channel(max_length=None))
    db.session.refresh(project)
    channel = project.channels[-1]
    campaign = a_campaign(
        project,
        project_channel_id=channel.id,
        prompt_version_id=channel.versions[0].id,
        drafts_per_client=8,
        offer_count=1,
    )
    offer = an_offer(campaign, a_client(project))
    client_id = offer.client_id
    raised: list[Exception] = []
    thread = Thread(target=_write, args=(app, offer.id, raised))
    thread.start()
    wait_for(lambda: offer.state is OfferState.WRITING)
    assert manager.post(f"/clients/{client_id}/erase").status_code == 303
    thread.join(60)
    assert not thread.is_alive() and raised == []
    assert db.session.scalar(db.select(Offer)) is None and db.session.scalar(db.select(Message)) is None
    assert campaign.finished_at


def _write(app: Flask, offer_id: int, raised: list[Exception]) -> None:
    try:
        OfferWriter(app).write(offer_id, is_last_try=False)
    except Exception as error:
        raised.append(error)


def test_a_draft_by_hand_that_comes_too_late_is_forgotten(
    app: Flask, manager: Person, project: Project, loaded_model: Registry
) -> None:
    person = a_client(project)
    a_project_channel(project, a_channel(max_length=None))
    db.session.refresh(project)
    manager.post("/offers/write", channel_id=project.channels[-1].id, client_id=person.id, text=PROMPT)
    draft = db.session.scalars(db.select(Message).filter_by(role=MessageRole.DRAFT)).one()
    live, stream = writing.live_draft(draft.id), f"/offers/{draft.offer_id}/drafts/{draft.id}/stream"
    assert live
    answer = manager.get(stream)
    assert manager.post(f"/clients/{person.id}/erase").status_code == 303
    wait_for(lambda: live.is_stored)
    assert db.session.scalar(db.select(Offer)) is None and db.session.scalar(db.select(Message)) is None
    assert "event: done" in answer.get_data(as_text=True)


def test_outcomes_are_counted_without_the_erased(manager: Person, project: Project) -> None:
    campaign = a_campaign(project)
    for _client in range(2):
        an_offer(campaign, state=OfferState.READY, text="Текст", written_at=db.func.now(), outcome=Outcome.SOLD)
    person = db.session.scalars(db.select(Client)).first()
    assert person
    manager.post(f"/clients/{person.id}/erase")
    sold = db.select(OfferCount.count).filter_by(outcome=Outcome.SOLD)
    assert db.session.scalar(sold) == 1


def a_load_under_way(project: Project, *lines: str, state: ImportState = ImportState.INTERRUPTED) -> ClientImport:
    """One that has staged some rows of client_id, name; a third value says that the client refused."""
    load = saved(
        ClientImport(
            project_id=project.id,
            source="way.csv",
            state=state,
            row_count=len(lines),
            plan=PLAN,
        )
    )
    stage = Stage(load)
    stage.make()
    rows = []
    for number, line in enumerate(lines, 1):
        outside_id, name, *refused = line.split(";")
        rows.append(f'{number}\t{outside_id}\t{MAIL}\t\\N\t{"t" if refused else "f"}\t{{"name": "{name}"}}\t\\N\n')
    stage.copy(rows)
    db.session.commit()
    return load


def place_staged(app: Flask, load: ClientImport) -> None:
    """What the worker does with rows that are read whole."""
    load.state = ImportState.READING
    db.session.commit()
    BackgroundLoads(app)._place(Claim(load.id, load.claim_count))
    db.session.expire_all()


@pytest.mark.parametrize("state", [ImportState.READING, ImportState.PLACING, ImportState.INTERRUPTED])
def test_an_erased_client_does_not_come_back_with_a_load_that_has_them_staged(
    app: Flask, manager: Person, project: Project, state: ImportState
) -> None:
    person = a_client(project, ID)
    load = a_load_under_way(project, f"{ID};{NAME}", "A-1;Пётр", state=state)
    load.source_id = a_source(project, b"client_id").id
    db.session.commit()
    manager.post(f"/clients/{person.id}/erase")
    assert NAME not in everything() and Stage(load).count() == 2
    place_staged(app, load)
    assert db.session.scalars(db.select(Client.outside_id)).all() == ["A-1"]


def test_an_erased_client_without_an_id_does_not_come_back_either(manager: Person, project: Project) -> None:
    person = a_client(project)
    person.outside_id, person.fingerprint = None, "f" * 64
    load = a_load_under_way(project, f"A-1;{NAME}")
    db.session.execute(text(f"UPDATE staging.load_{load.id} SET outside_id = NULL, fingerprint = repeat('f', 64)"))
    db.session.commit()
    manager.post(f"/clients/{person.id}/erase")
    assert NAME not in everything()


def test_a_staged_refusal_outlives_the_client(app: Flask, manager: Person, project: Project) -> None:
    person = a_client(project, ID)
    load = a_load_under_way(project, f"{ID};{NAME};refused")
    load.source_id = a_source(project, b"client_id").id
    db.session.commit()
    manager.post(f"/clients/{person.id}/erase")
    assert NAME not in everything()
    place_staged(app, load)
    assert db.session.scalars(db.select(OptOut.identity)).all() == [ID]
    assert db.session.scalar(db.select(Client)) is None


def test_an_id_that_a_spreadsheet_wrote_as_a_number_is_found_in_rejected_rows(
    manager: Person, project: Project
) -> None:
    person = a_client(project, "1002")
    load = saved(ClientImport(project_id=project.id, source="x.csv", plan=PLAN))
    for number, cell in enumerate(("1002.0", "1002.5"), 2):
        saved(ClientRejection(import_id=load.id, row_number=number, reason="bad_value", cells=[cell, NAME]))
    manager.post(f"/clients/{person.id}/erase")
    assert db.session.scalars(db.select(ClientRejection.row_number)).all() == [3]


def test_the_staged_rows_of_another_project_stay(manager: Person, project: Project) -> None:
    person = a_client(project, ID)
    a_load_under_way(a_project(), f"{ID};{NAME}")
    manager.post(f"/clients/{person.id}/erase")
    assert NAME in everything()


@pytest.mark.parametrize("cell", [f" {ID} ", f"\t{ID}\u00a0", f"{ID}\n"])
def test_an_id_among_blanks_in_a_rejected_row_is_found(manager: Person, project: Project, cell: str) -> None:
    person = a_client(project, ID)
    load = saved(ClientImport(project_id=project.id, source="x.csv"))
    saved(ClientRejection(import_id=load.id, row_number=3, reason="bad_value", cells=[cell, NAME]))
    manager.post(f"/clients/{person.id}/erase")
    assert db.session.scalar(db.select(ClientRejection)) is None


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (ClientChoice(conditions=(Condition("email", Operator.CONTAINS, (MAIL, "mail")),)), "e-mail contains “…”"),
        (
            ClientChoice(conditions=(Condition("phone", Operator.ONE_OF, ("+79031234567",)),)),
            "clients who match: phone",
        ),
        (ClientChoice(conditions=(Condition("client_id", Operator.BEGINS, (ID,)),)), "client id begins with “…”"),
        (ClientChoice(search=ID), "clients whose id begins with “…”; the characters themselves are not kept"),
    ],
)
def test_a_campaign_remembers_nobody_by_id_or_contact(
    manager: Person, project: Project, choice: ClientChoice, words: str
) -> None:
    person = a_rare_client(project)
    person.phone = "+79031234567"
    campaign = start(project, choice)
    manager.post(f"/clients/{person.id}/erase")
    remains = str(campaign.chosen)
    assert not [trace for trace in (MAIL, "+79031234567", ID) if trace in remains]
    page = manager.page(f"/campaigns/{campaign.id}")
    assert words in page


def test_a_load_of_the_same_source_keeps_it(app: Flask, manager: Person, project: Project) -> None:
    cancelled = loads.started(project, ["1", "30"], header=["client_id", "age"])
    source = db.session.get_one(ClientSource, cancelled.source_id)
    import_services.cancel_import(cancelled)
    again = import_services.start_import(
        source, loads.plan_of(["client_id", "age"]), Duplicates.SKIP, project.members[0].user
    )
    db.session.commit()
    again_id = again.id
    assert manager.post(f"/clients/imports/{cancelled.id}/erase").status_code == 303
    BackgroundLoads(app).carry_out(again_id)
    db.session.expire_all()
    assert again.state is ImportState.FINISHED and again.added_count == 1


def test_an_erasure_and_a_placing_of_one_project_do_not_lock_each_other(
    app: Flask, manager: Person, project: Project
) -> None:
    """The worker has the row of its load and goes for the project's lock, while a manager erases a client of it."""
    person = a_client(project, ID)
    load = a_load_under_way(project, f"{ID};{NAME}", state=ImportState.PLACING)
    person_id, load_id, project_id, user_id = person.id, load.id, project.id, manager.user.id
    with db.engine.connect() as worker:
        worker.execute(text("SELECT FROM client_import WHERE id = :load FOR UPDATE"), {"load": load_id})
        eraser = Thread(target=_erase, args=(app, person_id, user_id))
        eraser.start()
        wait_for(lambda: bool(db.session.scalar(WAITING)))
        worker.execute(text("SET LOCAL lock_timeout = '5s'"))
        worker.execute(text(ONE_AT_A_TIME), {"project": project_id})
        worker.rollback()
    eraser.join(30)
    db.session.rollback()
    assert NAME not in everything() and db.session.scalar(db.select(Client)) is None


def _erase(app: Flask, client_id: int, user_id: int, seconds_before_commit: float = 0) -> None:
    with app.app_context(), own_transaction():
        erasure.erase_client(db.session.get_one(Client, client_id), db.session.get_one(User, user_id))
        time.sleep(seconds_before_commit)


def test_erasing_a_load_that_is_being_placed_is_refused_at_once(manager: Person, project: Project) -> None:
    load = a_load_under_way(project, f"{ID};{NAME}", state=ImportState.PLACING)
    address = f"/clients/imports/{load.id}/erase"
    with db.engine.connect() as worker:
        worker.execute(text("SELECT FROM client_import WHERE id = :load FOR UPDATE"), {"load": load.id})
        db.session.execute(text("SET lock_timeout = '2s'"))
        assert manager.post(address).status_code == 409
        worker.rollback()


def test_a_load_that_later_ones_built_upon_is_not_erased(app: Flask, manager: Person, project: Project) -> None:
    header = ["client_id", "age"]
    loads.loaded(app, project, ["1", "30"], header=header)
    middle = loads.loaded(app, project, ["1", "31"], header=header, update=True).id
    loads.loaded(app, project, ["1", "32"], header=header, update=True)
    answer = manager.post(f"/clients/imports/{middle}/erase")
    assert answer.status_code == 409 and "beginning with the newest" in answer.get_data(as_text=True)


def test_an_archived_project_is_no_place_to_hide(manager: Person, project: Project) -> None:
    person = a_rare_client(project)
    manager.post("/archive")
    assert manager.post(f"/clients/{person.id}/erase").status_code == 303
    assert NAME not in everything()


def test_only_managers_erase(performer: Person, stranger: Person, project: Project) -> None:
    person = a_client(project)
    for visitor in (performer, stranger):
        for address in (f"/clients/{person.id}/erase", f"/clients/imports/{person.import_id}/erase"):
            assert visitor.get(address).status_code == visitor.post(address).status_code == 404
    assert db.session.get(Client, person.id)
