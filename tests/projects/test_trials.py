"""Two versions of a prompt tried on the same clients: seen by the browser, asked of the real model, nothing kept."""

import re
import time
from itertools import islice
from typing import Any

from flask.testing import FlaskClient

from marketing_app.checks.findings import ChannelFacts, Facts, ProductFacts
from marketing_app.database import db
from marketing_app.llm.engine import Generation, GenerationFailed, Options, Priority, Prompt
from marketing_app.llm.registry import Registry
from marketing_app.models import Message, Offer, Project
from marketing_app.projects.trials import AT_A_TIME, Task, Trial, states
from tests.factories import a_benefit, a_client, a_project, a_user, an_opt_out, many_clients


def address(project: Project, asked: str = "") -> str:
    return f"/projects/{project.id}/channels/{project.channels[0].id}/versions/trial{asked}"


def page(client: FlaskClient, project: Project, asked: str = "") -> str:
    return client.get(address(project, asked)).get_data(as_text=True)


def events(client: FlaskClient, project: Project, seed: int = 7) -> list[str]:
    body = client.get(address(project, f"/stream?left=1&right=2&seed={seed}")).get_data(as_text=True)
    return body.rstrip().split("\n\n")[1:]


def first_event(client: FlaskClient, project: Project, seed: int = 7) -> str:
    """The state before any text is written; who leaves then ends the texts."""
    answer = client.get(address(project, f"/stream?left=1&right=2&seed={seed}"), buffered=False)
    begun = ""
    for piece in answer.response:
        begun += piece if isinstance(piece, str) else piece.decode()
        if begun.count("\n\n") > 1:
            break
    answer.close()
    return begun.split("\n\n")[1]


def clients_of(event: str) -> list[str]:
    return re.findall(r'<section class="card mb-3" aria-label="client (\w+)"', event)


def test_both_versions_write_for_the_same_ten_clients(
    client: FlaskClient, project: Project, loaded_model: Registry
) -> None:
    many_clients(project, 11)
    an_opt_out(project, a_client(project, "GONE"))
    a_benefit(project, "удобное приложение")
    db.session.expire_all()
    first, *_between, last, end = events(client, project)
    assert end.startswith("event: done")
    assert first.count("Waits for the model") == 20 and "0 of 0 pass" in first
    assert last.count("draft-text") == 20 and last.count("of 10 pass") == 2 and "<progress" not in last
    assert last.count("Benefit to say: удобное приложение") == 10
    drawn = clients_of(last)
    assert len(set(drawn)) == 10 and "GONE" not in drawn
    assert clients_of(first_event(client, project)) == drawn
    assert clients_of(first_event(client, project, seed=8)) != drawn
    assert db.session.scalar(db.select(db.func.count(Offer.id))) == 0
    assert db.session.scalar(db.select(db.func.count(Message.id))) == 0


def test_the_page_asks_before_the_model_is_asked(client: FlaskClient, project: Project) -> None:
    many_clients(project, 1)
    assert "data-stream" not in page(client, project)
    assert "Try on ten clients" in page(client, project)
    begun = page(client, project, "?left=1&right=2&seed=7")
    assert re.search(r'data-stream="[^"]+/stream\?[^"]*seed=7', begun)
    assert "Ten other clients" in begun
    version_ids = [version.id for version in reversed(project.channels[0].versions)]
    assert f"version_id={version_ids[0]}&amp;compared_id={version_ids[1]}" in begun
    assert client.get(address(project, "?left=3")).status_code == 404


def test_the_same_version_twice_is_not_tried(client: FlaskClient, project: Project) -> None:
    same = page(client, project, "?left=2&right=2&seed=7")
    assert "Both sides show the same version" in same and "data-stream" not in same


def test_one_version_alone_is_not_tried(client: FlaskClient) -> None:
    manager = a_user("one", language="en")
    client.sign_in(manager)
    alone = a_project(manager)
    assert "There is one version only" in page(client, alone)
    assert "Try both" not in client.get(address(alone).removesuffix("/trial")).get_data(as_text=True)


def test_without_clients_it_says_what_to_do(client: FlaskClient, project: Project, loaded_model: Registry) -> None:
    only, end = events(client, project)
    assert "Nobody may be written to" in only and end.startswith("event: done")


def test_without_a_model_it_says_why(client: FlaskClient, project: Project, no_model: Registry) -> None:
    many_clients(project, 1)
    only, end = events(client, project)
    assert "The model is still loading" in only and end.startswith("event: done")


def test_an_archived_project_tries_nothing(client: FlaskClient, project: Project) -> None:
    project.is_archived = True
    db.session.commit()
    assert client.get(address(project, "?seed=7")).status_code == 409
    assert client.get(address(project, "/stream?seed=7")).status_code == 409


def test_a_campaign_takes_over_the_two_versions(client: FlaskClient, project: Project) -> None:
    many_clients(project, 1)
    channel = project.channels[0]
    newest, oldest = channel.versions
    asked = f"?channel_id={channel.id}&version_id={oldest.id}&compared_id={newest.id}"
    form = client.get(f"/projects/{project.id}/campaigns/new{asked}").get_data(as_text=True)
    for name, version in (("version_id", oldest), ("compared_id", newest)):
        choice = form.split(f'name="{name}"')[1].split("</select>")[0]
        assert f'<option selected value="{version.id}">' in choice


class Obedient(Generation):
    """Goes on until it is cancelled."""

    def cancel(self) -> None:
        super().cancel()
        self.finish()


class Slow:
    """An engine whose texts never end by themselves."""

    def __init__(self) -> None:
        self.asked = list[Generation]()

    def submit(self, _prompt: Prompt, options: Options, **_named: Any) -> Generation:
        self.asked.append(Obedient(options, Priority.PERSON))
        return self.asked[-1]


def a_trial(count: int) -> Trial:
    """So many texts of nobody in particular."""
    facts = Facts(ProductFacts("Карта", "card"), ChannelFacts("SMS", 134))
    return Trial((1,), (), tuple(Task(1, number, Prompt("", ""), Options(), facts) for number in range(count)))


def test_who_leaves_the_page_ends_the_texts() -> None:
    engine = Slow()
    going_on = states(a_trial(20), engine, 0.01)  # type: ignore[arg-type]
    for _state in islice(going_on, 1000):
        if len(engine.asked) == AT_A_TIME:
            break
        time.sleep(0.01)
    going_on.close()
    assert len(engine.asked) == AT_A_TIME
    assert all(generation.is_cancelled for generation in engine.asked)


class Broken(Slow):
    def submit(self, _prompt: Prompt, _options: Options, **_named: Any) -> Generation:
        raise RuntimeError("a defect of ours")


def test_a_defect_ends_one_text_and_not_the_page() -> None:
    facts = Facts(ProductFacts("Карта", "card"), ChannelFacts("SMS", 134))
    trial = Trial((1,), (), (Task(1, 7, Prompt("", ""), Options(), facts),))
    *_before, last = states(trial, Broken(), 1)  # type: ignore[arg-type]
    assert last.is_over and last.count_passing(1) == 0
    assert isinstance(last.outcomes[1, 7].error, GenerationFailed)
