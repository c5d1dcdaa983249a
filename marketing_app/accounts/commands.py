"""`flask user`: accounts from the command line."""

import sys

import click
from flask.cli import AppGroup

from ..database import db
from ..models import LANGUAGES, User
from . import services

user_group = AppGroup("user", help="Accounts of people.")
password_from_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input instead of asking."
)


@user_group.command("create")
@click.argument("email")
@click.argument("name")
@click.option("--administrator", is_flag=True, help="May use the admin console.")
@click.option("--language", type=click.Choice(LANGUAGES), default=LANGUAGES[0], show_default=True)
@password_from_stdin
def create(email: str, name: str, administrator: bool, language: str, password_stdin: bool) -> None:
    """Make an account for EMAIL, shown as NAME."""
    password = _password(password_stdin)
    try:
        services.create_user(email, name, password, is_administrator=administrator, language=language)
    except services.AccountError as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(f"{email} may sign in.")


@user_group.command("set-password")
@click.argument("email")
@password_from_stdin
def set_password(email: str, password_stdin: bool) -> None:
    """Give EMAIL a new password; all sessions of the person end."""
    user = db.session.scalar(db.select(User).filter_by(email=email.strip().lower()))
    if user is None:
        raise click.ClickException(f"no account with the e-mail {email}")
    try:
        services.change_password(user, _password(password_stdin))
    except services.AccountError as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(f"The password of {email} is changed.")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
