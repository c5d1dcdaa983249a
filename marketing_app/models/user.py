"""People who sign in."""

import secrets
from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.security import check_password_hash, generate_password_hash

from ..database import Model, created_now

LANGUAGES = ("ru", "en")


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
    session_stamp: Mapped[str] = mapped_column(String(32), default=lambda: secrets.token_hex(16))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_administrator: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(2), default="ru")
    time_zone: Mapped[str | None] = mapped_column(String(64))
    """A name of the tz database; None is the bank's zone."""
    created_at: Mapped[datetime] = created_now()

    def set_password(self, password: str) -> None:
        """Change the password; every session opened before ends, because its stamp is no longer this one."""
        self.password_hash = generate_password_hash(password, method="scrypt")
        self.end_sessions()

    def end_sessions(self) -> None:
        """Every session opened before ends, and does not come back when a closed account is opened again."""
        self.session_stamp = secrets.token_hex(16)

    def has_password(self, password: str) -> bool:
        return check_password_hash(self.password_hash, password)

    def get_id(self) -> str:
        """What the session cookie carries: the person and the stamp of the password it was opened with."""
        return f"{self.id}.{self.session_stamp}"

    def __str__(self) -> str:
        return self.name
