"""Where the model writes nothing good, an offer is finished with the text bank. The model's server says what each test
wants."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text as sql
from sqlalchemy.exc import OperationalError

from marketing_app.bank_time import today
from marketing_app.database import db
from marketing_app.models import (
    BankText,
    Message,
    MessageRole,
    Offer,
    OfferState,
    ProductKind,
    Project,
    Review,
    TextRole,
    TextState,
    User,
    Verdict,
)
from marketing_app.offers.checking import check_draft, facts_of_offer
from marketing_app.offers.finishing import FittingTexts, fitting_texts, lock_cleared
from marketing_app.offers.text_states import is_in_state, state_of
from marketing_app.text_bank import services
from tests.factories import a_bank_text, a_benefit, a_campaign, a_channel, a_product, a_project, a_user, an_offer
from tests.llm.model_servers import refusing, silent, writing
from tests.offers.conftest import Answers
from tests.offers.test_write_an_offer import newest_draft, stream_of, wait_until_written, write

RIGHT = "Оформите продукт: Кредитная карта ждёт вас в приложении."
WRONG = "Кредитная карта под 7% ждёт вас, оформите её."
SENTENCE = "Закажите карту в приложении."


@pytest.fixture
def project(app: Flask, client: FlaskClient) -> Project:
    project = a_project(a_user(language="en"), product=a_product(name="Кредитная карта"))
    an_offer(a_campaign(project))
    client.sign_in(project.members[0].user)
    return project


def address(offer: Offer) -> str:
    return f"/projects/{offer.project_id}/offers/{offer.id}"


def written(client: FlaskClient, project: Project) -> Offer:
    write(client, project)
    return wait_until_written(30).offer


def bank(project: Project) -> FittingTexts:
    return fitting_texts(project.channels[0])


def finishes(project: Project, seed: int = 0) -> list[str]:
    """The good texts for an offer of the project, in their order."""
    offer = db.session.scalars(db.select(Offer).filter_by(project_id=project.id)).first()
    assert offer
    return [finish.text for finish in bank(project).finishes(facts_of_offer(offer), seed)]


def test_an_offer_without_a_good_draft_is_finished(client: FlaskClient, project: Project, answers: Answers) -> None:
    text = a_bank_text(SENTENCE, kind=ProductKind.CARD)
    answers(writing(WRONG))
    offer = written(client, project)
    assert offer.text.endswith(SENTENCE) and "кредитная карта" in offer.text.lower()
    assert (offer.state, offer.verdict, offer.finished_with_id) == (OfferState.READY, Verdict.CLEAN, text.id)
    page = client.get(address(offer)).get_data(as_text=True)
    assert "Finished with a sentence of the text bank" in page and f"/text-bank/{text.id}" in page
    assert WRONG in page and "3 drafts were made" in page, "what the model wrote can be read"
    shown = client.get(f"/text-bank/{text.id}").get_data(as_text=True)
    assert "1 offer has this text now" in shown and "its words stay" in shown


def test_a_good_draft_needs_no_bank(client: FlaskClient, project: Project, answers: Answers) -> None:
    a_bank_text(SENTENCE)
    answers(writing(RIGHT))
    offer = written(client, project)
    assert (offer.text, offer.finished_with_id) == (RIGHT, None)


def test_who_watches_sees_the_text_of_the_bank(client: FlaskClient, project: Project, answers: Answers) -> None:
    a_bank_text(SENTENCE)
    answers(writing(WRONG))
    write(client, project)
    with client.get(stream_of(project, newest_draft()), buffered=False) as response:
        seen = b"".join(response.response).decode()
    assert "finished with the text bank" in seen and SENTENCE in seen and WRONG in seen


def test_an_offer_without_any_draft_is_finished_too(client: FlaskClient, project: Project, answers: Answers) -> None:
    a_bank_text(SENTENCE)
    answers(writing(""))
    offer = written(client, project)
    assert offer.text.endswith(SENTENCE) and (offer.state, offer.failure) == (OfferState.READY, "")


def test_where_nothing_fits_the_best_draft_stays(client: FlaskClient, project: Project, answers: Answers) -> None:
    a_bank_text("Откройте вклад под 20% годовых.")  # true of no card
    answers(writing(WRONG))
    offer = written(client, project)
    assert (offer.text, offer.state, offer.finished_with_id) == (WRONG, OfferState.NEEDS_PERSON, None)


def test_a_model_that_fails_is_not_replaced(client: FlaskClient, project: Project, answers: Answers) -> None:
    a_bank_text(SENTENCE)
    answers(refusing(401))
    offer = written(client, project)
    assert (offer.text, offer.state) == ("", OfferState.FAILED)


def test_who_stops_or_asks_for_a_change_gets_what_the_model_wrote(
    client: FlaskClient, project: Project, answers: Answers
) -> None:
    a_bank_text(SENTENCE)
    answers(writing(RIGHT), writing(WRONG))
    offer = written(client, project)
    client.post(f"{address(offer)}/change", data={"request": "Короче"})
    assert wait_until_written(30).offer.text == WRONG and offer.finished_with_id is None
    answers(silent)
    write(client, project)
    draft = newest_draft()
    client.post(f"{address(draft.offer)}/drafts/{draft.id}/stop")
    assert wait_until_written(30).offer.finished_with_id is None


def test_an_edit_or_another_draft_ends_it_and_an_undo_brings_it_back(
    client: FlaskClient, project: Project, answers: Answers
) -> None:
    text = a_bank_text(SENTENCE)
    answers(writing(WRONG))
    offer = written(client, project)
    client.post(f"/projects/{project.id}/review/{offer.id}/text", data={"text": RIGHT, "revision": offer.revision})
    db.session.refresh(offer)
    assert (offer.text, offer.finished_with_id) == (RIGHT, None)
    client.post(f"/projects/{project.id}/review/undo")
    db.session.refresh(offer)
    assert offer.text.endswith(SENTENCE) and offer.finished_with_id == text.id
    draft = newest_draft()
    client.post(f"{address(offer)}/pick", data={"message_id": draft.id, "revision": offer.revision})
    db.session.refresh(offer)
    assert (offer.text, offer.finished_with_id) == (WRONG, None)


def test_a_retired_text_is_not_picked_again(client: FlaskClient, project: Project, answers: Answers) -> None:
    project.members[0].user.is_administrator = True
    text = a_bank_text(SENTENCE)
    answers(writing(WRONG))
    offer = written(client, project)
    finished, draft = offer.current_id, newest_draft()
    client.post(f"{address(offer)}/pick", data={"message_id": draft.id, "revision": offer.revision})
    client.post(f"/text-bank/{text.id}/retire")
    db.session.refresh(offer)
    refused = client.post(f"{address(offer)}/pick", data={"message_id": finished, "revision": offer.revision})
    assert refused.status_code == 409 and "may not be used any more" in refused.get_data(as_text=True)
    client.post(f"/text-bank/{text.id}/bring-back")
    client.post(f"{address(offer)}/pick", data={"message_id": finished, "revision": offer.revision})
    db.session.refresh(offer)
    assert offer.finished_with_id == text.id


def test_an_undo_does_not_bring_back_a_retired_text(client: FlaskClient, project: Project, answers: Answers) -> None:
    text = a_bank_text(SENTENCE)
    answers(writing(WRONG))
    offer = written(client, project)
    review, undo = f"/projects/{project.id}/review/{offer.id}", f"/projects/{project.id}/review/undo"
    client.post(f"{review}/approve", data={"revision": offer.revision})
    services.retire_text(text, project.members[0].user)
    db.session.commit()
    client.post(undo)
    db.session.refresh(offer)
    assert (offer.review, offer.finished_with_id) == (Review.OPEN, text.id), "the offer had the text, and keeps it"
    client.post(f"{review}/text", data={"text": RIGHT, "revision": offer.revision})
    refused = client.post(undo, follow_redirects=True).get_data(as_text=True)
    assert "may not be used any more. It was retired" in refused
    db.session.refresh(offer)
    assert (offer.text, offer.finished_with_id) == (RIGHT, None)
    assert "nothing of yours to undo" in client.post(undo, follow_redirects=True).get_data(as_text=True)


def test_only_what_is_cleared_for_such_offers_is_used(project: Project) -> None:
    yesterday = today() - timedelta(days=1)
    a_bank_text("Истёкший текст, закажите карту.", cleared_until=yesterday)
    a_bank_text("Несогласованный текст, закажите карту.", cleared_at=None)
    a_bank_text("Снятый текст, закажите карту.", retired_at=db.func.now())
    a_bank_text("Order the card in the app.", language="en")
    a_bank_text("Откройте вклад в приложении.", kind=ProductKind.DEPOSIT)
    a_bank_text("Другой канал, закажите карту.", sale_channel_id=a_channel().id)
    a_bank_text("Другой продукт, закажите карту.", product_id=a_product().id)
    a_bank_text(SENTENCE, cleared_until=today())
    assert {text[-len(SENTENCE) :] for text in finishes(project)} == {SENTENCE}


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_a_clearing_ends_with_the_servers_day_whatever_the_databases(project: Project, zone: str) -> None:
    """At any hour it is another day in one of the two zones."""
    last = a_bank_text(SENTENCE, cleared_until=today())
    over = a_bank_text("Истёкший текст, закажите карту.", cleared_until=today() - timedelta(days=1))
    db.session.execute(sql(f"SET LOCAL TIME ZONE '{zone}'"))
    assert {text[-len(SENTENCE) :] for text in finishes(project)} == {SENTENCE}
    for state, text in ((TextState.CLEARED, last), (TextState.EXPIRED, over)):
        assert state_of(text, today()) is state
        assert db.session.scalars(db.select(BankText).where(is_in_state(state, today()))).all() == [text]


def test_the_narrowest_fit_comes_first(project: Project) -> None:
    a_bank_text("Для всех: закажите карту в приложении.")
    a_bank_text("Для карт: закажите карту в приложении.", kind=ProductKind.CARD)
    a_bank_text("Для продукта: закажите карту в приложении.", product_id=project.product_id)
    channel_id = project.channels[0].sale_channel_id
    a_bank_text("Для канала: закажите карту в приложении.", kind=ProductKind.CARD, sale_channel_id=channel_id)
    found = [text.rpartition("Для ")[2].partition(":")[0] for text in finishes(project, seed=3)]
    assert list(dict.fromkeys(found)) == ["продукта", "канала", "карт", "всех"]


def test_a_whole_text_stands_alone_with_its_variables_filled(project: Project) -> None:
    a_bank_text("{benefit}. {product}: закажите в приложении.", role=TextRole.WHOLE)
    assert finishes(project) == [], "without a benefit to say it cannot be used"
    offer = db.session.scalars(db.select(Offer)).one()
    offer.benefit_id, offer.angle = a_benefit(project, "обслуживание бесплатно").id, "обслуживание бесплатно"
    db.session.commit()
    assert finishes(project) == ["Обслуживание бесплатно. Кредитная карта: закажите в приложении."]


def test_a_benefit_is_said_by_every_text(project: Project) -> None:
    a_bank_text("Кредитная карта: закажите её в приложении.", role=TextRole.WHOLE)
    a_bank_text(SENTENCE)
    offer = db.session.scalars(db.select(Offer)).one()
    offer.angle = "обслуживание бесплатно"
    db.session.commit()
    found = finishes(project)
    assert found and all("бслуживание бесплатно" in text and text.endswith(SENTENCE) for text in found)


def test_the_banks_own_openings_come_before_ours(client: FlaskClient, project: Project, answers: Answers) -> None:
    ending = a_bank_text(SENTENCE)
    opening = a_bank_text("{product} уже готова.", role=TextRole.OPENING)
    answers(writing(WRONG))
    offer = written(client, project)
    assert offer.text == f"Кредитная карта уже готова. {SENTENCE}"
    assert (offer.finished_with_id, offer.opened_with_id) == (ending.id, opening.id)
    assert "1 offer has this text now" in client.get(f"/text-bank/{opening.id}").get_data(as_text=True)


def test_openings_of_the_bank_that_do_not_suit_give_way_to_ours(project: Project) -> None:
    a_bank_text(SENTENCE)
    for word in ("уже готова", "ждёт вас", "рядом"):
        a_bank_text(f"{{product}} {word}.", role=TextRole.OPENING)
    project.channels[0].channel.key, project.channels[0].channel.max_length = "EMAIL", None
    db.session.commit()
    found = finishes(project)
    assert found and all(text.startswith("Тема: ") for text in found), "a letter needs a subject, which they have not"


@pytest.mark.parametrize("seed", range(3))
def test_many_narrow_texts_that_break_a_rule_do_not_hide_a_general_one(project: Project, seed: int) -> None:
    a_bank_text(SENTENCE)
    broken_texts(40, kind=ProductKind.CARD)
    broken_texts(40, product_id=project.product_id)
    assert finishes(project, seed) and all(text.endswith(SENTENCE) for text in finishes(project, seed))


def test_a_text_that_suits_is_found_behind_twenty_that_do_not(project: Project) -> None:
    broken_texts(20)
    a_bank_text(SENTENCE)
    assert finishes(project)


def test_an_offer_that_nothing_suits_costs_few_checks(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = list[str]()
    monkeypatch.setattr(
        "marketing_app.offers.finishing.check_draft",
        lambda text, facts: checked.append(text) or check_draft(text, facts),
    )
    texts = broken_texts(100)
    a_bank_text("{product} уже готова.", role=TextRole.OPENING)
    assert finishes(project) == []
    tried = Counter(next(each for each in texts if text.endswith(each)) for text in checked)
    assert len(tried) == 24 and set(tried.values()) == {3}


def broken_texts(count: int, **values: Any) -> list[str]:
    """So many texts of the bank that no card's offer may say."""
    return [a_bank_text(f"Откройте вклад номер {number} под 20% годовых.", **values).text for number in range(count)]


def test_what_is_equally_fit_is_used_evenly(project: Project) -> None:
    texts = [a_bank_text(f"{word} карту в приложении.") for word in ("Закажите", "Оформите", "Выберите")]
    offer = db.session.scalars(db.select(Offer)).one()
    facts, several = facts_of_offer(offer), bank(project)
    used = [next(several.finishes(facts, seed)).finished_with_id for seed in (5, 5, 5, 2, 9, 9)]
    assert sorted(used) == sorted([text.id for text in texts] * 2)


def test_clients_get_different_texts(project: Project) -> None:
    for word in ("Закажите", "Оформите", "Выберите"):
        a_bank_text(f"{word} карту в приложении.")
    offer = db.session.scalars(db.select(Offer)).one()
    facts, several = facts_of_offer(offer), bank(project)
    texts = [next(several.finishes(facts, seed)).text for seed in range(0, 45, 3)]
    assert len(set(texts)) == len(texts)


def test_what_was_used_before_comes_last(project: Project) -> None:
    often, seldom = a_bank_text("Закажите карту в приложении."), a_bank_text("Оформите карту в приложении.")
    an_offer(a_campaign(project), finished_with_id=often.id)
    assert all(finishes(project, seed)[0].endswith(seldom.text) for seed in range(4))


def test_a_text_that_was_retired_since_it_was_read_is_not_used(project: Project) -> None:
    text = a_bank_text(SENTENCE)
    offer = db.session.scalars(db.select(Offer)).one()
    finish = next(bank(project).finishes(facts_of_offer(offer), 0))
    assert lock_cleared(finish)
    services.retire_text(text, project.members[0].user)
    assert not lock_cleared(finish)
    services.bring_back_text(text, project.members[0].user)
    administrator = a_user(is_administrator=True)
    services.write_anew(text, services.Described(TextRole.WHOLE, "ru", "Другое."), administrator, None)
    assert not lock_cleared(finish), "neither is one that got other words"


def test_a_text_is_not_retired_while_an_offer_is_being_finished_with_it(app: Flask, project: Project) -> None:
    text, person = a_bank_text(SENTENCE), project.members[0].user
    offer = db.session.scalars(db.select(Offer)).one()
    assert lock_cleared(next(bank(project).finishes(facts_of_offer(offer), 0)))
    with app.app_context(), pytest.raises(OperationalError, match="lock timeout"):
        db.session.execute(sql("SET LOCAL lock_timeout = '50ms'"))
        services.retire_text(db.session.get_one(BankText, text.id), db.session.get_one(User, person.id))
    db.session.commit()
    services.retire_text(text, person)
    assert text.is_retired


def test_an_approved_text_goes_into_the_bank_at_one_press(
    client: FlaskClient, project: Project, answers: Answers
) -> None:
    answers(writing(RIGHT))
    offer = written(client, project)
    press = f"{address(offer)}/text-bank"
    assert "Put the text" not in client.get(address(offer)).get_data(as_text=True)
    client.post(press)
    assert db.session.scalar(db.select(BankText.id)) is None, "nobody approved it"
    client.post(f"/projects/{project.id}/review/{offer.id}/approve", data={"revision": offer.revision})
    assert "Put the text" in client.get(address(offer)).get_data(as_text=True)
    client.post(press)
    text = db.session.scalars(db.select(BankText)).one()
    assert (text.text, text.role, text.product_id) == (RIGHT, TextRole.WHOLE, project.product_id)
    assert text.sale_channel_id == project.channels[0].sale_channel_id
    assert (text.author_id, state_of(text, today())) == (project.members[0].user_id, TextState.NOT_CLEARED)
    assert not bank(project).endings and offer.review is Review.APPROVED, "an administrator clears it first"
    assert client.post(press).location.endswith(f"/text-bank/{text.id}"), "a second press leads to it"
    client.sign_in(a_user(is_administrator=True))
    client.post(f"/text-bank/{text.id}/clear", data={"until": ""})
    assert [each.id for each in bank(project).endings] == [text.id]
    another = a_project(product=a_product(name="Кредитная карта Плюс"))
    assert not bank(another).endings, "no other product gets it"


def test_a_text_that_tells_of_its_client_stays_with_them(
    client: FlaskClient, project: Project, answers: Answers
) -> None:
    answers(writing(RIGHT))
    offer = written(client, project)
    told = "Вам 47 лет: Кредитная карта ждёт вас в приложении, оформите её."
    revision = offer.revision
    client.post(f"/projects/{project.id}/review/{offer.id}/text", data={"text": told, "revision": revision})
    approval = {"revision": revision + 1, "reason": "Так надо"}
    client.post(f"/projects/{project.id}/review/{offer.id}/approve", data=approval)
    answer = client.post(f"{address(offer)}/text-bank", follow_redirects=True)
    assert "Other clients must not get this text" in answer.get_data(as_text=True)
    assert db.session.scalar(db.select(BankText.id)) is None


def test_a_text_of_the_bank_is_part_of_the_conversation(
    client: FlaskClient, project: Project, answers: Answers
) -> None:
    a_bank_text(SENTENCE)
    server = answers(writing(WRONG))
    offer = written(client, project)
    finished = offer.text
    answers(writing(RIGHT))
    client.post(f"{address(offer)}/change", data={"request": "Короче"})
    draft = wait_until_written(30)
    assert (draft.offer.text, draft.offer.finished_with_id) == (RIGHT, None)
    assert finished in draft.prompt, "the model reads what it is asked to change"
    roles = [message.role for message in db.session.scalars(db.select(Message).order_by(Message.id))]
    assert roles == [MessageRole.PROMPT, MessageRole.DRAFT, MessageRole.BANK, MessageRole.PROMPT, MessageRole.DRAFT]
    assert len(server.questions) == 3
