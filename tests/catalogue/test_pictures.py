"""Pictures of products and channels: how they are served, who may see them, and which files are refused."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, PngImagePlugin

from marketing_app.catalogue.images import directory_of
from marketing_app.database import db
from marketing_app.models import Product, SaleChannel
from tests.factories import a_project, a_user

PRODUCT = {"key": "CC", "name": "Карта", "kind": "card", "description": "Лимит до 1 млн рублей.", "link": ""}
CHANNEL = {"key": "SMS", "name": "СМС", "description": "Коротко.", "max_length": "134"}
NOT_A_PICTURE = "The picture is not a PNG, JPEG or WebP file, or it is damaged."
TOO_LARGE = "The picture is too large: at most 2 MB and 40 million pixels."
WORD_OF_A_STRANGER = b"<script>alert(1)</script>"


@pytest.fixture
def console(app: Flask) -> FlaskClient:
    visitor = app.test_client()
    visitor.sign_in(a_user("Администратор", is_administrator=True, language="en"))
    return visitor


@pytest.fixture
def kept(app: Flask) -> Path:
    """The folder of the pictures; nothing of a test before is in it."""
    folder = directory_of(app.config["STUDIO"].instance_path)
    for file in folder.glob("*"):
        file.unlink()
    return folder


def picture(size: tuple[int, int] = (40, 20), mode: str = "RGB", form: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size).save(file, form, **options)
    return file.getvalue()


def png_that_says(width: int, height: int) -> bytes:
    """The header of a picture of that size; its pixels are not there."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100))


def sent(console: FlaskClient, content: bytes, address: str = "/admin/product/new/", **changes: Any) -> Any:
    """Save a product with a picture."""
    return console.post(address, data=PRODUCT | {"picture": (io.BytesIO(content), "picture.png")} | changes)


def a_product_with(console: FlaskClient, content: bytes) -> Product:
    assert sent(console, content).status_code == 302
    return db.session.scalars(db.select(Product)).one()


def shown(visitor: FlaskClient, name: str) -> Image.Image:
    answer = visitor.get(f"/images/{name}")
    assert answer.status_code == 200
    return Image.open(io.BytesIO(answer.data))


def test_a_page_of_a_project_shows_the_picture_of_its_product(client: FlaskClient, console: FlaskClient) -> None:
    product, performer = a_product_with(console, picture()), a_user()
    project = a_project(performer=performer, product=product)
    client.sign_in(performer)
    assert f'src="/images/{product.image}" alt=""' in client.get(f"/projects/{project.id}").text
    assert shown(client, product.image).size == (40, 20)


def test_a_project_of_a_product_without_a_picture_shows_none(client: FlaskClient, app: Flask) -> None:
    manager = a_user()
    client.sign_in(manager)
    assert "/images/" not in client.get(f"/projects/{a_project(manager).id}").text


def test_the_picture_of_a_channel_is_served_too(client: FlaskClient, console: FlaskClient) -> None:
    file = (io.BytesIO(picture()), "picture.png")
    assert console.post("/admin/channel/new/", data=CHANNEL | {"picture": file}).status_code == 302
    client.sign_in(a_user())
    assert shown(client, db.session.scalars(db.select(SaleChannel)).one().image).format == "WEBP"


def test_who_is_not_signed_in_sees_no_picture(client: FlaskClient, console: FlaskClient) -> None:
    answer = client.get(f"/images/{a_product_with(console, picture()).image}")
    assert answer.status_code == 302 and answer.location.startswith("/sign-in")


def test_a_browser_keeps_a_picture_and_no_proxy_does(console: FlaskClient) -> None:
    answer = console.get(f"/images/{a_product_with(console, picture()).image}")
    cache = answer.cache_control
    assert (cache.max_age, cache.private, cache.public, cache.no_store) == (365 * 24 * 3600, True, False, False)
    assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("image/webp", "nosniff")


def test_a_picture_that_a_browser_has_is_not_sent_again(console: FlaskClient) -> None:
    address = f"/images/{a_product_with(console, picture()).image}"
    again = console.get(address, headers={"If-None-Match": console.get(address).headers["ETag"]})
    assert again.status_code == 304 and again.data == b""


@pytest.mark.parametrize(
    "name",
    ["none.webp", ".", "..", "../secret", "..%2Fsecret", "%2e%2e%2fsecret", "..%5Csecret", "%2Fetc%2Fpasswd", "a%00b"],
)
def test_no_other_file_is_served(console: FlaskClient, kept: Path, name: str) -> None:
    a_product_with(console, picture())
    secret = kept.parent / "secret"
    secret.write_text("for nobody")
    answer = console.get(f"/images/{name}")
    secret.unlink()
    assert answer.status_code == 404 and b"for nobody" not in answer.data
    assert answer.cache_control.no_store


def test_a_list_of_the_pictures_is_not_served(console: FlaskClient) -> None:
    a_product_with(console, picture())
    assert console.get("/images/").status_code == 404


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG\r\n\x1a\nbroken",
        picture((200, 200))[:150],
        picture((200, 200), form="JPEG")[:300],
        picture((200, 200), form="WEBP")[:-20],
        picture(form="GIF"),
        picture(form="TIFF"),
        picture(form="BMP"),
        picture(form="PDF"),
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        WORD_OF_A_STRANGER,
        png_that_says(100, 100),
        png_that_says(0, 0),
    ],
    ids=[
        "nothing",
        "a name of PNG alone",
        "half a PNG",
        "half a JPEG",
        "half a WebP",
        "GIF",
        "TIFF",
        "BMP",
        "PDF",
        "SVG",
        "HTML",
        "a PNG without pixels",
        "a PNG of no size",
    ],
)
def test_what_is_no_picture_is_refused(console: FlaskClient, kept: Path, content: bytes) -> None:
    assert NOT_A_PICTURE in sent(console, content).text
    assert db.session.scalar(db.select(Product)) is None and list(kept.glob("*")) == []


@pytest.mark.parametrize("size", [(7_000, 7_000), (9_500, 9_500), (60_000, 60_000)])
def test_a_picture_of_too_many_pixels_is_refused_unread(
    console: FlaskClient, kept: Path, size: tuple[int, int]
) -> None:
    assert TOO_LARGE in sent(console, png_that_says(*size)).text
    assert db.session.scalar(db.select(Product)) is None and list(kept.glob("*")) == []


def test_a_file_of_too_many_bytes_is_refused(console: FlaskClient) -> None:
    assert TOO_LARGE in sent(console, picture() + b"\0" * 2 * 2**20).text


def test_a_refused_picture_leaves_the_one_before(console: FlaskClient) -> None:
    product = a_product_with(console, picture())
    before = product.image
    assert NOT_A_PICTURE in sent(console, b"broken", f"/admin/product/edit/?id={product.id}").text
    assert product.image == before and shown(console, before).size == (40, 20)


@pytest.mark.parametrize(
    ("mode", "form", "expected"),
    [
        ("RGBA", "PNG", "RGBA"),
        ("P", "PNG", "RGB"),
        ("LA", "PNG", "RGBA"),
        ("L", "JPEG", "RGB"),
        ("CMYK", "JPEG", "RGB"),
        ("I;16", "PNG", "RGB"),
        ("1", "PNG", "RGB"),
        ("RGBA", "WEBP", "RGBA"),
    ],
)
def test_pictures_of_every_mode_are_kept(console: FlaskClient, mode: str, form: str, expected: str) -> None:
    product = a_product_with(console, picture(mode=mode, form=form))
    served = shown(console, product.image)
    assert (served.format, served.size, served.mode) == ("WEBP", (40, 20), expected)


def test_nothing_of_the_file_but_its_pixels_is_served(console: FlaskClient) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", WORD_OF_A_STRANGER.decode())
    exif = Image.Exif()
    exif[0x010E] = WORD_OF_A_STRANGER.decode()
    content = picture(pnginfo=notes, exif=exif) + WORD_OF_A_STRANGER
    served = console.get(f"/images/{a_product_with(console, content).image}").data
    assert WORD_OF_A_STRANGER not in served and not Image.open(io.BytesIO(served)).getexif()


def test_a_picture_that_moves_is_kept_still(console: FlaskClient) -> None:
    frames = [Image.new("RGB", (40, 20), colour) for colour in ("navy", "red")]
    file = io.BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    assert not getattr(shown(console, a_product_with(console, file.getvalue()).image), "is_animated", False)


def test_a_picture_that_is_taken_away_is_gone(console: FlaskClient, kept: Path) -> None:
    product = a_product_with(console, picture())
    name = product.image
    console.post(f"/admin/product/edit/?id={product.id}", data=PRODUCT | {"is_picture_removed": "y"})
    assert product.image == "" and console.get(f"/images/{name}").status_code == 404
    assert list(kept.glob("*")) == []


def test_a_product_that_is_deleted_takes_its_picture_along(console: FlaskClient, kept: Path) -> None:
    product = a_product_with(console, picture())
    name = product.image
    console.post("/admin/product/delete/", data={"id": product.id})
    assert console.get(f"/images/{name}").status_code == 404 and list(kept.glob("*")) == []


def test_a_product_that_stays_keeps_its_picture(console: FlaskClient) -> None:
    product = a_product_with(console, picture())
    a_project(product=product)
    console.post("/admin/product/delete/", data={"id": product.id})
    assert shown(console, product.image).size == (40, 20)


def test_a_change_without_a_file_keeps_the_picture(console: FlaskClient) -> None:
    product = a_product_with(console, picture())
    name = product.image
    console.post(f"/admin/product/edit/?id={product.id}", data=PRODUCT | {"name": "Золотая карта"})
    assert (product.name, product.image) == ("Золотая карта", name) and shown(console, name)
