"""All rows of the database as they were at one moment: to see which tables changed since, and to put them back."""

from sqlalchemy import text

from marketing_app.database import db
from tests.emptying import TABLES

SUMS = " UNION ALL ".join(
    f"SELECT '{table}', count(*), coalesce(sum(hashtextextended(row::text, 0)), 0) FROM {table} AS row"
    for table in TABLES
)


class KeptRows:
    """Beside what they are kept of, in a schema of their own."""

    def __init__(self) -> None:
        self._sums = sums()
        self.forget()
        db.session.execute(text("CREATE SCHEMA kept"))
        for table in TABLES:
            db.session.execute(text(f"CREATE UNLOGGED TABLE kept.{table} AS TABLE {table}"))
        db.session.commit()

    def changed(self) -> set[str]:
        """The tables that have other rows now."""
        now = sums()
        return {table for table, known in self._sums.items() if now[table] != known}

    def put_back(self) -> None:
        changed = self.changed()
        if changed:
            # Neither foreign keys nor triggers are of any use to rows that were there before.
            db.session.execute(text("SET LOCAL session_replication_role = replica"))
            for table in changed:
                db.session.execute(text(f"DELETE FROM {table}"))
                db.session.execute(text(f"INSERT INTO {table} TABLE kept.{table}"))
        db.session.commit()

    @staticmethod
    def forget() -> None:
        db.session.execute(text("DROP SCHEMA IF EXISTS kept CASCADE"))
        db.session.commit()


def sums() -> dict[str, tuple[int, int]]:
    found = {table: (count, total) for table, count, total in db.session.execute(text(SUMS))}
    db.session.commit()
    return found
