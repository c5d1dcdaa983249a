"""What managers see of their projects: members, channels, clients, and offers by channel and outcome."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import Offer, Outcome, Project, ProjectSaleChannel, ProjectUser, Role, User
from tests.factories import (
    a_campaign,
    a_channel,
    a_client,
    a_member,
    a_project,
    a_project_channel,
    a_user,
    an_offer,
    saved,
)

CARD = re.compile(r'<div class="text-secondary">(.*?)</div><div class="h1 m-0">(.*?)</div>')
ROW = re.compile(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', re.DOTALL)
HEAD = re.compile(r'<th class="text-end">(.*?)</th>')
CELL = re.compile(r'<td class="text-end">(.*?)</td>')
COLUMNS = {
    Outcome.UNKNOWN: "Not known yet",
    Outcome.SOLD: "Sold",
    Outcome.INTERESTED: "Interested",
    Outcome.CONSIDERING: "Considering",
    Outcome.POSITIVE: "Positive answer",
    Outcome.NEGATIVE: "Negative answer",
}
NO_OFFERS = "No offer was written yet."


@pytest.fixture
def manager(client: FlaskClient) -> User:
    manager = a_user("Мария", language="en")
    client.sign_in(manager)
    return manager


@pytest.fixture
def project(manager: User) -> Project:
    return a_project(manager)


def page(client: FlaskClient, project: Project | None = None) -> str:
    """The statistics of a project, or of all that one manages."""
    answer = client.get(f"/projects/{project.id}/statistics" if project else "/statistics")
    assert answer.status_code == 200
    return str(answer.text)


def cards(text: str) -> dict[str, int]:
    return {name: int(value) for name, value in CARD.findall(text)}


def table(text: str) -> list[tuple[str, dict[str, int]]]:
    """Every row of the table of offers, the sums last: its name, and its figures by the words above them."""
    rows = [(name, [int(cell) for cell in CELL.findall(cells)]) for name, cells in ROW.findall(text)]
    return [(name, dict(zip(HEAD.findall(text), figures, strict=True))) for name, figures in rows]


def row(**figures: int) -> dict[str, int]:
    """A row of the table: nothing but these figures, and their sum."""
    return {words: figures.get(outcome, 0) for outcome, words in COLUMNS.items()} | {"All": sum(figures.values())}


def write(channel: ProjectSaleChannel, *outcomes: Outcome) -> list[Offer]:
    """An offer with each outcome, each to a client of its own."""
    offers = [
        Offer(
            project_id=channel.project_id,
            project_channel_id=channel.id,
            prompt_version_id=channel.versions[0].id,
            client_id=a_client(channel.project).id,
            outcome=outcome,
        )
        for outcome in outcomes
    ]
    db.session.add_all(offers)
    db.session.commit()
    return offers


def test_a_new_project_says_when_figures_appear(client: FlaskClient, project: Project) -> None:
    for text in (page(client, project), page(client)):
        assert NO_OFFERS in text and table(text) == []
        assert cards(text) == {"Members": 1, "Channels": 1, "Clients": 0, "Offers": 0}


def test_who_manages_nothing_is_told_how_to_come_to_figures(client: FlaskClient, manager: User) -> None:
    text = page(client)
    assert "You manage no project" in text and cards(text) == {} and NO_OFFERS not in text


def test_offers_are_counted_by_channel_and_outcome(client: FlaskClient, project: Project) -> None:
    letters = a_project_channel(project, a_channel(name="Письмо"))
    calls = project.channels[0]
    calls.channel.name = "Звонок"
    write(calls, Outcome.SOLD, Outcome.SOLD, Outcome.NEGATIVE)
    write(letters, Outcome.UNKNOWN, Outcome.SOLD)
    for text in (page(client, project), page(client)):
        assert table(text) == [
            ("Звонок", row(sold=2, negative=1)),
            ("Письмо", row(unknown=1, sold=1)),
            ("All channels", row(unknown=1, sold=3, negative=1)),
        ]
        assert cards(text) == {"Members": 1, "Channels": 2, "Clients": 5, "Offers": 5}


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_its_column(client: FlaskClient, project: Project, outcome: Outcome) -> None:
    write(project.channels[0], outcome)
    assert dict(table(page(client, project)))["All channels"] == row(**{outcome: 1})


def test_a_channel_without_offers_is_a_row_of_nothing(client: FlaskClient, project: Project) -> None:
    silent = a_project_channel(project)
    write(project.channels[0], Outcome.SOLD)
    assert dict(table(page(client, project)))[silent.channel.name] == row()


def test_channels_of_one_name_are_rows_of_their_own(client: FlaskClient, project: Project) -> None:
    first, second = (a_project_channel(project, a_channel(name="СМС")) for _channel in range(2))
    write(first, Outcome.SOLD)
    write(second, Outcome.NEGATIVE, Outcome.NEGATIVE)
    rows = [figures for name, figures in table(page(client, project)) if name == "СМС"]
    assert rows == [row(sold=1), row(negative=2)]


def test_an_outcome_that_changes_moves_from_column_to_column(client: FlaskClient, project: Project) -> None:
    offer = an_offer(a_campaign(project))
    assert dict(table(page(client, project)))["All channels"] == row(unknown=1)
    for outcome in ("considering", "sold"):
        client.post(f"/projects/{project.id}/offers/{offer.id}/outcome", data={"outcome": outcome})
        assert dict(table(page(client, project)))["All channels"] == row(**{outcome: 1})


def test_an_erased_client_is_counted_no_more(client: FlaskClient, project: Project) -> None:
    erased, _other = write(project.channels[0], Outcome.SOLD, Outcome.NEGATIVE)
    client.post(f"/projects/{project.id}/clients/{erased.client_id}/erase")
    text = page(client, project)
    assert cards(text)["Clients"] == 1
    assert dict(table(text))["All channels"] == row(negative=1)


def test_members_are_counted_as_they_come_and_go(client: FlaskClient, project: Project) -> None:
    performer = a_member(project)
    assert cards(page(client, project))["Members"] == 2
    client.post(f"/projects/{project.id}/members/{performer.id}/remove")
    assert cards(page(client, project))["Members"] == 1


def test_the_whole_counts_a_person_and_a_channel_of_two_projects_once(client: FlaskClient, manager: User) -> None:
    performer, channel = a_user(), a_channel(name="Письмо")
    for outcome in (Outcome.SOLD, Outcome.NEGATIVE):
        write(a_project_channel(a_project(manager, performer), channel), outcome)
    text = page(client)
    assert "Over the 2 projects you manage." in text
    assert cards(text) == {"Members": 2, "Channels": 3, "Clients": 2, "Offers": 2}
    assert dict(table(text))["Письмо"] == row(sold=1, negative=1)


def test_a_project_counts_nothing_of_another(client: FlaskClient, project: Project, manager: User) -> None:
    other = a_project(manager, a_user())
    write(a_project_channel(other, project.channels[0].channel), Outcome.SOLD)
    write(project.channels[0], Outcome.NEGATIVE)
    text = page(client, project)
    assert cards(text) == {"Members": 1, "Channels": 1, "Clients": 1, "Offers": 1}
    assert dict(table(text))["All channels"] == row(negative=1)


def test_the_whole_counts_nothing_of_a_project_that_one_does_not_manage(
    client: FlaskClient, project: Project, manager: User
) -> None:
    performed, strange = a_project(performer=manager, name="Как исполнитель"), a_project(name="Чужой проект")
    for each in (performed, strange):
        write(each.channels[0], Outcome.SOLD)
    text = page(client)
    assert performed.name not in text and strange.name not in text
    assert cards(text) == {"Members": 1, "Channels": 1, "Clients": 0, "Offers": 0}


def test_the_whole_leads_to_each_project_by_name(client: FlaskClient, manager: User) -> None:
    projects = [a_project(manager, name=name) for name in ("яблоко", "Арбуз", "груша")]
    text = page(client)
    places = [text.index(f'<a href="/projects/{projects[n].id}/statistics">{projects[n].name}</a>') for n in (1, 2, 0)]
    assert places == sorted(places)


def test_the_archive_keeps_its_figures(client: FlaskClient, project: Project) -> None:
    write(project.channels[0], Outcome.SOLD)
    client.post(f"/projects/{project.id}/archive")
    for text in (page(client, project), page(client)):
        assert dict(table(text))["All channels"] == row(sold=1)


def test_names_are_shown_as_text(client: FlaskClient, project: Project) -> None:
    project.name, project.channels[0].channel.name = "<i>проект</i>", "<b>канал</b>"
    write(project.channels[0], Outcome.SOLD)
    text = page(client) + page(client, project)
    assert "<i>проект" not in text and "<b>канал" not in text
    assert "&lt;i&gt;проект" in text and "&lt;b&gt;канал" in text


def test_more_projects_take_no_more_queries(
    client: FlaskClient, project: Project, manager: User, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    write(project.channels[0], Outcome.SOLD)
    few = count_queries(lambda: page(client))
    for _project in range(4):
        write(a_project_channel(a_project(manager, a_user())), Outcome.SOLD, Outcome.NEGATIVE)
    assert count_queries(lambda: page(client)) == few <= 8


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MANAGER])
def test_only_managers_see_the_statistics_of_a_project(client: FlaskClient, role: Role) -> None:
    project, member = a_project(), a_user()
    saved(ProjectUser(project_id=project.id, user_id=member.id, role=role))
    client.sign_in(member)
    assert client.get(f"/projects/{project.id}/statistics").status_code == 404
    assert f"/projects/{project.id}/statistics" not in client.get(f"/projects/{project.id}").text


@pytest.mark.parametrize("is_administrator", [False, True])
def test_a_stranger_sees_no_statistics(client: FlaskClient, is_administrator: bool) -> None:
    project = a_project()
    client.sign_in(a_user(is_administrator=is_administrator))
    assert client.get(f"/projects/{project.id}/statistics").status_code == 404


def test_who_is_a_manager_no_more_sees_no_statistics(app: Flask, client: FlaskClient, project: Project) -> None:
    second = a_member(project, role=Role.MANAGER)
    theirs = app.test_client()
    theirs.sign_in(second)
    assert theirs.get(f"/projects/{project.id}/statistics").status_code == 200
    client.post(f"/projects/{project.id}/members/{second.id}/role", data={"role": "performer"})
    assert theirs.get(f"/projects/{project.id}/statistics").status_code == 404


def test_who_is_not_signed_in_is_asked_to(client: FlaskClient) -> None:
    for address in ("/statistics", f"/projects/{a_project().id}/statistics"):
        answer = client.get(address)
        assert answer.status_code == 302 and answer.location.startswith("/sign-in")
