"""The real model for tests that write, and a project with both roles."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import Project, ProjectUser, Role, User
from tests.factories import a_field, a_project, a_user, saved


class Person:
    """A member before the browser, with the addresses of one project."""

    def __init__(self, visitor: FlaskClient, user: User, project: Project) -> None:
        self.browser, self._address, self.user = visitor, f"/projects/{project.id}", user
        visitor.sign_in(user)  # type: ignore[attr-defined]

    def get(self, path: str) -> Any:
        return self.browser.get(f"{self._address}{path}")

    def post(self, path: str, **data: Any) -> Any:
        return self.browser.post(f"{self._address}{path}", data=data)

    def page(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200
        return str(answer.get_data(as_text=True))


@pytest.fixture
def project(app: Flask) -> Project:
    project = a_project(a_user("Мария", language="en"), a_user("Пётр", language="en"))
    a_field(project)
    db.session.refresh(project)
    return project


@pytest.fixture
def manager(app: Flask, project: Project) -> Person:
    return Person(app.test_client(), project.members[0].user, project)


@pytest.fixture
def performer(app: Flask, project: Project) -> Person:
    return Person(app.test_client(), project.members[1].user, project)


@pytest.fixture
def administrator(app: Flask, project: Project) -> Person:
    """A performer of the project who is an administrator."""
    user = a_user("Админ", is_administrator=True, language="en")
    saved(ProjectUser(project_id=project.id, user_id=user.id, role=Role.PERFORMER))
    return Person(app.test_client(), user, project)


@pytest.fixture
def stranger(app: Flask, project: Project) -> Person:
    """A manager of another project."""
    user = a_user("Чужой", language="en")
    a_project(user)
    return Person(app.test_client(), user, project)
