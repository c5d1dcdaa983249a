"""Making, finding, changing and archiving projects; their channels."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import Offer, Project, ProjectSaleChannel, Role, User
from tests.factories import a_channel, a_client, a_product, a_project, a_user


@pytest.fixture
def manager(client: FlaskClient) -> User:
    manager = a_user("Управляющая", language="en")
    client.sign_in(manager)
    return manager


@pytest.fixture
def project(manager: User) -> Project:
    return a_project(manager)


def an_offer(project: Project) -> Offer:
    channel = project.channels[0]
    offer = Offer(
        project_id=project.id,
        project_channel_id=channel.id,
        client_id=a_client(project).id,
        prompt_version_id=channel.versions[0].id,
    )
    db.session.add(offer)
    db.session.commit()
    return offer


def page(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def test_without_projects_the_page_says_what_to_do(client: FlaskClient, manager: User) -> None:
    assert "Make the first one" in page(client, "/")


def test_who_makes_a_project_manages_it(client: FlaskClient, manager: User) -> None:
    channel, product = a_channel(), a_product()
    data = {"name": "Осень", "product_id": product.id, "occasion": "Школа", "language": "ru", "channels": [channel.id]}
    data["retention_days"] = 90
    assert client.post("/projects/new", data=data).status_code == 303
    project = db.session.scalars(db.select(Project)).one()
    assert [(member.user_id, member.role) for member in project.members] == [(manager.id, Role.MANAGER)]
    version = project.channels[0].versions[0]
    assert version.number == 1 and "{client}" in version.text and version.author_id == manager.id


@pytest.mark.parametrize(
    "wrong", [{"name": "  "}, {"product_id": 999}, {"language": "fr"}, {"channels": [999]}, {"retention_days": 0}]
)
def test_a_wrong_project_is_not_made(client: FlaskClient, manager: User, wrong: dict[str, Any]) -> None:
    data = {"name": "Осень", "product_id": a_product().id, "language": "ru", "retention_days": 90} | wrong
    assert client.post("/projects/new", data=data).status_code == 422
    assert db.session.scalar(db.select(Project)) is None


def test_projects_are_searched_filtered_sorted_and_paged(client: FlaskClient, manager: User) -> None:
    product = a_product()
    for number in range(30):
        a_project(manager, name=f"Весна {number:02}", product=product)
    other = a_project(manager, name="Лето")
    assert "Лето" not in page(client, "/?search=весна")
    assert "Весна 29" not in page(client, f"/?product_id={other.product_id}")
    assert "Весна 00" not in page(client, "/") and "Весна 00" in page(client, "/?page=2")
    assert page(client, "/?order=name").index("Весна 00") < page(client, "/?order=name").index("Весна 10")


def test_somebody_elses_project_is_not_listed(client: FlaskClient, manager: User) -> None:
    a_project(name="Чужой")
    assert "Чужой" not in page(client, "/")


def test_a_list_of_projects_takes_few_queries(
    client: FlaskClient, manager: User, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    for _ in range(20):
        a_project(manager)
    assert count_queries(lambda: page(client, "/")) <= 10


def test_the_next_step_is_shown(client: FlaskClient, project: Project) -> None:
    text = page(client, f"/projects/{project.id}")
    assert text.index("Load clients") < text.index("Next step") < text.index("Edit the prompts")


def test_a_project_is_changed(client: FlaskClient, project: Project) -> None:
    data = {"name": "Иначе", "product_id": project.product_id, "occasion": "", "language": "en", "retention_days": 30}
    client.post(f"/projects/{project.id}/edit", data=data)
    assert (project.name, project.occasion, project.language) == ("Иначе", "", "en")


def test_the_form_of_a_project_shows_it_as_it_is(client: FlaskClient, project: Project) -> None:
    a_product(name="Абонемент")  # the first in the list
    text = page(client, f"/projects/{project.id}/edit")
    assert f'<option selected value="{project.product_id}">' in text and text.count("<option selected") == 2


def test_the_product_stays_once_offers_exist(client: FlaskClient, project: Project) -> None:
    an_offer(project)
    old = project.product_id
    data = {"name": "Иначе", "product_id": a_product().id, "language": "ru", "retention_days": 30}
    answer = client.post(f"/projects/{project.id}/edit", data=data)
    assert answer.status_code == 409 and "Make a new project" in answer.get_data(as_text=True)
    assert project.product_id == old


def test_an_archived_project_is_read_not_changed_and_can_be_restored(client: FlaskClient, project: Project) -> None:
    address = f"/projects/{project.id}"
    client.post(f"{address}/archive")
    assert project.is_archived and "in the archive" in page(client, address)
    data = {"name": "Иначе", "product_id": project.product_id, "language": "ru", "retention_days": 30}
    assert client.post(f"{address}/edit", data=data).status_code == 409
    assert project.name not in page(client, "/") and project.name in page(client, "/?archived=1")
    client.post(f"{address}/restore")
    assert not project.is_archived


def test_channels_are_added_once_each(client: FlaskClient, project: Project) -> None:
    channel = a_channel()
    for _ in range(2):
        client.post(f"/projects/{project.id}/channels", data={"channels": [channel.id]})
    assert [each.sale_channel_id for each in project.channels].count(channel.id) == 1


def test_a_channel_without_offers_is_removed(client: FlaskClient, project: Project) -> None:
    client.post(f"/projects/{project.id}/channels/{project.channels[0].id}/remove")
    assert db.session.scalar(db.select(ProjectSaleChannel)) is None


def test_a_channel_with_offers_stays_with_a_reason(client: FlaskClient, project: Project) -> None:
    an_offer(project)
    answer = client.post(f"/projects/{project.id}/channels/{project.channels[0].id}/remove")
    assert answer.status_code == 409 and "stays in the project" in answer.get_data(as_text=True)
