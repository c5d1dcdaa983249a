"""Pages show times in the person's zone and say which it is; the bank's days are the bank's."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_admin.contrib.sqla.filters import DateTimeGreaterFilter

from marketing_app.bank_time import today
from marketing_app.database import db
from marketing_app.models import BankText, Campaign, OptOut, Project, User
from marketing_app.offers.text_states import is_cleared
from tests.factories import a_bank_text, a_campaign, a_client, a_project, a_user, an_opt_out

AT = datetime(2026, 3, 1, 22, 45, tzinfo=UTC)


@pytest.fixture
def project(client: FlaskClient) -> Project:
    project = a_project(a_user(language="en"))
    client.sign_in(project.members[0].user)
    return project


def times_on(client: FlaskClient, address: str) -> set[tuple[str, ...]]:
    """Of each time on a page: what a program reads, what its title says, what is shown."""
    page = client.get(address).get_data(as_text=True).replace("\u202f", " ")
    return set(re.findall(r'<time datetime="([^"]*)" title="([^"]*)">([^<]*)</time>', page))


def person(project: Project) -> User:
    return project.members[0].user


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        (None, ("2026-03-02T01:45:00+03:00", "Mar 2, 2026, 1:45:00 AM, GMT+03:00 Moscow", "3/2/26, 1:45 AM")),
        (
            "Asia/Vladivostok",
            ("2026-03-02T08:45:00+10:00", "Mar 2, 2026, 8:45:00 AM, GMT+10:00 Vladivostok", "3/2/26, 8:45 AM"),
        ),
    ],
)
def test_a_time_is_shown_in_the_person_s_zone_else_in_the_bank_s(
    client: FlaskClient, project: Project, zone: str | None, shown: tuple[str, ...]
) -> None:
    person(project).time_zone = zone
    campaign = a_campaign(project, created_at=AT)
    assert times_on(client, f"/projects/{project.id}/campaigns/{campaign.id}") == {shown}


def test_a_person_chooses_the_zone_in_the_profile(client: FlaskClient, project: Project) -> None:
    client.post("/profile", data={"name": "Anna", "language": "ru", "time_zone": "Asia/Yekaterinburg"})
    assert person(project).time_zone == "Asia/Yekaterinburg"
    page = client.get("/profile").get_data(as_text=True)
    assert '<option selected value="Asia/Yekaterinburg">GMT+05:00 Екатеринбург</option>' in page
    assert "GMT+03:00 Москва" in page
    client.post("/profile", data={"name": "Anna", "language": "ru", "time_zone": ""})
    assert person(project).time_zone is None


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "localtime"])
def test_a_zone_that_is_none_is_refused(client: FlaskClient, project: Project, zone: str) -> None:
    answer = client.post("/profile", data={"name": "Anna", "language": "en", "time_zone": zone})
    assert answer.status_code == 422 and person(project).time_zone is None


def test_the_name_of_a_campaign_says_the_zone_of_its_time(client: FlaskClient, project: Project) -> None:
    """Others read it, in zones of their own."""
    a_client(project)
    channel = project.channels[0]
    form = {"channel_id": channel.id, "version_id": channel.versions[0].id, "clients": "all", "drafts": 1, "name": ""}
    client.post(f"/projects/{project.id}/campaigns", data=form)
    assert db.session.scalars(db.select(Campaign.name)).one().endswith(" GMT+03:00")


def test_the_console_shows_and_filters_times_in_the_administrator_s_zone(client: FlaskClient, app: Flask) -> None:
    client.sign_in(a_user(is_administrator=True, language="en", time_zone="Asia/Vladivostok"))
    for hours, identity in ((0, "BEFORE"), (2, "AFTER")):
        an_opt_out(None, identity=identity, created_at=AT + timedelta(hours=hours))
    shown = {written for _at, _title, written in times_on(client, "/admin/opt_out/")}
    assert shown == {"3/2/26, 8:45 AM", "3/2/26, 10:45 AM"}
    later = client.get(f"/admin/opt_out/?flt0_{greater_than(app)}=2026-03-02+09:45:00").get_data(as_text=True)
    assert "AFTER" in later and "BEFORE" not in later


def test_a_time_before_all_times_in_a_zone_is_no_filter(client: FlaskClient, app: Flask) -> None:
    client.sign_in(a_user(is_administrator=True, language="en", time_zone="Asia/Vladivostok"))
    answer = client.get(f"/admin/opt_out/?flt0_{greater_than(app)}=0001-01-01+00:00:00")
    assert answer.status_code == 200 and "Invalid Filter Value" in answer.text


def greater_than(app: Flask) -> int:
    """The number of a filter among those of the table of opt-outs."""
    (view,) = [each for each in app.extensions["admin"][0]._views if getattr(each, "model", None) is OptOut]
    return next(number for number, each in enumerate(view._filters) if isinstance(each, DateTimeGreaterFilter))


@pytest.mark.parametrize(("zone", "is_usable"), [("Pacific/Midway", True), ("Pacific/Kiritimati", False)])
def test_a_text_is_cleared_until_the_end_of_the_bank_s_day(
    app: Flask, monkeypatch: pytest.MonkeyPatch, zone: str, is_usable: bool
) -> None:
    """Between these two zones there are 25 hours: when it is today in the first, it is tomorrow in the second."""
    monkeypatch.setitem(app.config, "STUDIO", app.config["STUDIO"].model_copy(update={"time_zone": zone}))
    a_bank_text("Оформите в приложении.", cleared_until=datetime.now(ZoneInfo("Pacific/Midway")).date())
    assert bool(db.session.scalar(db.select(BankText.id).where(is_cleared(today())))) is is_usable
