"""Refusals on their way into the table of opt-outs: one pass for one client, a file of a million ids or a load.

They are gathered in a temporary table, by Client.identity or by the mark of a contact. Kept they get as keys whatever
else is known of the same people now: so they are found when they come under another name.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from ..database import db
from ..models import OptOutSource
from .marks import EMAIL, PHONE, key, marked_in_sql

MAKE = 'CREATE TEMPORARY TABLE refused (identity text COLLATE "C", key text COLLATE "C") ON COMMIT DROP'
ADD = """
    INSERT INTO opt_out (project_id, identity, source, note, user_id, list_id)
    SELECT CAST(:project AS integer), identity, :source, :note, CAST(:person AS integer), CAST(:list AS integer)
    FROM (SELECT DISTINCT identity FROM refused ORDER BY identity) AS asked
    ON CONFLICT DO NOTHING
"""
ADD_KEYS = """
    INSERT INTO opt_out_key (opt_out_id, key)
    SELECT opt_out.id, found.key FROM ({found}) AS found JOIN opt_out
        ON opt_out.identity = found.identity AND opt_out.project_id IS NOT DISTINCT FROM CAST(:project AS integer)
    WHERE found.key IS NOT NULL
    ON CONFLICT DO NOTHING
"""
PARTS = {
    "in_reach": "(client.project_id = CAST(:project AS integer) OR CAST(:project AS integer) IS NULL)",
    "identity": "coalesce(client.outside_id, '#' || client.fingerprint)",
    "phone_mark": marked_in_sql("client.phone", PHONE),
    "email_mark": marked_in_sql("client.email", EMAIL),
}
GIVEN_KEYS = "SELECT identity, key FROM refused"
OWN_MARKS = "SELECT identity, identity AS key FROM refused WHERE identity ~ '^[+@]'"
CONTACTS_OF_CLIENTS = """
    SELECT refused.identity, contact.mark AS key FROM refused JOIN client ON {identity} = refused.identity
        CROSS JOIN LATERAL (VALUES ({phone_mark}), ({email_mark})) AS contact (mark)
    WHERE {in_reach}
"""
# Hashes the contacts of all clients, so only where marks are among the refusals.
CLIENTS_OF_PHONES = """
    SELECT refused.identity, {identity} AS key FROM refused JOIN client ON {phone_mark} = refused.identity
    WHERE {in_reach} AND EXISTS (SELECT FROM refused WHERE starts_with(identity, '+'))
"""
CLIENTS_OF_EMAILS = """
    SELECT refused.identity, {identity} AS key FROM refused JOIN client ON {email_mark} = refused.identity
    WHERE {in_reach} AND EXISTS (SELECT FROM refused WHERE starts_with(identity, '@'))
"""
FOUND = [
    each.format(**PARTS) for each in (GIVEN_KEYS, OWN_MARKS, CONTACTS_OF_CLIENTS, CLIENTS_OF_PHONES, CLIENTS_OF_EMAILS)
]


class Refusals:
    """Those of one act, within the caller's transaction."""

    def __init__(self) -> None:
        db.session.execute(text(MAKE))

    def gather(self, select: str, values: Mapping[str, Any]) -> None:
        """What a statement selects: an identity, and a key of the same person or NULL."""
        db.session.execute(text(f"INSERT INTO refused {select}"), values)

    def keep(
        self,
        project_id: int | None,
        source: OptOutSource,
        note: str,
        user_id: int | None,
        list_id: int | None = None,
    ) -> int:
        """In a project, or in the whole bank without one. Returns how many were added: who is out already stays so."""
        db.session.execute(text("ANALYZE refused"))  # one client or a million: the joins are other ones
        told = {"project": project_id, "source": source.value, "note": note, "person": user_id, "list": list_id}
        added = db.session.execute(text(ADD), told).rowcount  # type: ignore[attr-defined]
        for found in FOUND:
            asked = {"project": project_id} | ({"key": key()} if ":key" in found else {})
            db.session.execute(text(ADD_KEYS.format(found=found)), asked)
        db.session.execute(text("DROP TABLE refused"))
        return int(added)
