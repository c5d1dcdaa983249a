"""What a person is told when the database does not do what was asked, and what the log and /health/ready say of it."""

import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from threading import Barrier, Thread
from typing import Any

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from pydantic import SecretStr
from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError
from structlog.processors import JSONRenderer, add_log_level, format_exc_info
from structlog.testing import CapturingLogger

from marketing_app import create_app
from marketing_app.database import db
from marketing_app.database_errors import Trouble, cause_of, is_passing, trouble_of
from marketing_app.llm.registry import Registry
from marketing_app.models import Project
from marketing_app.settings import Settings
from tests.factories import a_channel, a_client, a_product, a_project, a_user
from tests.web.troubled_database import as_server_owner, fill, full_disk_of, second_session, server_setting, small_disk

ENGLISH, RUSSIAN = {"Accept-Language": "en"}, {"Accept-Language": "ru"}
SECRET = "Тайный повод"


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marketing_app.health.model", Registry())


def told(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the pages log, as it would be written."""
    logger = CapturingLogger()
    written = structlog.wrap_logger(
        logger, processors=[add_log_level, format_exc_info, JSONRenderer(ensure_ascii=False)]
    )
    monkeypatch.setattr("marketing_app.web.errors.log", written)
    return logger.calls


def only_line(logged: list[Any]) -> Any:
    (call,) = logged
    return json.loads(call.args[0])


def make_project(client: FlaskClient, product_id: int) -> Any:
    form = {"name": "Осень", "product_id": product_id, "occasion": SECRET, "language": "ru", "retention_days": 365}
    return client.post("/projects/new", data=form)


def test_a_full_disk_of_the_database_is_told_as_one(
    app: Flask, client: FlaskClient, logged: list[Any], registry: None
) -> None:
    client.sign_in(a_user(language="en"))
    product = a_product().id
    russian = app.test_client()
    russian.sign_in(a_user(language="ru"))  # type: ignore[attr-defined]
    assert client.get("/health/ready").json["database"] == "ready"  # type: ignore[index]
    with full_disk_of("project"):
        answer = make_project(client, product)
        line = only_line(logged)
        assert (line["trouble"], line["sqlstate"]) == ("disk_full", "53100") and SECRET not in str(line)
        assert answer.status_code == 503 and "disk is full" in told(answer)
        assert "Диск базы данных заполнен" in told(make_project(russian, product))
        ready = client.get("/health/ready")
        assert ready.status_code == 503 and ready.json and ready.json["database"] == "disk_full"
        assert client.get("/").status_code == 200
    assert make_project(client, product).status_code < 400


def test_a_full_disk_of_the_instance_makes_the_studio_not_ready(
    app: Flask, client: FlaskClient, registry: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_disk() as disk:
        there = app.config["STUDIO"].model_copy(update={"instance_path": disk})
        monkeypatch.setitem(app.config, "STUDIO", there)
        assert client.get("/health/ready").json["files"] == "ready"  # type: ignore[index]
        fill(disk / "filler")
        ready = client.get("/health/ready")
    assert ready.status_code == 503 and ready.json and ready.json["files"] == "disk_full"


def test_a_picture_that_no_disk_takes_is_told_as_a_full_disk(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.sign_in(a_user(is_administrator=True, language="en"))
    file = io.BytesIO()
    Image.effect_noise((300, 300), 90).save(file, "PNG")
    sent = {"key": "TV", "name": "ТВ", "description": "Реклама", "max_length": 100, "picture": (file, "a.png")}
    file.seek(0)
    with small_disk() as disk:
        there = app.config["STUDIO"].model_copy(update={"instance_path": disk})
        monkeypatch.setitem(app.config, "STUDIO", there)
        fill(disk / "filler")
        answer = client.post("/admin/channel/new/", data=sent)
    assert answer.status_code == 503 and "INSTANCE_PATH" in told(answer)


@pytest.fixture
def crowded_role(migrated_app: Flask) -> Iterator[str]:
    with migrated_app.app_context():
        as_server_owner("CREATE ROLE crowded LOGIN CONNECTION LIMIT 0")
    yield "crowded"
    with migrated_app.app_context():
        as_server_owner("DROP ROLE crowded")


def test_a_server_without_a_free_connection_is_told_as_one(
    settings: Settings, crowded_role: str, logged: list[Any]
) -> None:
    address = make_url(settings.database_url.get_secret_value()).set(username=crowded_role)  # type: ignore[union-attr]
    secret = SecretStr(address.render_as_string(hide_password=False))
    client = create_app(settings.model_copy(update={"database_url": secret})).test_client()
    with client.session_transaction() as session:
        session["_user_id"] = "a key"
    answer = client.get("/", headers=ENGLISH)
    assert answer.status_code == 503 and "no free connection" in told(answer)
    assert only_line(logged)["trouble"] == "no_connection"
    assert "нет свободного соединения" in told(client.get("/", headers=RUSSIAN))
    assert client.get("/health/ready").json["database"] == "no_connection"  # type: ignore[index]


def test_a_pool_without_a_free_connection_is_told_as_one(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, registry: None
) -> None:
    client.sign_in(a_user(language="en"))
    db.session.remove()
    monkeypatch.setattr(db.engine.pool, "_timeout", 0.1)
    with ExitStack() as held:
        for _number in range(30):
            held.enter_context(db.engine.connect())
        answer = client.get("/", headers=ENGLISH)
        ready = client.get("/health/ready")
    assert answer.status_code == 503 and "no free connection" in told(answer)
    assert ready.json and ready.json["database"] == "no_connection"
    assert client.get("/").status_code == 200


def test_a_row_that_somebody_holds_is_told_as_one(app: Flask, client: FlaskClient, logged: list[Any]) -> None:
    project = a_project(a_user(language="en"))
    number = project.id
    client.sign_in(project.members[0].user)
    with server_setting("lock_timeout", "200ms"), second_session() as other:
        other.execute(text(f"SELECT FROM project WHERE id = {number} FOR UPDATE"))
        answer = client.post(f"/projects/{number}/archive")
        assert answer.status_code == 503 and "Somebody else is changing" in told(answer)
        line = only_line(logged)
        assert (line["trouble"], line["sqlstate"], line["level"]) == ("locked", "55P03", "warning")
    assert client.post(f"/projects/{number}/archive").status_code < 400


def test_two_who_wait_for_each_other_may_try_again(app: Flask) -> None:
    first, second = a_project().id, a_project().id
    meeting, caught, url = Barrier(2), list[SQLAlchemyError](), db.engine.url
    db.session.remove()

    def change(*order: int) -> None:
        with second_session(url) as session:
            try:
                for number in order:
                    session.execute(text(f"UPDATE project SET name = 'x' WHERE id = {number}"))
                    if number == order[0]:
                        meeting.wait(10)
            except SQLAlchemyError as error:
                caught.append(error)

    both = [Thread(target=change, args=order) for order in ((first, second), (second, first))]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(20)
    (error,) = caught
    assert trouble_of(error) is Trouble.LOCKED and is_passing(error) and cause_of(error)["sqlstate"] == "40P01"


def test_a_standby_shows_pages_and_says_that_it_stores_nothing(app: Flask, client: FlaskClient, registry: None) -> None:
    client.sign_in(a_user(language="en"))
    product = a_product().id
    russian = app.test_client()
    russian.sign_in(a_user(language="ru"))  # type: ignore[attr-defined]
    with server_setting("default_transaction_read_only", "on"):
        answer = make_project(client, product)
        assert answer.status_code == 503 and "can only be read" in told(answer)
        assert "только для чтения" in told(make_project(russian, product))
        assert client.get("/").status_code == 200
        assert client.get("/health/ready").json["database"] == "read_only"  # type: ignore[index]


def test_a_statement_that_takes_too_long_is_told_as_one(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = a_project(a_user(language="en"))
    client.sign_in(project.members[0].user)

    def sleep(_project: Project) -> None:
        db.session.execute(text("SELECT pg_sleep(5)"))

    monkeypatch.setattr("marketing_app.projects.services.archive_project", sleep)
    number = project.id
    with server_setting("statement_timeout", "300ms"):
        answer = client.post(f"/projects/{number}/archive")
    assert answer.status_code == 503 and "did not finish this in time" in told(answer)


def test_too_little_working_space_is_told_as_such(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = a_project(a_user(language="en"))
    number = project.id
    client.sign_in(project.members[0].user)

    def sort(_project: Project) -> None:
        db.session.execute(text("SELECT n FROM generate_series(1, 100000) AS n ORDER BY md5(n::text)"))

    monkeypatch.setattr("marketing_app.projects.services.archive_project", sort)
    with server_setting("temp_file_limit", "64"), server_setting("work_mem", "64"):
        answer = client.post(f"/projects/{number}/archive")
    assert answer.status_code == 503 and "too little memory or working space" in told(answer)


def test_the_log_says_of_what_no_rule_foresaw_no_clients_data(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, logged: list[Any]
) -> None:
    project = a_project(a_user(language="en"))
    client.sign_in(project.members[0].user)

    def refused(_project: Project) -> None:
        db.session.execute(text(f"DO $$ BEGIN RAISE 'no: {SECRET}' USING ERRCODE = 'P0001'; END $$"))

    monkeypatch.setattr("marketing_app.projects.services.archive_project", refused)
    assert client.post(f"/projects/{project.id}/archive").status_code == 500
    written = str(logged)
    assert "P0001" in written and SECRET not in written


HUGE = ("999999999", "9" * 19, "9" * 30, "-1", "-" + "9" * 30, "x")
TABLES = ("product", "benefit", "channel", "user", "project", "opt_out", "opt_out_list", "audit")


@pytest.mark.parametrize("number", HUGE)
def test_a_made_up_page_of_the_clients_is_the_last_or_the_first(client: FlaskClient, number: str) -> None:
    project = a_project()
    a_client(project, "C1")
    client.sign_in(project.members[0].user)
    for search in ("", "C"):
        answer = client.get(f"/projects/{project.id}/clients", query_string={"page": number, "search": search})
        assert answer.status_code == 200 and "C1" in told(answer)


@pytest.mark.parametrize("table", TABLES)
def test_made_up_numbers_break_no_page_of_the_console(client: FlaskClient, table: str) -> None:
    a_channel()
    client.sign_in(a_user(is_administrator=True, language="en"))
    for number in HUGE:
        for name in ("page", "page_size", "sort", "desc", "flt0_0", "flt0_20"):
            assert client.get(f"/admin/{table}/", query_string={name: number}).status_code == 200, (name, number)
        for page in ("edit", "details"):
            answer = client.get(f"/admin/{table}/{page}/", query_string={"id": number})
            assert answer.status_code in (302, 404), (page, number)
        assert client.post(f"/admin/{table}/delete/", data={"id": number}).status_code in (302, 404), number
