"""The one database object, its naming convention, and work that waits for the server."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

import structlog
from flask import Flask, current_app
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Enum, MetaData, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from .database_errors import cause_of, is_passing
from .settings import Settings, SettingsError

log = structlog.get_logger()
T = TypeVar("T")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Model(DeclarativeBase):
    """Base of every table. JSON is JSONB, times carry their zone, enumerations are text with a check."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        datetime: DateTime(timezone=True),
    }


PATIENCE_SECONDS = (1, 2, 4, *[5] * 24)
"""Waits for a database that cannot do the work, about two minutes in all."""
NEVER = Event()

# Flask-SQLAlchemy gives the session, its scope and the engine; the tables stand on our own typed base.
db = SQLAlchemy(metadata=Model.metadata)
migrate = Migrate()


def words_of(enumeration: type[StrEnum], name: str) -> Enum:
    """A column type that stores the enumeration's values as text, checked by the database."""
    return Enum(
        enumeration,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=20,
        values_callable=lambda members: [member.value for member in members],
    )


def big_key() -> Mapped[int]:
    """Primary key of a table that may hold millions of rows."""
    return mapped_column(BigInteger, primary_key=True)


def created_now() -> Mapped[datetime]:
    """A time set by the database when the row is made."""
    return mapped_column(DateTime(timezone=True), server_default=func.now())


@contextmanager
def own_transaction() -> Iterator[None]:
    """A unit of work outside a request: commits at the end, rolls back on an error, frees the connection."""
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        db.session.remove()


def patiently(app: Flask, work: Callable[[], T], give_up: Event = NEVER) -> T:
    """Do some work in a transaction of its own; while the database cannot do it, again and again: it is away, its disk
    is full, a row is locked.

    Raises SQLAlchemyError when that took too long, at once when `give_up` is set, or when the work itself is refused.
    """
    waits = iter(PATIENCE_SECONDS)
    while True:
        try:
            with app.app_context(), own_transaction():
                return work()
        except SQLAlchemyError as error:
            wait = next(waits, None)
            if not is_passing(error) or wait is None:
                raise
            if wait == PATIENCE_SECONDS[0]:  # a hundred pieces of work may wait
                log.warning("work_waits_for_database", **cause_of(error))
            if give_up.wait(wait):
                raise


def address(settings: Settings) -> str:
    """The server to use, as SQLAlchemy names it. Raises SettingsError when none is named and none was started."""
    if settings.database_url is None:
        raise SettingsError("DATABASE_URL: not set; ./start.sh starts an embedded PostgreSQL and sets it")
    return settings.database_url.get_secret_value().replace("postgresql://", "postgresql+psycopg2://", 1)


def is_up_to_date() -> bool:
    """Whether every migration has run."""
    from alembic.runtime.migration import MigrationContext

    with db.engine.connect() as connection:
        done = MigrationContext.configure(connection).get_current_revision()
    return done == newest_migration(Path(current_app.extensions["migrate"].directory))


REVISION = re.compile(r"^revision = ['\"](\w+)['\"]", re.MULTILINE)
DOWN_REVISION = re.compile(r"^down_revision = ['\"](\w+)['\"]", re.MULTILINE)


def newest_migration(migrations: Path) -> str:
    """The one that no other follows. They are read, not imported: outside of an upgrade some of them cannot be."""
    text = "".join(file.read_text() for file in (migrations / "versions").glob("*.py"))
    (newest,) = set(REVISION.findall(text)) - set(DOWN_REVISION.findall(text))
    return newest


def init_app(app: Flask, migrations: Path) -> None:
    db.init_app(app)
    migrate.init_app(app, db, directory=str(migrations))
