"""A file of texts is looked at, then loaded: all of it or nothing."""

import io
import re
from datetime import date
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient

from marketing_app.bank_time import today
from marketing_app.database import db
from marketing_app.models import BankText, ProductKind, TextRole, TextState, User
from marketing_app.offers.text_states import state_of
from marketing_app.text_bank.files import LIMITS
from tests.factories import a_bank_text, a_channel, a_product, a_project, a_user

HEAD = "text;role;product;channel;language;until"
GOOD = "Закажите карту в приложении.;continuation;card;PUSH;ru;2099-12-31"


@pytest.fixture
def keeper(client: FlaskClient) -> User:
    user = a_user(language="en", is_administrator=True)
    a_channel(key="PUSH", name="Push")
    client.sign_in(user)
    return user


def csv_of(*lines: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *lines]).encode()


def sent(client: FlaskClient, content: bytes, address: str = "/text-bank/file", **values: str) -> Any:
    data = {"file": (io.BytesIO(content), "texts"), "is_cleared": "y"} | values
    return client.post(address, data=data)


def look(client: FlaskClient, content: bytes, **values: str) -> tuple[str, str]:
    """What the page shows before a file is loaded, and the state that stands for it."""
    page = sent(client, content, "/text-bank/file/look", **values).get_data(as_text=True)
    found = re.search(r'name="state" value="(\w+)"', page)
    return page, found[1] if found else ""


def load(client: FlaskClient, content: bytes, **values: str) -> Any:
    return sent(client, content, state=look(client, content)[1], **values)


def texts() -> list[BankText]:
    return list(db.session.scalars(db.select(BankText).order_by(BankText.id)))


def test_a_file_is_looked_at_and_loaded(client: FlaskClient, keeper: User) -> None:
    product = a_product(key="CC", name="Кредитная карта")
    content = csv_of(
        GOOD,
        "{product} уже готова.;Начало;кредитная карта;;;",
        "Order it in the app.;call to action;;push;English;31.12.2098",
    )
    page, _state = look(client, content)
    assert "3 texts are added" in page and "Закажите карту" in page and not texts()
    assert load(client, content, until="2097-01-01").status_code == 303
    first, second, third = texts()
    assert (first.role, first.kind, first.cleared_until) == (
        TextRole.CONTINUATION,
        ProductKind.CARD,
        date(2099, 12, 31),
    )
    assert (second.role, second.product_id, second.sale_channel_id) == (TextRole.OPENING, product.id, None)
    assert (second.language, second.cleared_until) == ("ru", date(2097, 1, 1))
    assert (third.role, third.language, third.cleared_until) == (
        TextRole.CALL_TO_ACTION,
        "en",
        date(2098, 12, 31),
    )
    assert third.channel and third.channel.key == "PUSH" and third.cleared_by_id == keeper.id


def test_a_spreadsheet_is_read_too(client: FlaskClient, keeper: User) -> None:
    book = openpyxl.Workbook()
    assert book.active
    book.active.append(["роль", "текст", "до"])
    book.active.append(["целый текст", "Первая строка.\nВторая строка.", date(2099, 1, 2)])
    content = io.BytesIO()
    book.save(content)
    assert load(client, content.getvalue()).status_code == 303
    (text,) = texts()
    assert (text.text, text.cleared_until) == ("Первая строка.\nВторая строка.", date(2099, 1, 2))


def test_a_file_may_wait_for_its_clearing(client: FlaskClient, keeper: User) -> None:
    assert load(client, csv_of(GOOD), is_cleared="").status_code == 303
    assert state_of(texts()[0], today()) is TextState.NOT_CLEARED


def test_the_preview_says_that_days_are_not_kept_without_a_clearing(client: FlaskClient, keeper: User) -> None:
    content = csv_of(GOOD, "Второй текст.;whole;;;;")
    assert "is not kept" not in look(client, content)[0]
    assert "The day in 1 row is not kept" in look(client, content, is_cleared="")[0]
    client.sign_in(manager := a_user(language="en"))
    a_project(manager)
    assert "The day in 1 row is not kept" in look(client, content)[0], "what a manager brings waits for its clearing"


def test_a_manager_proposes_the_texts_of_a_file(client: FlaskClient, keeper: User) -> None:
    client.sign_in(manager := a_user(language="en"))
    a_project(manager)
    answer = load(client, csv_of(GOOD, "Второй текст.;whole;;;;"))
    assert "after an administrator has cleared" in client.get(answer.location).get_data(as_text=True)
    assert {state_of(text, today()) for text in texts()} == {TextState.NOT_CLEARED}


def test_what_the_bank_or_the_file_has_already_is_counted_and_left_out(client: FlaskClient, keeper: User) -> None:
    a_bank_text("Снятый текст.", retired_at=db.func.now())
    content = csv_of(
        "Новый текст.;continuation;;;;", "  НОВЫЙ текст. ;continuation;;;;", "снятый ТЕКСТ.;continuation;;;;"
    )
    page, _state = look(client, content)
    assert "1 text is added" in page and "2 rows are left out" in page
    load(client, content)
    assert [text.text for text in texts()] == ["Снятый текст.", "Новый текст."] and texts()[0].is_retired
    assert "Nothing would be added" in look(client, content)[0]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
@pytest.mark.parametrize("column", [0, 2])
def test_a_cell_that_begins_as_a_formula_is_refused_with_its_row(
    client: FlaskClient, keeper: User, sign: str, column: int
) -> None:
    cells = ["Слова.", "continuation", "card", "", "", ""]
    cells[column] = f"{sign}HYPERLINK(1)"
    page, state = look(client, csv_of(GOOD, ";".join(cells)))
    name = HEAD.split(";")[column]
    assert f"Line 3, column “{name}”" in page and "begins as a formula does" in page and not state
    assert sent(client, csv_of(GOOD, ";".join(cells))).status_code == 422 and not texts(), "nothing half done"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (";continuation;;;;", "column “text”: The text is empty"),
        ("Слова {name}.;continuation;;;;", "Unknown: {name}"),
        ("Слова.;слоган;;;;", "column “role”: “слоган” is not known"),
        ("Слова.;whole;Луна;;;", "column “product”: “Луна” is not known"),
        ("Слова.;whole;;Телеграф;;", "column “channel”: “Телеграф” is not known"),
        ("Слова.;whole;;;fr;", "column “language”: “fr” is not known"),
        ("Слова.;whole;;;;когда-нибудь", "“когда-нибудь” is no date"),
        ("Слова.;whole;;;;2001-01-01", "“2001-01-01” is over"),
    ],
)
def test_a_wrong_row_is_told_and_nothing_is_taken(client: FlaskClient, keeper: User, line: str, said: str) -> None:
    page, _state = look(client, csv_of(GOOD, line))
    assert said in page and "Line 3" in page and "Nothing of the file was taken" in page
    assert load(client, csv_of(GOOD, line)).status_code == 422 and not texts()


def test_of_many_wrong_rows_the_first_are_shown(client: FlaskClient, keeper: User) -> None:
    page, _state = look(client, csv_of(*[f"Слова {number}.;слоган;;;;" for number in range(30)]))
    assert page.count("is not known") == 20 and "10 more rows are wrong" in page


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file"),
        (b"role\nwhole\n", "no column “text”"),
        (b"text;role\n", "no texts under it"),
        (b"PK\x03\x04 no workbook", "neither a spreadsheet nor a text table"),
        (csv_of(*[f"{'x' * 400} {number};whole;;;;" for number in range(25_000)]), "larger than 2 MB"),
        (csv_of(*[f"{number};whole;;;;" for number in range(LIMITS.max_rows)]), "more than 5,000 rows"),
    ],
    ids=["empty", "no text", "header only", "no table", "10 MB", "too many rows"],
)
def test_what_is_no_file_of_texts_is_refused(client: FlaskClient, keeper: User, content: bytes, said: str) -> None:
    answer = sent(client, content, "/text-bank/file/look")
    assert answer.status_code == 422 and said in answer.get_data(as_text=True)
    assert sent(client, content).status_code == 422 and not texts()


def test_without_a_file_nothing_happens(client: FlaskClient, keeper: User) -> None:
    answer = client.post("/text-bank/file", data={})
    assert answer.status_code == 422 and "Choose a file" in answer.get_data(as_text=True)


def test_a_file_that_was_not_looked_at_is_shown_first(client: FlaskClient, keeper: User) -> None:
    answer = sent(client, csv_of(GOOD))
    assert answer.status_code == 409 and "1 text is added" in answer.get_data(as_text=True) and not texts()
    _page, state = look(client, csv_of(GOOD))
    changed = sent(client, csv_of(GOOD, "Ещё текст.;whole;;;;"), state=state)
    assert changed.status_code == 409 and "changed since the preview" in changed.get_data(as_text=True)
    assert not texts()
