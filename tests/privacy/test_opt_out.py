"""Somebody does not want to be written to: said by hand, by a file, for one client; lifted again."""

import io
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import text

from marketing_app.database import db
from marketing_app.llm.registry import Registry
from marketing_app.models import AuditEntry, Client, Offer, OfferState, OptOut, OptOutSource, Project
from marketing_app.privacy.services import not_opted_out, opted_out
from tests.factories import PROMPT, a_campaign, a_client, a_project, a_user, an_offer, an_opt_out, many_clients
from tests.privacy.conftest import Person


def opt_outs() -> list[tuple[int | None, str]]:
    query = db.select(OptOut.project_id, OptOut.identity).order_by(OptOut.id)
    return [(project_id, identity) for project_id, identity in db.session.execute(query)]


def audit() -> list[tuple[Any, ...]]:
    columns = (AuditEntry.user_id, AuditEntry.action, AuditEntry.object_type, AuditEntry.object_name)
    query = db.select(*columns).where(AuditEntry.object_type != "user")
    return [tuple(line) for line in db.session.execute(query.order_by(AuditEntry.id))]


def by_hand(person: Person, ids: str, reach: str = "project", note: str = "") -> Any:
    return person.post("/rights/opt-outs", ids=ids, reach=reach, note=note)


def by_file(person: Person, content: str | bytes, path: str = "/rights/opt-outs/file", reach: str = "project") -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return person.post(path, file=(io.BytesIO(raw), "ids.csv"), reach=reach, note="")


def may_be_written_to(project: Project) -> list[str | None]:
    query = db.select(Client.outside_id).where(Client.project_id == project.id, not_opted_out(project.id))
    return list(db.session.scalars(query.order_by(Client.id)))


def test_ids_by_hand_are_kept_once_each_with_who_and_why(performer: Person, project: Project) -> None:
    assert by_hand(performer, " A-1 \n\nA-2\nA-1\n", note="Позвонили").status_code == 303
    assert opt_outs() == [(project.id, "A-1"), (project.id, "A-2")]
    page = performer.page("/rights")
    assert "2 opt-outs were added." in page and "Пётр" in page and "Позвонили" in page
    by_hand(performer, "A-2\nA-3", note="Снова")
    assert "1 opt-out was added. 1 was there already." in performer.page("/rights")
    kept = db.session.scalars(db.select(OptOut).filter_by(identity="A-2")).one()
    assert kept.note == "Позвонили" and kept.source is OptOutSource.HAND
    assert len(opt_outs()) == 3


def test_ids_may_be_pasted_as_one_line_and_unknown_ones_are_told(performer: Person, project: Project) -> None:
    a_client(project, "W-1"), a_client(project, "W-2")
    by_hand(performer, "W-1 ; W-2,w-3")
    assert [identity for _project, identity in opt_outs()] == ["W-1", "W-2", "w-3"]
    assert "1 id is of no client of this project" in performer.page("/rights")
    by_hand(performer, "W-1")
    assert "of no client of this project" not in performer.page("/rights")


@pytest.mark.parametrize("ids", ["", " \n \n", "x" * 131, "\n".join(f"N{n}" for n in range(1001))])
def test_ids_that_cannot_be_are_refused_with_the_reason(performer: Person, ids: str) -> None:
    answer = by_hand(performer, ids)
    assert answer.status_code == 422 and "invalid-feedback" in answer.get_data(as_text=True)
    assert opt_outs() == []


def test_an_opt_out_keeps_a_client_out_of_its_own_project_only(performer: Person, project: Project) -> None:
    a_client(project, "A-1"), a_client(project, "A-2")
    other = a_project()
    a_client(other, "A-1")
    by_hand(performer, "A-1")
    assert may_be_written_to(project) == ["A-2"]
    assert may_be_written_to(other) == ["A-1"]


def test_an_opt_out_of_the_whole_bank_keeps_a_client_out_of_every_project(manager: Person, project: Project) -> None:
    a_client(project, "A-1")
    other = a_project()
    a_client(other, "A-1")
    by_hand(manager, "A-1", reach="bank")
    assert may_be_written_to(project) == may_be_written_to(other) == []


def test_a_client_without_an_id_is_known_by_the_data(performer: Person, project: Project) -> None:
    person = a_client(project)
    person.outside_id = None
    db.session.commit()
    performer.post(f"/clients/{person.id}/opt-out", reach="project", note="")
    assert opt_outs() == [(project.id, f"#{person.fingerprint}")]
    assert may_be_written_to(project) == []


def test_the_list_shows_those_of_the_project_and_of_the_bank(performer: Person, project: Project) -> None:
    for where, identity in ((project, "OURS-1"), (None, "BANK-1"), (a_project(), "THEIRS-1")):
        an_opt_out(where, identity=identity)
    page = performer.page("/rights")
    assert "OURS-1" in page and "BANK-1" in page and "THEIRS-1" not in page
    found = performer.page("/rights?search=BANK")
    assert "BANK-1" in found and "OURS-1" not in found
    assert "Nobody is found" in performer.page("/rights?search=%25")


def test_the_list_is_paged(performer: Person, project: Project) -> None:
    for number in range(30):
        an_opt_out(project, identity=f"P-{number:02}")
    assert "P-29" in performer.page("/rights") and "P-00" not in performer.page("/rights")
    assert "P-00" in performer.page("/rights?page=2")


def test_an_opt_out_of_the_project_is_lifted(manager: Person, project: Project) -> None:
    person = a_client(project, "A-1")
    entry = an_opt_out(project, person)
    manager.post(f"/rights/opt-outs/{entry.id}/lift")
    assert opt_outs() == [] and may_be_written_to(project) == ["A-1"]
    assert audit() == [(manager.user.id, "opt_in", "project", "A-1")]


def test_no_member_lifts_an_opt_out_of_the_bank_or_of_another_project(manager: Person, project: Project) -> None:
    for entry in (an_opt_out(None), an_opt_out(a_project())):
        assert manager.post(f"/rights/opt-outs/{entry.id}/lift").status_code == 404
    assert len(opt_outs()) == 2
    assert "lifted by an administrator" in manager.page("/rights")


def test_an_administrator_lifts_an_opt_out_of_the_bank_in_the_console(app: Flask, project: Project) -> None:
    administrator = a_user("Админ", is_administrator=True, language="en")
    of_bank, of_project = an_opt_out(None, identity="BANK-1"), an_opt_out(project, identity="OURS-1")
    browser = app.test_client()
    browser.sign_in(administrator)  # type: ignore[attr-defined]
    page = browser.get("/admin/opt_out/").get_data(as_text=True)
    assert "BANK-1" in page and "OURS-1" not in page
    for entry in (of_bank, of_project):
        browser.post("/admin/opt_out/delete/", data={"id": entry.id})
    assert opt_outs() == [(project.id, "OURS-1")]
    assert audit() == [(administrator.id, "delete", "opt_out", "BANK-1")]


def test_a_client_without_an_id_is_shown_as_one(performer: Person, project: Project) -> None:
    an_opt_out(project, identity="#abcdef0123456789")
    page = performer.page("/rights")
    assert "without an id (abcdef01…)" in page


def test_what_was_done_is_in_the_audit_without_the_ids_of_many(manager: Person, project: Project) -> None:
    by_hand(manager, "A-1", reach="bank")
    by_hand(manager, "A-2\nA-3")
    who = manager.user.id
    assert audit() == [(who, "opt_out", "bank", "A-1"), (who, "opt_out", "project", "")]


def test_a_file_is_looked_at_before_anybody_is_kept_out(performer: Person, project: Project) -> None:
    a_client(project, "A-1")
    content = "name;client_id\nИван;A-1\nПётр;A-2\nОльга;\nИван;A-1\n"
    answer = by_file(performer, content, "/rights/opt-outs/look")
    said = answer.get_data(as_text=True)
    assert answer.status_code == 200 and opt_outs() == []
    assert "2 ids in the file" in said and "from the column “client_id”" in said and "A-1, A-2" in said
    assert "1 is a client of this project" in said and "1 is unknown here" in said and "1 row is left out" in said


def test_the_ids_of_a_file_are_kept_out_known_or_not(administrator: Person, project: Project) -> None:
    a_client(project, "A-1")
    assert by_file(administrator, "id,why\nA-1,x\nA-2,y\n", reach="bank").status_code == 303
    assert opt_outs() == [(None, "A-1"), (None, "A-2")]
    a_client(project, "A-2")
    assert may_be_written_to(project) == []


def test_a_list_without_a_header_loses_no_id(performer: Person, project: Project) -> None:
    by_file(performer, "100001\n100002\n100003\n")
    assert [identity for _project, identity in opt_outs()] == ["100001", "100002", "100003"]


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        ("7001", ["7001"]),
        ("7001;Ivanov\n", ["7001"]),
        ("7001;Ivanov\n7002;Petrov\n", ["7001", "7002"]),
        ("ivanov\npetrov\n", ["ivanov", "petrov"]),
        ("ID 7001;Ivanov\nID 7002;Petrov\n", ["ID 7001", "ID 7002"]),
        ("name;clientId\nIvanov;7001\n", ["7001"]),
        ("name;customer_no\nIvanov;7001\n", ["7001"]),
        ("Имя;Номер клиента\nИванов;7001\n", ["7001"]),
        ("Номер;ID клиента\n1;7001\n", ["7001"]),
        ("Клиент;ID\nИванов;7001\n", ["7001"]),
        ("client\n7001\n", ["7001"]),
        ("anna;;\nivanov;Ann;x\npetrov;Bob;y\n", ["anna", "ivanov", "petrov"]),
    ],
)
def test_nobody_in_a_file_is_lost(performer: Person, content: str, ids: list[str]) -> None:
    assert by_file(performer, content).status_code == 303
    assert [identity for _project, identity in opt_outs()] == ids


def test_the_ids_are_those_of_the_first_sheet(performer: Person) -> None:
    workbook = Workbook()
    for row in (["client_id"], ["7001"], ["7002"]):
        workbook.active.append(row)  # type: ignore[union-attr]
    names = workbook.create_sheet("Names")
    names.append(["client_id", "name"])
    names.append(["1", "Ivanov"])
    file = io.BytesIO()
    workbook.save(file)
    assert by_file(performer, file.getvalue()).status_code == 303
    assert [identity for _project, identity in opt_outs()] == ["7001", "7002"]


def look(person: Person, content: str, again: bool = True, **said: Any) -> str:
    data = {"file": (io.BytesIO(content.encode()), "ids.csv"), "reach": "project", "note": "", **said}
    answer = person.post(f"/rights/opt-outs/look{'?again=1' if again else ''}", **data)
    return str(answer.get_data(as_text=True))


def test_a_person_says_where_the_ids_are(performer: Person, project: Project) -> None:
    content = "Имя;Карта\nИван;7001\nПётр;7002\n"
    guessed = look(performer, content)
    assert "3 ids in the file" in guessed and "No. 2: Карта" in guessed
    assert 'value="0" selected' in guessed and 'value="client" selected' in guessed
    said = look(performer, content, position=1, header="names")
    assert "2 ids in the file, from the column “Карта”" in said and "7001, 7002" in said
    assert 'value="1" selected' in said and 'value="names" selected' in said
    assert opt_outs() == []
    file = (io.BytesIO(content.encode()), "ids.csv")
    performer.post("/rights/opt-outs/file", file=file, reach="project", note="", position=1, header="names")
    assert [identity for _project, identity in opt_outs()] == ["7001", "7002"]


def test_a_first_row_that_looks_like_names_may_be_a_client(performer: Person) -> None:
    said = look(performer, "client;name\nkey;Иван\n", header="client")
    assert "2 ids in the file" in said and "client, key" in said


def test_what_was_said_of_one_file_is_not_held_of_the_next(performer: Person) -> None:
    said = look(performer, "client_id;age\n7001;30\n", again=False, position=1, header="client")
    assert "from the column “client_id”" in said and "7001" in said


def test_a_column_without_ids_lets_another_be_chosen(performer: Person) -> None:
    said = look(performer, "client_id;empty\n7001;\n", position=1, header="names")
    assert "Choose another file, or another column" in said and 'value="1" selected' in said


@pytest.mark.parametrize("content", [b"", b"id\n", b"id;name\n;Ivan\n;Olga\n", b"PK\x03\x04 torn"])
def test_a_file_without_ids_is_refused_with_the_reason(performer: Person, content: bytes) -> None:
    answer = by_file(performer, content)
    assert answer.status_code == 422 and "invalid-feedback" in answer.get_data(as_text=True)
    assert opt_outs() == []


def test_ten_thousand_ids_and_more_are_kept_out(performer: Person, project: Project) -> None:
    many_clients(project, 12_000)
    by_file(performer, "id\n" + "".join(f"M{number}\n" for number in range(1, 12_001)))
    assert "12,000 opt-outs were added." in performer.page("/rights")
    assert may_be_written_to(project) == []


def test_one_client_is_looked_up_by_the_index(project: Project) -> None:
    """With many opt-outs and many clients, one of them is answered without reading all."""
    many_clients(project, 2_000)
    rows = "SELECT 'X' || n, 'hand', '' FROM generate_series(1, 20000) AS n"
    db.session.execute(text(f"INSERT INTO opt_out (identity, source, note) {rows}"))
    db.session.execute(text("ANALYZE opt_out, client"))
    query = db.select(Client.id).where(Client.project_id == project.id, Client.outside_id == "M7")
    statement = query.where(opted_out(project.id)).compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = "\n".join(db.session.scalars(text(f"EXPLAIN {statement}".replace(":", r"\:"))))
    assert "uq_opt_out_identity_project_id" in plan and "Seq Scan" not in plan


def test_no_offer_is_begun_for_somebody_who_opted_out(
    performer: Person, project: Project, loaded_model: Registry
) -> None:
    person = a_client(project)
    an_opt_out(None, person)
    data = {"channel_id": project.channels[0].id, "client_id": person.id, "text": PROMPT}
    answer = performer.post("/offers/write", **data)
    assert answer.status_code == 409 and "does not want to be written to" in answer.get_data(as_text=True)
    assert db.session.scalar(db.select(Offer)) is None


def test_no_page_offers_to_write_to_somebody_who_opted_out(performer: Person, project: Project) -> None:
    person = a_client(project)
    write = f"/offers/write?channel_id={project.channels[0].id}&client_id={person.id}"
    assert 'name="text"' in performer.page(write)
    assert "/offers/write" in performer.page(f"/clients/{person.id}")
    offer = an_offer(a_campaign(project), state=OfferState.READY, text="Текст", written_at=db.func.now())
    assert 'id="ask"' in performer.page(f"/offers/{offer.id}")
    an_opt_out(None, person), an_opt_out(None, offer.client)
    page = performer.page(write)
    assert "does not want to be written to" in page and 'name="text"' not in page
    offered = performer.page("/offers/write")
    assert all(f">{client.outside_id}<" not in offered for client in (person, offer.client))
    page = performer.page(f"/offers/{offer.id}")
    assert "does not want to be written to" in page and 'id="ask"' not in page and "/offers/write" not in page
    assert "/offers/write" not in performer.page(f"/clients/{person.id}")


def test_no_change_is_asked_for_somebody_who_opted_out(performer: Person, project: Project) -> None:
    offer = an_offer(a_campaign(project), state=OfferState.READY, text="Текст", written_at=db.func.now())
    an_opt_out(project, offer.client)
    assert performer.post(f"/offers/{offer.id}/change", request="Короче").status_code == 409
    assert offer.messages == []


def test_what_is_said_of_one_client_is_shown_on_their_page(manager: Person, project: Project) -> None:
    person = a_client(project)
    address = f"/clients/{person.id}"
    assert "may be written to" in manager.page(address)
    manager.post(f"{address}/opt-out", reach="project", note="Письмо от 1 мая")
    page = manager.page(address)
    assert "Opted out" in page and "Письмо от 1 мая" in page
    entry = db.session.scalars(db.select(OptOut)).one()
    answer = manager.post(f"/rights/opt-outs/{entry.id}/lift", client_id=person.id)
    assert answer.location.endswith(address) and "may be written to" in manager.page(address)


def test_strangers_learn_nothing(stranger: Person, project: Project) -> None:
    person, entry = a_client(project), an_opt_out(project)
    assert stranger.get("/rights").status_code == 404
    assert by_hand(stranger, "A-1").status_code == 404
    assert by_file(stranger, "id\nA-1\n").status_code == 404
    assert stranger.post(f"/rights/opt-outs/{entry.id}/lift").status_code == 404
    assert stranger.post(f"/clients/{person.id}/opt-out", reach="bank", note="").status_code == 404
    assert len(opt_outs()) == 1
