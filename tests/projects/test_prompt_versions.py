"""What came of each version of a prompt, two of them side by side, and an old one used again."""

from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import OfferState, Outcome, Project, PromptVersion, Review, Sensitivity, Verdict
from marketing_app.projects.results import Results, results_of
from tests.factories import PROMPT, a_campaign, a_field, an_offer, saved


def address(project: Project) -> str:
    return f"/projects/{project.id}/channels/{project.channels[0].id}"


def newest(project: Project) -> PromptVersion:
    return project.channels[0].versions[0]


def test_a_version_has_its_note(client: FlaskClient, project: Project) -> None:
    data = {"text": "Тепло: {client}", "note": " warmer ", "based_on": 2}
    assert client.post(address(project), data=data).status_code == 303
    assert newest(project).note == "warmer"
    assert "warmer" in client.get(address(project)).get_data(as_text=True)
    assert client.post(address(project), data=data | {"note": "x" * 301}).status_code == 422


def test_a_browser_ends_lines_in_its_own_way(client: FlaskClient, project: Project) -> None:
    client.post(address(project), data={"text": "Тепло.\r\nКоротко: {client}", "based_on": 2})
    assert newest(project).text == "Тепло.\nКоротко: {client}"


def test_a_version_shows_what_came_of_it(client: FlaskClient, project: Project) -> None:
    campaign = a_campaign(project)
    written = {"state": OfferState.READY, "text": "x", "written_at": db.func.now()}
    approved = {"review": Review.APPROVED, "reviewed_at": db.func.now(), "outcome": Outcome.SOLD}
    an_offer(campaign, verdict=Verdict.CLEAN, **written, **approved)
    an_offer(campaign, verdict=Verdict.WARN, **written)
    an_offer(campaign, verdict=Verdict.BLOCK, **written)
    an_offer(campaign, verdict=Verdict.UNCHECKED, **written)
    an_offer(campaign)
    found = results_of(project.channels[0])
    assert found[campaign.prompt_version_id] == Results(offers=5, texts=4, checked=3, passing=2, approved=1, sold=1)
    assert "2 (67%)" in client.get(address(project)).get_data(as_text=True)


def test_two_versions_stand_side_by_side(client: FlaskClient, project: Project) -> None:
    page = client.get(f"{address(project)}/versions?left=1&right=2").get_data(as_text=True)
    assert page.count("mark-differs") == 1 and "Коротко.</mark>" in page
    assert client.get(f"{address(project)}/versions?left=7").status_code == 404


def test_an_old_version_is_used_again_as_a_new_one(client: FlaskClient, project: Project) -> None:
    data = {"version": 1, "based_on": 2}
    assert client.post(f"{address(project)}/versions/restore", data=data).status_code == 303
    assert (newest(project).number, newest(project).text) == (3, PROMPT)
    assert newest(project).note == "The text of version 1 again"
    assert client.post(f"{address(project)}/versions/restore", data={"version": 2, "based_on": 2}).status_code == 409


def test_an_old_version_that_names_a_secret_field_is_not_used_again(client: FlaskClient, project: Project) -> None:
    channel_id = project.channels[0].id
    saved(PromptVersion(project_channel_id=channel_id, number=3, text=PROMPT + " Скажи, какая зарплата за год."))
    saved(PromptVersion(project_channel_id=channel_id, number=4, text=PROMPT))
    a_field(project, "sum_zp_12m", label="зарплата за год", sensitivity=Sensitivity.SECRET, is_in_prompt=False)
    db.session.expire_all()
    answer = client.post(f"{address(project)}/versions/restore", data={"version": 3, "based_on": 4})
    assert answer.status_code == 303 and answer.location.endswith("?version=3")
    assert "“зарплата за год” is a secret field" in client.get(answer.location).get_data(as_text=True)
    assert newest(project).number == 4
