"""Each client of a campaign gets the benefit that suits best, or all get the one that the marketer chose."""

from collections import Counter

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.campaigns import services
from marketing_app.campaigns.services import ClientChoice
from marketing_app.database import db
from marketing_app.models import Benefit, Campaign, Offer, Project, Sensitivity
from tests.factories import a_benefit, a_client, a_field, a_project, between, many_clients


@pytest.fixture
def project(app: Flask) -> Project:
    return a_project()


def angles(project: Project, benefit: Benefit | None = None) -> list[str]:
    """Of a new campaign's offers, in the order in which the clients came."""
    db.session.expire_all()
    channel = project.channels[0]
    author = project.members[0].user
    services.start_campaign(
        channel, channel.versions[0], ClientChoice(), name="Осень", drafts=1, seed=7, author=author, benefit=benefit
    )
    db.session.commit()
    return list(db.session.scalars(db.select(Offer.angle).order_by(Offer.client_id)))


def test_a_product_without_benefits_gives_offers_without_one(project: Project) -> None:
    a_client(project)
    assert angles(project) == [""]
    assert db.session.scalars(db.select(Offer.benefit_id)).all() == [None]


def test_the_benefit_with_most_conditions_that_suit_is_chosen(project: Project) -> None:
    a_field(project, "age", type="decimal")
    a_field(project, "petrol", type="integer")
    a_benefit(project, "удобное приложение")
    a_benefit(project, "выгода в дороге", between("petrol", "3"))
    a_benefit(project, "выгода для опытных", between("petrol", "3"), between("age", "40"))
    for data in ({}, {"petrol": 5}, {"petrol": 5, "age": 50}, {"petrol": 1, "age": 50}):
        a_client(project, **data)
    assert angles(project) == ["удобное приложение", "выгода в дороге", "выгода для опытных", "удобное приложение"]


def test_no_benefit_is_said_to_whom_none_suits(project: Project) -> None:
    a_field(project, "petrol", type="integer")
    a_benefit(project, "выгода в дороге", between("petrol", "3"))
    a_client(project, petrol=1)
    assert angles(project) == [""]


def test_equals_are_spread_evenly(project: Project) -> None:
    many_clients(project, 300)
    a_benefit(project, "удобное приложение")
    a_benefit(project, "выгода каждый день")
    counts = Counter(angles(project))
    assert len(counts) == 2 and min(counts.values()) > 110


@pytest.mark.parametrize("sensitivity", [None, Sensitivity.SECRET])
def test_a_field_that_is_missing_or_secret_suits_nobody(project: Project, sensitivity: Sensitivity | None) -> None:
    if sensitivity:
        a_field(project, "salary", type="integer", sensitivity=sensitivity, is_in_prompt=False)
    a_benefit(project, "выгода в дороге", between("salary", "3"))
    a_client(project, salary=100)
    assert angles(project) == [""]


def test_a_benefit_that_the_channel_blocks_is_not_chosen(project: Project) -> None:
    a_benefit(project, "кешбэк 77% на всё")
    a_client(project)
    assert angles(project) == [""]


def test_a_fixed_benefit_is_for_all(project: Project) -> None:
    a_field(project, "petrol", type="integer")
    fixed = a_benefit(project, "выгода в дороге", between("petrol", "3"))
    a_benefit(project, "удобное приложение")
    a_client(project, petrol=1)
    a_client(project, petrol=9)
    assert angles(project, fixed) == ["выгода в дороге"] * 2


def shown(client: FlaskClient, path: str) -> str:
    return str(client.get(path).get_data(as_text=True))


def test_a_campaign_says_one_benefit_where_that_is_asked_for(client: FlaskClient, project: Project) -> None:
    client.sign_in(project.members[0].user)
    a_client(project)
    benefit = a_benefit(project, "обслуживание бесплатно")
    address = f"/projects/{project.id}/campaigns"
    assert "обслуживание бесплатно" in shown(client, f"{address}/new")
    sent = {"channel_id": project.channels[0].id, "version_id": project.channels[0].versions[0].id, "clients": "all"}
    client.post(address, data=sent | {"drafts": 1, "benefit_id": benefit.id})
    campaign = db.session.scalars(db.select(Campaign)).one()
    assert campaign.benefit_id == benefit.id
    assert "обслуживание бесплатно" in shown(client, f"{address}/{campaign.id}")
    offer = db.session.scalars(db.select(Offer).filter_by(campaign_id=campaign.id)).one()
    assert offer.angle == "обслуживание бесплатно"
    assert "обслуживание бесплатно" in shown(client, f"/projects/{project.id}/offers/{offer.id}")
