"""Marks of telephones and e-mails: what a refusal keeps of a contact, so that nobody can read it there.

A mark is a hash under a key of the application's own. It outlives the client's data and is found again when the same
contact comes with another load. A table of all telephones does not undo it without the key.
"""

import hashlib
import hmac
import re
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, String, bindparam, func, literal

from ..models import Client

PHONE, EMAIL = "+", "@"
"""What the marks of each begin with; no contact of a client begins so."""
LENGTH = 32
"""Characters of the key. With it and a contact of the usual length SHA-256 takes one step."""

_MARK = re.compile(r"[+@][0-9a-f]{64}")


def key() -> str:
    """Of this application, made of its secret. Another secret makes marks that no earlier refusal is found by."""
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.new(secret, b"marks of contacts", hashlib.sha256).hexdigest()[:LENGTH]


def mark_of_phone(phone: str) -> str:
    """Of a telephone as values.phone gives it."""
    return PHONE + _hashed(phone)


def mark_of_email(email: str) -> str:
    """Of an address as values.email gives it."""
    return EMAIL + _hashed(email)


def is_mark(identity: str) -> bool:
    """Whether an opt-out's identity is that of a contact, not of a client."""
    return bool(_MARK.fullmatch(identity))


def phone_mark() -> ColumnElement[str]:
    """Of a joined Client, NULL without a telephone."""
    return _marked(PHONE, Client.phone)


def email_mark() -> ColumnElement[str]:
    """Of a joined Client, NULL without an e-mail."""
    return _marked(EMAIL, Client.email)


def marked_in_sql(column: str, sign: str) -> str:
    """The same in a statement of text that binds `key`; what is a mark already stays."""
    hashed = f"'{sign}' || encode(sha256(convert_to(CAST(:key AS text) || {column}, 'UTF8')), 'hex')"
    return f"CASE WHEN starts_with({column}, '{sign}') THEN {column} ELSE {hashed} END"


def _marked(sign: str, contact: Any) -> ColumnElement[str]:
    given = bindparam("key_of_marks", callable_=key, type_=String, unique=True)
    hashed = func.encode(func.sha256(func.convert_to(given.concat(contact), "UTF8")), "hex")
    return literal(sign).concat(hashed)


def _hashed(contact: str) -> str:
    return hashlib.sha256((key() + contact).encode()).hexdigest()
