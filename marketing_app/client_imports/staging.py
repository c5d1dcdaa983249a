"""The table in which a load gathers its rows before they come among the clients, all at once.

Each load has one of its own in the schema `staging`, outside the log of the database: what a crash of the database
empties, the load reads again. Dropped with the load's end, it leaves no holes in a table that others use. A row whose
data is null only says that its client must not be written to.

Beside it, inside the log, is one of who was erased since the load began: rows that are read later must not bring them
back. It is made when somebody is erased, and goes with the stage.
"""

import io
from collections.abc import Collection, Sequence
from contextlib import closing
from typing import Any

from psycopg2 import Error as DriverError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ..database import db
from ..imports.ids import LETTERS, REPLACED_BY
from ..models import ClientImport, Duplicates, Offer, OptOutSource
from ..privacy.gathering import Refusals
from ..privacy.marks import EMAIL, PHONE, key, marked_in_sql
from ..privacy.services import heed_refusals

IS_OTHER = "octet_length(outside_id) > char_length(outside_id)"
PARTS = {
    "is_other": IS_OTHER,
    # An id stands in the stage as it was written.
    "compared_id": f"CASE WHEN {IS_OTHER} THEN btrim(translate(outside_id, '{LETTERS}', '{REPLACED_BY}'))"
    " ELSE outside_id END",
    "phone_mark": marked_in_sql("phone", PHONE),
    "email_mark": marked_in_sql("email", EMAIL),
}
"""What the statements below have in common."""

COLUMNS = "row_number, outside_id, email, phone, has_refused, data, fingerprint"

MAKE = """
    CREATE UNLOGGED TABLE {stage} (
        row_number bigint, outside_id text COLLATE "C", email text, phone text, has_refused boolean, data jsonb,
        fingerprint text
    )
"""
MAKE_ERASED = 'CREATE TABLE IF NOT EXISTS {erased} (identity text COLLATE "C" PRIMARY KEY)'
ADD_ERASED = "INSERT INTO {erased} SELECT unnest(CAST(:identities AS text[])) ON CONFLICT DO NOTHING"
ERASED_AMONG = "SELECT identity FROM {erased} WHERE identity = ANY(CAST(:identities AS text[]))"
# The row itself stays: by their number the worker finds out whether a crash of the database emptied the table. One
# that says that its client must not be written to goes on saying that, of the contacts by their marks.
EMPTY = """
    UPDATE {stage} AS staged SET data = NULL,
        email = CASE WHEN has_refused THEN {email_mark} END, phone = CASE WHEN has_refused THEN {phone_mark} END,
        outside_id = CASE WHEN has_refused THEN outside_id END,
        fingerprint = CASE WHEN has_refused THEN fingerprint END
    FROM {erased} AS erased
    WHERE erased.identity = coalesce({compared_id}, '#' || staged.fingerprint)
        AND (staged.data IS NOT NULL OR staged.phone IS NOT NULL OR staged.email IS NOT NULL)
"""
TABLES = r"""
    SELECT tablename, CAST(substring(tablename FROM '^load_(\d+)') AS integer) FROM pg_tables
    WHERE schemaname = 'staging' AND tablename ~ '^load_\d+'
"""
ADD = """
    INSERT INTO client (project_id, import_id, outside_id, written_id, email, phone, data, fingerprint)
    SELECT :project, :load, {compared_id}, CASE WHEN {is_other} THEN nullif(outside_id, {compared_id}) END,
        email, phone, data, fingerprint
    FROM {stage} WHERE data IS NOT NULL
    ON CONFLICT DO NOTHING
"""
# Of several rows with one id the last counts; a key that the source has no column for stays as it is.
CHANGES = """
    WITH newest AS (
        SELECT DISTINCT ON ({compared_id}) {compared_id} AS outside_id, email, phone, data FROM {stage}
        WHERE outside_id IS NOT NULL AND data IS NOT NULL ORDER BY {compared_id}, row_number DESC
    ), coming AS (
        SELECT client.id, (client.data - CAST(:keys AS text[])) || newest.data AS data,
            CASE WHEN :has_email THEN newest.email ELSE client.email END AS email,
            CASE WHEN :has_phone THEN newest.phone ELSE client.phone END AS phone
        FROM newest JOIN client ON client.project_id = :project AND client.outside_id = newest.outside_id
    )
    SELECT coming.* FROM coming JOIN client USING (id)
    WHERE (client.data, client.email, client.phone) IS DISTINCT FROM (coming.data, coming.email, coming.phone)
"""
KEEP_BEFORE = """
    INSERT INTO client_change (import_id, client_id, data, email, phone, updated_at)
    SELECT :load, client.id, client.data, client.email, client.phone, client.updated_at
    FROM client JOIN {changes} AS changes USING (id) WHERE client.import_id <> :load
"""
# The time of the clock, not of the transaction's begin: it tells in which order loads changed a client.
CHANGE = """
    UPDATE client SET data = changes.data, email = changes.email, phone = changes.phone,
        updated_at = clock_timestamp()
    FROM {changes} AS changes WHERE client.id = changes.id
"""
REFUSED = """
    SELECT coalesce({compared_id}, '#' || fingerprint, {phone_mark}, {email_mark}), contact.mark
    FROM {stage} CROSS JOIN LATERAL (VALUES ({phone_mark}), ({email_mark})) AS contact (mark)
    WHERE has_refused
"""
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('load_clients'), :project)"


def one_at_a_time(project_id: int) -> None:
    """Wait for other loads of the project that come to their end, or are taken back, and keep them waiting: two at
    once would wait for each other's clients crosswise. Whoever locks the row of a load does that first."""
    db.session.execute(text(ONE_AT_A_TIME), {"project": project_id})


def drop_all_but(load_ids: Collection[int]) -> None:
    """Drop what stages of other loads are left."""
    for table, number in db.session.execute(text(TABLES)).all():
        if number not in load_ids:
            db.session.execute(text(f"DROP TABLE IF EXISTS staging.{table}"))


class Stage:
    """The staging tables of one load. The caller commits."""

    def __init__(self, load: ClientImport) -> None:
        self._load = load
        self._table = f"staging.load_{load.id}"
        self._erased = f"{self._table}_erased"

    def make(self) -> None:
        """Anew, without rows; who was erased stays so."""
        db.session.execute(text(f"DROP TABLE IF EXISTS {self._table}"))
        db.session.execute(text(MAKE.format(stage=self._table)))

    def drop(self) -> None:
        db.session.execute(text(f"DROP TABLE IF EXISTS {self._table}, {self._erased}"))

    @property
    def has_erased(self) -> bool:
        """Whether somebody was erased since the load began."""
        return _is_there(self._erased)

    def count(self) -> int | None:
        """The rows that were taken; None when there is no such table."""
        if not _is_there(self._table):
            return None
        return db.session.scalar(text(f"SELECT count(row_number) FROM {self._table}"))  # noqa: S608 our own number

    def copy(self, lines: Sequence[str]) -> None:
        """Raises SQLAlchemyError as any other statement: the driver's own errors nobody would wait out, and their text
        has rows in it."""
        copy, content = f"COPY {self._table} ({COLUMNS}) FROM STDIN", io.BytesIO("".join(lines).encode())
        try:
            with closing(db.session.connection().connection.cursor()) as cursor:
                cursor.copy_expert(copy, content, 2**20)
        except DriverError as error:
            raise DBAPIError(copy, None, error, hide_parameters=True) from error

    def forget(self, identities: Collection[str]) -> None:
        """Empty the rows of these clients (see Client.identity), those that are still to be staged too.

        The caller has locked the load.
        """
        db.session.execute(text(MAKE_ERASED.format(erased=self._erased)))
        db.session.execute(text(ADD_ERASED.format(erased=self._erased)), {"identities": list(identities)})
        if _is_there(self._table):
            self._empty_erased()

    def erased_among(self, words: Collection[str]) -> set[str]:
        """Which of these are identities of clients who were erased since the load began."""
        if not words or not self.has_erased:
            return set()
        found = db.session.scalars(text(ERASED_AMONG.format(erased=self._erased)), {"identities": list(words)})
        return set(found)

    def place(self, keys: Sequence[str], *, has_email: bool, has_phone: bool) -> None:
        """Take all of it over and fill in the load's report.

        `keys` are those of the fields that the source fills, and `has_email`, `has_phone` whether it has contacts:
        the rest of a client's data stays when the load updates.
        """
        load = self._load
        one_at_a_time(load.project_id)
        if self.has_erased:
            self._empty_erased()
        known = {"project": load.project_id, "load": load.id}
        load.added_count = self._run(ADD, known)
        rest = load.row_count - load.rejected_count - load.added_count
        if load.duplicates is Duplicates.UPDATE and rest:
            load.updated_count = self._update(
                known | {"keys": list(keys), "has_email": has_email, "has_phone": has_phone}
            )
        load.duplicate_count = rest - load.updated_count
        load.opted_out_count = self._keep_refusals()
        heed_refusals(Offer.project_id == load.project_id)

    def _keep_refusals(self) -> int:
        """After the clients are in their place: what is known of them counts too."""
        refusals = Refusals()
        refusals.gather(REFUSED.format(stage=self._table, **PARTS), {"key": key()})
        return refusals.keep(self._load.project_id, OptOutSource.COLUMN, "", self._load.user_id)

    def _update(self, values: dict[str, Any]) -> int:
        """Change clients who are there; returns how many of them other loads had brought."""
        changes = f"load_{self._load.id}_changes"
        select = CHANGES.format(stage=self._table, **PARTS)
        db.session.execute(text(f"CREATE TEMPORARY TABLE {changes} ON COMMIT DROP AS {select}"), values)
        count = self._run(KEEP_BEFORE, {"load": self._load.id}, changes=changes)
        self._run(CHANGE, {}, changes=changes)
        db.session.execute(text(f"DROP TABLE {changes}"))
        return count

    def _empty_erased(self) -> None:
        db.session.execute(text(EMPTY.format(stage=self._table, erased=self._erased, **PARTS)), {"key": key()})

    def _run(self, statement: str, values: dict[str, Any], **names: str) -> int:
        result = db.session.execute(text(statement.format(stage=self._table, **PARTS, **names)), values)
        return int(result.rowcount)  # type: ignore[attr-defined]


def _is_there(table: str) -> bool:
    return db.session.scalar(text("SELECT to_regclass(:name)"), {"name": table}) is not None
