"""What a channel adds to every text: filled for the product, judged with it, left room for."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import PromptVersion, SaleChannel
from marketing_app.offers.checking import check_draft, facts_of, law_wants
from marketing_app.offers.endings import fill, rules_of
from marketing_app.offers.prompting import frame_of, frames_of
from tests.factories import (
    a_channel,
    a_product,
    a_project,
    a_project_channel,
    a_rule_setting,
    a_user,
    an_ending,
)

WARNING = "Оценивайте свои финансовые возможности и риски."
CREDIT = f"{{bank}}\n{WARNING} ПСК {{full_cost}}. Изучите все условия кредита на {{link}}"
TEXT = "Карта с лимитом до 1 млн рублей. Закажите кредитную карту."


def sms(**values: Any) -> SaleChannel:
    return a_channel(key="SMS", max_length=268, **values)


def found(channel: SaleChannel, text: str = TEXT, **product: Any) -> set[str]:
    """The rules that complain of a text in a project with such a product."""
    about = {"name": "Кредитная карта", "full_cost": "17,9–29,9%", "link": "https://bank.example/card"} | product
    project = a_project(product=a_product(**about))
    facts = facts_of(frame_of(a_project_channel(project, channel)), {}, "")
    return {finding.rule for finding in check_draft(text, facts)}


def test_a_line_whose_value_is_not_known_is_left_out(app: Flask) -> None:
    credit, debit = a_product(full_cost="18%", link="https://b.example"), a_product()
    assert fill(CREDIT, credit, "Банк") == f"Банк\n{WARNING} ПСК 18%. Изучите все условия кредита на https://b.example"
    assert fill(CREDIT, debit, "Банк") == "Банк"
    assert fill(CREDIT, debit, "") == ""


def test_the_law_judges_a_text_with_its_ending(app: Flask) -> None:
    channel = sms()
    an_ending(channel, "{product}")
    assert {"law.credit_warning", "law.credit_conditions"} <= found(channel)


def test_an_ending_says_what_the_law_wants(app: Flask) -> None:
    channel = sms()
    an_ending(channel, CREDIT)
    assert not [rule for rule in found(channel) if rule.startswith("law.")]


def test_without_the_full_cost_of_a_credit_its_texts_are_blocked(app: Flask) -> None:
    channel = sms()
    an_ending(channel, CREDIT)
    assert "law.credit_warning" in found(channel, full_cost="")


def test_a_debit_card_needs_no_warning(app: Flask) -> None:
    channel = sms()
    an_ending(channel, CREDIT)
    assert "law.credit_warning" not in found(channel, "Закажите карту.", name="Дебетовая карта", full_cost="")


def test_without_an_ending_the_law_is_told_and_blocks_nothing(app: Flask) -> None:
    project = a_project(product=a_product(name="Кредитная карта"))
    facts = facts_of(frame_of(a_project_channel(project, sms())), {}, "")
    assert not [each for each in check_draft(TEXT, facts) if each.rule.startswith("law.")]
    assert {each.rule for each in law_wants(TEXT, facts)} == {"law.credit_warning", "law.credit_conditions"}


def test_the_ending_counts_in_the_length(app: Flask) -> None:
    channel = sms()
    an_ending(channel, "Условия. " * 29)
    assert "text.length" in found(channel)


def test_a_prompt_leaves_room_for_the_ending(client: FlaskClient) -> None:
    manager, channel = a_user(), sms()
    project = a_project(manager, product=a_product(name="Кредитная карта"))
    an_ending(channel, "Банк «Северный Берег»")
    client.sign_in(manager)
    client.post(f"/projects/{project.id}/channels", data={"channels": [channel.id]})
    prompt = db.session.scalars(db.select(PromptVersion).order_by(PromptVersion.id.desc())).first()
    assert prompt and "Не длиннее 246 знаков." in prompt.text
    an_ending(long := a_channel(max_length=60), "б" * 50)
    frame = frame_of(a_project_channel(project, long))
    assert (frame.channel.max_length, frame.longest) == (40, 60)


@pytest.mark.parametrize(
    ("setting", "is_found"),
    [({}, True), ({"is_on": False}, False), ({"limit": 9}, False), ({"limit": 2}, True)],
)
def test_a_rule_is_switched_off_or_changed_for_one_channel(app: Flask, setting: Any, is_found: bool) -> None:
    channel = sms()
    long = "Закажите кредитную карту. " * 7
    if setting:
        a_rule_setting(channel, "sms.too_many", **setting)
        a_rule_setting(a_channel(), "sms.too_many", limit=1)
    assert ("sms.too_many" in found(channel, long)) is is_found


def test_every_channel_of_a_page_has_its_own(app: Flask) -> None:
    project = a_project()
    channels = [a_project_channel(project) for _channel in range(3)]
    an_ending(channels[1].channel, "Банк")
    a_rule_setting(channels[2].channel, "fact.number", is_on=False)
    frames = frames_of(channels)
    assert [frames[each.id].ending for each in channels] == ["", "Банк", ""]
    assert [len(frames[each.id].rules.settings.switched_off) for each in channels] == [0, 0, 1]


def test_an_ending_is_for_one_kind(app: Flask) -> None:
    channel = sms()
    an_ending(channel, "Банк", kind="loan")
    assert rules_of({channel.id}, a_product(), "")[channel.id].ending is None
