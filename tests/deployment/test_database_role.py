"""The database that compose.yaml makes: the studio owns it, and has no right beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, NullPool, create_engine, make_url, text

from tests.deployment.image.postgres import make_role
from tests.deployment.test_dead_database import SECRET, application_over
from tests.deployment.test_start import Program
from tests.faults.conftest import check_nothing_lost_or_twice, start_campaign, wait_until_finished
from tests.llm.model_servers import ScriptedServer, writing

TEXT = "Закажите кредитную карту в приложении."


@pytest.fixture
def own_database(database_url: str) -> Iterator[URL]:
    """Of the studio's own role, on the server of the tests."""
    url = make_url(database_url)
    make_role([f"--host={url.query['host']}"])
    yield url.set(username="studio", database="studio")
    administrator = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with administrator.connect() as connection:
        connection.execute(text("DROP DATABASE studio WITH (FORCE)"))
        connection.execute(text("DROP ROLE studio"))


def ask(url: URL, statement: str) -> object:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return connection.scalar(text(statement))


def test_the_role_owns_its_database_only(own_database: URL) -> None:
    rights = "rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls"
    assert ask(own_database, f"SELECT {rights} FROM pg_roles WHERE rolname = current_user") is False
    owned = "SELECT array_agg(datname) FROM pg_database WHERE datdba = current_user::regrole"
    assert ask(own_database, owned) == ["studio"]


def test_the_program_does_all_its_work_as_that_role(own_database: URL, tmp_path: Path) -> None:
    address = own_database.render_as_string(hide_password=False)
    settings = {"APP_ENV": "production", "SECRET_KEY": SECRET, "DATABASE_URL": address}
    with ScriptedServer(writing(TEXT)) as server, Program(tmp_path / "instance", server.url, **settings) as program:
        program.wait_until_ready()
        with application_over(address, program.instance) as app:
            campaign = start_campaign(4).id
            wait_until_finished(campaign)
            check_nothing_lost_or_twice(app, campaign)
        assert "database_role_is_superuser" not in program.output()
