"""What is done with accounts: make one, prove who one is, change a password."""

from typing import Any

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from werkzeug.security import check_password_hash

from ..database import db
from ..models import LANGUAGES, LONGEST_SESSION, AuditEntry, User, UserSession

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200

# Compared against when the e-mail is unknown, so that the time of an answer does not tell which e-mails have accounts.
# Written out as User.set_password stores a password, since to make one takes a tenth of a second.
HASH_OF_NOBODY = (
    "scrypt:32768:8:1$gICZCAAYljNyTmca$6934aa0430979e6585f9a7739c26b01fc3fa7d69f15bb14bc68f32e9b69e3383"
    "4f7aaf48f855bdf0ba7215acf6a8076b7d9ef20cd73f8809622f715aeec26d69"
)


class AccountError(Exception):
    """An account cannot be made or changed like this; the message is for whoever runs a command."""


class EmailTaken(AccountError):
    """There is an account with this e-mail."""


class BadEmail(AccountError):
    """This is not an e-mail address."""


class WeakPassword(AccountError):
    """The password is too short, too long, or the e-mail itself."""


def authenticate(email: str, password: str) -> User | None:
    """The person with this e-mail, password and open account, or None without saying which of them was wrong. The audit
    has a line of either.

    The account is locked, so that no other password is set before the session begins that this one opens.
    """
    named = db.select(User).filter_by(email=email.strip().lower())
    user = db.session.scalar(named.with_for_update(read=True))
    if user is None:
        check_password_hash(HASH_OF_NOBODY, password)
    if user and user.has_password(password) and user.is_active:
        _record("sign in", user, user)
        return user
    _record_failure(user)
    return None


def begin_session(user: User) -> None:
    """A new session, whose key the person has from now on. Those that are too old go."""
    db.session.execute(db.delete(UserSession).where(UserSession.started_at <= func.now() - LONGEST_SESSION))
    begun = UserSession(user_id=user.id)
    db.session.add(begun)
    db.session.flush()
    user.session_key = begun.key


def end_session(key: str) -> None:
    """Whoever has the key of this session, a copy of its cookie too, is signed out."""
    db.session.execute(db.delete(UserSession).filter_by(key=key))


def sign_out(user: User) -> None:
    end_session(user.session_key)
    _record("sign out", user, user)


def create_user(email: str, name: str, password: str, *, is_administrator: bool, language: str = LANGUAGES[0]) -> User:
    """A new account, with its line in the audit. Raises EmailTaken, BadEmail or WeakPassword."""
    address = normal_email(email)
    check_password(password, address)
    user = User(email=address, name=name.strip(), is_administrator=is_administrator, language=language)
    user.set_password(password)
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError as error:
        raise EmailTaken(f"there is an account with the e-mail {address}") from error
    _record("create", user, None)
    return user


def change_password(user: User, password: str, author: User | None = None) -> None:
    """Set a new password; all sessions of the person end. Without an author it was a command. Raises WeakPassword."""
    check_password(password, user.email)
    user.set_password(password)
    _record("change", user, author, {"password": ["…", "…"]})


def record_wrong_password(user: User) -> None:
    """By whoever has an open session of the account, as when changing the password."""
    _record("wrong password", user, user)


def _record(action: str, user: User, author: User | None, changes: dict[str, Any] | None = None) -> None:
    db.session.add(AuditEntry.about(user, action, author, changes, name=user.email))
    db.session.flush()


def _record_failure(user: User | None) -> None:
    """What was typed as the e-mail is not kept: it may be a password in the wrong place."""
    if user:
        _record("fail to sign in", user, None)
        return
    db.session.add(AuditEntry(action="fail to sign in", object_type=User.__tablename__, object_id=""))
    db.session.flush()


def normal_email(email: str) -> str:
    """The address in the form that is stored. Raises BadEmail."""
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(email, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise BadEmail(str(error)) from error


def check_password(password: str, email: str) -> None:
    """Raises WeakPassword."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise WeakPassword(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    if password.lower() == email.lower():
        raise WeakPassword("the e-mail is no password")
