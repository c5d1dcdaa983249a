"""What a visitor sees when something is wrong."""

import io
import re

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr

from marketing_app import create_app
from marketing_app.database import db
from marketing_app.models import Project, ProjectUser, Role
from marketing_app.settings import Settings
from tests.factories import a_project, a_user


def test_a_form_without_its_token_changes_nothing(guarded: FlaskClient) -> None:
    answer = guarded.post("/sign-in", data={"email": "a@b.example", "password": "x"})
    assert answer.status_code == 400
    assert "Nothing was changed" in guarded.post("/sign-in", headers={"Accept-Language": "en"}).get_data(as_text=True)


def test_a_page_that_is_not_there_says_so(client: FlaskClient) -> None:
    client.sign_in(a_user())
    assert client.get("/nothing").status_code == 404


def test_a_project_of_somebody_else_is_not_there(client: FlaskClient) -> None:
    client.sign_in(a_user())
    assert client.get(f"/projects/{a_project().id}").status_code == 404


@pytest.fixture
def without_database(settings: Settings) -> FlaskClient:
    """A visitor, signed in before, to an application whose database does not answer."""
    address = SecretStr("postgresql+psycopg2://nobody@127.0.0.1:1/none?connect_timeout=2")
    app = create_app(settings.model_copy(update={"database_url": address}))
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


def test_a_database_that_is_away_makes_the_studio_not_ready(without_database: FlaskClient) -> None:
    answer = without_database.get("/health/ready")
    assert answer.status_code == 503 and answer.json and answer.json["database"] == "away"


def test_a_page_says_that_the_database_is_away_and_nothing_is_lost(without_database: FlaskClient) -> None:
    with without_database.session_transaction() as session:
        session["_user_id"] = "a key"
    answer = without_database.get("/", headers={"Accept-Language": "en"})
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    assert "The database does not answer" in answer.get_data(as_text=True)


def test_pages_carry_a_strict_policy(client: FlaskClient) -> None:
    policy = client.get("/sign-in").headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy and "default-src 'self'" in policy


def test_static_addresses_change_with_their_content(client: FlaskClient) -> None:
    page = client.get("/sign-in").get_data(as_text=True)
    assert "css/theme.css?v=" in page


def test_a_file_of_the_program_is_kept_for_a_year_under_the_hash_of_its_content(client: FlaskClient) -> None:
    cache = client.get("/static/css/theme.css?v=0123456789ab").cache_control
    assert (cache.public, cache.max_age, cache.immutable, cache.no_cache) == (True, 365 * 24 * 3600, True, None)
    for address in ("/static/css/theme.css", "/static/css/none.css?v=0123456789ab", "/static/none"):
        assert client.get(address).cache_control.no_store


def test_files_of_the_console_are_kept_as_those_of_the_program(client: FlaskClient) -> None:
    client.sign_in(a_user(is_administrator=True))
    address = re.search(r'"(/[^"]*bootstrap\.min\.css\?v=\w+)"', client.get("/admin/").text)
    assert address and client.get(address[1]).cache_control.max_age == 365 * 24 * 3600


@pytest.mark.parametrize("address", ["/?search=a%00b", "/sign-in?next=%00"])
def test_a_character_that_no_database_stores_is_refused(client: FlaskClient, address: str) -> None:
    client.sign_in(a_user())
    assert client.get(address).status_code == 400


def test_a_file_whose_name_no_database_stores_is_refused(client: FlaskClient) -> None:
    project = a_project()
    client.sign_in(project.members[0].user)
    sent = client.post(
        f"/projects/{project.id}/clients/load/file", data={"file": (io.BytesIO(b"age\n30\n"), "clients\0.csv")}
    )
    assert sent.status_code == 400


def test_who_came_second_is_told_so(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that only the database could keep, because two did the same at one moment."""
    project = a_project()
    manager = project.members[0].user
    client.sign_in(manager)

    def add_again(project: Project) -> None:
        db.session.execute(db.insert(ProjectUser).values(project_id=project.id, user_id=manager.id, role=Role.MANAGER))

    monkeypatch.setattr("marketing_app.projects.services.archive_project", add_again)
    assert client.post(f"/projects/{project.id}/archive").status_code == 409
