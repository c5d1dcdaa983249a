"""A form counts only with the token of the session that sends it: another site can make a browser send any form."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.models import User
from tests.security.asking import Asked, all_routes, bare, copy_of, text_of
from tests.security.conftest import Keep, Some, Tried, signed_in
from tests.security.crawling import TOKEN
from tests.security.filled_project import FilledProject

REFUSED = "Форма устарела"


@pytest.fixture
def guard_forms(app: Flask) -> Iterator[Callable[[], None]]:
    """Switches the protection on, which is off in other tests. Nobody signs in any more then."""
    yield lambda: app.config.update(WTF_CSRF_ENABLED=True)
    app.config["WTF_CSRF_ENABLED"] = False


def test_no_form_counts_with_another_token_than_its_session_s(
    app: Flask,
    own: FilledProject,
    everywhere: FlaskClient,
    administrator: User,
    guard_forms: Callable[[], None],
    keep: Keep,
    some: Some,
    tried: Tried,
) -> None:
    token_of(everywhere, administrator)  # the session has one to compare with
    forged = {
        "none": "",
        "made up": "ImU2Zj.ZZZZZZ.made-up",
        "of an ended session of the same person": token_of_ended(app, administrator),
        "of another person's session": token_of(signed_in(app, own.manager), own.manager),
    }
    before, counted = keep(), []
    forgeries = some([*product(forms_of(app, own), forged, (sent_with_field, sent_with_header))], 150)
    guard_forms()
    for asked, whose, sent in forgeries:
        answer = sent(asked, forged[whose], everywhere)
        if answer.status_code != 400 or REFUSED not in text_of(answer):
            counted.append((whose, str(asked), answer.status_code))
    assert (counted, before.changed()) == ([], set())
    tried("forged forms", len(forgeries))


def test_with_its_session_s_token_every_form_is_read(
    app: Flask,
    own: FilledProject,
    everywhere: FlaskClient,
    administrator: User,
    guard_forms: Callable[[], None],
    keep: Keep,
    some: Some,
) -> None:
    """The test above would tell nothing otherwise."""
    token = token_of(everywhere, administrator)
    before, refused = keep(), []
    guard_forms()
    for asked in some(forms_of(app, own), 30):
        answer = sent_with_field(asked, token, everywhere)
        refused += [str(asked)] * (REFUSED in text_of(answer))
        if answer.status_code < 400:
            before.put_back()
    assert refused == []


def forms_of(app: Flask, own: FilledProject) -> list[Asked]:
    return [bare(route, own) for route in all_routes(app) if route.method != "GET"]


def token_of(client: FlaskClient, user: User) -> str:
    token: str = client.get(f"/session?user_id={user.id}").get_json()["token"]
    return token


def token_of_ended(app: Flask, user: User) -> str:
    client = signed_in(app, user)
    token = token_of(client, user)
    assert client.post("/sign-out").status_code == 303
    return token


def sent_with_field(asked: Asked, token: str, client: FlaskClient) -> Any:
    return copy_of(client).open(asked.address, method=asked.method, data={TOKEN: token})


def sent_with_header(asked: Asked, token: str, client: FlaskClient) -> Any:
    return copy_of(client).open(asked.address, method=asked.method, headers={"X-CSRFToken": token})
