"""People who sign in, and the browsers in which they are signed in."""

import secrets
from datetime import datetime, timedelta

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, String, and_, func
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.security import check_password_hash, generate_password_hash

from ..database import Model, created_now

LANGUAGES = ("ru", "en")
LONGEST_SESSION = timedelta(days=7)
"""Counted from the sign-in, however often the session is used."""


class User(UserMixin, Model):
    """A person with an account. E-mails are stored in lower case; passwords only as Werkzeug's scrypt hashes.

    An account is never deleted: its person's name stays at what they wrote and approved. It is closed instead
    (`is_active` is false), and an administrator can open it again.
    """

    __tablename__ = "user"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint("language IN ('ru', 'en')", name="language_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(255))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_administrator: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(2), default="ru")
    time_zone: Mapped[str | None] = mapped_column(String(64))
    """A name of the tz database; None is the bank's zone."""
    created_at: Mapped[datetime] = created_now()

    session_key = ""
    """Of the session in which the person asks; it is not stored here (see UserSession)."""

    def set_password(self, password: str) -> None:
        """Change the password; the database then ends the person's sessions."""
        self.password_hash = generate_password_hash(password, method="scrypt")

    def has_password(self, password: str) -> bool:
        return check_password_hash(self.password_hash, password)

    def get_id(self) -> str:
        """What Flask-Login puts into the cookie."""
        return self.session_key

    def __str__(self) -> str:
        return self.name


class UserSession(Model):
    """A browser in which a person is signed in. Its cookie has the key; signing out deletes the row.

    A trigger of the database deletes all rows of a person whose password changes, and of one whose account is closed or
    opened again.
    """

    __tablename__ = "user_session"

    key: Mapped[str] = mapped_column(String(43), primary_key=True, default=secrets.token_urlsafe)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    started_at: Mapped[datetime] = created_now()

    @classmethod
    def is_open(cls, key: str) -> ColumnElement[bool]:
        """Of a joined User: whether this key lets the person in."""
        return and_(cls.key == key, cls.started_at > func.now() - LONGEST_SESSION, User.is_active)
