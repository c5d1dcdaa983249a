"""The text bank: everybody sees it, managers propose texts, administrators clear, retire and bring them back."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from marketing_app.bank_time import today
from marketing_app.database import db
from marketing_app.models import AuditEntry, BankText, ProductKind, TextRole, TextState, User
from marketing_app.offers.text_states import state_of
from tests.factories import a_bank_text, a_channel, a_product, a_project, a_user

SENTENCE = "Оформите продукт в приложении, когда вам удобно."


@pytest.fixture
def keeper(client: FlaskClient) -> User:
    """An administrator, who clears texts."""
    user = a_user(language="en", is_administrator=True)
    client.sign_in(user)
    return user


def page_of(client: FlaskClient, address: str = "/text-bank") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def add(client: FlaskClient, **values: Any) -> Any:
    defaults = {"text": SENTENCE, "role": "continuation", "product": "", "channel_id": 0, "language": "ru"}
    return client.post("/text-bank/new", data=defaults | {"is_cleared": "y"} | values)


def only_text() -> BankText:
    return db.session.scalars(db.select(BankText)).one()


def test_a_text_is_added_by_hand_and_cleared_by_who_adds_it(client: FlaskClient, keeper: User) -> None:
    channel = a_channel(name="Push")
    assert "The text bank is empty" in page_of(client)
    until = today() + timedelta(days=30)
    answer = add(client, product="kind:card", channel_id=channel.id, until=until.isoformat())
    assert answer.status_code == 303
    text = only_text()
    assert (text.text, text.role, text.kind, text.sale_channel_id) == (
        SENTENCE,
        TextRole.CONTINUATION,
        ProductKind.CARD,
        channel.id,
    )
    assert (text.cleared_by_id, text.cleared_until, state_of(text, today())) == (keeper.id, until, TextState.CLEARED)
    page = page_of(client)
    assert SENTENCE in page and "Card · Push" in page and f"Cleared by {keeper.name}" in page and "Not used yet" in page
    assert (
        db.session.scalars(db.select(AuditEntry).where(AuditEntry.object_type != "user")).one().object_name == SENTENCE
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  ", "The text is empty"),
        ("Оформите {card} в приложении", "Unknown: {card}"),
        ("Оформите {product в приложении", "Unknown: {product"),
        ("ж" * 4001, "longer than 4000"),
    ],
)
def test_words_that_cannot_stand_in_an_offer_are_refused(
    client: FlaskClient, keeper: User, text: str, said: str
) -> None:
    answer = add(client, text=text)
    assert answer.status_code == 422 and said in answer.get_data(as_text=True)
    assert db.session.scalar(db.select(BankText.id)) is None


def test_the_same_text_for_the_same_offers_is_there_once(client: FlaskClient, keeper: User) -> None:
    add(client)
    again = add(client, text=f"  {SENTENCE.upper()} ")
    assert again.status_code == 422 and "has this text already" in again.get_data(as_text=True)
    assert add(client, product="kind:card").status_code == 303, "for other offers it is another text"


def test_a_text_that_is_not_cleared_waits_until_somebody_clears_it(client: FlaskClient, keeper: User) -> None:
    add(client, is_cleared="")
    text = only_text()
    assert state_of(text, today()) is TextState.NOT_CLEARED
    yesterday = today() - timedelta(days=1)
    refused = client.post(f"/text-bank/{text.id}/clear", data={"until": yesterday.isoformat()})
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422 and "This day is over" in page
    assert page.count(SENTENCE) == 2, "in its form too, which was not sent"
    assert client.post(f"/text-bank/{text.id}/clear", data={"until": ""}).status_code == 303
    assert (state_of(text, today()), text.cleared_by_id) == (TextState.CLEARED, keeper.id)


def test_a_text_is_retired_and_brought_back(client: FlaskClient, keeper: User) -> None:
    text = a_bank_text(SENTENCE)
    client.post(f"/text-bank/{text.id}/retire")
    assert state_of(text, today()) is TextState.RETIRED and "Bring back" in page_of(client, f"/text-bank/{text.id}")
    assert "it is retired" in add(client).get_data(as_text=True), "it does not come in anew"
    client.post(f"/text-bank/{text.id}/bring-back")
    assert state_of(text, today()) is TextState.CLEARED
    actions = db.select(AuditEntry.action).where(AuditEntry.object_type != "user").order_by(AuditEntry.id)
    assert list(db.session.scalars(actions)) == ["retire", "bring back"]


def test_other_words_make_an_unused_text_a_new_one(client: FlaskClient, keeper: User) -> None:
    text = a_bank_text(SENTENCE)
    values = {"text": "Другие слова.", "role": "whole", "product": "", "channel_id": 0, "language": "ru"}
    answer = client.post(f"/text-bank/{text.id}", data=values)
    saved = only_text()
    assert answer.status_code == 303 and answer.location.endswith(f"/text-bank/{saved.id}")
    assert (saved.text, state_of(saved, today())) == ("Другие слова.", TextState.NOT_CLEARED)


def test_the_words_of_a_text_that_comes_with_the_program_stay(client: FlaskClient, keeper: User) -> None:
    text = a_bank_text(SENTENCE, is_ours=True)
    assert "its words stay" in page_of(client, f"/text-bank/{text.id}")
    values = {"text": "Другие слова.", "role": "whole", "product": "", "channel_id": 0, "language": "ru"}
    answer = client.post(f"/text-bank/{text.id}", data=values)
    assert answer.status_code == 409 and only_text().text == SENTENCE


def test_who_manages_nothing_may_look_only(client: FlaskClient) -> None:
    performer = a_user(language="en")
    a_project(None, performer)
    client.sign_in(performer)
    text = a_bank_text(SENTENCE)
    assert SENTENCE in page_of(client) and "Add a text" not in page_of(client)
    assert "Retire" not in page_of(client, f"/text-bank/{text.id}")
    assert add(client).status_code == client.post(f"/text-bank/{text.id}/retire").status_code == 404
    assert not only_text().is_retired


@pytest.fixture
def manager(client: FlaskClient) -> User:
    """Of a project of their own, which anybody may make."""
    user = a_user(language="en")
    a_project(user)
    client.sign_in(user)
    return user


def test_a_manager_proposes_a_text_and_an_administrator_clears_it(client: FlaskClient, manager: User) -> None:
    page = page_of(client, "/text-bank/new")
    assert "An administrator clears what you add" in page and 'name="is_cleared"' not in page
    until = today() + timedelta(days=30)
    answer = add(client, until=until.isoformat())  # says that it is cleared
    text = only_text()
    assert (state_of(text, today()), text.author_id) == (TextState.NOT_CLEARED, manager.id)
    page = page_of(client, answer.location)
    assert "Offers get it after an administrator has cleared it" in page
    assert "Only administrators clear and retire texts" in page and f"/text-bank/{text.id}/clear" not in page
    client.sign_in(a_user(is_administrator=True))
    client.post(f"/text-bank/{text.id}/clear", data={"until": ""})
    assert state_of(text, today()) is TextState.CLEARED


def test_a_manager_neither_clears_nor_retires(client: FlaskClient, manager: User) -> None:
    text = a_bank_text(SENTENCE)
    waiting = a_bank_text("Ждёт согласования.", cleared_at=None, author_id=manager.id)
    retired = a_bank_text("Снят с показа.", retired_at=db.func.now())
    for asked, action in ((text, "retire"), (waiting, "clear"), (retired, "bring-back")):
        assert client.post(f"/text-bank/{asked.id}/{action}", data={"until": ""}).status_code == 404
    assert [state_of(each, today()) for each in (text, waiting, retired)] == [
        TextState.CLEARED,
        TextState.NOT_CLEARED,
        TextState.RETIRED,
    ]


def test_a_manager_writes_anew_only_their_own_proposal(client: FlaskClient, manager: User) -> None:
    values = {"text": "Другие слова.", "role": "whole", "product": "", "channel_id": 0, "language": "ru"}
    cleared = a_bank_text(SENTENCE, author_id=manager.id)
    of_another = a_bank_text("Чужое предложение.", cleared_at=None)
    for text in (cleared, of_another):
        answer = client.post(f"/text-bank/{text.id}", data=values)
        assert answer.status_code == 409 and "Only an administrator changes this text" in answer.get_data(as_text=True)
    own = a_bank_text("Своё предложение.", cleared_at=None, author_id=manager.id)
    assert "Write it anew" in page_of(client, f"/text-bank/{own.id}")
    assert client.post(f"/text-bank/{own.id}", data=values).status_code == 303
    found = {text.text: state_of(text, today()) for text in db.session.scalars(db.select(BankText))}
    assert found["Другие слова."] is TextState.NOT_CLEARED and "Своё предложение." not in found


def test_who_cleared_a_text_is_not_deleted(client: FlaskClient, keeper: User) -> None:
    person = a_user()
    a_bank_text(SENTENCE, cleared_by_id=person.id)
    client.sign_in(a_user(is_administrator=True))
    client.post("/admin/user/delete/", data={"id": person.id})
    assert db.session.get(User, person.id) is not None


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("role=opening", ["opening"]),
        ("kind=card", ["of the kind", "of the product"]),
        ("language=en", ["english"]),
        ("state=retired", ["retired"]),
        ("state=expired", ["expired"]),
        ("state=not_cleared", ["not cleared"]),
        ("search=OF+THE", ["of the kind", "of the product"]),
    ],
)
def test_the_list_is_filtered_by_its_address(client: FlaskClient, keeper: User, asked: str, found: list[str]) -> None:
    a_bank_text("opening", role=TextRole.OPENING)
    a_bank_text("of the kind", kind=ProductKind.CARD)
    a_bank_text("of the product", product_id=a_product(kind=ProductKind.CARD).id)
    a_bank_text("english", language="en")
    a_bank_text("retired", retired_at=db.func.now())
    a_bank_text("expired", cleared_until=today() - timedelta(days=1))
    a_bank_text("not cleared", cleared_at=None)
    assert shown_in(page_of(client, f"/text-bank?{asked}")) == set(found)


def test_a_channel_shows_what_is_for_it_alone(client: FlaskClient, keeper: User) -> None:
    channel = a_channel()
    a_bank_text("for the channel", sale_channel_id=channel.id)
    a_bank_text("for any channel")
    assert shown_in(page_of(client, f"/text-bank?channel_id={channel.id}")) == {"for the channel"}


def shown_in(page: str) -> set[str]:
    return {text.text for text in db.session.scalars(db.select(BankText)) if f'id="text-{text.id}"' in page}


def test_the_list_comes_in_pages_that_keep_the_filter(client: FlaskClient, keeper: User) -> None:
    for number in range(27):
        a_bank_text(f"Слова {number}.")
    assert "1 to 25 of 27" in page_of(client)
    assert "state=cleared" in page_of(client, "/text-bank?state=cleared")
    assert page_of(client, "/text-bank?state=cleared&page=2").count('class="list-group-item"') == 2
    assert "No text matches" in page_of(client, "/text-bank?state=retired")


def test_strange_pages_and_languages_show_the_list(client: FlaskClient, keeper: User) -> None:
    assert page_of(client, "/text-bank?language=fr&page=-1")
    assert client.get("/text-bank/999").status_code == 404
