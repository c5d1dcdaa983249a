"""What makes a real PostgreSQL refuse its work, and makes it well again."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import pytest
from sqlalchemy import URL, Connection, NullPool, create_engine, text

from marketing_app.database import db


@contextmanager
def second_session(url: URL | None = None) -> Iterator[Connection]:
    """Another program's connection; what it begins ends with it. Threads without an application say the address."""
    engine = create_engine(url or db.engine.url, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def as_server_owner(*statements: str) -> None:
    with second_session() as session:
        session.execution_options(isolation_level="AUTOCOMMIT")
        session.execute(text("SET default_transaction_read_only = off"))
        for statement in statements:
            session.execute(text(statement))


@contextmanager
def server_setting(name: str, value: str) -> Iterator[None]:
    """For every connection of the application that begins meanwhile."""
    as_server_owner(f"ALTER ROLE CURRENT_USER SET {name} = '{value}'")
    db.session.remove()
    db.engine.dispose()
    try:
        yield
    finally:
        as_server_owner(f"ALTER ROLE CURRENT_USER RESET {name}")
        db.session.remove()
        db.engine.dispose()


@contextmanager
def small_disk() -> Iterator[Path]:
    """A disk of its own with a few MB, in a place that the embedded server reaches too, whoever it runs as."""
    if os.geteuid() != 0:
        pytest.skip("a disk can be mounted by root only")
    place = Path(mkdtemp(prefix="studio-disk-", dir=Path("/tmp")))
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        place.rmdir()
        pytest.skip("this machine lets nobody mount a disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)
        place.rmdir()


@contextmanager
def full_disk_of(table: str) -> Iterator[None]:
    """Keep an empty table on a disk of its own that has no room; also the temporary files of new connections."""
    with small_disk() as disk:
        with second_session() as session:
            server = os.stat(f"/proc/{session.scalar(text('SELECT pg_backend_pid()'))}")
        os.chown(disk, server.st_uid, server.st_gid)
        # Deleted rows leave pages with room for others.
        as_server_owner(f"VACUUM FULL {table}", f"CREATE TABLESPACE small LOCATION '{disk}'")
        as_server_owner(f"ALTER TABLE {table} SET TABLESPACE small")
        fill(disk / "filler")
        try:
            with server_setting("temp_tablespaces", "small"):
                yield
        finally:
            (disk / "filler").unlink()
            as_server_owner(f"ALTER TABLE {table} SET TABLESPACE pg_default", "DROP TABLESPACE small")


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"x" * 4096)
        except OSError as error:
            assert error.errno == errno.ENOSPC
