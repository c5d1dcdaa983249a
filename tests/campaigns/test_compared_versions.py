"""A campaign is split between two versions of its prompt, and its page tells what came of each."""

import re
from collections import Counter
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from marketing_app.campaigns.queries import views_of
from marketing_app.campaigns.services import Comparison
from marketing_app.database import db
from marketing_app.models import Campaign, Client, Message, Offer, OfferState, Project, PromptVersion, Review, Verdict
from tests.campaigns.test_pages import form_of, newest, page
from tests.campaigns.test_writing import start, work_off
from tests.factories import a_benefit, a_client, a_project, a_user, many_clients, saved


@pytest.fixture
def project(app: Flask, client: FlaskClient) -> Project:
    """With a second version of its channel's prompt, in which a performer has signed in."""
    project = a_project(performer=a_user())
    channel = project.channels[0]
    saved(PromptVersion(project_channel_id=channel.id, number=2, text="Кратко и тепло о {product}. {client}"))
    client.sign_in(project.members[-1].user)
    return project


def versions(project: Project) -> tuple[PromptVersion, PromptVersion]:
    """The first and the second."""
    query = db.select(PromptVersion).filter_by(project_channel_id=project.channels[0].id)
    first, second = db.session.scalars(query.order_by(PromptVersion.number))
    return first, second


def send(client: FlaskClient, project: Project, path: str = "", **changed: Any) -> TestResponse:
    first, second = versions(project)
    split = {"version_id": first.id, "compared_id": second.id, "compared_share": 30}
    return client.post(f"/projects/{project.id}/campaigns{path}", data=form_of(project, **(split | changed)))


def drawn(campaign: Campaign) -> dict[int, int]:
    """The version's number by client."""
    query = (
        db.select(Offer.client_id, PromptVersion.number)
        .join(Offer.prompt_version)
        .filter(Offer.campaign_id == campaign.id)
    )
    return {client_id: number for client_id, number in db.session.execute(query)}


def test_the_share_of_the_clients_gets_the_other_version(client: FlaskClient, project: Project) -> None:
    many_clients(project, 1000)
    assert send(client, project).status_code == 303
    counts = Counter(drawn(newest()).values())
    assert counts.total() == 1000 and 250 <= counts[2] <= 350


def test_the_seed_draws_the_same_clients_again_and_another_seed_others(client: FlaskClient, project: Project) -> None:
    many_clients(project, 100)
    seen = []
    for seed in (7, 7, 8):
        send(client, project, seed=seed, without_offer="")
        seen.append(drawn(newest()))
    assert seen[0] == seen[1] != seen[2]


def test_versions_are_drawn_apart_from_benefits(client: FlaskClient, project: Project) -> None:
    many_clients(project, 400)
    for words in ("удобное приложение", "выгода каждый день"):
        a_benefit(project, words)
    send(client, project, seed=0, compared_share=50)
    pairs = db.session.execute(db.select(Offer.prompt_version_id, Offer.benefit_id))
    counts = Counter((version_id, benefit_id) for version_id, benefit_id in pairs)
    assert len(counts) == 4 and min(counts.values()) > 60


def test_a_campaign_of_one_version_is_not_split(client: FlaskClient, project: Project) -> None:
    a_client(project)
    send(client, project, compared_id=0, compared_share="")
    campaign = newest()
    assert campaign.compared_version_id is campaign.compared_share is None
    assert set(drawn(campaign).values()) == {1}
    assert "compared-title" not in page(client, f"/projects/{project.id}/campaigns/{campaign.id}")


@pytest.mark.parametrize("share", [0, 100, -1, "", "half"])
def test_an_impossible_share_is_refused(client: FlaskClient, project: Project, share: object) -> None:
    a_client(project)
    answer = send(client, project, compared_share=share)
    assert answer.status_code == 422 and "Целое число от 1 до 99." in answer.text


def test_a_share_without_another_version_is_not_looked_at(client: FlaskClient, project: Project) -> None:
    a_client(project)
    assert send(client, project, compared_id=0, compared_share="half").status_code == 303


def test_a_version_is_not_compared_with_itself(client: FlaskClient, project: Project) -> None:
    a_client(project)
    answer = send(client, project, compared_id=versions(project)[0].id)
    assert answer.status_code == 422 and "Выберите для сравнения другую версию." in answer.text


def test_a_version_of_another_channel_is_none_to_compare_with(client: FlaskClient, project: Project) -> None:
    a_client(project)
    stranger = a_project().channels[0].versions[0]
    assert send(client, project, compared_id=stranger.id).status_code == 422
    assert db.session.scalar(db.select(Campaign)) is None


def test_the_plan_tells_the_shares_and_shows_both_prompts(client: FlaskClient, project: Project) -> None:
    a_client(project)
    first, second = versions(project)
    planned = send(client, project, "/plan").text
    assert "data-compared" in planned and first.text in planned and second.text in planned
    for changed in ({"compared_id": 0}, {"compared_id": first.id}, {"compared_share": 150}):
        assert "data-compared" not in send(client, project, "/plan", **changed).text


def test_the_page_tells_what_came_of_each_version(client: FlaskClient, project: Project) -> None:
    many_clients(project, 20)
    send(client, project, compared_share=50)
    campaign = newest()
    offers = db.session.scalars(db.select(Offer).filter_by(prompt_version_id=versions(project)[1].id)).all()
    for offer, verdict in zip(offers[:2], (Verdict.CLEAN, Verdict.BLOCK), strict=True):
        offer.state, offer.text, offer.written_at, offer.verdict = OfferState.READY, "x", db.func.now(), verdict
    offers[0].review, offers[0].reviewed_at = Review.APPROVED, db.func.now()
    db.session.commit()
    shown = page(client, f"/projects/{project.id}/campaigns/{campaign.id}")
    versions_told = re.findall(r'<tr><th [^>]*scope="row">.*?</tr>', shown, re.DOTALL)
    rows = [re.findall(r">([^<>]+)<", row) for row in versions_told]
    told = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert told == [
        ["Версия 1", str(20 - len(offers)), "0", "—", "0", "0"],
        ["Версия 2", str(len(offers)), "2", "1 (50%)", "1", "0"],
    ]


@pytest.mark.parametrize("path", ["", "/plan"])
def test_what_is_wrong_with_a_split_stays_when_the_page_counts_the_clients(
    client: FlaskClient, project: Project, path: str
) -> None:
    """The plan that a page asks for as it opens brings the versions' fields anew."""
    a_client(project)
    shown = send(client, project, path, compared_share=150).text
    version = shown[shown.index('<div id="version">') :]
    assert "Целое число от 1 до 99." in version[: version.index("compared_share-help") + 400]


def test_the_pages_of_many_split_campaigns_take_as_many_queries_as_that_of_one(
    client: FlaskClient, project: Project, statements: list[str]
) -> None:
    many_clients(project, 4)
    asked = []
    for _time in range(3):
        send(client, project, without_offer="")
        campaigns = db.session.scalars(db.select(Campaign).order_by(Campaign.id)).all()
        statements.clear()
        views = views_of(campaigns, {})
        asked.append(len(statements))
    assert {len(view.compared) for view in views.values()} == {2} and len(views) == 3
    assert asked[0] == asked[1] == asked[2]


def test_each_text_is_written_with_its_own_version(app: Flask, project: Project, loaded_model: None) -> None:
    campaign = start(project, 6, comparison=Comparison(versions(project)[0], 50))
    work_off(app)
    query = (
        db.select(PromptVersion.text, Message.text)
        .select_from(Offer)
        .join(Offer.prompt_version)
        .join(Message, Message.offer_id == Offer.id)
        .where(Offer.campaign_id == campaign.id, Message.is_beginning)
    )
    asked = db.session.execute(query).all()
    assert len(asked) == db.session.scalar(db.select(db.func.count(Client.id))) == 6
    assert all(version == told for version, told in asked) and len({version for version, _told in asked}) == 2
