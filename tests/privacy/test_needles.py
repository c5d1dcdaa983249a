"""Whatever was known of an erased client is nowhere: in no column of any table, in no file, in no log.

Values that stand nowhere else are brought to every place that a person can bring them to, and searched for everywhere.
"""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from marketing_app.campaigns.writing import OfferWriter
from marketing_app.database import db
from marketing_app.llm.registry import Registry
from marketing_app.llm.remote import RemoteEngine
from marketing_app.models import (
    Campaign,
    Client,
    ClientImport,
    ClientRejection,
    Message,
    MessageRole,
    Offer,
    OptOut,
    Project,
    Segment,
)
from marketing_app.offers import writing as room
from tests.campaigns.conftest import use
from tests.client_imports.wizard import begun, carried_out, chosen
from tests.factories import PROMPT, a_field, a_product, a_project, a_user
from tests.llm.model_servers import ScriptedServer, writing
from tests.offers.conftest import put_in_place
from tests.privacy.conftest import Person
from tests.privacy.test_erase import everything, wait_for

ID, NAME, SALARY, SECRET = "NEEDLE-7", "Епифаний", "918273.5", "40817810000012345"
MAIL, PHONE, HOBBY = "Epifan.P@rare.example", "+7 903 555-44-33", "байдарка"
TEXT = "Кредитная карта ждёт вас в приложении: с ней и на байдарке веселее. Оформите её."
OTHER = "Оформите продукт: Кредитная карта ждёт вас в приложении."
NEEDLES = (NAME, "918273", SECRET, "epifan", "9035554433", "555-44-33", HOBBY, "на байдарке")
STORAGE = {"base", "global", "pg_wal"}
"""Of the database: it overwrites what was deleted in its own time, as README.md says."""

COLUMNS = "client_id;имя;зарплата;счёт;увлечение;почта;телефон"
PEOPLE = f"""{COLUMNS}
{ID};{NAME};{SALARY};{SECRET};{HOBBY};{MAIL};{PHONE}
B-2;Пётр;20000.0;40817810000000002;шахматы;petr@primer.example;+79030000002
"""
REJECTED = f"""{COLUMNS}
;{NAME};{SALARY};{SECRET};{HOBBY};;
B-3;Ольга;много;40817810000000003;шахматы;{MAIL};
B-4;Ольга;много;40817810000000004;шахматы;;8 (903) 555-44-33
B-5;Ольга;много;40817810000000005;шахматы;olga@primer.example;+79030000005
B-6;Ольга;30000.0;40817810000000006;шахматы;;
"""


@pytest.fixture
def project(app: Flask) -> Project:
    product = a_product(name="Кредитная карта")
    project = a_project(a_user("Мария", language="en"), a_user("Пётр", language="en"), product=product)
    a_field(project, "имя", label="имя", type="text")
    a_field(project, "зарплата", label="зарплата", type="decimal", sensitivity="behaviour")
    a_field(project, "счёт", label="счёт", type="text", sensitivity="secret", is_in_prompt=False)
    a_field(project, "увлечение", label="увлечение", type="text", sensitivity="open")
    db.session.refresh(project)
    return project


@pytest.fixture
def server(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    """A model that writes TEXT, and OTHER ever after."""
    registry = Registry()
    with ScriptedServer(writing(TEXT), writing(OTHER)) as server:
        registry.start(lambda: RemoteEngine(server.url, "gemma"))
        assert registry.wait(30)
        put_in_place(registry, monkeypatch)
        use(registry, monkeypatch)
        yield server
    registry.close()


def load(app: Flask, manager: Person, project: Project, content: str, name: str) -> ClientImport:
    answer = begun(manager.browser, chosen(manager.browser, project, content.encode(), name=name))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return carried_out(app)


def known_as(outside_id: str) -> Client:
    return db.session.scalars(db.select(Client).filter_by(outside_id=outside_id)).one()


def write(manager: Person, project: Project, client: Client) -> Message:
    data = {"channel_id": project.channels[0].id, "client_id": client.id, "text": PROMPT}
    assert manager.post("/offers/write", **data).status_code == 303
    draft = db.session.scalars(db.select(Message).filter_by(role=MessageRole.DRAFT).order_by(Message.id.desc())).first()
    assert draft
    wait_for(lambda: room.live_draft(draft.id) is None)
    return draft


def type_it_everywhere(manager: Person) -> None:
    """Whatever a person may call things, ask for, or note."""
    for name, asked in (
        (f"Письмо {MAIL}", {"how.email": "contains", "is.email": "EPIFAN.P@"}),
        (f"Письмо {MAIL.upper()}!", {"how.phone": "one_of", "is.phone": "79035554433"}),
        ("Один", {"how.client_id": "begins", "is.client_id": ID}),
        ("Почта", {"how.email": "contains", "is.email": "example"}),
    ):
        assert manager.post("/segments", name=name, **asked).status_code in (200, 303)
        assert manager.post("/segments", name=name, **asked).status_code == 422, "the database's log has an error"
    manager.get(f"/clients?search={MAIL}")
    manager.post("/rights/opt-outs", ids="B-9", reach="project", note=f"Вместо {MAIL}")
    file = (io.BytesIO(f"id\n{ID}\nB-8\n".encode()), "ids.csv")
    manager.post("/rights/opt-outs/file", file=file, reach="project", note=f"Просил {PHONE}")


def logged(request: pytest.FixtureRequest) -> str:
    """What the program has said so far. The database's log is among the files."""
    said = request.config.pluginmanager.getplugin("capturemanager").read_global_capture()  # type: ignore[union-attr]
    return f"{said.out}{said.err}"


def in_files(app: Flask) -> str:
    """Everything in the files of the program and of the database's server, but the rows themselves."""
    of_server = Path(str(db.session.scalar(text("SHOW data_directory"))))
    assert list((of_server / "logs").iterdir())
    directories = [
        app.config["STUDIO"].instance_path,
        *(each for each in of_server.iterdir() if each.name not in STORAGE),
    ]
    files = [file for each in directories for file in (each, *each.rglob("*")) if file.is_file()]
    return "\n".join(f"{file} {file.read_bytes().decode(errors='replace')}" for file in files)


def found_in(haystack: str) -> list[str]:
    small = haystack.lower()
    return [needle for needle in NEEDLES if needle.lower() in small]


@pytest.mark.parametrize("what", ["client", "load"])
def test_nothing_of_an_erased_client_is_left_anywhere(
    app: Flask,
    manager: Person,
    performer: Person,
    project: Project,
    server: ScriptedServer,
    request: pytest.FixtureRequest,
    what: str,
) -> None:
    brought = load(app, manager, project, PEOPLE, f"{MAIL}.csv")
    load(app, manager, project, REJECTED, "rest.csv")
    leaving, staying = known_as(ID), known_as("B-2" if what == "client" else "B-6")
    offer = write(manager, project, leaving).offer
    example_id = offer.id
    assert offer.text == TEXT
    assert performer.post(f"/review/{example_id}/approve", revision=offer.revision).status_code == 303
    learned = write(manager, project, staying)
    manager.post(
        "/campaigns",
        channel_id=project.channels[0].id,
        version_id=project.channels[0].versions[0].id,
        clients="load",
        import_id=brought.id,
        drafts=1,
        name=f"Осень {MAIL}",
    )
    for number in db.session.scalars(db.select(Offer.id).where(Offer.campaign_id.is_not(None))).all():
        OfferWriter(app).write(number, is_last_try=False)
    type_it_everywhere(manager)
    assert TEXT in str(server.questions[1]) and HOBBY in str(server.questions[1]), "it was an example"
    assert learned.example_ids == [example_id] and f"⟦{example_id}⟧" in learned.prompt
    assert found_in(everything()) == list(NEEDLES), "the test can fail"
    address = f"/clients/{leaving.id}" if what == "client" else f"/clients/imports/{brought.id}"
    manager.post(f"{address}/erase")
    assert found_in(everything()) == []
    assert found_in(in_files(app)) == []
    assert found_in(logged(request)) == []
    assert db.session.scalars(db.select(ClientRejection.row_number)).all() == [5], "that of somebody else"
    assert learned.example_ids == [example_id] and learned.text == OTHER
    assert f"⟦{example_id}⟧" in manager.page(f"/offers/{learned.offer_id}")


def test_names_stay_but_for_the_contacts(app: Flask, manager: Person, project: Project, server: ScriptedServer) -> None:
    load(app, manager, project, PEOPLE, f"{MAIL}.csv")
    type_it_everywhere(manager)
    manager.post(f"/clients/{known_as(ID).id}/erase")
    assert db.session.scalars(db.select(ClientImport.source)).all() == ["….csv"]
    segments = db.session.scalars(db.select(Segment).order_by(Segment.id)).all()
    first, second, *_rest = [each.id for each in segments]
    assert [each.name for each in segments] == [f"Письмо … № {first}", f"Письмо …! № {second}", "Один", "Почта"]
    assert [each.conditions[0]["values"] for each in segments] == [["…"], ["…"], ["…"], ["example"]]
    assert manager.page("/clients?how.email=contains&is.email=…").count('name="client_ids"') == 0
    assert set(db.session.scalars(db.select(OptOut.note))) == {"Вместо …", "Просил …"}
    assert db.session.scalar(db.select(Campaign)) is None
