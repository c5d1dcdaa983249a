"""A refusal is found again however the same person comes: without an id, by telephone, by an id in other letters."""

import io
import re
from typing import Any

import pytest
from flask import Flask

from marketing_app.client_imports.staging import Stage
from marketing_app.database import db
from marketing_app.models import (
    AuditEntry,
    Client,
    ClientImport,
    ImportState,
    OptOut,
    OptOutList,
    Project,
)
from marketing_app.privacy.services import opted_out
from tests.client_imports.wizard import begun, carried_out, chosen, page
from tests.factories import a_client, a_project, an_opt_out
from tests.privacy.conftest import Person
from tests.privacy.test_erase import everything

TELEPHONE, MAIL = "79031110001", "olga@primer.example"


def load(app: Flask, person: Person, project: Project, content: str, **said: str) -> Any:
    """Through the wizard, every guess accepted unless something is said."""
    answer = begun(person.browser, chosen(person.browser, project, content.encode()), **said)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return carried_out(app)


def refused(person: Person) -> list[str]:
    """Who is marked as opted out in the list of clients, by what the page calls them."""
    rows = re.findall(r"<tr>(.*?)</tr>", person.page("/clients"), re.DOTALL)
    marked = [row for row in rows if "Opted out" in row]
    return [re.sub(r"<[^>]*>", "", row[row.index("<a ") : row.index("</a>")]).strip() for row in marked]


def send(person: Person, content: str, reach: str = "project", **said: Any) -> Any:
    data = {"file": (io.BytesIO(content.encode()), "list.csv"), "reach": reach, "note": "", **said}
    return person.post("/rights/opt-outs/file", **data)


def by_hand(person: Person, words: str, reach: str = "project") -> Any:
    return person.post("/rights/opt-outs", ids=words, reach=reach, note="")


def looked_at(person: Person, content: str, **said: Any) -> str:
    data = {"file": (io.BytesIO(content.encode()), "list.csv"), "reach": "project", "note": "", **said}
    return str(person.post("/rights/opt-outs/look?again=1", **data).get_data(as_text=True))


def people(project: Project, *contacts: tuple[str | None, str | None]) -> list[Client]:
    found = []
    for number, (phone, email) in enumerate(contacts, 1):
        client = a_client(project, f"P-{number}")
        client.phone, client.email = phone, email
        found.append(client)
    db.session.commit()
    return found


# A refusal of a client without an id


@pytest.mark.parametrize(
    ("contact", "before", "after"),
    [
        ("телефон", "+7 (903) 111-00-01", "89031110001"),
        ("телефон", "8 903 111 00 01", "+79031110001"),
        ("почта", "Olga@Primer.example", "olga@primer.example"),
    ],
)
def test_the_refusal_of_somebody_without_an_id_outlives_a_change_of_their_data(
    app: Flask, performer: Person, project: Project, contact: str, before: str, after: str
) -> None:
    other = {"телефон": "+79031110002", "почта": "ivan@primer.example"}[contact]
    header = f"ФИО;{contact};город;отказ\n"
    load(app, performer, project, f"{header}Ольга;{before};Тверь;да\nИван;{other};Омск;нет\n")
    load(app, performer, project, f"{header}Ольга;{after};Казань;нет\nИван;{other};Омск;нет\n")
    clients = db.session.scalars(db.select(Client).order_by(Client.id)).all()
    towns = {str(each.id): each.data.get("город") for each in clients}
    assert [towns[number] for number in refused(performer)] == ["Тверь", "Казань"]


def test_a_refusal_carried_over_is_of_its_own_project(app: Flask, performer: Person, project: Project) -> None:
    other = a_project()
    people(other, (TELEPHONE, None))
    load(app, performer, project, f"телефон;город;отказ\n{TELEPHONE};Тверь;да\n")
    assert not out(other)
    assert out(project) == [f"#{db.session.scalar(db.select(Client.fingerprint).filter_by(project_id=project.id))}"]


@pytest.mark.parametrize(
    "row",
    [
        f"ждём;;{TELEPHONE};{MAIL};да",
        f"30;;{TELEPHONE};;да",
        f";;;{MAIL};да",
        f"30;;{TELEPHONE};{MAIL};да;one cell more",
    ],
)
def test_the_refusal_in_a_rejected_row_counts_by_its_contacts(
    app: Flask, performer: Person, project: Project, row: str
) -> None:
    header = "возраст;id;телефон;почта;отказ\n"
    good = "".join(f"3{n};W-{n};7903222000{n};w{n}@primer.example;нет\n" for n in range(9))
    assert load(app, performer, project, f"{header}{good}{row}\n").rejected_count == 1
    people(
        project, (TELEPHONE if TELEPHONE in row else None, MAIL if MAIL in row else None), (None, "x@primer.example")
    )
    assert refused(performer) == ["P-1"]


def test_somebody_with_an_id_who_refused_is_known_without_it(app: Flask, manager: Person, project: Project) -> None:
    (client,) = people(project, (TELEPHONE, MAIL))
    manager.post(f"/clients/{client.id}/opt-out", reach="bank", note="")
    elsewhere = a_project()
    people(elsewhere, (TELEPHONE, None), (None, MAIL), (None, "x@primer.example"))
    assert out(elsewhere) == ["P-1", "P-2"]


def test_a_new_telephone_does_not_end_a_refusal(app: Flask, performer: Person, project: Project) -> None:
    """Whose telephone was on the list when it came is out, whatever their telephone becomes."""
    load(app, performer, project, f"id;телефон;город\nK-1;{TELEPHONE};Тверь\n")
    send(performer, f"телефон\n{TELEPHONE}\n")
    load(app, performer, project, "id;телефон;город\nK-1;79034440001;Тверь\n", duplicates="update")
    assert refused(performer) == ["K-1"]


# A list


@pytest.mark.parametrize(
    ("content", "reached"),
    [
        ("Телефон\n+7 (903) 111-00-01\n89031110002\n", ["P-1", "P-2"]),
        ("+7 (903) 111-00-01\n89031110002\n", ["P-1", "P-2"]),
        ("9031110001\n9031110002\n", ["P-1", "P-2"]),
        ("Номер\n79031110001\n", ["P-1"]),
        ("ФИО;тел.\nОльга;8-903-111-00-01\n", ["P-1"]),
        ("e-mail\nOLGA@primer.example\n", ["P-1"]),
        ("ivan@primer.example\nolga@primer.example\n", ["P-1", "P-2"]),
        ("Отписались;дата\nivan@primer.example;01.02.2026\n", ["P-2"]),
        ("Кому;Адрес\nИван;ivan@primer.example\n", ["P-2"]),
        ("Стоп-лист\nP-1\nP-2\n", ["P-1", "P-2"]),
        ("89031110001\n89031110003\nivan@primer.example\n89031110002\n+79031110002\n", ["P-1", "P-2", "P-3"]),
    ],
)
def test_a_list_of_refusals_may_be_of_anything_that_clients_are_known_by(
    performer: Person, project: Project, content: str, reached: list[str]
) -> None:
    people(project, (TELEPHONE, MAIL), ("79031110002", "ivan@primer.example"), ("79031110003", None))
    count = len(reached) + ("+79031110002" in content)
    assert send(performer, content).status_code == 303
    said = performer.page("/rights")
    assert refused(performer) == reached
    assert f"{count} opt-out{'s were' if count > 1 else ' was'} added." in said
    assert "of no client of this project" not in said


def test_what_a_list_has_is_said_before_anybody_is_kept_out_and_can_be_put_right(
    performer: Person, project: Project
) -> None:
    a_client(project, "89031110009")
    people(project, (TELEPHONE, None))
    said = looked_at(performer, "Телефон\n8 903 111-00-01\nнет\n89030000000\n89030000001\n89030000002\n89030000003\n")
    assert "5 phone numbers in the file" in said and "from the column “Телефон”" in said
    assert "1 is a client of this project" in said and "4 are unknown here" in said
    assert "1 row is left out: there is no phone number in it" in said
    assert "1 id in the file" in looked_at(performer, "89031110009\n")
    assert "1 id in the file" in looked_at(performer, "client_id\n89031110008\n")
    assert "1 phone number in the file" in looked_at(performer, f"client_id\n{TELEPHONE}\n")
    assert "1 phone number in the file" in looked_at(performer, "id\n+7 903 111-00-08\n")
    assert "1 phone number in the file" in looked_at(performer, "89031110009\n", kind="phone")
    assert db.session.scalar(db.select(OptOut)) is None


def test_an_id_that_looks_like_a_contact_is_one_where_a_client_has_it(performer: Person, project: Project) -> None:
    for each in ("ivan@primer.example", "89031110009"):
        a_client(project, each)
    send(performer, "ivan@primer.example\n")
    send(performer, "89031110009\n")
    assert refused(performer) == ["ivan@primer.example", "89031110009"]


def test_nobodys_contacts_in_a_list_are_told_and_kept_for_later(
    app: Flask, performer: Person, project: Project
) -> None:
    send(performer, "почта\nolga@primer.example\nivan@primer.example\n")
    assert "2 of them are of no client of this project" in performer.page("/rights")
    load(app, performer, project, f"id;почта;город\nK-1;{MAIL.upper()};Тверь\nK-2;x@primer.example;Омск\n")
    assert refused(performer) == ["K-1"]


def test_telephones_and_emails_are_typed_as_well(performer: Person, project: Project) -> None:
    people(project, (TELEPHONE, None), (None, MAIL), (None, None), ("79031110004", None))
    a_client(project, "89031110004")
    by_hand(performer, "+7 903 111-00-01; Olga@primer.example\nP-3, 89031110004")
    assert refused(performer) == ["P-1", "P-2", "P-3", "89031110004"]


def test_a_list_of_the_whole_bank_reaches_clients_who_are_loaded_later(
    app: Flask, project: Project, performer: Person, administrator: Person
) -> None:
    send(administrator, f"телефон\n{TELEPHONE}\n", reach="bank")
    load(app, performer, project, f"телефон;город\n8{TELEPHONE[1:]};Тверь\n79030000000;Омск\n")
    assert len(refused(performer)) == 1


def test_a_refusal_is_found_by_the_telephone_and_keeps_none_that_can_be_read(
    manager: Person, administrator: Person, project: Project
) -> None:
    client, _bystander = people(project, (TELEPHONE, MAIL), ("79031110002", None))
    by_hand(manager, f"+{TELEPHONE}")
    by_hand(manager, MAIL, reach="bank")
    page = manager.page("/rights?search=8%20903%20111-00-01")
    assert "a phone number (" in page and "an e-mail (" not in page
    assert "an e-mail (" in manager.page("/rights?search=OLGA@primer.example")
    manager.post(f"/clients/{client.id}/erase")
    remains = everything()
    assert not [contact for contact in (TELEPHONE, TELEPHONE[1:], MAIL) if contact in remains]
    assert "79031110002" in remains
    console = administrator.browser.get(f"/admin/opt_out/?search={MAIL}")
    assert "an e-mail (" in console.get_data(as_text=True)


def test_lifting_a_refusal_by_telephone_lets_its_client_be_written_to(manager: Person, project: Project) -> None:
    (client,) = people(project, (TELEPHONE, None))
    by_hand(manager, TELEPHONE)
    page = manager.page(f"/clients/{client.id}")
    assert "by the phone number" in page
    entry = db.session.scalars(db.select(OptOut)).one()
    manager.post(f"/rights/opt-outs/{entry.id}/lift", client_id=client.id)
    assert refused(manager) == [] and "The client may be written to" in manager.page(f"/clients/{client.id}")


def test_a_staged_refusal_keeps_no_contact_of_the_erased(
    app: Flask, manager: Person, performer: Person, project: Project
) -> None:
    person = people(project, (TELEPHONE, MAIL))[0]
    answer = begun(
        performer.browser, chosen(performer.browser, project, f"id;телефон;отказ\nP-1;{TELEPHONE};да\n".encode())
    )
    assert answer.status_code == 303
    waiting = newest_load()
    stage = Stage(waiting)
    stage.make()
    stage.copy([f"1\tP-1\t{MAIL}\t{TELEPHONE}\tt\t{{}}\t\\N\n", f"2\tP-1\t\\N\t{TELEPHONE}\tt\t\\N\t\\N\n"])
    waiting.state, waiting.source_id = ImportState.INTERRUPTED, None
    db.session.commit()
    manager.post(f"/clients/{person.id}/erase")
    assert TELEPHONE not in everything() and MAIL not in everything()
    waiting.state = ImportState.PLACING
    stage.place([], has_email=True, has_phone=True)
    db.session.commit()
    people(project, (TELEPHONE, None), (None, MAIL))
    assert out(project) == ["P-1", "P-2"]


# Ids that look the same


IDS = ["K-201", "К-202", "K‑203", "\u200bK-204", "K-2\u00ad05", "\ufeffK-206\u00a0", "к-207", "АВС-208", "КЛ-209"]
PLAIN = ["K-201", "K-202", "K-203", "K-204", "K-205", "K-206", "k-207", "ABC-208", "KЛ-209"]
"""What they look like, typed in Latin letters."""


@pytest.mark.parametrize(("loaded", "listed"), [(IDS, PLAIN), (PLAIN, IDS)])
def test_ids_that_look_the_same_are_the_same(
    app: Flask, performer: Person, project: Project, loaded: list[str], listed: list[str]
) -> None:
    content = "id;город\n" + "".join(f"{each};Тверь\n" for each in [*loaded, "K-300"])
    load(app, performer, project, content)
    send(performer, "id\n" + "".join(f"{each}\n" for each in listed))
    assert "of no client of this project" not in performer.page("/rights")
    assert len(refused(performer)) == len(loaded) and "K-300" not in refused(performer)


def test_a_client_is_shown_as_the_bank_writes_the_id(app: Flask, performer: Person, project: Project) -> None:
    load(app, performer, project, "id;город\nКЛ-1;Тверь\nС-2\u200b;Омск\n")
    names = list(db.session.scalars(db.select(Client.shown_id).order_by(Client.id)))
    assert names == ["КЛ-1", "С-2"]
    page = performer.page("/clients?search=C-2")
    assert ">С-2<" in page and "КЛ-1" not in page


def test_a_client_does_not_come_twice_in_two_alphabets(app: Flask, performer: Person, project: Project) -> None:
    load(app, performer, project, "id;город\nC-1;Тверь\n")
    again = load(app, performer, project, "id;город\nС-1;Омск\nC\u200b-1;Казань\n", duplicates="update")
    assert (again.added_count, again.updated_count) == (0, 1)
    assert [each.data["город"] for each in db.session.scalars(db.select(Client))] == ["Казань"]


def test_an_id_of_two_alphabets_is_doubted_before_the_load(performer: Person, project: Project) -> None:
    browser = performer.browser
    mixed = chosen(browser, project, "id;город\nC-1;Тверь\nС-2;Омск\n".encode())
    assert "“С-2”" in page(browser, f"{mixed}/columns") and "another alphabet" in page(browser, f"{mixed}/columns")
    for plain in ("id;город\nС-1;Тверь\nС-2;Омск\n", "id;город\nC-1;Тверь\nC-2;Омск\nИтого;2\n"):
        address = chosen(browser, project, plain.encode())
        assert "another alphabet" not in page(browser, f"{address}/columns")


def test_a_rejected_row_of_somebody_erased_goes_in_whatever_letters_the_id_is(
    app: Flask, manager: Person, project: Project
) -> None:
    load(
        app,
        manager,
        project,
        "id;возраст\n" + "".join(f"C-{n};3{n}\n" for n in range(9)) + "С-1\u200b;молодой Епифаний\n",
    )
    person = db.session.scalars(db.select(Client).filter_by(outside_id="C-1")).one()
    assert "Епифаний" in everything()
    manager.post(f"/clients/{person.id}/erase")
    assert "Епифаний" not in everything()


def test_the_audit_names_the_erased_as_the_bank_writes_the_id(app: Flask, manager: Person, project: Project) -> None:
    load(app, manager, project, "id;город\nС-2;Омск\n")
    person = db.session.scalars(db.select(Client)).one()
    manager.post(f"/clients/{person.id}/erase")
    assert db.session.scalars(db.select(AuditEntry.object_name).filter_by(action="erase")).all() == ["С-2"]


# Contacts alone


@pytest.mark.parametrize(
    ("content", "count"),
    [
        (f"id;телефон;почта\nW-1;{TELEPHONE};{MAIL}\nW-2;79031110002;ivan@primer.example\n", 2),
        (f"email\n{MAIL}\nivan@primer.example\n{MAIL}\n", 2),
        (f"phone\n+{TELEPHONE}\n", 1),
        (f"почта;отказ\n{MAIL};да\nivan@primer.example;нет\n", 2),
    ],
)
def test_contacts_alone_are_clients(app: Flask, performer: Person, project: Project, content: str, count: int) -> None:
    assert load(app, performer, project, content).added_count == count
    assert performer.page("/clients").count('name="client_ids"') == count


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("id\nW-1\nW-2\n", "No column is chosen that says anything of a client but the id"),
        ("отказ\nда\nнет\n", "No column is chosen that says who refused"),
    ],
)
def test_columns_that_make_no_client_are_refused_with_the_true_reason(
    performer: Person, project: Project, content: str, reason: str
) -> None:
    answer = begun(performer.browser, chosen(performer.browser, project, content.encode()))
    assert answer.status_code == 422 and reason in answer.get_data(as_text=True)


# Numbers of clients without an id


def test_the_number_of_a_client_without_an_id_is_found_wherever_clients_are_looked_for(
    app: Flask, performer: Person, project: Project
) -> None:
    load(app, performer, project, f"ФИО;телефон\nОльга;{TELEPHONE}\nИван;79031110002\n")
    first, second = (each.id for each in db.session.scalars(db.select(Client).order_by(Client.id)))
    for address in (f"/clients?search={second}", f"/offers/write?search={second}"):
        found = performer.page(address)
        assert f">{second}<" in found and f">{first}<" not in found
    asked = {"channel_id": project.channels[0].id, "clients": "search", "search": second, "drafts": 1}
    assert 'data-count="1"' in performer.post("/campaigns/plan", **asked).get_data(as_text=True)
    by_hand(performer, str(second))
    assert refused(performer) == [str(second)]
    assert "of no client of this project" not in performer.page("/rights")


def test_a_list_may_name_clients_without_an_id_by_the_numbers_that_pages_show(
    app: Flask, performer: Person, project: Project
) -> None:
    load(app, performer, project, f"ФИО;телефон\nОльга;{TELEPHONE}\nИван;79031110002\n")
    first = db.session.scalars(db.select(Client.id).order_by(Client.id)).first()
    assert "1 is a client of this project" in looked_at(performer, f"id\n{first}\n")
    send(performer, f"id\n{first}\n")
    assert refused(performer) == [str(first)]


def test_the_bank_s_id_of_a_client_goes_before_our_number_of_another(
    app: Flask, performer: Person, project: Project
) -> None:
    load(app, performer, project, f"ФИО;телефон\nОльга;{TELEPHONE}\n")
    namesake = a_client(project, str(db.session.scalars(db.select(Client.id)).one()))
    by_hand(performer, str(namesake.outside_id))
    send(performer, f"id\n{namesake.outside_id}\n")
    assert not db.session.scalar(db.select(opted_out(project.id)).where(Client.outside_id.is_(None)))
    assert db.session.scalar(db.select(opted_out(project.id)).where(Client.id == namesake.id))


def test_a_number_keeps_the_client_of_that_id_out_of_the_whole_bank_too(
    app: Flask, manager: Person, project: Project
) -> None:
    load(app, manager, project, f"ФИО;телефон\nОльга;{TELEPHONE}\n")
    ours = db.session.scalars(db.select(Client.id)).one()
    theirs = a_client(a_project(), str(ours)).id
    by_hand(manager, str(ours), reach="bank")
    assert set(db.session.scalars(db.select(Client.id).where(opted_out(Client.project_id)))) == {ours, theirs}


def test_the_console_finds_a_refusal_by_what_else_is_known_of_the_client(
    manager: Person, administrator: Person, project: Project
) -> None:
    (client,) = people(project, (TELEPHONE, None))
    manager.post(f"/clients/{client.id}/opt-out", reach="bank", note="")
    for search, is_found in ((TELEPHONE, True), ("P-1", True), ("79031110009", False)):
        page_of_it = administrator.browser.get(f"/admin/opt_out/?search={search}").get_data(as_text=True)
        assert ("P-1</td>" in re.sub(r"\s", "", page_of_it)) is is_found


# Who decides


def test_a_performer_neither_lifts_a_refusal_nor_refuses_for_the_bank(performer: Person, project: Project) -> None:
    (client,) = people(project, (TELEPHONE, None))
    entry = an_opt_out(project, client)
    assert performer.post(f"/rights/opt-outs/{entry.id}/lift").status_code == 404
    assert by_hand(performer, "X-1", reach="bank").status_code == 422
    assert send(performer, "id\nX-2\n", reach="bank").status_code == 422
    db.session.delete(entry)
    db.session.commit()
    performer.post(f"/clients/{client.id}/opt-out", reach="bank", note="")
    assert db.session.scalar(db.select(OptOut)) is None
    for address in ("/rights", f"/clients/{client.id}"):
        shown = performer.page(address)
        assert 'value="bank"' not in shown and "/lift" not in shown
    assert by_hand(performer, "X-1").status_code == 303


def test_a_manager_refuses_one_by_one_for_the_bank_and_only_an_administrator_by_a_list(
    manager: Person, administrator: Person, project: Project
) -> None:
    assert by_hand(manager, "X-1", reach="bank").status_code == 303
    assert send(manager, "id\nX-2\n", reach="bank").status_code == 422
    assert send(administrator, "id\nX-2\n", reach="bank").status_code == 303
    assert by_hand(administrator, "X-3", reach="bank").status_code == 303
    entry = an_opt_out(project)
    administrator.post(f"/rights/opt-outs/{entry.id}/lift")
    assert set(db.session.scalars(db.select(OptOut.identity))) == {"X-1", "X-2", "X-3"}


def newest_load() -> ClientImport:
    return db.session.scalars(db.select(ClientImport).order_by(ClientImport.id.desc())).all()[0]


def out(project: Project) -> list[str]:
    """Identities of the project's clients who must not be written to."""
    query = db.select(Client.identity).where(Client.project_id == project.id, opted_out(project.id))
    return list(db.session.scalars(query.order_by(Client.id)))


# A list undone as a whole


def test_a_list_is_undone_as_a_whole_and_lifts_nothing_else(
    performer: Person, manager: Person, project: Project
) -> None:
    people(project, (TELEPHONE, None), ("79031110002", None), (None, MAIL))
    by_hand(performer, f"{TELEPHONE}\n{MAIL}")
    send(performer, f"телефон\n{TELEPHONE}\n79031110002\n79031110003\n")
    _by_hand, kept = db.session.scalars(db.select(OptOutList).order_by(OptOutList.id)).all()
    assert "/undo" not in performer.page("/rights")
    assert performer.post(f"/rights/lists/{kept.id}/undo").status_code == 404
    assert "2 opt-outs added" in manager.page("/rights")
    assert re.search(r'aria-label="Undo the list of [^"<]+">Undo</button>', manager.page("/rights")), "in plain words"
    manager.post(f"/rights/lists/{kept.id}/undo")
    assert "The list is undone: 2 opt-outs are lifted." in manager.page("/rights")
    assert refused(manager) == ["P-1", "P-3"]


def test_a_list_of_the_whole_bank_is_undone_in_the_console(
    administrator: Person, manager: Person, project: Project
) -> None:
    people(project, (TELEPHONE, None))
    send(administrator, f"телефон\n{TELEPHONE}\n", reach="bank")
    kept = db.session.scalars(db.select(OptOutList)).one().id
    assert manager.post(f"/rights/lists/{kept}/undo").status_code == 404
    assert "Lists of opt-outs" in administrator.browser.get("/admin/opt_out_list/").get_data(as_text=True)
    administrator.browser.post("/admin/opt_out_list/delete/", data={"id": kept})
    assert refused(manager) == [] and db.session.scalar(db.select(OptOut)) is None
    line = db.session.scalars(db.select(AuditEntry).filter_by(action="delete")).one()
    assert (line.user_id, line.object_type, line.object_id) == (administrator.user.id, "opt_out_list", str(kept))


def test_several_ids_typed_for_the_whole_bank_are_a_list_too(
    administrator: Person, manager: Person, project: Project
) -> None:
    """Whoever has an account makes a project and is its manager, so that managers keep out one client at a time."""
    several = "\n".join(f"K-{number}" for number in range(1000))
    answer = by_hand(manager, several, reach="bank")
    assert answer.status_code == 422 and "Only administrators keep several clients out" in answer.get_data(as_text=True)
    assert (
        by_hand(manager, "K-1, K-2", reach="bank").status_code == 422 and db.session.scalar(db.select(OptOut)) is None
    )
    assert "one client at a time" in manager.page("/rights")
    assert by_hand(manager, "K-1", reach="bank").status_code == 303
    assert by_hand(administrator, several, reach="bank").status_code == 303
    kept = db.session.scalars(db.select(OptOutList)).one()
    assert (kept.project_id, kept.added_count) == (None, 999)
    administrator.browser.post("/admin/opt_out_list/delete/", data={"id": kept.id})
    assert db.session.scalars(db.select(OptOut.identity)).all() == ["K-1"]


def test_several_ids_typed_for_a_project_are_undone_as_one(
    performer: Person, manager: Person, project: Project
) -> None:
    by_hand(performer, "K-1\nK-2")
    by_hand(performer, "K-3")
    kept = db.session.scalars(db.select(OptOutList)).one()
    manager.post(f"/rights/lists/{kept.id}/undo")
    assert db.session.scalars(db.select(OptOut.identity)).all() == ["K-3"]
