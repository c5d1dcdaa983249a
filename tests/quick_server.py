"""An embedded PostgreSQL for tests: it does not wait for the disk."""

from pathlib import Path

from sqlalchemy import NullPool, create_engine, text

from marketing_app.embedded import EmbeddedServer

FOR_POWER_CUTS = ("fsync", "full_page_writes", "synchronous_commit")
"""What these guard against ends the tests too. A killed server still finds everything in the system's cache."""


class QuickServer(EmbeddedServer):
    def start(self, directory: Path) -> str:
        url = super().start(directory)
        engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for setting in FOR_POWER_CUTS:
                connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
        return url
