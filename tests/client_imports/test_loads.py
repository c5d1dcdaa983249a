"""A load from its start to its end: what it adds, changes, rejects; what becomes of one that is cut off."""

import csv
import gc
import io
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from marketing_app.client_imports import loading, services
from marketing_app.client_imports.columns import FIELD_PREFIX, ColumnPlan, NewField, Target
from marketing_app.client_imports.jobs import take_up_abandoned
from marketing_app.client_imports.loading import BackgroundLoads, GivenBack
from marketing_app.client_imports.sources import opened
from marketing_app.database import db, own_transaction
from marketing_app.imports.reading import Reading
from marketing_app.models import (
    Client,
    ClientCount,
    ClientField,
    ClientImport,
    ClientRejection,
    ClientSource,
    Duplicates,
    FieldType,
    ImportState,
    Offer,
    OptOut,
    Project,
    Sensitivity,
)
from tests.factories import a_campaign, a_project, a_source, a_user, an_offer
from tests.imports.tables import ods, ods_row, table_of

HEADER = ["client_id", "age", "gender", "mail", "refused"]
TARGETS = {"client_id": Target.CLIENT_ID, "mail": Target.EMAIL, "refused": Target.OPT_OUT, "call": Target.PHONE}


@pytest.fixture
def project(client: FlaskClient) -> Project:
    manager = a_user(language="en")
    client.sign_in(manager)
    return a_project(manager)


def written(*rows: Iterable[object]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def plan_of(header: Iterable[str]) -> list[ColumnPlan]:
    return [ColumnPlan(place, name, TARGETS.get(name, FIELD_PREFIX + name)) for place, name in enumerate(header)]


def started(
    project: Project, *rows: Iterable[object], header: list[str] = HEADER, update: bool = False, **values: Any
) -> ClientImport:
    source = a_source(project, written(header, *rows), **values)
    load = services.start_import(
        source, plan_of(header), Duplicates.UPDATE if update else Duplicates.SKIP, project.members[0].user
    )
    db.session.commit()
    return load


def loaded(app: Flask, project: Project, *rows: Iterable[object], **values: Any) -> ClientImport:
    load = started(project, *rows, **values)
    BackgroundLoads(app).carry_out(load.id)
    db.session.expire_all()
    return load


def counts(load: ClientImport) -> tuple[int, int, int, int]:
    """Added, updated, skipped, rejected."""
    return load.added_count, load.updated_count, load.duplicate_count, load.rejected_count


def data() -> dict[str | None, dict[str, Any]]:
    return {person.outside_id: person.data for person in db.session.scalars(db.select(Client))}


def jobs() -> list[str]:
    return list(
        db.session.scalars(text("SELECT args->>'import_id' FROM procrastinate_jobs WHERE queue_name = 'imports'"))
    )


def stages() -> int:
    return db.session.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'staging'")) or 0


def test_clients_come_in_with_their_contacts_apart(app: Flask, project: Project) -> None:
    load = loaded(app, project, ["A1", "52,5", "1", "Anna@Bank.Example", ""], ["A2", "30", "NULL", "", "да"])
    assert load.state is ImportState.FINISHED
    assert counts(load) == (2, 0, 0, 0)
    assert data() == {"A1": {"age": 52.5, "gender": "1"}, "A2": {"age": 30}}
    assert db.session.scalars(db.select(Client.email).filter_by(outside_id="A1")).one() == "anna@bank.example"
    assert db.session.scalars(db.select(OptOut.identity)).all() == ["A2"]
    assert db.session.get_one(ClientCount, project.id).count == 2
    assert db.session.scalar(db.select(ClientSource.id)) is None
    assert stages() == 0


def test_the_same_source_twice_changes_nothing(app: Flask, project: Project) -> None:
    rows = ["A1", "30", "1", "a@b.example", ""], ["A2", "31", "0", "", ""], ["A2", "31", "0", "", ""]
    assert counts(loaded(app, project, *rows)) == (2, 0, 1, 0)
    before = db.session.execute(db.select(Client.id, Client.data, Client.updated_at)).all()
    assert counts(loaded(app, project, *rows)) == (0, 0, 3, 0)
    assert counts(loaded(app, project, *rows, update=True)) == (0, 0, 3, 0)
    assert db.session.execute(db.select(Client.id, Client.data, Client.updated_at)).all() == before


def test_an_update_changes_what_the_source_has_and_undoing_it_brings_it_back(
    client: FlaskClient, app: Flask, project: Project
) -> None:
    loaded(app, project, ["A1", "30", "1", "a@b.example", ""])
    header = ["client_id", "age", "call"]
    update = loaded(app, project, ["A1", "31", "8 912 000 00 00"], ["A1", "32", ""], header=header, update=True)
    assert counts(update) == (0, 1, 1, 0)
    person = db.session.scalars(db.select(Client)).one()
    assert (person.data, person.email, person.phone) == ({"age": 32, "gender": "1"}, "a@b.example", None)
    client.post(f"/projects/{project.id}/clients/imports/{update.id}/undo")
    assert data() == {"A1": {"age": 30, "gender": "1"}}


def test_the_last_of_several_rows_of_a_new_client_counts_when_updating(app: Flask, project: Project) -> None:
    load = loaded(app, project, ["A1", "30", "", "", ""], ["A1", "31", "", "", ""], update=True)
    assert counts(load) == (1, 0, 1, 0)
    assert data() == {"A1": {"age": 31}}


def test_an_undone_load_leaves_nothing(client: FlaskClient, app: Flask, project: Project) -> None:
    load = loaded(app, project, ["A1", "30", "1", "", ""])
    client.post(f"/projects/{project.id}/clients/imports/{load.id}/undo")
    assert data() == {}
    assert db.session.get_one(ClientCount, project.id).count == 0


def test_loads_that_build_on_each_other_are_undone_from_the_newest(
    client: FlaskClient, app: Flask, project: Project
) -> None:
    address = f"/projects/{project.id}/clients/imports"
    loads = [loaded(app, project, ["A1", str(age)], header=["client_id", "age"], update=True) for age in (30, 31, 32)]
    numbers = [load.id for load in loads]
    for number in numbers[:2]:
        answer = client.post(f"{address}/{number}/undo")
        assert answer.status_code == 409 and "beginning with the newest" in answer.get_data(as_text=True)
    assert data() == {"A1": {"age": 32}}
    seen = []
    for number in reversed(numbers):
        assert client.post(f"{address}/{number}/undo").status_code == 303
        seen.append(data())
    assert seen == [{"A1": {"age": 31}}, {"A1": {"age": 30}}, {}]


def test_who_must_not_be_written_to_counts_even_in_rejected_rows(app: Flask, project: Project) -> None:
    load = loaded(
        app,
        project,
        ["A1", "old", "", "", "yes"],
        ["A2", "", "", "", "да"],
        ["A3", "30", "1", "", ""],
        ["A4", "30", "1", "", "yes", "one cell more"],
    )
    assert counts(load) == (1, 0, 1, 2)
    assert load.opted_out_count == 3
    assert set(db.session.scalars(db.select(OptOut.identity))) == {"A1", "A2", "A4"}
    assert set(data()) == {"A3"}


def test_people_without_an_id_are_told_apart_by_their_contacts(app: Flask, project: Project) -> None:
    rows = ["30", "a@b.example"], ["30", "c@b.example"], ["30", "a@b.example"]
    assert counts(loaded(app, project, *rows, header=["age", "mail"])) == (2, 0, 1, 0)
    assert counts(loaded(app, project, *rows, header=["age", "mail"])) == (0, 0, 3, 0)


def test_a_row_without_the_id_that_the_others_have_is_rejected(app: Flask, project: Project) -> None:
    load = loaded(app, project, ["A1", "30", "1", "", ""], ["", "31", "1", "", ""])
    assert counts(load) == (1, 0, 0, 1)
    assert db.session.scalars(db.select(ClientRejection.reason)).one() == "no_id"


def test_long_rows_are_taken_few_at_a_time(app: Flask, project: Project, monkeypatch: Any) -> None:
    taken = []
    copied = loading.take
    monkeypatch.setattr(loading, "CHUNK_BYTES", 200_000)

    def take(load: ClientImport, encoded: Any) -> None:
        taken.append(encoded.row_count)
        copied(load, encoded)

    monkeypatch.setattr(loading, "take", take)
    load = loaded(app, project, *([f"A{number}", "30", "x" * 1000, "", ""] for number in range(3000)))
    assert load.added_count == sum(taken) == 3000
    assert max(taken) <= 1000


def test_a_load_that_failed_frees_its_source(app: Flask, project: Project) -> None:
    load = started(project, ["A1", "30", "1", "", ""])
    db.session.execute(text("UPDATE client_source SET digest = 'other'"))
    db.session.commit()
    BackgroundLoads(app).carry_out(load.id)
    db.session.expire_all()
    assert (load.state, stages()) == (ImportState.FAILED, 0)
    source = db.session.get_one(ClientSource, load.source_id)
    assert services.load_of(source) is None


def test_a_load_of_an_archived_project_rests(app: Flask, project: Project) -> None:
    load = started(project, ["A1", "30", "1", "", ""])
    project.is_archived = True
    db.session.commit()
    BackgroundLoads(app).carry_out(load.id)
    db.session.expire_all()
    assert (load.state, data()) == (ImportState.INTERRUPTED, {})


def test_a_load_whose_clients_have_offers_is_not_undone(client: FlaskClient, app: Flask, project: Project) -> None:
    load = loaded(app, project, ["A1", "30", "1", "", ""])
    an_offer(a_campaign(project), db.session.scalars(db.select(Client)).one())
    answer = client.post(f"/projects/{project.id}/clients/imports/{load.id}/undo")
    assert answer.status_code == 409 and "Offers were written" in answer.get_data(as_text=True)
    assert len(data()) == 1


def test_undoing_a_load_waits_for_an_offer_that_is_being_made(
    client: FlaskClient, app: Flask, project: Project
) -> None:
    load = loaded(app, project, ["A1", "30", "1", "", ""])
    campaign = a_campaign(project)
    address = f"/projects/{project.id}/clients/imports/{load.id}/undo"

    def undo() -> int:
        with app.app_context():
            return client.post(address).status_code

    offer = Offer(
        project_id=project.id,
        project_channel_id=campaign.project_channel_id,
        prompt_version_id=campaign.prompt_version_id,
        campaign_id=campaign.id,
        client_id=db.session.scalars(db.select(Client.id)).one(),
    )
    db.session.add(offer)
    db.session.flush()
    with ThreadPoolExecutor(1) as executor:
        undoing = executor.submit(undo)
        with suppress(TimeoutError):
            pytest.fail(f"undone at once: {undoing.result(1)}")
        db.session.commit()
        assert undoing.result(10) == 409
    assert db.session.scalar(db.select(db.func.count()).select_from(Offer)) == 1


def test_rejected_rows_come_back_as_they_were_written(client: FlaskClient, app: Flask, project: Project) -> None:
    rows = (
        ["A1", "old", "1", "", ""],
        ["A2", "", "", "", ""],
        ["A3", "30", "1", "nobody", ""],
        ["A4", "30", "1", "", ""],
    )
    settings = {"encoding": "cp1251", "delimiter": ";", "quote": "'"}
    source = a_source(
        project, "client_id;age;город\nA1;'стар;ый';'Уфа'\nA2;30;Омск\n".encode("cp1251"), settings=settings
    )
    plan = [*plan_of(["client_id", "age"]), ColumnPlan(2, "город", Target.NEW_FIELD, _city())]
    load = services.start_import(source, plan, Duplicates.SKIP, project.members[0].user)
    db.session.commit()
    BackgroundLoads(app).carry_out(load.id)
    address = f"/projects/{project.id}/clients/imports/{load.id}"
    assert "“age”: not a number." in client.get(address).get_data(as_text=True)
    file = client.get(f"{address}/rejected")
    assert file.get_data().decode("cp1251").splitlines() == ["client_id;age;город", "A1;'стар;ый';Уфа"]
    assert file.headers["Content-Disposition"].endswith("clients-rejected.csv")
    assert counts(loaded(app, project, *rows)) == (1, 0, 0, 3)
    query = db.select(ClientRejection.row_number, ClientRejection.reason, ClientRejection.detail)
    reasons = db.session.execute(query.order_by(ClientRejection.import_id, ClientRejection.row_number))
    assert reasons.all()[1:] == [(2, "bad_value", "age"), (3, "empty", ""), (4, "bad_value", "mail")]


@pytest.mark.parametrize("quote", ['"', '\\"', "'"])
@pytest.mark.parametrize("delimiter", ["||", "|~|", ";"])
def test_the_file_of_rejected_rows_is_read_as_the_source_was(
    client: FlaskClient, app: Flask, project: Project, tmp_path: Path, delimiter: str, quote: str
) -> None:
    rows = [["A1", "стар \"и\" 'мудр'; || | \\"], ["A2", "|"], ["A3", "30"]]
    mark = quote[-1]
    inside = {"\\": "\\\\", mark: quote} if len(quote) > 1 else {mark: mark * 2}
    written_rows = [
        [f"{mark}{''.join(inside.get(letter, letter) for letter in cell)}{mark}" for cell in row]
        for row in (["client_id", "age"], *rows)
    ]
    content = "\n".join(delimiter.join(row) for row in written_rows).encode("cp866")
    reading = {"encoding": "cp866", "delimiter": delimiter, "quote": quote}
    source = a_source(project, content, settings=reading)
    load = services.start_import(source, plan_of(["client_id", "age"]), Duplicates.SKIP, project.members[0].user)
    db.session.commit()
    BackgroundLoads(app).carry_out(load.id)
    answer = client.get(f"/projects/{project.id}/clients/imports/{load.id}/rejected")
    assert answer.content_type == "text/csv; charset=cp866"
    path = tmp_path / "rejected.csv"
    path.write_bytes(answer.get_data())
    assert table_of(path, Reading(delimiter=delimiter, quote=mark))[1] == [(2, rows[0]), (3, rows[1])]
    if len(quote) > 1:
        assert table_of(path, Reading(delimiter=delimiter))[1] == [(2, rows[0]), (3, rows[1])]


def test_rejected_rows_of_a_workbook_come_back_as_a_workbook(client: FlaskClient, app: Flask, project: Project) -> None:
    book = openpyxl.Workbook()
    for row in (["client_id", "age"], ["A1", "=old"], ["A2", 30]):
        book.active.append(row)  # type: ignore[union-attr]
    book.active["B2"].data_type = "s"  # type: ignore[index]
    file = io.BytesIO()
    book.save(file)
    source = a_source(project, file.getvalue(), name="clients.xlsx", settings={"sheet": "Sheet"})
    load = services.start_import(source, plan_of(["client_id", "age"]), Duplicates.SKIP, project.members[0].user)
    db.session.commit()
    BackgroundLoads(app).carry_out(load.id)
    db.session.expire_all()
    assert counts(load) == (1, 0, 0, 1)
    answer = client.get(f"/projects/{project.id}/clients/imports/{load.id}/rejected")
    back = openpyxl.load_workbook(io.BytesIO(answer.get_data()))
    assert [[cell.value for cell in row] for row in back["Sheet"]] == [["client_id", "age"], ["A1", "=old"]]
    assert back["Sheet"]["B2"].data_type == "s"


def test_a_sheet_whose_name_an_xlsx_may_not_have_comes_back_too(
    client: FlaskClient, app: Flask, project: Project, tmp_path: Path
) -> None:
    name = f"Clients: july/august {'x' * 31}"
    file = ods(tmp_path / "clients.ods", ods_row("client_id", "age") + ods_row("A1", "old"), name=name)
    source = a_source(project, file.read_bytes(), name="clients.ods", settings={"sheet": name})
    load = services.start_import(source, plan_of(["client_id", "age"]), Duplicates.SKIP, project.members[0].user)
    db.session.commit()
    BackgroundLoads(app).carry_out(load.id)
    answer = client.get(f"/projects/{project.id}/clients/imports/{load.id}/rejected")
    back = openpyxl.load_workbook(io.BytesIO(answer.get_data()))
    assert back.sheetnames == ["Clients  july august xxxxxxxxxx"]


def test_nothing_of_a_load_is_seen_before_all_of_it(app: Flask, project: Project, monkeypatch: Any) -> None:
    monkeypatch.setattr(loading, "CHUNK", 2)
    load = started(project, *([f"A{number}", number, "1", "", ""] for number in range(5)))
    background = BackgroundLoads(app)
    claim = background._claim(load.id)
    assert claim
    background._read(claim)
    db.session.expire_all()
    assert (load.state, load.row_count, data()) == (ImportState.READING, 5, {})
    background._place(claim)
    assert len(data()) == 5


def test_values_that_never_repeat_are_checked_in_every_chunk(app: Flask, project: Project, monkeypatch: Any) -> None:
    monkeypatch.setattr(loading, "CHUNK", 1_000)
    rows: list[list[object]] = [[f"A{number}", f"{number}.50", "1", "", ""] for number in range(2_000)]
    load = loaded(app, project, *rows, ["A2000", "1_0", "1", "", ""], ["A1", "7", "1", "", ""], ["A2001", "1e400", "1"])
    assert counts(load) == (2_000, 0, 1, 2)
    ages = {outside_id: values["age"] for outside_id, values in data().items()}
    assert (ages["A1"], ages["A1999"]) == (1.5, 1999.5)


def test_a_load_leaves_the_settings_of_python_as_they_were(app: Flask, project: Project) -> None:
    before = gc.get_threshold(), sys.getswitchinterval()
    with loading.reading_pace:
        assert (gc.get_threshold(), sys.getswitchinterval()) != before
        loaded(app, project, ["A1", "1", "1", "", ""])
        assert (gc.get_threshold(), sys.getswitchinterval()) != before
    assert (gc.get_threshold(), sys.getswitchinterval()) == before


def test_a_worker_that_is_stopped_gives_the_load_back_and_the_next_goes_on(
    app: Flask, project: Project, monkeypatch: Any
) -> None:
    monkeypatch.setattr(loading, "CHUNK", 2)
    load = started(project, *([f"A{number}", number, "1", "", ""] for number in range(5)))
    first = BackgroundLoads(app)
    copied = loading.take

    def take_and_stop(*arguments: Any) -> None:
        copied(*arguments)
        first.stop()

    monkeypatch.setattr(loading, "take", take_and_stop)
    with pytest.raises(GivenBack):
        first.carry_out(load.id)
    db.session.expire_all()
    assert (load.state, load.row_count) == (ImportState.WAITING, 2)
    monkeypatch.setattr(loading, "take", copied)
    BackgroundLoads(app).carry_out(load.id)
    db.session.expire_all()
    assert (counts(load), sorted(map(str, data()))) == ((5, 0, 0, 0), [f"A{number}" for number in range(5)])


def test_a_worker_that_was_taken_for_dead_stores_nothing_more_when_another_goes_on(
    app: Flask, project: Project, monkeypatch: Any
) -> None:
    monkeypatch.setattr(loading, "CHUNK", 2)
    load = started(project, *([f"A{number}", number, "1", "", ""] for number in range(6)))
    slow, quick = BackgroundLoads(app), BackgroundLoads(app)
    held = loading._held
    claims = []

    def while_another_goes_on(claim: loading.Claim, state: ImportState) -> ClientImport:
        """The slow worker has stored a chunk, and is taken for dead before its second one."""
        claims.append(claim)
        if len(claims) == 2:
            change = "UPDATE client_import SET state = 'waiting' WHERE id = :load"
            with app.app_context(), own_transaction():
                db.session.execute(text(change), {"load": load.id})
            quick.carry_out(load.id)
        return held(claim, state)

    monkeypatch.setattr(loading, "_held", while_another_goes_on)
    slow.carry_out(load.id)
    db.session.expire_all()
    assert {claim.number for claim in claims} == {1, 2}
    assert (load.state, counts(load), len(data())) == (ImportState.FINISHED, (6, 0, 0, 0), 6)


def test_no_word_of_a_worker_that_was_taken_for_dead_counts(app: Flask, project: Project) -> None:
    load = started(project, ["A1", "30", "1", "", ""])
    background = BackgroundLoads(app)
    claim = background._claim(load.id)
    assert claim
    db.session.expire_all()
    load.state = ImportState.WAITING
    db.session.commit()
    assert background._claim(load.id)
    background._become(claim, ImportState.INTERRUPTED)
    db.session.expire_all()
    assert load.state is ImportState.READING


def carried_out_through_a_crash(app: Flask, load: ClientImport, meanwhile: Callable[[], Any]) -> None:
    """A load whose rows the database lost when all were read, right after something happened; somebody goes on."""
    background = BackgroundLoads(app)
    claim = background._claim(load.id)
    assert claim
    background._read(claim)
    meanwhile()
    db.session.execute(text(f"TRUNCATE staging.load_{load.id}"))
    db.session.execute(text("DELETE FROM procrastinate_jobs"))
    load.state = ImportState.INTERRUPTED
    db.session.commit()
    services.continue_import(load)
    db.session.commit()
    background.carry_out(load.id)
    db.session.expire_all()


def test_rows_that_a_crash_of_the_database_took_are_read_again(app: Flask, project: Project, monkeypatch: Any) -> None:
    monkeypatch.setattr(loading, "CHUNK", 2)
    load = started(project, ["A1", "x", "1", "", ""], *([f"A{number}", number, "1", "", ""] for number in range(2, 6)))
    carried_out_through_a_crash(app, load, meanwhile=lambda: None)
    assert counts(load) == (4, 0, 0, 1)


def test_a_load_whose_worker_died_is_told_and_a_person_goes_on_or_gives_up(
    client: FlaskClient, app: Flask, project: Project
) -> None:
    load = started(project, ["A1", "30", "1", "", ""])
    BackgroundLoads(app)._claim(load.id)
    db.session.execute(text("DELETE FROM procrastinate_jobs"))
    db.session.execute(text("UPDATE client_import SET touched_at = now() - interval '1 minute'"))
    take_up_abandoned()
    db.session.commit()
    address = f"/projects/{project.id}/clients/imports/{load.id}"
    assert "The load was interrupted" in client.get(address).get_data(as_text=True)
    client.post(f"{address}/continue")
    assert jobs() == [str(load.id)]
    BackgroundLoads(app).carry_out(load.id)
    assert set(data()) == {"A1"}
    assert client.post(f"{address}/continue").status_code == 409


def test_a_load_that_lost_its_job_is_queued_again(app: Flask, project: Project) -> None:
    load = started(project, ["A1", "30", "1", "", ""])
    db.session.execute(text("DELETE FROM procrastinate_jobs"))
    db.session.execute(text("UPDATE client_import SET touched_at = now() - interval '1 minute'"))
    take_up_abandoned()
    assert jobs() == [str(load.id)]


def test_a_cancelled_load_keeps_its_source_and_nothing_else(
    client: FlaskClient, app: Flask, project: Project, monkeypatch: Any
) -> None:
    monkeypatch.setattr(loading, "CHUNK", 1)
    load = started(project, ["A1", "30", "1", "", ""], ["A2", "30", "1", "", ""])
    copied = loading.take

    def take_and_cancel(*arguments: Any) -> None:
        copied(*arguments)
        monkeypatch.setattr(loading, "take", cancelled)

    def cancelled(*arguments: Any) -> None:
        raise AssertionError("a cancelled load went on")

    monkeypatch.setattr(loading, "take", take_and_cancel)
    held = loading._held
    monkeypatch.setattr(loading, "_held", lambda number, state: _cancel_first(client, load) or held(number, state))
    BackgroundLoads(app).carry_out(load.id)
    db.session.expire_all()
    assert (load.state, stages(), data()) == (ImportState.CANCELLED, 0, {})
    assert load.source_id is not None
    source = db.session.get_one(ClientSource, load.source_id)
    assert services.load_of(source) is None


def test_a_source_that_was_tampered_with_is_refused(client: FlaskClient, app: Flask, project: Project) -> None:
    load = started(project, ["A1", "30", "1", "", ""])
    db.session.execute(text("UPDATE client_source_part SET content = content || 'A2,31,1'"))
    db.session.commit()
    BackgroundLoads(app).carry_out(load.id)
    db.session.expire_all()
    assert (load.state, load.failure, data()) == (ImportState.FAILED, "SourceChanged", {})


def test_a_source_is_loaded_once_at_a_time(project: Project) -> None:
    load = started(project, ["A1", "30", "1", "", ""])
    source = db.session.get_one(ClientSource, load.source_id)
    with pytest.raises(services.AlreadyLoading):
        services.start_import(source, plan_of(HEADER), Duplicates.SKIP, project.members[0].user)


def test_what_no_dictionary_knows_becomes_a_field(app: Flask, project: Project) -> None:
    plan = [*plan_of(["client_id"]), ColumnPlan(1, "город", Target.NEW_FIELD, _city())]
    source = a_source(project, written(["client_id", "город"], ["A1", "Уфа"]))
    services.start_import(source, plan, Duplicates.SKIP, project.members[0].user)
    field = db.session.scalars(db.select(ClientField).filter_by(key="город")).one()
    assert (field.label, field.type, field.is_in_prompt) == ("город проживания", FieldType.TEXT, True)


def test_strange_texts_come_in_as_they_are(app: Flask, project: Project) -> None:
    strange = 'back\\slash "quoted"\ttab\nline\r\nend \\N {}\u2028 🦊'
    loaded(app, project, [strange, "1", "", "", ""], header=HEADER)
    plan = [*plan_of(["client_id"]), ColumnPlan(1, "город", Target.NEW_FIELD, _city())]
    source = a_source(project, written(["client_id", "город"], ["B1", strange]))
    with opened(source) as table:
        assert [cells for _, cells in table.rows()] == [["B1", strange]]
    load = services.start_import(source, plan, Duplicates.SKIP, project.members[0].user)
    db.session.commit()
    BackgroundLoads(app).carry_out(load.id)
    assert data() == {strange: {"age": 1}, "B1": {"город": strange}}


def _city() -> NewField:
    return NewField("город проживания", FieldType.TEXT, Sensitivity.OPEN, True)


def _cancel_first(client: FlaskClient, load: ClientImport) -> None:
    """After the first chunk somebody presses the button."""
    if db.session.scalar(text("SELECT row_count FROM client_import")) == 1:
        db.session.remove()
        client.post(f"/projects/{load.project_id}/clients/imports/{load.id}/cancel")
