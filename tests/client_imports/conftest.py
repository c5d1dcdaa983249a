"""A project whose performer is signed in and reads English."""

import pytest
from flask.testing import FlaskClient

from marketing_app.models import Project
from tests.factories import a_project, a_user


@pytest.fixture
def project(client: FlaskClient) -> Project:
    performer = a_user(language="en")
    client.sign_in(performer)  # type: ignore[attr-defined]
    return a_project(performer=performer)
