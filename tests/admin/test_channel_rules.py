"""An administrator switches rules of a channel, changes their limits, and writes what the channel adds to its texts."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.checks.registry import RULES
from marketing_app.database import db
from marketing_app.models import AuditEntry, ChannelEnding, Product, ProductKind, RuleSetting, SaleChannel
from marketing_app.offers.checking import check_draft, facts_of
from marketing_app.offers.prompting import frame_of
from tests.admin.test_console import PRODUCT, newest_audit
from tests.factories import a_channel, a_product, a_project, a_project_channel, a_rule_setting, a_user, an_ending

WARNING = "Оценивайте свои финансовые возможности и риски. ПСК {full_cost}."


@pytest.fixture
def console(client: FlaskClient) -> FlaskClient:
    client.sign_in(a_user("Администратор", is_administrator=True, language="en"))
    return client


@pytest.fixture
def sms(app: Flask) -> SaleChannel:
    return a_channel(key="SMS", max_length=268)


def address(channel: SaleChannel, page: str = "") -> str:
    return f"/admin/channel_rules/{channel.id}/{page}"


def rules_as_they_are(channel: SaleChannel) -> dict[str, Any]:
    """What the form sends when nothing was changed in it."""
    concerning = [rule for rule in RULES.values() if not rule.channels or channel.key in rule.channels]
    limits = {f"limit {rule.id}": f"{rule.limit:g}" for rule in concerning if rule.limit is not None}
    return {f"on {rule.id}": "on" for rule in concerning} | limits


def save(console: FlaskClient, channel: SaleChannel, without: str = "", **limits: str) -> Any:
    data = rules_as_they_are(channel) | {f"limit {name.replace('__', '.')}": text for name, text in limits.items()}
    data.pop(f"on {without}", None)
    return console.post(address(channel), data=data)


def found(channel: SaleChannel, text: str) -> set[str]:
    project = a_project(product=a_product(name="Кредитная карта"))
    facts = facts_of(frame_of(a_project_channel(project, channel)), {}, "")
    return {finding.rule for finding in check_draft(text, facts)}


def settings() -> list[tuple[str, bool, float | None]]:
    return [(each.rule, each.is_on, each.limit) for each in db.session.scalars(db.select(RuleSetting))]


def test_the_rules_of_a_channel_are_listed(console: FlaskClient, sms: SaleChannel) -> None:
    page = console.get(address(sms)).get_data(as_text=True)
    assert "an SMS of too many parts" in page and "fact.number" in page
    assert "email.subject" not in page
    assert 'name="limit sms.too_many" value="2"' in page
    assert f'href="/admin/channel_rules/{sms.id}/"' in console.get("/admin/channel/").get_data(as_text=True)


def test_a_rule_that_is_switched_off_finds_nothing_any_more(console: FlaskClient, sms: SaleChannel) -> None:
    wrong = "Закажите кредитную карту с кешбэком 7%."
    assert "fact.number" in found(sms, wrong)
    assert save(console, sms, without="fact.number").status_code == 303
    assert "fact.number" not in found(sms, wrong)
    assert settings() == [("fact.number", False, None)]
    entry = newest_audit()
    assert (entry.object_type, entry.object_id, entry.changes) == (
        "sale_channel", str(sms.id), {"fact.number": ["on", "off"]},
    )  # fmt: skip


def test_a_limit_is_changed_and_only_what_differs_is_kept(console: FlaskClient, sms: SaleChannel) -> None:
    long = "Закажите кредитную карту. " * 7
    assert "sms.too_many" in found(sms, long)
    save(console, sms, sms__too_many="4")
    assert settings() == [("sms.too_many", True, 4)]
    assert "sms.too_many" not in found(sms, long)
    assert "usual: 2" in console.get(address(sms)).get_data(as_text=True)
    save(console, sms)
    assert settings() == []


def test_nothing_changed_leaves_no_line_in_the_audit(console: FlaskClient, sms: SaleChannel) -> None:
    save(console, sms)
    assert db.session.scalar(db.select(AuditEntry).where(AuditEntry.object_type != "user")) is None


def test_back_to_the_usual(console: FlaskClient, sms: SaleChannel) -> None:
    a_rule_setting(sms, "fact.number", is_on=False)
    a_rule_setting(other := a_channel(), "fact.number", is_on=False)
    console.post(address(sms, "usual"))
    assert [each.sale_channel_id for each in db.session.scalars(db.select(RuleSetting))] == [other.id]
    assert newest_audit().changes == {"fact.number": ["off", "on"]}


@pytest.mark.parametrize("wrong", ["", "many", "-1", "nan", "1e9"])
def test_a_limit_is_a_number(console: FlaskClient, sms: SaleChannel, wrong: str) -> None:
    answer = save(console, sms, sms__too_many=wrong, without="fact.number")
    assert answer.status_code == 422 and "A number from 0 to 100000." in answer.get_data(as_text=True)
    assert settings() == []


def test_an_ending_is_kept_shown_filled_and_audited(console: FlaskClient, sms: SaleChannel) -> None:
    a_product(name="Дебетовая карта")
    a_product(name="Кредитная карта", full_cost="24,9%")
    answer = console.post(address(sms, "endings"), data={"card": f"  {WARNING}\r\n{{link}}  "})
    assert answer.status_code == 303
    ending = db.session.scalars(db.select(ChannelEnding)).one()
    assert (ending.kind, ending.text) == (ProductKind.CARD, f"{WARNING}\n{{link}}")
    assert newest_audit().changes == {"ending card": [None, ending.text]}
    page = console.get(address(sms, "endings")).get_data(as_text=True)
    assert "Кредитная карта, 58 characters:\nОценивайте свои финансовые возможности и риски. ПСК 24,9%." in page


def test_an_ending_of_an_sms_is_counted_as_an_sms_counts(console: FlaskClient, sms: SaleChannel) -> None:
    a_product(name="Кредитная карта")
    console.post(address(sms, "endings"), data={"card": "Банк 🙂"})
    assert "Кредитная карта, 7 characters:" in console.get(address(sms, "endings")).get_data(as_text=True)


def test_an_ending_is_taken_away(console: FlaskClient, sms: SaleChannel) -> None:
    an_ending(sms, WARNING)
    console.post(address(sms, "endings"), data={"card": " "})
    assert db.session.scalar(db.select(ChannelEnding)) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{banc} пишет", "“{banc}” is none of the variables {bank}, {product}"),
        ("{ bank }", "“{ bank }” is none"),
        ("Банк}", "“}” is none"),
        ("б" * 230, "at least 40 are left"),
        ("🙂" * 120, "at least 40 are left"),
        ("б" * 1001, "At most 1000 characters."),
    ],
)
def test_a_wrong_ending_is_refused_and_stays_in_the_form(
    console: FlaskClient, sms: SaleChannel, text: str, why: str
) -> None:
    a_product()
    answer = console.post(address(sms, "endings"), data={"card": text, "loan": "Банк"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and why in page and text in page
    assert db.session.scalar(db.select(ChannelEnding)) is None


@pytest.mark.parametrize("page", ["", "endings"])
def test_nobody_else_sees_or_changes_them(client: FlaskClient, sms: SaleChannel, page: str) -> None:
    client.sign_in(a_user())
    assert client.get(address(sms, page)).status_code == 404
    assert client.post(address(sms, page), data={"card": "x"}).status_code == 404
    assert client.post(address(sms, "usual")).status_code == 404
    assert settings() == [] and db.session.scalar(db.select(ChannelEnding)) is None


def test_a_channel_that_is_not_there_is_not_found(console: FlaskClient) -> None:
    assert console.get("/admin/channel_rules/999/").status_code == 404


@pytest.mark.parametrize(
    ("written", "kept"), [("24,9%", "24,9%"), ("17,9 % - 29,9 %", "17,9%–29,9%"), ("17.9–29%", "17.9–29%"), ("", "")]
)
def test_the_full_cost_of_a_credit(console: FlaskClient, written: str, kept: str) -> None:
    console.post("/admin/product/new/", data=PRODUCT | {"full_cost": written})
    assert db.session.scalars(db.select(Product)).one().full_cost == kept


@pytest.mark.parametrize("wrong", ["24,9", "от банка", "5%%", "1000%"])
def test_a_full_cost_is_a_percentage(console: FlaskClient, wrong: str) -> None:
    answer = console.post("/admin/product/new/", data=PRODUCT | {"full_cost": wrong})
    assert "as in 17,9–29,9%." in answer.get_data(as_text=True)
    assert db.session.scalar(db.select(Product)) is None
