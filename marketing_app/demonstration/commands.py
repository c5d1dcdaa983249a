"""`flask demo`: an invented bank to try the studio with."""

import click
from flask import current_app
from flask.cli import AppGroup

from ..database import db

demo_group = AppGroup("demo", help="The demonstration: an invented bank, its products and clients.")


@demo_group.command("load")
def load() -> None:
    """Load the demonstration once; a second time it changes nothing."""
    if current_app.config["STUDIO"].is_production:
        raise click.ClickException("the demonstration is not for production: its passwords are known to everybody")
    load_and_print_accounts()


def load_and_print_accounts() -> None:
    """Load the demonstration where it is missing, and print how to sign in."""
    from .services import ACCOUNTS, load_demonstration

    is_new = load_demonstration()
    db.session.commit()
    click.echo("The demonstration is loaded." if is_new else "The demonstration was loaded before.")
    for account in ACCOUNTS:
        click.echo(f"  {account.email}  password: {account.password}  ({account.name})")
