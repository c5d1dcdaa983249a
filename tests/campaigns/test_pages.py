"""What a marketer sees of campaigns, page by page. Nothing is written here: no worker runs."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, text

from marketing_app.database import db
from marketing_app.models import Campaign, CampaignState, Client, Message, MessageRole, Offer, OfferState, Project
from tests.factories import a_campaign, a_channel, a_client, a_project, a_project_channel, a_user, an_offer

HTMX = {"HX-Request": "true"}


@pytest.fixture
def project(app: Flask, client: FlaskClient) -> Project:
    """A project with three clients, in which a performer has signed in."""
    project = a_project(performer=a_user())
    for name in ("A1", "A2", "B1"):
        a_client(project, name)
    client.sign_in(project.members[-1].user)
    return project


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def form_of(project: Project, **changed: Any) -> dict[str, Any]:
    """The form as it stands when it is opened, with changes."""
    channel = project.channels[0]
    opened = {
        "channel_id": channel.id,
        "version_id": channel.versions[0].id,
        "clients": "all",
        "search": "",
        "without_offer": "y",
        "drafts": 1,
        "seed": "",
        "name": "",
    }
    return opened | changed


def plan(client: FlaskClient, project: Project, **changed: Any) -> int:
    """How many offers the page says would be written."""
    answer = client.post(f"/projects/{project.id}/campaigns/plan", data=form_of(project, **changed), headers=HTMX)
    assert answer.status_code == 200
    found = re.search(r'data-count="(\d+)"', answer.get_data(as_text=True))
    assert found
    return int(found[1])


def start(client: FlaskClient, project: Project, **changed: Any) -> Any:
    return client.post(f"/projects/{project.id}/campaigns", data=form_of(project, **changed))


def newest() -> Campaign:
    return db.session.scalars(db.select(Campaign).order_by(Campaign.id.desc()).limit(1)).one()


def ready(campaign: Campaign, text: str = "Карта с лимитом до 1 млн рублей.", drafts: tuple[str, ...] = ()) -> Offer:
    """An offer that was written now, with the drafts it was chosen from."""
    offer = an_offer(campaign, state=OfferState.READY, text=text, written_at=func.now())
    made = [[draft, 10, -1.0] for draft in drafts or (text,)]
    db.session.add(Message(offer_id=offer.id, role=MessageRole.DRAFT, text=text, drafts=made))
    db.session.commit()
    return offer


def failed(campaign: Campaign, failure: str, **detail: int) -> Offer:
    return an_offer(campaign, state=OfferState.FAILED, failure=failure, failure_detail=detail)


def test_an_empty_list_says_what_to_do_first(client: FlaskClient, project: Project) -> None:
    shown = page(client, f"/projects/{project.id}/campaigns")
    assert f"/projects/{project.id}/campaigns/new" in shown
    assert 'class="empty"' in shown


def test_the_plan_counts_the_clients_that_match(client: FlaskClient, project: Project) -> None:
    load = db.session.scalar(text("SELECT min(import_id) FROM client"))
    number = db.session.scalar(text("SELECT min(id) FROM client"))
    assert plan(client, project) == 3
    assert plan(client, project, clients="search", search="A") == 2
    assert plan(client, project, clients="load", import_id=load) == 1
    assert plan(client, project, clients="chosen", client_ids=[number]) == 1
    assert plan(client, project, clients="all", search="nobody") == 3


def test_who_has_an_offer_is_left_out_unless_wished(client: FlaskClient, project: Project) -> None:
    person = db.session.scalars(db.select(Client).limit(1)).one()
    an_offer(a_campaign(project), person)
    assert plan(client, project) == 2
    form = form_of(project)
    del form["without_offer"]
    assert 'data-count="3"' in client.post(f"/projects/{project.id}/campaigns/plan", data=form).text


def test_the_plan_follows_the_channel_to_its_prompt(client: FlaskClient, project: Project) -> None:
    other = a_project_channel(project, a_channel(name="Письмо"), prompt="Напиши письмо о {product}. {client}")
    answer = client.post(f"/projects/{project.id}/campaigns/plan", data=form_of(project, channel_id=other.id))
    assert "Напиши письмо о" in answer.text


def test_starting_makes_the_offers_and_goes_to_the_campaign(client: FlaskClient, project: Project) -> None:
    answer = start(client, project, drafts=4, clients="search", search="A")
    campaign = newest()
    assert answer.status_code == 303
    assert answer.location == f"/projects/{project.id}/campaigns/{campaign.id}"
    assert (campaign.offer_count, campaign.drafts_per_client) == (2, 4)
    assert campaign.author_id == project.members[-1].user_id
    shown = page(client, answer.location)
    assert campaign.name in shown and str(campaign.seed) in shown
    assert re.search("[“«]…[”»]", shown), "that ids were asked for is kept; which ones would outlive an erased client"


def test_a_name_and_a_seed_are_kept_when_given(client: FlaskClient, project: Project) -> None:
    start(client, project, name=" Осень ", seed=7)
    assert (newest().name, newest().seed) == ("Осень", 7)


def test_a_campaign_without_a_name_is_named_after_its_channel(client: FlaskClient, project: Project) -> None:
    start(client, project)
    assert newest().name.startswith(project.channels[0].channel.name)


@pytest.mark.parametrize(
    "wrong",
    [
        {"drafts": 0},
        {"drafts": 9},
        {"drafts": ""},
        {"seed": -1},
        {"seed": "x"},
        {"name": "x" * 201},
        {"clients": "search", "search": ""},
        {"clients": "load", "import_id": 0},
        {"clients": "somebody"},
        {"clients": "search", "search": "nobody"},
        {"clients": "chosen"},
    ],
)
def test_what_cannot_be_is_said_and_nothing_begins(
    client: FlaskClient, project: Project, wrong: dict[str, Any]
) -> None:
    answer = start(client, project, **wrong)
    assert answer.status_code == 422
    assert "invalid-feedback" in answer.text
    assert db.session.scalar(db.select(func.count(Campaign.id))) == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"clients": "matching"} | {f"how.data.{number}": "filled" for number in range(25_000)},
            "Условий не больше 20",
        ),
        ({"clients": "chosen", "client_ids": [1, 2**63]}, "Отметьте клиентов на странице клиентов заново"),
    ],
    ids=["conditions", "clients"],
)
def test_more_than_a_filter_or_a_number_can_be_is_said(
    client: FlaskClient, project: Project, wrong: dict[str, Any], said: str
) -> None:
    answer = start(client, project, **wrong)
    assert answer.status_code == 422 and said in answer.text
    assert len(answer.data) < 100_000
    assert plan(client, project, **wrong) in (0, 1)


def test_the_ticked_clients_come_along(client: FlaskClient, project: Project) -> None:
    first, second = db.session.scalars(db.select(Client.id).limit(2))
    assert f'value="{first}"' in page(client, f"/projects/{project.id}/clients")
    shown = page(client, f"/projects/{project.id}/campaigns/new?client_ids={first}&client_ids={second}&chosen=1")
    assert re.findall(r'name="client_ids" value="(\d+)"', shown) == [str(first), str(second)]
    assert re.search(r"<input checked[^>]*value=\"chosen\"", shown)
    assert plan(client, project, clients="chosen", client_ids=[first, second]) == 2


def test_ticking_nobody_is_said(client: FlaskClient, project: Project) -> None:
    assert re.search(r"<input checked[^>]*value=\"chosen\"", page(client, f"{address(project)}/new?chosen=1"))
    assert plan(client, project, clients="chosen") == 0


def test_a_client_of_another_project_is_not_counted(client: FlaskClient, project: Project) -> None:
    stranger = a_client(a_project())
    assert plan(client, project, clients="chosen", client_ids=[stranger.id]) == 0


def test_the_page_says_what_the_database_says(client: FlaskClient, project: Project) -> None:
    campaign = a_campaign(project, 2, offer_count=6)
    ready(campaign), ready(campaign), failed(campaign, "empty")
    an_offer(campaign, state=OfferState.WRITING)
    shown = page(client, f"/projects/{project.id}/campaigns/{campaign.id}")
    counts = dict(re.findall(r'data-state="(\w+)">[^<]*?(\d+)<', shown))
    written = {"ready": "2", "needs_person": "0", "failed": "1", "cancelled": "0", "opted_out": "0"}
    assert counts == {"waiting": "2", "writing": "1"} | written
    assert re.search(r'data-progress="50\s*%"', shown)


def test_every_draft_can_be_looked_at_with_the_chosen_one_marked(client: FlaskClient, project: Project) -> None:
    campaign = a_campaign(project, offer_count=1)
    offer = ready(campaign, "Второй текст.", ("Первый текст.", "Второй текст.", "Третий текст."))
    for path in (f"/projects/{project.id}/campaigns/{campaign.id}", f"/projects/{project.id}/offers/{offer.id}"):
        rows = re.findall(r"<li class=\"mb-2\">.*?</li>", page(client, path), re.DOTALL)
        assert ["bg-success-lt" in row for row in rows] == [False, True, False]


def test_failures_are_grouped_and_say_what_to_do(client: FlaskClient, project: Project) -> None:
    campaign = a_campaign(project, offer_count=3)
    failed(campaign, "prompt_too_long", tokens=2310, limit=2048)
    failed(campaign, "prompt_too_long", tokens=2290, limit=2048)
    failed(campaign, "model_missing")
    client.post("/language", data={"language": "en"})
    shown = page(client, f"/projects/{project.id}/campaigns/{campaign.id}")
    assert re.search(r">2</span>\s*<span><strong>[^<]*2.310[^<]*2.048", shown)
    assert f"/campaigns/{campaign.id}/retry" in shown


def test_pause_resume_and_cancel_from_any_page(client: FlaskClient, project: Project) -> None:
    campaign = a_campaign(project, 2)
    address = f"/projects/{project.id}/campaigns/{campaign.id}"
    for page_with_controls in ("/", f"/projects/{project.id}", f"/projects/{project.id}/campaigns", address):
        assert f"{address}/pause" in page(client, page_with_controls)
    for action, state in (("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")):
        answer = client.post(f"{address}/{action}", headers=HTMX)
        assert answer.status_code == 200
        assert "alert-success" in answer.text and "campaign-changed" in answer.headers["HX-Trigger"]
        assert db.session.get_one(Campaign, campaign.id).state == state
    assert f"{address}/pause" not in page(client, address)


def test_a_control_without_htmx_goes_back_to_the_campaign(client: FlaskClient, project: Project) -> None:
    campaign = a_campaign(project, 1)
    answer = client.post(f"/projects/{project.id}/campaigns/{campaign.id}/pause")
    assert (answer.status_code, answer.location) == (303, f"/projects/{project.id}/campaigns/{campaign.id}")


def test_retrying_says_how_many(client: FlaskClient, project: Project) -> None:
    campaign = a_campaign(project, offer_count=2, finished_at=func.now())
    failed(campaign, "empty"), failed(campaign, "empty")
    answer = client.post(f"/projects/{project.id}/campaigns/{campaign.id}/retry", headers=HTMX)
    assert answer.status_code == 200 and "2" in answer.text
    assert db.session.get_one(Campaign, campaign.id).is_running


@pytest.mark.parametrize("action", ["pause", "resume", "cancel"])
def test_what_is_over_refuses_with_a_reason(client: FlaskClient, project: Project, action: str) -> None:
    campaign = a_campaign(project, finished_at=func.now())
    for headers in ({}, HTMX):
        answer = client.post(f"/projects/{project.id}/campaigns/{campaign.id}/{action}", headers=headers)
        assert answer.status_code == 409


def test_an_archived_project_is_read_only(client: FlaskClient, project: Project) -> None:
    campaign = a_campaign(project, 1)
    project.is_archived = True
    db.session.commit()
    address = f"/projects/{project.id}/campaigns"
    shown = page(client, f"{address}/{campaign.id}") + page(client, address)
    assert "hx-post" not in shown and "campaigns/new" not in shown
    assert client.get(f"{address}/new").status_code == 409
    assert start(client, project).status_code == 409


def test_strangers_find_no_campaign(client: FlaskClient, project: Project) -> None:
    campaign = a_campaign(project, 1)
    own = a_project(a_user("Чужой"))
    client.post("/sign-out")
    client.sign_in(own.members[0].user)
    for path in ("", "/stream", "/pause"):
        method = client.post if path == "/pause" else client.get
        assert method(f"/projects/{project.id}/campaigns/{campaign.id}{path}").status_code == 404
        assert method(f"/projects/{own.id}/campaigns/{campaign.id}{path}").status_code == 404
    assert campaign.name not in page(client, "/")
    assert client.get(f"/projects/{own.id}/offers?campaign_id={campaign.id}").status_code == 404


def test_the_list_is_filtered_by_state(client: FlaskClient, project: Project) -> None:
    names = {
        "running": a_campaign(project).name,
        "paused": a_campaign(project, state=CampaignState.PAUSED).name,
        "finished": a_campaign(project, finished_at=func.now()).name,
        "cancelled": a_campaign(project, state=CampaignState.CANCELLED).name,
    }
    for stage, name in names.items():
        listed = re.findall(r'id="campaign-\d+"[^>]*>([^<]+)<', page(client, f"{address(project)}?stage={stage}"))
        assert listed == [name]
    assert len(re.findall(r'id="campaign-\d+"', page(client, address(project)))) == 4


def address(project: Project) -> str:
    return f"/projects/{project.id}/campaigns"


def test_offers_are_filtered_by_campaign_and_state(client: FlaskClient, project: Project) -> None:
    campaign, other = a_campaign(project, 2, offer_count=3), a_campaign(project, 1)
    lost = failed(campaign, "empty")
    rows = {
        "": 4,
        f"?campaign_id={campaign.id}": 3,
        f"?campaign_id={other.id}": 1,
        f"?campaign_id={campaign.id}&state=waiting": 2,
        "?state=waiting": 3,
        "?state=failed": 1,
    }
    for query, count in rows.items():
        shown = page(client, f"/projects/{project.id}/offers{query}")
        assert len(re.findall(r"<td><span class=\"badge", shown)) == count
    shown = page(client, f"/projects/{project.id}/offers?campaign_id={campaign.id}&state=failed")
    assert f"/offers/{lost.id}" in shown


@pytest.mark.parametrize("state", ["waiting", "writing", "failed", "cancelled"])
def test_an_offer_without_a_text_says_why(client: FlaskClient, project: Project, state: str) -> None:
    campaign = a_campaign(project, offer_count=1)
    offer = an_offer(campaign, state=OfferState(state), failure="server_away" if state == "failed" else "")
    shown = page(client, f"/projects/{project.id}/offers/{offer.id}")
    assert 'class="alert-link' in shown and f"/campaigns/{campaign.id}" in shown


def test_pages_ask_as_much_for_three_offers_as_for_three_hundred(
    client: FlaskClient, project: Project, statements: list[str]
) -> None:
    taken = []
    for size in (3, 300):
        campaign = a_campaign(project, offer_count=size)
        for _campaign in range(size // 30):
            a_campaign(project)
        fill(campaign, size)
        counts = []
        for path in (f"/campaigns/{campaign.id}", "/campaigns", f"/offers?campaign_id={campaign.id}", "/campaigns/new"):
            address = f"/projects/{project.id}{path}"  # asks for the project again, which is not the page's doing
            statements.clear()
            page(client, address)
            counts.append(len(statements))
        taken.append(counts)
    assert taken[0] == taken[1]
    assert max(taken[1]) <= 10


def fill(campaign: Campaign, size: int) -> None:
    """So many ready offers with their drafts, for clients of their own."""
    values = {"campaign": campaign.id, "size": size, "load": a_client(campaign.project).import_id}
    db.session.execute(
        text(
            "INSERT INTO client (project_id, import_id, outside_id, data, fingerprint)"
            " SELECT project_id, :load, 'F' || :load || '-' || n, '{}', md5(id::text) || md5(n::text)"
            " FROM campaign, generate_series(1, :size) n WHERE campaign.id = :campaign"
        ),
        values,
    )
    db.session.execute(
        text(
            "INSERT INTO offer (project_id, project_channel_id, prompt_version_id, campaign_id, client_id, state, text,"
            " verdict, outcome, failure, failure_detail, attempt_count, written_at)"
            " SELECT campaign.project_id, project_channel_id, prompt_version_id, campaign.id, client.id, 'ready',"
            " 'Текст', 'clean', 'unknown', '', '{}', 1, now()"
            " FROM campaign JOIN client ON client.project_id = campaign.project_id"
            " WHERE campaign.id = :campaign AND outside_id LIKE 'F%' ON CONFLICT DO NOTHING"
        ),
        values,
    )
    db.session.commit()


@pytest.mark.parametrize(
    ("states", "share"),
    [("writing writing", 0), ("cancelled cancelled", 0), ("failed writing", 50), ("failed opted_out", 100)],
)
def test_the_bar_is_as_long_as_what_is_done(client: FlaskClient, project: Project, states: str, share: int) -> None:
    campaign = a_campaign(project, offer_count=2)
    for name in states.split():
        an_offer(campaign, state=OfferState(name))
    for path in (f"/projects/{project.id}/campaigns/{campaign.id}", f"/projects/{project.id}/campaigns"):
        bar = re.search(r'<svg class="campaign-bar".*?</svg>', page(client, path), re.DOTALL)
        assert bar, path
        assert sum(float(width) for width in re.findall(r' x="[\d.]+%" width="([\d.]+)%"', bar[0])) == share, path
