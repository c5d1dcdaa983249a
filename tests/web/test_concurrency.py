"""How many answers one person is given at a time."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.web.concurrency import LEAST_OF_A_PERSON, Bound, TooManyAtOnce, running
from tests.factories import a_user


@pytest.fixture
def most(app: Flask) -> int:
    return max(LEAST_OF_A_PERSON, app.config["STUDIO"].threads // 4)


@pytest.mark.parametrize("address", ["/profile", "/admin/static/admin/js/filters.js"])
def test_answers_that_are_over_count_no_more(client: FlaskClient, most: int, address: str) -> None:
    client.sign_in(a_user(is_administrator=True))
    for _ in range(most + 1):
        with client.get(address) as answer:
            assert answer.status_code == 200


def test_what_failed_without_any_answer_counts_no_more(
    client: FlaskClient, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.sign_in(a_user())
    with monkeypatch.context() as broken:
        for place in ("accounts.views", "web.errors"):
            broken.setattr(f"marketing_app.{place}.render_template", fail)
        for _ in range(most + 1):
            with pytest.raises(ZeroDivisionError):
                client.get("/profile")
    assert client.get("/profile").status_code == 200


def fail(*_arguments: object, **_named: object) -> None:
    raise ZeroDivisionError


def test_who_asks_for_too_much_at_once_is_told(client: FlaskClient, most: int) -> None:
    person = a_user(language="en")
    client.sign_in(person)
    bounds = {Bound.ANSWERS_OF_A_PERSON: most}
    ends = [running.begin(bounds, person.id) for _ in range(most)]
    with pytest.raises(TooManyAtOnce):
        running.begin(bounds, person.id)
    answer = client.get("/")
    assert answer.status_code == 429 and answer.headers["Retry-After"] == "10"
    assert f"at most {most} answers at a time" in answer.get_data(as_text=True)
    for end in ends:
        end()
    assert client.get("/").status_code == 200
