"""The real model for tests that write, and a project whose prompt has two versions."""

import pytest
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import Project, PromptVersion
from tests.clients.conftest import count_queries
from tests.factories import PROMPT, a_project, a_user, saved
from tests.offers.conftest import no_model

__all__ = ["count_queries", "no_model"]


@pytest.fixture
def project(client: FlaskClient) -> Project:
    manager = a_user(language="en")
    client.sign_in(manager)
    project = a_project(manager)
    saved(PromptVersion(project_channel_id=project.channels[0].id, number=2, text=PROMPT + " Коротко."))
    db.session.expire_all()
    return project
