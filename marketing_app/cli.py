"""Commands of `flask`, a few lines each: the work is in the rooms' services."""

from flask import Flask

from .accounts.commands import user_group
from .demonstration.commands import demo_group
from .language_model.commands import model_group
from .worker import worker_command


def init_app(app: Flask) -> None:
    app.cli.add_command(user_group)
    app.cli.add_command(demo_group)
    app.cli.add_command(model_group)
    app.cli.add_command(worker_command)
