"""An administrator looks which language model runs and how much it writes."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.llm.engine import Engine
from marketing_app.llm.local import LocalEngine
from marketing_app.llm.registry import Registry
from marketing_app.models import DraftState, Message, MessageRole
from tests.factories import a_campaign, a_user, an_offer
from tests.llm.published import published_model

PAGE = "/admin/model/"
Loading = Callable[[Callable[[], Engine]], Registry]


@pytest.fixture
def console(client: FlaskClient) -> FlaskClient:
    client.sign_in(a_user("Администратор", is_administrator=True, language="en"))
    return client


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loading]:
    """Makes the process's model the one that is given, and waits for it."""
    registry = Registry()
    monkeypatch.setattr("marketing_app.admin.model_page.model", registry)

    def load(how: Callable[[], Engine]) -> Registry:
        registry.start(how)
        registry.wait(60)
        return registry

    yield load
    registry.close()


def written(model_name: str, count: int = 1, minutes_ago: int = 0, **values: object) -> None:
    """So many drafts of 40 tokens, each of which took two seconds."""
    campaign = a_campaign()
    offer = an_offer(campaign)
    for _draft in range(count):
        draft = Message(
            offer=offer, role=MessageRole.DRAFT, model_name=model_name, token_count=40, seconds=2.0, text="Да"
        )
        draft.created_at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
        for name, value in values.items():
            setattr(draft, name, value)
        db.session.add(draft)
    db.session.commit()


def rows(page: str) -> list[list[str]]:
    """The cells of every table row of the page."""
    found = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    return [[cell.strip() for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)] for row in found]


@pytest.mark.xdist_group("model")
def test_the_model_that_runs_is_described(console: FlaskClient, loaded: Loading) -> None:
    loaded(lambda: LocalEngine(published_model(), context=2048, sequences=3))
    page = console.get(PAGE).get_data(as_text=True)
    facts = dict(row for row in rows(page) if len(row) == 2)
    assert facts["Model"] == "Gemma 3 270m" and facts["Source"] == published_model().name
    assert facts["Size on disk, MiB"] == "241" and facts["Parameters, millions"] == "268"
    assert facts["Context, tokens for all texts together"] == "2,048" and facts["Texts at a time"] == "3"
    assert facts["Licence"] == "gemma" and "base" in facts["Kind"]
    assert "Chat template" not in page and str(published_model().parent) not in page


@pytest.mark.xdist_group("model")
def test_a_chat_template_is_shown_as_it_is_written(console: FlaskClient, loaded: Loading) -> None:
    engine = LocalEngine(published_model(), context=2048, sequences=3)
    engine._card = replace(engine.card, chat_template="<b>{{ messages }}</b>")
    loaded(lambda: engine)
    page = console.get(PAGE).get_data(as_text=True)
    assert "&lt;b&gt;{{ messages }}&lt;/b&gt;</pre>" in page and "conversation" in page


def test_a_model_that_loads_says_so(console: FlaskClient, loaded: Loading) -> None:
    assert "still loading" in console.get(PAGE).get_data(as_text=True)


def test_a_model_that_failed_says_why_without_paths(console: FlaskClient, loaded: Loading, tmp_path: Path) -> None:
    loaded(lambda: LocalEngine(tmp_path / "gone.gguf"))
    page = console.get(PAGE).get_data(as_text=True)
    assert "the file named by MODEL_PATH does not exist" in page and str(tmp_path) not in page


def test_the_last_hour_is_counted_by_model(console: FlaskClient, loaded: Loading) -> None:
    written("small", count=30, minutes_ago=10)
    written("large", count=2, minutes_ago=1, seconds=20.0)
    written("small", count=5, minutes_ago=61)
    written("small", state=DraftState.FAILED)
    written("small", role=MessageRole.PROMPT)
    table = [row for row in rows(console.get(PAGE).get_data(as_text=True)) if len(row) == 5]
    assert table[1:] == [["small", "30", "3", "1,200", "20"], ["large", "2", "2", "80", "2"]]


def test_an_hour_without_texts_says_so(console: FlaskClient, loaded: Loading) -> None:
    written("small", minutes_ago=70)
    assert "No text was written within the last hour" in console.get(PAGE).get_data(as_text=True)


def test_nobody_else_sees_it(client: FlaskClient) -> None:
    assert client.get(PAGE).status_code == 302
    client.sign_in(a_user())
    assert client.get(PAGE).status_code == 404
