"""Clients out of a database: asked, fetched in the background, refused with the reason."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url, text

from marketing_app.client_imports import fetches
from marketing_app.database import db
from marketing_app.imports import postgres
from marketing_app.models import Client, ClientImport, ClientSource, ClientSourcePart, ImportState, Project, SourceState
from tests.client_imports.wizard import begun, carried_out, meanings, only_source, page
from tests.imports.database_servers import listening
from tests.imports.mongo_server import MongoServer, mongo_server

USER, PASSWORD = "warehouse_reader", "a secret of the warehouse"
SOON_SECONDS = 20


@pytest.fixture
def warehouse(app: Flask, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A table on the embedded server that a user without rights elsewhere may read; what the form is filled with."""
    db.session.execute(text("DROP SCHEMA IF EXISTS warehouse CASCADE"))
    db.session.execute(text(f"DROP ROLE IF EXISTS {USER}"))
    db.session.execute(text(f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'"))
    db.session.execute(text("CREATE SCHEMA warehouse"))
    db.session.execute(
        text(
            "CREATE TABLE warehouse.clients AS"
            " SELECT 'W' || n AS client_id, 20 + n % 60 AS age FROM generate_series(1, 500) n"
        )
    )
    db.session.execute(text(f"GRANT USAGE ON SCHEMA warehouse TO {USER}"))
    db.session.execute(text(f"GRANT SELECT ON warehouse.clients TO {USER}"))
    db.session.commit()
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    host = str(url.query.get("host") or url.host)
    allow(app, monkeypatch, host)
    return {
        "host": host,
        "port": url.port or 5432,
        "database": url.database,
        "user": USER,
        "password": PASSWORD,
        "query": "SELECT * FROM warehouse.clients",
    }


@pytest.fixture
def mongo() -> Iterator[MongoServer]:
    people = [{"client_id": f"M{n}", "age": 30 + n, "address": {"city": "Омск"}} for n in range(60)]
    with mongo_server({"bank.clients": people}, "reader", "mongo secret") as server:
        yield server


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The tables to which there were connections. They are held, so that in a test nothing but a close ends them."""
    opened: list[Any] = []
    connect = postgres.connect

    def connect_and_hold(*asked: Any) -> Any:
        opened.append(connect(*asked))
        return opened[-1]

    monkeypatch.setattr(postgres, "connect", connect_and_hold)
    yield opened
    for table in opened:
        table.close()


def allow(app: Flask, monkeypatch: pytest.MonkeyPatch, hosts: str, **settings: object) -> None:
    changed = {"import_allowed_hosts": f"*,{hosts}", "import_query_seconds": 5, **settings}
    monkeypatch.setitem(app.config, "STUDIO", app.config["STUDIO"].model_copy(update=changed))


def ask(client: FlaskClient, project: Project, kind: str, form: dict[str, Any], **other: Any) -> Any:
    return client.post(f"/projects/{project.id}/clients/load/{kind}", data=form | other)


def fetched(client: FlaskClient, project: Project, kind: str, form: dict[str, Any], **other: Any) -> str:
    """The address of the preview, once all rows are there."""
    answer = ask(client, project, kind, form, **other)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    settled()
    return str(answer.location)


def settled() -> ClientSource:
    deadline = time.monotonic() + SOON_SECONDS
    while time.monotonic() < deadline:
        db.session.rollback()
        source = only_source()
        if source.state is not SourceState.FETCHING:
            return source
        time.sleep(0.05)
    raise AssertionError("the fetch did not end")


def refusal(client: FlaskClient, project: Project, kind: str, form: dict[str, Any], **other: Any) -> str:
    answer = ask(client, project, kind, form, **other)
    assert answer.status_code == 422
    assert db.session.scalar(db.select(ClientSource)) is None
    said = answer.get_data(as_text=True)
    assert PASSWORD not in said and "mongo secret" not in said
    return said


def test_a_table_of_postgresql_is_loaded(
    app: Flask, client: FlaskClient, project: Project, warehouse: dict[str, Any]
) -> None:
    address = fetched(client, project, "postgresql", warehouse)
    text_shown = page(client, address)
    assert "500 rows" in text_shown and "W1" in text_shown
    assert meanings(client, address) == {"client_id": "client_id", "age": "field:age"}
    begun(client, address)
    assert carried_out(app).added_count == 500
    assert db.session.scalars(db.select(Client).filter_by(outside_id="W7")).one().data == {"age": 27}


def test_a_collection_of_mongodb_is_loaded(
    app: Flask, client: FlaskClient, project: Project, mongo: MongoServer
) -> None:
    form = {
        "uri": f"mongodb://reader:mongo%20secret@127.0.0.1:{mongo.port}/bank?authSource=admin",
        "collection": "clients",
    }
    address = fetched(client, project, "mongodb", form, fields="client_id, age", filter='{"age": {"$gte": 40}}')
    assert "50 rows" in page(client, address)
    begun(client, address)
    assert carried_out(app).added_count == 50


def test_mongodb_by_host_and_port(client: FlaskClient, project: Project, mongo: MongoServer) -> None:
    form = {"host": "127.0.0.1", "port": mongo.port, "database": "bank", "user": "reader", "password": "mongo secret"}
    address = fetched(client, project, "mongodb", form, collection="clients")
    assert "address.city" in page(client, address) and "60 rows" in page(client, address)


def test_fields_that_come_late_are_told_of(client: FlaskClient, project: Project) -> None:
    people = [{"client_id": f"M{n}", "age": 30} for n in range(1500)] + [{"client_id": "M1500", "pets": "cat"}]
    with mongo_server({"bank.clients": people}) as server:
        form = {"host": "127.0.0.1", "port": server.port, "database": "bank", "collection": "clients"}
        address = fetched(client, project, "mongodb", form)
    assert "are left out: pets." in page(client, address)


def test_a_password_is_kept_nowhere(
    client: FlaskClient,
    project: Project,
    warehouse: dict[str, Any],
    mongo: MongoServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    address = fetched(client, project, "postgresql", warehouse)
    everything = "\n".join(db.session.scalars(text("SELECT CAST(client_source AS text) FROM client_source")))
    assert USER in everything and PASSWORD not in everything and PASSWORD not in caplog.text
    again = page(client, f"/projects/{project.id}/clients/load?instead_of={address.rsplit('/', 1)[1]}")
    assert USER in again and PASSWORD not in again
    client.post(f"{address}/forget")
    fetched(
        client,
        project,
        "mongodb",
        {
            "uri": f"mongodb://reader:mongo%20secret@127.0.0.1:{mongo.port}/bank?authSource=admin",
            "collection": "clients",
        },
    )
    kept = "\n".join(db.session.scalars(text("SELECT CAST(client_source AS text) FROM client_source")))
    assert "mongodb://reader@" in kept and "secret" not in kept


@pytest.mark.parametrize(
    "secret",
    [
        "authMechanismProperties=AWS_SESSION_TOKEN:hunter2",
        "tlsCertificateKeyFilePassword=hunter2",
        "proxyPassword=hunter2",
        "password=hunter2",
    ],
)
def test_secrets_among_the_options_of_an_address_are_kept_nowhere(
    client: FlaskClient, project: Project, mongo: MongoServer, secret: str
) -> None:
    written = f"mongodb://reader:mongo%20secret@127.0.0.1:{mongo.port}/bank?{secret}&authSource=admin"
    fetched(client, project, "mongodb", {"uri": written, "collection": "clients"})
    source = only_source()
    assert source.settings["uri"] == f"mongodb://reader@127.0.0.1:{mongo.port}/bank?authSource=admin"
    again = page(client, f"/projects/{project.id}/clients/load?instead_of={source.id}")
    assert source.settings["uri"] in again and "hunter2" not in again


@pytest.fixture
def soon_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A MongoDB that is not there is waited for no longer than this."""
    monkeypatch.setattr("marketing_app.imports.mongo.CONNECT_SECONDS", 1)


@pytest.mark.parametrize(
    "address",
    [
        "mongodb://u:pw@127.0.0.1:1/db?tlsCertificateKeyFilePassword=hunter2",
        "mongodb://u:pw@127.0.0.1:1/db?password=hunter2",
        "mongodb://127.0.0.1:1/db?password=pw@hunter2",
        "u:hunter2@127.0.0.1:1/db",
        "mongodb://u:hunter2@127.0.0.1:port/db",
        "mongodb://u:hunter2/x@127.0.0.1:1/db",
        "mongodb://u:1/hunter2@127.0.0.1:1",
        "mongodb://u:1?hunter2@127.0.0.1:1/db",
        "mongodb://u%3Ahunter2@127.0.0.1:1/db",
        "mongodb://u:hunter2",
    ],
)
def test_no_secret_of_an_address_comes_back_in_the_page(
    client: FlaskClient, project: Project, soon_given_up: None, address: str
) -> None:
    shown = refusal(client, project, "mongodb", {"uri": address, "collection": "clients"})
    assert "hunter2" not in shown


def test_an_address_cannot_ask_which_files_there_are(
    client: FlaskClient, project: Project, soon_given_up: None, tmp_path: Path
) -> None:
    (tmp_path / "there").touch()
    address = f"mongodb://127.0.0.1:1/bank?tlsCAFile={tmp_path}"
    for name in ("there", "missing"):
        said = refusal(client, project, "mongodb", {"uri": f"{address}/{name}", "collection": "clients"})
        assert "No database answers" in said


def test_an_option_without_use_is_passed_over(client: FlaskClient, project: Project, mongo: MongoServer) -> None:
    address = f"mongodb://reader:mongo%20secret@127.0.0.1:{mongo.port}/bank?authSource=admin&zlibCompressionLevel=x"
    fetched(client, project, "mongodb", {"uri": address, "collection": "clients"})


def test_nobody_is_asked_in_place_of_a_source_that_is_loading(
    client: FlaskClient, project: Project, warehouse: dict[str, Any], opened: list[Any]
) -> None:
    begun(client, fetched(client, project, "postgresql", warehouse))
    answer = ask(client, project, "postgresql", warehouse, instead_of=only_source().id)
    assert answer.status_code == 409 and len(opened) == 1


def test_a_connection_is_closed_when_the_load_begins_meanwhile(
    client: FlaskClient,
    project: Project,
    warehouse: dict[str, Any],
    opened: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = fetched(client, project, "postgresql", warehouse)
    connect = postgres.connect

    def connect_slowly(*asked: Any) -> Any:
        table = connect(*asked)
        begun(client, address)
        return table

    monkeypatch.setattr(postgres, "connect", connect_slowly)
    answer = ask(client, project, "postgresql", warehouse, instead_of=only_source().id)
    assert answer.status_code == 409 and len(opened) == 2 and connections() == 0


def connections() -> int:
    """How many the warehouse has, once those that were closed have had the time to end."""
    count = text(f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{USER}'")
    for _attempt in range(20):
        found = int(db.session.scalar(count) or 0)
        db.session.rollback()
        if not found:
            break
        time.sleep(0.05)
    return found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"host": "nowhere.invalid"}, "No database answers at “nowhere.invalid”"),
        ({"host": "169.254.169.254"}, "This studio may not ask “169.254.169.254”"),
        ({"user": "postgres"}, "This studio may not ask"),
        ({"database": "no_such_thing"}, "no such database"),
        ({"query": "DELETE FROM warehouse.clients"}, "Only one SELECT"),
        ({"query": "SELECT 1 AS a; DROP TABLE warehouse.clients"}, "Only one SELECT"),
        ({"query": "SELECT * INTO stolen FROM warehouse.clients"}, "Only one SELECT"),
        ({"query": "SELECT pg_sleep(60)"}, "asked to stop after 1 seconds"),
        ({"query": "SELECT * FROM warehouse.clients WHERE age < 0"}, "finds no client"),
        (
            {"query": "SELECT age, age FROM warehouse.clients"},
            "more than once: age. Give each a name of its own with AS",
        ),
        ({"query": "SELECT * FROM warehouse.nothing"}, "The database refused the query: relation"),
        ({"query": "SELECT * FROM public.client"}, "permission denied"),
        ({"query": ""}, "Write a query."),
        ({"host": ""}, "Name the host."),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else "",
)
def test_what_postgresql_refuses_is_said_at_its_field(
    app: Flask,
    client: FlaskClient,
    project: Project,
    warehouse: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, str],
    said: str,
) -> None:
    allow(app, monkeypatch, warehouse["host"], import_query_seconds=1)
    assert said in refusal(client, project, "postgresql", warehouse, **change)
    assert db.session.scalar(text("SELECT count(*) FROM warehouse.clients")) == 500


def test_a_closed_port_is_an_unknown_host(client: FlaskClient, project: Project, warehouse: dict[str, Any]) -> None:
    with listening(lambda _connection: None) as port:
        pass
    assert "Check the host and the port" in refusal(
        client, project, "postgresql", warehouse, host="127.0.0.1", port=port
    )


def test_a_wrong_password_is_said_at_the_password(client: FlaskClient, project: Project, mongo: MongoServer) -> None:
    form = {"host": "127.0.0.1", "port": mongo.port, "database": "bank", "user": "reader", "password": "wrong"}
    said = refusal(client, project, "mongodb", form, collection="clients")
    assert "Check the user and the password" in said
    assert "Check the user and the password" in said[said.index('id="password-help"') : said.index("Used once")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"filter": '{"$where": "sleep(1000)"}'}, "$where would run code"),
        ({"filter": '{"a": [{"$function": {}}]}'}, "$function would run code"),
        ({"filter": "{age: 30"}, "not a JSON object (1:2)"),
        ({"filter": '{"age": {"$gt": 1000}}'}, "finds no client"),
        ({"collection": ""}, "Name the collection."),
        ({"host": ""}, "Name the host."),
        ({"database": ""}, "Name the database."),
        ({"uri": "http://127.0.0.1/"}, "The address cannot be read"),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else "",
)
def test_what_is_wrong_with_a_question_to_mongodb_is_said_at_its_field(
    client: FlaskClient, project: Project, mongo: MongoServer, change: dict[str, str], said: str
) -> None:
    form = {"host": "127.0.0.1", "port": mongo.port, "database": "bank", "user": "reader", "password": "mongo secret"}
    shown = refusal(client, project, "mongodb", form, **({"collection": "clients"} | change))
    assert said in shown.replace("&#34;", '"')


def test_rows_over_the_limit_end_the_fetch(
    app: Flask, client: FlaskClient, project: Project, warehouse: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(app, monkeypatch, warehouse["host"], import_max_rows=300)
    address = fetched(client, project, "postgresql", warehouse)
    assert only_source().state is SourceState.FAILED
    assert "more than 300 rows" in page(client, address)
    assert begun(client, address).status_code == 409 and db.session.scalar(db.select(ClientImport)) is None


def test_a_value_that_is_too_long_ends_the_fetch(
    client: FlaskClient, project: Project, warehouse: dict[str, Any], mongo: MongoServer
) -> None:
    photo = "CASE WHEN n = 7 THEN repeat(repeat('x', 1024), 200 * 1024) END AS photo"
    query = f"SELECT n AS age, {photo} FROM generate_series(1, 9) n"
    address = fetched(client, project, "postgresql", warehouse, query=query)
    assert "Row 7 has 200 MB in “photo”; a value may have at most 1 MB." in page(client, address)
    assert only_source().byte_count == 0 and begun(client, address).status_code == 409
    client.post(f"{address}/forget")
    mongo.collections["bank.clients"] = [{"client_id": 1, "notes": {"all": "x" * 2**22}}]
    form = {"host": "127.0.0.1", "port": mongo.port, "database": "bank", "user": "reader", "password": "mongo secret"}
    address = fetched(client, project, "mongodb", form, collection="clients")
    assert "Row 1 has 4 MB in “notes.all”" in page(client, address)


def test_a_row_that_is_too_long_ends_the_fetch(
    client: FlaskClient, project: Project, warehouse: dict[str, Any]
) -> None:
    columns = ", ".join(f"repeat(repeat('x', 1024), 1024) AS c{n}" for n in range(3))
    address = fetched(client, project, "postgresql", warehouse, query=f"SELECT {columns}")
    assert "Row 1 has 3 MB; a row may have at most 2 MB." in page(client, address)


def test_in_production_no_host_is_asked_that_is_not_listed(
    app: Flask, client: FlaskClient, project: Project, mongo: MongoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = {"host": "127.0.0.1", "port": mongo.port, "database": "bank", "user": "reader", "password": "mongo secret"}
    for listed in (None, "", "127.0.0.2"):
        allow(app, monkeypatch, "", app_env="production", import_allowed_hosts=listed)
        said = refusal(client, project, "mongodb", form, collection="clients")
        assert "This studio may not ask “127.0.0.1”" in said and mongo.said == []
    allow(app, monkeypatch, "", app_env="production", import_allowed_hosts="127.0.0.1")
    fetched(client, project, "mongodb", form, collection="clients")


def test_a_query_that_never_ends_is_cut(
    app: Flask, client: FlaskClient, project: Project, warehouse: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first rows come, the rest does not."""
    allow(app, monkeypatch, warehouse["host"], import_query_seconds=2)
    endless = "SELECT n AS age, CASE WHEN n > 200 THEN pg_sleep(9)::text END AS note FROM generate_series(1, 500) n"
    address = fetched(client, project, "postgresql", warehouse, query=endless)
    text_shown = page(client, address)
    assert "asked to stop after 2 seconds" in text_shown and "Connect again" in text_shown


def test_the_first_rows_are_shown_while_more_are_coming(
    app: Flask, client: FlaskClient, project: Project, warehouse: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(app, monkeypatch, warehouse["host"], import_query_seconds=30)
    slow = "SELECT n AS age, CASE WHEN n > 2500 THEN pg_sleep(6)::text END AS note FROM generate_series(1, 2501) n"
    address = ask(client, project, "postgresql", warehouse, query=slow).location
    for _attempt in range(100):
        text_shown = page(client, address)
        if "First 50 rows" in text_shown:
            break
        time.sleep(0.02)
    assert "Rows are coming" in text_shown and "First 50 rows" in text_shown
    polled = client.get(address, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<html" not in polled and 'hx-trigger="every 1s"' in polled
    assert "still being fetched" in begun(client, address).get_data(as_text=True)
    settled()
    assert "every 1s" not in page(client, address)


def test_a_fetch_is_cancelled(client: FlaskClient, project: Project, warehouse: dict[str, Any]) -> None:
    slow = "SELECT n AS age, CASE WHEN n > 100 THEN pg_sleep(2)::text END AS note FROM generate_series(1, 101) n"
    address = ask(client, project, "postgresql", warehouse, query=slow).location
    client.post(f"{address}/forget")
    time.sleep(3)
    assert db.session.scalar(db.select(ClientSource)) is None and db.session.scalar(db.select(ClientSourcePart)) is None


def test_a_fetch_whose_process_died_is_said_to_be_cut(
    client: FlaskClient, project: Project, warehouse: dict[str, Any]
) -> None:
    address = fetched(client, project, "postgresql", warehouse)
    source = only_source()
    source.state = SourceState.FETCHING
    source.touched_at = db.session.scalar(text(f"SELECT now() - interval '{fetches.SILENT_SECONDS + 1} seconds'"))
    db.session.commit()
    text_shown = page(client, address)
    assert "The connection was cut" in text_shown and "every 1s" not in text_shown
    form = page(client, f"/projects/{project.id}/clients/load?instead_of={source.id}")
    assert "SELECT * FROM warehouse.clients" in form and USER in form
    fetched(client, project, "postgresql", warehouse, instead_of=source.id)
    assert only_source().state is SourceState.READY


def test_rows_that_changed_in_the_database_since_are_loaded_as_previewed(
    app: Flask, client: FlaskClient, project: Project, warehouse: dict[str, Any]
) -> None:
    address = fetched(client, project, "postgresql", warehouse)
    db.session.execute(text("UPDATE warehouse.clients SET age = 99"))
    db.session.commit()
    begun(client, address)
    load = carried_out(app)
    assert load.state is ImportState.FINISHED
    assert db.session.scalars(db.select(Client).filter_by(outside_id="W7")).one().data == {"age": 27}
