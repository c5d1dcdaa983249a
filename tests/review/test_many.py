"""A reviewer decides about everything that matches a filter, and takes it back at once."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import Campaign, Offer, OfferState, Project, Review, Verdict
from tests.factories import an_offer, an_opt_out

from .conftest import GOOD, WRONG, a_text


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marketing_app.review.bulk.AT_ONCE", 2)


def decide_all(client: FlaskClient, project: Project, address: str = "", **data: Any) -> str:
    """Go on as the page does until nothing is left; returns the last page."""
    where = f"/projects/{project.id}/review/many{address}"
    page: str = client.post(where, data=data).text
    while 'name="after"' in page:
        form = page.partition("<progress")[2]
        data = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
        page = client.post(where, data=data, headers={"HX-Request": "true"}).text
    return page


def reviews() -> list[Review]:
    return list(db.session.scalars(db.select(Offer.review).order_by(Offer.id)))


@pytest.mark.usefixtures("small_pieces")
def test_all_that_pass_are_approved_and_the_rest_is_told(
    performer: FlaskClient, project: Project, campaign: Campaign
) -> None:
    good = [a_text(campaign) for _ in range(3)]
    a_text(campaign, WRONG, Verdict.CLEAN)
    an_opt_out(project, a_text(campaign).client)
    an_offer(campaign)
    page = decide_all(performer, project, verb="approve")
    assert reviews() == [Review.APPROVED] * len(good) + [Review.OPEN] * 3
    assert len(re.findall(r"<li>", page)) == 2
    performer.post(f"/projects/{project.id}/review/undo")
    assert set(reviews()) == {Review.OPEN}


def test_only_what_matches_is_decided(performer: FlaskClient, project: Project, campaign: Campaign) -> None:
    a_text(campaign)
    wrong = a_text(campaign, WRONG, Verdict.BLOCK)
    decide_all(performer, project, "?verdict=block", verb="reject", reason="Неверный факт")
    assert reviews() == [Review.OPEN, Review.REJECTED]
    assert wrong.review_reason == "Неверный факт"


def test_many_are_not_rejected_without_a_reason(performer: FlaskClient, project: Project, campaign: Campaign) -> None:
    a_text(campaign)
    assert performer.post(f"/projects/{project.id}/review/many", data={"verb": "reject"}).status_code == 422
    assert reviews() == [Review.OPEN]


def test_an_undo_of_many_leaves_what_was_changed_since(
    performer: FlaskClient, project: Project, campaign: Campaign
) -> None:
    first, _second = a_text(campaign), a_text(campaign)
    decide_all(performer, project, verb="approve")
    first.revision += 1
    db.session.commit()
    performer.post(f"/projects/{project.id}/review/undo")
    assert reviews() == [Review.APPROVED, Review.OPEN]


def test_the_table_keeps_its_filter_in_the_address(
    performer: FlaskClient, project: Project, campaign: Campaign
) -> None:
    a_text(campaign)
    a_text(campaign, WRONG, Verdict.BLOCK).state = OfferState.NEEDS_PERSON
    db.session.commit()
    page = performer.get(f"/projects/{project.id}/review/table?state=needs_person&verdict=block&review=open").text
    assert WRONG in page and GOOD not in page
    assert "verdict=block" in page and "state=needs_person" in page
