"""What the attacks of this directory are tried on holds one of everything: nothing is found where nothing is."""

from flask.testing import FlaskClient
from sqlalchemy import Column, Enum, String, func

from marketing_app.database import db
from tests.security.filled_project import FilledProject
from tests.security.kept_rows import sums

FILLED_LATER = {"procrastinate_periodic_defers", "procrastinate_workers"}
"""By workers of the queue, with nothing of a project."""
NOT_TYPED = {
    "a name or a word of our own": (
        "audit_entry.action",
        "audit_entry.object_type",
        "bank_text.language",
        "client_import.failure",
        "client_rejection.reason",
        "client_source.failure",
        "message.failure",
        "model_calibration.language",
        "offer.failure",
        "product.image",
        "project.language",
        "rule_setting.rule",
        "sale_channel.image",
        "user.language",
        "user.time_zone",
    ),
    "drawn by lot, or a hash": (
        "bank_text.fingerprint",
        "client.fingerprint",
        "client_source.digest",
        "opt_out_key.key",
        "review_action.batch",
        "user.password_hash",
        "user_session.key",
    ),
    "a number, an address or a day": (
        "audit_entry.address",
        "audit_entry.object_id",
        "client.phone",
        "client_change.phone",
        "client_field.highest",
        "client_field.lowest",
    ),
    "only letters that harm nobody are taken": ("product.key", "sale_channel.key", "user.email"),
    "a file or an address of the settings": ("model_calibration.source",),
}


def test_no_table_is_empty(own: FilledProject, everywhere: FlaskClient) -> None:
    assert {table for table, (count, _sum) in sums().items() if not count} == FILLED_LATER


def test_every_text_that_somebody_types_is_marked(own: FilledProject) -> None:
    texts = [column for table in db.metadata.sorted_tables for column in table.columns if is_text(column.type)]
    bare = {f"{column.table.name}.{column.name}" for column in texts if not is_marked(column)}
    assert bare - {name for names in NOT_TYPED.values() for name in names} == set()


def is_text(kind: object) -> bool:
    return isinstance(kind, String) and not isinstance(kind, Enum)


def is_marked(column: Column[str]) -> bool:
    found = db.select(func.bool_or(column.like("%qz%"))).select_from(column.table)
    return bool(db.session.scalar(found))
