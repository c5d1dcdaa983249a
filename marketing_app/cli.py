"""Commands of `flask`, a few lines each: the work is in the rooms' services."""

import click
from flask import Flask, current_app
from flask.cli import FlaskGroup, with_appcontext

from .accounts.commands import user_group
from .demonstration.commands import demo_group
from .language_model.commands import model_group


@click.command("worker")
@click.option("--concurrency", type=click.IntRange(1, 2000), help="Offers at a time, else as many as the model takes.")
@with_appcontext
def worker_command(concurrency: int | None) -> None:
    """Write the offers of campaigns until told to stop."""
    from .worker import work_until_told

    work_until_told(current_app._get_current_object(), concurrency)  # type: ignore[attr-defined]


def init_app(app: Flask) -> None:
    app.cli.add_command(user_group)
    app.cli.add_command(demo_group)
    app.cli.add_command(model_group)
    app.cli.add_command(worker_command)


def is_looking_for_command() -> bool:
    """Whether `flask` makes the application to find one of our commands in it, and to run that.

    Commands that come with Flask and its extensions (run, routes, shell, db) are found without an application, and make
    it in a context of their own.
    """
    context = click.get_current_context(silent=True)
    return context is not None and isinstance(context.command, FlaskGroup)
