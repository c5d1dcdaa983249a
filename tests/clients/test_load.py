"""Loading clients from a spreadsheet, as a person does it."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import Client, ClientCount, ClientField, ClientImport, ClientUpload, Offer, Project
from tests.factories import a_project, a_user

HEADER = ["client_id", "age", "gender", "sum_zp_12m"]


@pytest.fixture
def project(client: FlaskClient) -> Project:
    performer = a_user(language="en")
    client.sign_in(performer)
    return a_project(performer=performer)


def workbook(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def upload(client: FlaskClient, project: Project, content: bytes) -> Any:
    data = {"file": (io.BytesIO(content), "clients.xlsx")}
    return client.post(f"/projects/{project.id}/clients/upload", data=data)


def load(client: FlaskClient, project: Project, content: bytes, **choices: str) -> Any:
    kept = upload(client, project, content)
    assert kept.status_code == 303, kept.get_data(as_text=True)
    return client.post(kept.location, data={key.replace("_", "-"): value for key, value in choices.items()})


def report() -> ClientImport:
    return db.session.scalars(db.select(ClientImport).order_by(ClientImport.id.desc())).all()[0]


def counts() -> tuple[int, int, int]:
    return report().added_count, report().duplicate_count, report().rejected_count


def test_known_columns_need_no_work(client: FlaskClient, project: Project) -> None:
    rows = ["A1", "52.68817204301075", 1, "NULL"], ["A2", 30, "0", " "], ["A3", "N/A", "1", "1000,5"]
    assert load(client, project, workbook(HEADER, *rows)).status_code == 303
    assert counts() == (3, 0, 0)
    people = {person.outside_id: person.data for person in db.session.scalars(db.select(Client))}
    assert people["A1"] == {"age": 52.68817204301075, "gender": "1"}
    assert people["A3"] == {"gender": "1", "sum_zp_12m": 1000.5}
    assert db.session.get_one(ClientCount, project.id).count == 3
    secret = db.session.scalars(db.select(ClientField).filter_by(key="sum_zp_12m")).one()
    assert secret.sensitivity.value == "secret" and not secret.is_in_prompt


def test_the_same_client_is_not_loaded_twice(client: FlaskClient, project: Project) -> None:
    content = workbook(HEADER, ["A1", 30, 1, None], ["A1", 30, 1, None], ["A2", 31, 0, None])
    load(client, project, content)
    assert counts() == (2, 1, 0)
    load(client, project, content)
    assert counts() == (0, 3, 0)


def test_rejected_rows_are_named_with_their_reason(client: FlaskClient, project: Project) -> None:
    answer = load(client, project, workbook(HEADER, ["A1", "old", 1, None], ["A2", None, None, None], ["A3", 30, 1, 5]))
    assert counts() == (1, 0, 2)
    text = client.get(answer.location).get_data(as_text=True)
    assert "“age”" in text and "no data" in text


def test_an_unknown_column_asks_what_it_means(client: FlaskClient, project: Project) -> None:
    content = workbook(["age", "pets"], [30, "кот"])
    refused = load(client, project, content)
    assert refused.status_code == 422 and "Say what the column means" in refused.get_data(as_text=True)
    assert db.session.scalar(db.select(Client)) is None
    choices = {"target-1": "new", "label-1": "питомцы", "type-1": "text", "sensitivity-1": "open", "prompt-1": "y"}
    kept = db.session.scalars(db.select(ClientUpload)).one()
    client.post(f"/projects/{project.id}/clients/uploads/{kept.id}", data=choices)
    person = db.session.scalars(db.select(Client)).one()
    assert person.data == {"age": 30, "pets": "кот"}
    assert "питомцы" in client.get(f"/projects/{project.id}/clients/{person.id}").get_data(as_text=True)
    assert db.session.scalar(db.select(ClientUpload)) is None


def test_two_columns_do_not_fill_one_field(client: FlaskClient, project: Project) -> None:
    refused = load(client, project, workbook(["age", "years"], [30, 31]), **{"target-1": "field:age"})
    assert refused.status_code == 422 and "fills this already" in refused.get_data(as_text=True)


def test_a_secret_does_not_become_part_of_a_prompt(client: FlaskClient, project: Project) -> None:
    choices = {"target-0": "new", "label-0": "долг", "sensitivity-0": "secret", "prompt-0": "y"}
    refused = load(client, project, workbook(["debt"], [30]), **choices)
    assert refused.status_code == 422 and "never goes into a prompt" in refused.get_data(as_text=True)


def test_the_invented_bank_loads_whole(client: FlaskClient, project: Project, root: Path) -> None:
    load(client, project, (root / "docs" / "clients.xlsx").read_bytes())
    assert counts() == (1000, 0, 0)
    text = client.get(f"/projects/{project.id}/clients").get_data(as_text=True)
    assert "SB-000001" in text and "1 to 25 of 1,000" in text
    found = client.get(f"/projects/{project.id}/clients?search=SB-00099").get_data(as_text=True)
    assert "SB-000999" in found and "SB-000001" not in found


def test_the_page_of_a_client_decodes_and_hides(client: FlaskClient, project: Project) -> None:
    load(client, project, workbook(HEADER, ["A1", 52.68817204301075, 1, 77777]))
    person = db.session.scalars(db.select(Client)).one()
    text = client.get(f"/projects/{project.id}/clients/{person.id}").get_data(as_text=True)
    said = text[text.index("What a prompt says") :]
    assert "женский" in said and "52 года" in said and "77777" not in said.replace(",", "")


def test_a_load_is_undone(client: FlaskClient, project: Project) -> None:
    load(client, project, workbook(HEADER, ["A1", 30, 1, None]))
    client.post(f"/projects/{project.id}/clients/imports/{report().id}/undo")
    assert db.session.scalar(db.select(Client)) is None
    assert db.session.get_one(ClientCount, project.id).count == 0


def test_a_load_with_offers_stays(client: FlaskClient, project: Project) -> None:
    load(client, project, workbook(HEADER, ["A1", 30, 1, None]))
    channel, person = project.channels[0], db.session.scalars(db.select(Client)).one()
    offer = Offer(
        project_id=project.id,
        project_channel_id=channel.id,
        client_id=person.id,
        prompt_version_id=channel.versions[0].id,
    )
    db.session.add(offer)
    db.session.commit()
    assert client.post(f"/projects/{project.id}/clients/imports/{report().id}/undo").status_code == 409
    assert db.session.get(Client, person.id)


def test_a_forgotten_file_leaves_nothing(client: FlaskClient, project: Project) -> None:
    kept = upload(client, project, workbook(HEADER, ["A1", 30, 1, None]))
    client.post(f"{kept.location}/discard")
    assert db.session.scalar(db.select(ClientUpload)) is None and db.session.scalar(db.select(Client)) is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not a workbook at all", "not an xlsx"),
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "password"),
        (workbook(["age", "gender"]), "no clients under it"),
        (workbook(["age", "age"], [1, 2]), "more than once: age"),
        (workbook([f"column {n}" for n in range(300)], [1] * 300), "300 columns"),
    ],
    ids=["not xlsx", "empty", "encrypted", "header only", "header twice", "300 columns"],
)
def test_a_bad_file_is_refused_with_the_reason(
    client: FlaskClient, project: Project, content: bytes, said: str
) -> None:
    answer = upload(client, project, content)
    assert answer.status_code == 422 and said in answer.get_data(as_text=True)
    assert db.session.scalar(db.select(ClientUpload)) is None


def test_a_file_of_200_megabytes_is_refused(client: FlaskClient, project: Project) -> None:
    answer = upload(client, project, bytes(200 * 2**20))
    assert answer.status_code == 413 and "Send a smaller file" in answer.get_data(as_text=True)


def test_an_upload_of_another_project_is_not_found(client: FlaskClient, project: Project) -> None:
    kept = upload(client, project, workbook(HEADER, ["A1", 30, 1, None]))
    mine = a_project(performer=project.members[-1].user)
    number = kept.location.rsplit("/", 1)[1]
    assert client.post(f"/projects/{mine.id}/clients/uploads/{number}").status_code == 404
