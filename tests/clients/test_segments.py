"""A marketer keeps a filter as a segment, and starts campaigns for it."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import Campaign, Client, ClientField, FieldType, Offer, Project, Segment, User
from marketing_app.projects.services import archive_project
from tests.factories import a_client, a_field, a_project, a_user, an_opt_out

OWNERS = {"how.data.car": "one_of", "is.data.car": "1", "how.data.deposits": "empty"}
THIRTY = {"how.data.age": "between", "from.data.age": "30", "to.data.age": "45"}


@pytest.fixture
def manager(app: Flask) -> User:
    return a_user(language="en")


@pytest.fixture
def project(manager: User, client: FlaskClient) -> Project:
    client.sign_in(manager)
    project = a_project(manager)
    a_field(project, "age", label="age")
    a_field(project, "car", label="owns a car", type=FieldType.CODE, codes={"0": "no", "1": "yes"})
    a_field(project, "deposits", label="deposits now")
    for name, data in {
        "A1": {"age": 30, "car": "1"},
        "A2": {"age": 40, "car": "1"},
        "A3": {"age": 40, "car": "1", "deposits": 5},
        "A4": {"age": 50, "car": "1"},
    }.items():
        a_client(project, name, **data)
    return project


def save(client: FlaskClient, project: Project, name: str = "Owners of cars", **asked: str) -> Any:
    return client.post(f"/projects/{project.id}/segments", data={"name": name} | (asked or OWNERS | THIRTY))


def saved(client: FlaskClient, project: Project, **asked: str) -> Segment:
    assert save(client, project, **asked).status_code == 303
    return db.session.scalars(db.select(Segment).order_by(Segment.id.desc()).limit(1)).one()


def page(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def plan(client: FlaskClient, project: Project, **choice: Any) -> str:
    data = form_of(project) | choice
    return client.post(f"/projects/{project.id}/campaigns/plan", data=data).get_data(as_text=True)


def form_of(project: Project) -> dict[str, Any]:
    channel = project.channels[0]
    return {"channel_id": channel.id, "version_id": channel.versions[0].id, "without_offer": "y", "drafts": 1}


def start(client: FlaskClient, project: Project, **choice: Any) -> Campaign:
    answer = client.post(f"/projects/{project.id}/campaigns", data=form_of(project) | choice)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return db.session.scalars(db.select(Campaign).order_by(Campaign.id.desc()).limit(1)).one()


def written_to(campaign: Campaign) -> list[str]:
    query = db.select(Client.outside_id).join(Offer, Offer.client_id == Client.id)
    return sorted(db.session.scalars(query.where(Offer.campaign_id == campaign.id)))


def test_a_filter_is_kept_and_opened_again(client: FlaskClient, project: Project) -> None:
    answer = save(client, project)
    text = page(client, answer.location)
    assert "The segment is saved" in text and "1 to 2 of 2" in text
    assert 'name="from.data.age" value="30"' in text and "Change the segment “Owners of cars”" in text
    segment = db.session.scalars(db.select(Segment)).one()
    listed = page(client, f"/projects/{project.id}/segments")
    assert "owns a car: yes; deposits now: no value; age from 30 to 45" in listed
    assert "2 clients" in page(client, f"/projects/{project.id}/segments/{segment.id}/count")
    link = re.search(r'href="([^"]+)">Owners of cars</a>', listed)
    assert link and "1 to 2 of 2" in page(client, link[1].replace("&amp;", "&"))


def test_a_search_is_kept_too(client: FlaskClient, project: Project) -> None:
    segment = saved(client, project, **{"search": "A1", "how.email": "contains", "lines.email": "a\nb"})
    said = "client id begins with “A1”; e-mail contains “a” or “b”"
    assert said in page(client, f"/projects/{project.id}/segments")
    db.session.execute(db.update(Client).values(email="b@bank.example"))
    db.session.commit()
    assert "1 client" in page(client, f"/projects/{project.id}/segments/{segment.id}/count")


@pytest.mark.parametrize(
    ("name", "asked", "said"),
    [
        ("OWNERS of cars", OWNERS, "There is a segment of this name already"),
        (" ", OWNERS, "Give the segment a name"),
        ("x" * 121, OWNERS, "At most 120 characters"),
        ("Others", {"how.data.age": "between"}, "Add a filter first"),
        ("Others", {"how.data.age": "between", "from.data.age": "old"}, "Type numbers"),
        ("Others", {"how.data.age": "between", "from.data.age": "1" + "0" * 15}, "at most 15 digits"),
        ("Others", {"how.data.gone": "filled"}, "no longer in the dictionary"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_reason(
    client: FlaskClient, project: Project, name: str, asked: dict[str, str], said: str
) -> None:
    saved(client, project)
    answer = save(client, project, name, **asked)
    assert answer.status_code == 422 and said in answer.get_data(as_text=True)
    assert db.session.scalar(db.select(db.func.count(Segment.id))) == 1


MANY = [str(number) for number in range(20_000)]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({f"how.data.{number}": "filled" for number in MANY}, "At most 20 conditions"),
        ({"how.load": "one_of", "is.load": MANY}, "At most 30 values"),
        ({"how.email": "one_of", "lines.email": "\n".join(MANY)}, "At most 30 values"),
        ({"how.email": "filled", "column": MANY, "name": "x" * 121}, "At most 120 characters"),
    ],
    ids=["conditions", "ticks", "lines", "columns"],
)
def test_thousands_are_refused_on_a_page_of_the_usual_size(
    client: FlaskClient, project: Project, asked: dict[str, Any], said: str
) -> None:
    answer = client.post(f"/projects/{project.id}/segments", data={"name": "Others"} | asked)
    assert answer.status_code == 422 and said in answer.text
    assert len(answer.data) < 200_000


def test_two_projects_may_call_a_segment_the_same(client: FlaskClient, project: Project, manager: User) -> None:
    other = a_project(manager)
    a_field(other, "age")
    saved(client, project)
    assert save(client, other, **THIRTY).status_code == 303


def test_a_segment_is_renamed_and_asks_something_else(client: FlaskClient, project: Project) -> None:
    segment = saved(client, project)
    answer = client.post(f"/projects/{project.id}/segments/{segment.id}", data={"name": "Thirty"} | THIRTY)
    assert answer.status_code == 303 and segment.name == "Thirty"
    assert "3 clients" in page(client, f"/projects/{project.id}/segments/{segment.id}/count")
    taken = saved(client, project)
    answer = client.post(f"/projects/{project.id}/segments/{taken.id}", data={"name": "THIRTY"} | OWNERS)
    assert answer.status_code == 422 and "of this name already" in answer.get_data(as_text=True)


def test_a_segment_is_removed_and_its_clients_stay(client: FlaskClient, project: Project) -> None:
    segment = saved(client, project)
    assert "data-confirm" in page(client, f"/projects/{project.id}/segments")
    assert client.post(f"/projects/{project.id}/segments/{segment.id}/remove").status_code == 303
    assert db.session.scalar(db.select(Segment)) is None
    assert db.session.scalar(db.select(db.func.count(Client.id))) == 4


def test_a_segment_of_another_project_is_not_found(client: FlaskClient, project: Project, manager: User) -> None:
    segment = saved(client, project)
    other = a_project(manager)
    for path in ("", "/remove"):
        assert client.post(f"/projects/{other.id}/segments/{segment.id}{path}").status_code == 404
    assert client.get(f"/projects/{other.id}/segments/{segment.id}/count").status_code == 404


def test_an_archived_project_keeps_its_segments(client: FlaskClient, project: Project) -> None:
    segment = saved(client, project)
    archive_project(project)
    db.session.commit()
    assert save(client, project, "Others").status_code == 409
    assert client.post(f"/projects/{project.id}/segments/{segment.id}/remove").status_code == 409


def test_a_segment_whose_field_is_gone_matches_nobody_and_says_so(client: FlaskClient, project: Project) -> None:
    segment = saved(client, project)
    db.session.execute(db.delete(ClientField).filter_by(key="deposits"))
    db.session.commit()
    assert "“deposits”, which cannot be asked any more" in page(client, f"/projects/{project.id}/segments")
    assert "0 clients" in page(client, f"/projects/{project.id}/segments/{segment.id}/count")
    assert 'data-count="0"' in plan(client, project, clients="segment", segment_id=segment.id)


def test_a_campaign_takes_a_segment_as_it_is_when_it_starts(client: FlaskClient, project: Project) -> None:
    segment = saved(client, project)
    opened = page(client, f"/projects/{project.id}/campaigns/new?segment_id={segment.id}")
    assert re.search(r'<input checked[^>]*value="segment"', opened) and "Owners of cars</option>" in opened
    assert 'data-count="2"' in plan(client, project, clients="segment", segment_id=segment.id)
    a_client(project, "A5", age=31, car="1")
    campaign = start(client, project, clients="segment", segment_id=segment.id)
    assert written_to(campaign) == ["A1", "A2", "A5"]
    client.post(f"/projects/{project.id}/segments/{segment.id}/remove")
    text = page(client, f"/projects/{project.id}/campaigns/{campaign.id}")
    said = "clients of the segment “Owners of cars” (owns a car: yes; deposits now: no value; age from 30 to 45)"
    assert said in text.replace("&#34;", '"')


def test_a_campaign_for_all_who_match_a_filter(client: FlaskClient, project: Project) -> None:
    listed = page(client, f"/projects/{project.id}/clients?{urlencode(OWNERS | THIRTY | {'search': 'A'})}")
    link = re.search(r'href="([^"]+)">Campaign for all 2 clients that match', listed)
    assert link
    opened = page(client, link[1].replace("&amp;", "&"))
    hidden = dict(re.findall(r'<input type="hidden" name="([a-z]+\.[^"]+)" value="([^"]*)">', opened))
    assert hidden["from.data.age"] == "30" and hidden["is.client_id"] == "A"
    assert 'data-count="2"' in plan(client, project, clients="matching", **hidden)
    campaign = start(client, project, clients="matching", **hidden)
    assert written_to(campaign) == ["A1", "A2"]
    assert "clients who match: " in page(client, f"/projects/{project.id}/campaigns/{campaign.id}")


@pytest.mark.parametrize("way", ["matching", "segment"])
def test_a_campaign_for_a_filter_that_is_not_there_is_for_nobody(
    client: FlaskClient, project: Project, way: str
) -> None:
    assert 'data-count="0"' in plan(client, project, clients=way, segment_id=99)
    data = form_of(project) | {"clients": way, "segment_id": 99}
    assert client.post(f"/projects/{project.id}/campaigns", data=data).status_code == 422
    assert db.session.scalar(db.select(Offer)) is None


@pytest.mark.parametrize("is_bank_wide", [False, True])
def test_who_has_opted_out_gets_nothing_and_the_plan_says_so(
    client: FlaskClient, project: Project, is_bank_wide: bool
) -> None:
    person = db.session.scalars(db.select(Client).filter_by(outside_id="A1")).one()
    an_opt_out(None if is_bank_wide else project, person)
    segment = saved(client, project)
    text = plan(client, project, clients="segment", segment_id=segment.id)
    assert 'data-count="1"' in text and "1 client has opted out and gets nothing" in text
    assert "opted out" not in plan(client, project, clients="chosen", client_ids=[person.id + 1])
    assert written_to(start(client, project, clients="all")) == ["A2", "A3", "A4"]
    refused = client.post(
        f"/projects/{project.id}/campaigns", data=form_of(project) | {"clients": "chosen", "client_ids": [person.id]}
    )
    assert refused.status_code == 422


def test_the_opt_outs_of_other_projects_do_not_count(client: FlaskClient, project: Project) -> None:
    person = db.session.scalars(db.select(Client).filter_by(outside_id="A1")).one()
    an_opt_out(a_project(), person)
    assert "A1" in written_to(start(client, project, clients="all"))
