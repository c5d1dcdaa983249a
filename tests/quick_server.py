"""An embedded PostgreSQL for tests: it does not wait for the disk, and does no work of its own."""

from pathlib import Path

from sqlalchemy import NullPool, create_engine, text

from marketing_app.embedded import EmbeddedServer

SWITCHED_OFF = ("fsync", "full_page_writes", "synchronous_commit", "autovacuum")
"""The first three guard against power cuts, which end the tests too: a killed server finds everything in the system's
cache. The last one tidies tables that are emptied all the time."""


class QuickServer(EmbeddedServer):
    def start(self, directory: Path) -> str:
        url = super().start(directory)
        engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for setting in SWITCHED_OFF:
                connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
        return url
