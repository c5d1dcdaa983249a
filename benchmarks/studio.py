"""The application on a PostgreSQL of its own, for as long as a benchmark runs."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from pydantic import SecretStr

from marketing_app import create_app
from marketing_app.embedded import EmbeddedServer
from marketing_app.settings import Settings

SECRET = "b" * 40


@contextmanager
def application(bank_name: str = "") -> Iterator[Flask]:
    """Its tables are made, nothing is in them."""
    server = EmbeddedServer()
    with tempfile.TemporaryDirectory() as directory:
        try:
            url = server.start(Path(directory) / "postgres")
            settings = Settings(
                database_url=SecretStr(url),
                secret_key=SecretStr(SECRET),
                instance_path=Path(directory),
                bank_name=bank_name,
            )
            app = create_app(settings)
            app.config["WTF_CSRF_ENABLED"] = False
            with app.app_context():
                upgrade()
            yield app
        finally:
            server.stop()
