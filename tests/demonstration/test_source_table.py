"""The demonstration's clients can be loaded as out of a bank's own database, and nothing else can be seen there."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from marketing_app.client_imports.trial import trial_database
from marketing_app.database import db
from marketing_app.demonstration.services import load_demonstration
from marketing_app.imports.addresses import AddressRules, PostgresAddress, own_server, parse_allowed
from marketing_app.imports.errors import QueryRefused
from marketing_app.imports.fetching import FetchLimits
from marketing_app.imports.postgres import PostgresSource, connect

LIMITS = FetchLimits(rows=10_000, bytes=2**24, seconds=30)


@pytest.fixture
def demonstration(app: Flask) -> Iterator[None]:
    load_demonstration()
    db.session.commit()
    yield
    db.session.execute(text("DROP SCHEMA demonstration CASCADE"))
    db.session.execute(text("DROP OWNED BY demonstration_reader"))
    db.session.execute(text("DROP ROLE demonstration_reader"))
    db.session.commit()


def ask(database_url: str, query: str) -> PostgresSource:
    """As the form is filled in for a newcomer."""
    trial = trial_database()
    assert trial is not None
    where = {name: trial.settings[name] for name in ("host", "port", "database", "user")}
    rules = AddressRules(parse_allowed(f"*,{where['host']}"), own_server(database_url))
    return connect(PostgresAddress(**where), trial.password, query, rules, LIMITS)


@pytest.mark.usefixtures("demonstration")
def test_the_table_is_read_as_any_other_database(database_url: str) -> None:
    with ask(database_url, "SELECT * FROM demonstration.clients") as source:
        assert source.columns[0] == "client_id"
        assert len(list(source.rows())) == 1000


@pytest.mark.usefixtures("demonstration")
def test_nothing_of_ours_can_be_read(database_url: str) -> None:
    ours = db.session.execute(
        text("SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'staging')")
    ).all()
    assert len(ours) > 20
    for schema, table in ours:
        with pytest.raises(QueryRefused, match="permission denied"):
            ask(database_url, f'SELECT 1 FROM "{schema}"."{table}"')
    for query in ("SELECT rolpassword FROM pg_authid", "SELECT pg_read_file('pg_hba.conf')", "SELECT pg_ls_dir('.')"):
        with pytest.raises(QueryRefused, match="permission denied"):
            ask(database_url, query)


@pytest.mark.usefixtures("demonstration")
def test_a_demonstration_from_before_gets_its_reader(database_url: str) -> None:
    db.session.execute(text("DROP OWNED BY demonstration_reader"))
    db.session.execute(text("DROP ROLE demonstration_reader"))
    db.session.commit()
    assert trial_database() is None
    assert load_demonstration() is False
    db.session.commit()
    with ask(database_url, "SELECT client_id FROM demonstration.clients") as source:
        assert len(list(source.rows())) == 1000


@pytest.mark.usefixtures("demonstration")
def test_a_database_user_that_may_not_make_users_makes_none() -> None:
    db.session.execute(text("DROP OWNED BY demonstration_reader"))
    db.session.execute(text("DROP ROLE demonstration_reader"))
    db.session.execute(text("CREATE ROLE plain"))
    db.session.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO plain"))
    db.session.execute(text("GRANT USAGE ON SCHEMA demonstration TO plain"))
    db.session.execute(text("SET LOCAL ROLE plain"))
    try:
        assert load_demonstration() is False
        assert trial_database() is None
    finally:
        db.session.rollback()
        load_demonstration()
        db.session.commit()
