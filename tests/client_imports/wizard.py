"""The wizard as a person walks it, for the tests of this room."""

import io
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from marketing_app.client_imports.loading import BackgroundLoads
from marketing_app.database import db
from marketing_app.models import ClientImport, ClientSource, Project


def send(client: FlaskClient, project: Project, content: bytes, name: str = "clients.csv", **values: Any) -> Any:
    data = {"file": (io.BytesIO(content), name), **values}
    return client.post(f"/projects/{project.id}/clients/load/file", data=data)


def chosen(client: FlaskClient, project: Project, content: bytes, name: str = "clients.csv", **values: Any) -> str:
    """The address of the preview."""
    answer = send(client, project, content, name, **values)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.location)


def page(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def only_source() -> ClientSource:
    return db.session.scalars(db.select(ClientSource)).one()


class Choices(HTMLParser):
    """The hidden names of a page's columns, and what is selected for each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: dict[str, str] = {}
        self.selected: dict[str, str] = {}
        self._at = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        name = values.get("name") or ""
        if name.startswith("name-"):
            self.names[name.removeprefix("name-")] = values["value"] or ""
        if tag == "select":
            self._at = name.removeprefix("target-") if name.startswith("target-") else ""
        if tag == "option" and self._at and "selected" in values:
            self.selected[self._at] = values["value"] or ""


def meanings(client: FlaskClient, address: str) -> dict[str, str]:
    """What the page has chosen for each column, by the column's name."""
    choices = Choices(page(client, f"{address}/columns"))
    return {choices.names[at]: target for at, target in choices.selected.items()}


def begun(client: FlaskClient, address: str, **said: str) -> Any:
    return client.post(f"{address}/columns", data={key.replace("_", "-"): value for key, value in said.items()})


def carried_out(app: Flask) -> ClientImport:
    """The newest load, after its job."""
    load = db.session.scalars(db.select(ClientImport).order_by(ClientImport.id.desc())).all()[0]
    BackgroundLoads(app).carry_out(load.id)
    db.session.expire_all()
    return load
