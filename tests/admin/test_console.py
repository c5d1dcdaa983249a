"""What administrators do in the console, and what it refuses."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from marketing_app.database import db
from marketing_app.models import AuditEntry, Product, SaleChannel, User
from tests.factories import PASSWORD, a_channel, a_product, a_project, a_user

PRODUCT = {"key": "CC", "name": "Карта", "kind": "card", "description": "Лимит до 1 млн рублей.", "link": ""}
USER = {"email": "new@bank.example", "name": "Новая", "password": PASSWORD, "language": "ru", "is_active": "y"}


@pytest.fixture
def console(client: FlaskClient, app: Flask) -> FlaskClient:
    client.sign_in(a_user("Администратор", is_administrator=True))
    return client


def picture(size: tuple[int, int] = (1600, 900), form: str = "PNG") -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", size, "navy").save(file, form)
    file.seek(0)
    return file


def newest_audit() -> AuditEntry:
    entry = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry
    return entry


def create(console: FlaskClient, **changes: Any) -> Any:
    return console.post("/admin/product/new/", data=PRODUCT | changes)


def test_a_product_is_made_and_audited(console: FlaskClient) -> None:
    assert create(console).status_code == 302
    product = db.session.scalars(db.select(Product)).one()
    assert product.kind.value == "card"
    entry = newest_audit()
    assert (entry.action, entry.object_type, entry.object_id) == ("create", "product", str(product.id))


def test_a_change_is_audited_with_before_and_after(console: FlaskClient) -> None:
    create(console)
    product = db.session.scalars(db.select(Product)).one()
    console.post(f"/admin/product/edit/?id={product.id}", data=PRODUCT | {"name": "Золотая карта"})
    assert newest_audit().changes == {"name": ["Карта", "Золотая карта"]}


@pytest.mark.parametrize(
    "wrong", [{"key": "cc card"}, {"key": ""}, {"name": ""}, {"kind": "boat"}, {"link": "javascript:alert(1)"}]
)
def test_a_wrong_product_is_refused(console: FlaskClient, wrong: dict[str, str]) -> None:
    assert create(console, **wrong).status_code == 200
    assert db.session.scalar(db.select(Product)) is None


def test_a_key_is_used_once(console: FlaskClient) -> None:
    create(console)
    create(console, name="Другая")
    assert db.session.scalars(db.select(Product)).one().name == "Карта"


def test_a_product_of_a_project_is_not_deleted_and_the_reason_is_said(console: FlaskClient) -> None:
    project = a_project(name="Осенний проект")
    page = console.post("/admin/product/delete/", data={"id": project.product_id}, follow_redirects=True)
    assert "Осенний проект" in page.get_data(as_text=True)
    assert db.session.get(Product, project.product_id)


def test_an_unused_product_is_deleted_and_audited(console: FlaskClient) -> None:
    product = a_product()
    console.post("/admin/product/delete/", data={"id": product.id})
    assert db.session.scalar(db.select(Product)) is None
    assert newest_audit().action == "delete"


def test_many_are_not_deleted_at_once(console: FlaskClient) -> None:
    product = a_product()
    console.post("/admin/product/action/", data={"action": "delete", "rowid": [product.id]})
    assert db.session.get(Product, product.id)


def test_a_delete_button_does_nothing_without_the_script_that_asks(console: FlaskClient) -> None:
    a_product()
    page = console.get("/admin/product/").get_data(as_text=True)
    (form,) = re.findall(r'<form class="icon".*?</form>', page, re.DOTALL)
    (button,) = re.findall(r"<button[^>]*>", form)
    assert re.fullmatch(r'<button type="button" data-confirm="[^"]+" title="[^"]+">', button)
    assert "js/admin.js" in page


def test_a_channel_of_a_project_is_not_deleted(console: FlaskClient) -> None:
    channel = a_project().channels[0].channel
    unused = a_channel()
    for each in (channel, unused):
        console.post("/admin/channel/delete/", data={"id": each.id})
    assert db.session.scalars(db.select(SaleChannel)).one().id == channel.id


def test_products_are_searched_and_filtered(console: FlaskClient) -> None:
    a_product(name="Ипотека")
    a_product(name="Вклад")
    page = console.get("/admin/product/?search=Ипот").get_data(as_text=True)
    assert "Ипотека" in page and "Вклад" not in page


def test_a_picture_is_made_small_and_served(console: FlaskClient) -> None:
    create(console, picture=(picture(), "card.png"))
    product = db.session.scalars(db.select(Product)).one()
    served = console.get(f"/images/{product.image}")
    shown = Image.open(io.BytesIO(served.data))
    assert served.mimetype == "image/webp" and shown.format == "WEBP" and max(shown.size) == 800


def test_a_new_picture_replaces_the_old_one(console: FlaskClient) -> None:
    create(console, picture=(picture(), "card.png"))
    product = db.session.scalars(db.select(Product)).one()
    old = product.image
    data = PRODUCT | {"picture": (picture(form="JPEG"), "card.jpg")}
    console.post(f"/admin/product/edit/?id={product.id}", data=data)
    assert product.image != old
    assert console.get(f"/images/{old}").status_code == 404
    assert console.get(f"/images/{product.image}").status_code == 200


@pytest.mark.parametrize(
    "content", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\nbroken", b"\x00" * (2 * 2**20 + 1)]
)
def test_a_file_that_is_no_picture_is_refused(console: FlaskClient, content: bytes) -> None:
    create(console, picture=(io.BytesIO(content), "picture.png"))
    assert db.session.scalar(db.select(Product)) is None


def test_a_picture_of_too_many_pixels_is_refused(console: FlaskClient) -> None:
    create(console, picture=(picture((8000, 6000)), "huge.png"))
    assert db.session.scalar(db.select(Product)) is None


def test_an_account_is_made_without_its_password_in_the_audit(console: FlaskClient) -> None:
    console.post("/admin/user/new/", data=USER)
    user = db.session.scalars(db.select(User).filter_by(email=USER["email"])).one()
    assert user.has_password(PASSWORD)
    assert newest_audit().changes["password"] == ["…", "…"]
    assert user.password_hash not in str(newest_audit().changes)


@pytest.mark.parametrize("wrong", [{"password": ""}, {"password": "short"}, {"email": "nonsense"}, {"name": ""}])
def test_a_wrong_account_is_refused(console: FlaskClient, wrong: dict[str, str]) -> None:
    console.post("/admin/user/new/", data=USER | wrong)
    assert db.session.scalar(db.select(User).filter_by(name=USER["name"])) is None


def test_an_empty_password_stays_as_it_is(console: FlaskClient) -> None:
    user = a_user()
    console.post(f"/admin/user/edit/?id={user.id}", data=USER | {"password": "", "email": user.email})
    assert user.name == USER["name"] and user.has_password(PASSWORD)


def test_nobody_is_sent_back_to_an_address_with_a_line_break(console: FlaskClient) -> None:
    product = a_product()
    for way in (
        "product/new/?url=/a%0Ab",
        f"product/edit/?id={product.id}&url=/%0D%0AX:y",
        "product/details/?url=/%0A",
    ):
        assert console.get(f"/admin/{way}").status_code == 400
    assert console.post("/admin/product/delete/", data={"id": product.id, "url": "/a\nb"}).status_code == 400
    back = "/admin/product/?search=a"
    assert console.post("/admin/product/new/", query_string={"url": back}, data=PRODUCT).location == back


def test_the_last_administrator_stays(console: FlaskClient) -> None:
    me = db.session.scalars(db.select(User)).one()
    console.post(f"/admin/user/edit/?id={me.id}", data=USER | {"email": me.email, "password": ""})
    assert me.is_administrator


@pytest.mark.parametrize("path", ["/admin/", "/admin/product/", "/admin/user/", "/admin/audit/", "/admin/project/"])
def test_nobody_else_enters(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 302
    client.sign_in(a_user())
    assert client.get(path).status_code == 404


def test_a_form_without_its_token_is_refused(console: FlaskClient, app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert create(console).status_code == 400
        assert 'name="csrf_token"' in console.get("/admin/product/new/").get_data(as_text=True)
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert db.session.scalar(db.select(Product)) is None
