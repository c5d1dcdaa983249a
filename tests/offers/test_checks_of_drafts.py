"""What the rules say of a draft: it decides which one is kept, and a person sees it at the words it is about."""

from itertools import permutations
from types import SimpleNamespace
from typing import Any, cast

from flask.testing import FlaskClient
from sqlalchemy import func

from marketing_app.checks.findings import ChannelFacts, ClientFacts, Facts, ProductFacts, Severity
from marketing_app.checks.marking import Piece, pieces
from marketing_app.llm.engine import Draft, Generation
from marketing_app.models import DraftState, Message, MessageRole, OfferState, Sensitivity
from marketing_app.offers.checking import check_draft, facts_of
from marketing_app.offers.choosing import Choice, best_draft
from marketing_app.offers.prompting import frame_of
from tests.factories import a_campaign, a_client, a_field, a_product, a_project, a_user, an_offer, draft_of, saved

CARD = ProductFacts("Кредитная карта", "card", "Лимит до 500 000 ₽, кешбэк 5,5%, до 120 дней без процентов.")
FACTS = Facts(CARD, ChannelFacts("SMS", 134))


def chosen(*drafts: Draft, facts: Facts = FACTS) -> str:
    return best_draft(cast(Generation, SimpleNamespace(drafts=list(drafts))), facts).text


def test_the_better_draft_has_nothing_wrong_then_more_certainty() -> None:
    good = "Закажите кредитную карту в приложении."
    assert (
        chosen(
            draft_of("Great card for you today.", -0.1),
            draft_of("Оформите кредитную карту в приложении.", -0.9),
            draft_of(good, -0.5),
            draft_of("Закажите карту и карту и карту и карту", -0.2, 9),
        )
        == good
    )


def test_a_sign_with_a_plainer_form_does_not_outweigh_certainty() -> None:
    sure = "Оформите «кредитную карту» в приложении."
    assert chosen(draft_of("Закажите кредитную карту в приложении.", -0.9), draft_of(sure, -0.3)) == sure


def test_a_number_that_the_product_does_not_have_loses() -> None:
    true = "Карта с лимитом до 500 000 ₽ и кешбэком 5.5%. Оформите её в приложении."
    assert chosen(draft_of("Карта с кешбэком 7% ждёт вас. Оформите её.", -0.1, 9), draft_of(true, -2.0, 9)) == true


def test_an_example_repeated_word_for_word_loses() -> None:
    example = "Заправляйтесь и покупайте с кредитной картой где угодно, закажите её сегодня же."
    facts = Facts(CARD, ChannelFacts("SMS", 134), prompt=f"Текст: {example}")
    other = "Оформите кредитную карту в приложении."
    assert chosen(draft_of(example, -0.1, 9), draft_of(other, -2.0), facts=facts) == other


def test_the_choice_is_that_of_all_drafts_though_not_all_of_them_are_checked() -> None:
    texts = [
        "Закажите кредитную карту в приложении.",
        "Оформите кредитную карту сегодня.",
        "Кредитная карта ждёт вас",
        "Карта с кешбэком 7% ждёт вас. Оформите её.",
        "Great card for you today.",
    ]
    for certainties in permutations((-0.2, -0.4, -0.6, -0.8, -1.0)):
        drafts = [draft_of(text, certainty) for text, certainty in zip(texts, certainties, strict=True)]
        checked = [
            Choice(each.text, check_draft(each.text, FACTS), each.certainty.mean if each.certainty else 0.0)
            for each in drafts
        ]
        assert chosen(*drafts) == min(checked, key=lambda choice: choice.rank).text


def test_the_first_of_equal_drafts_is_taken_where_the_model_says_nothing_of_its_certainty() -> None:
    drafts = [draft_of("", None, 0), draft_of("Карта", None), draft_of("Закажите кредитную карту в приложении.", None)]
    assert chosen(*drafts, draft_of("Оформите кредитную карту в приложении.", None)) == drafts[2].text


def test_no_draft_gives_no_text() -> None:
    assert chosen() == ""


def test_secrets_of_the_client_are_known_to_the_rules_and_not_to_the_prompt(client: FlaskClient) -> None:
    project = a_project()
    a_field(project, "sum_zp_12m", label="зарплата", sensitivity=Sensitivity.SECRET, is_in_prompt=False)
    a_field(project, "gender", label="пол", codes={"0": "мужской", "1": "женский"}, type="code")
    facts = facts_of(frame_of(project.channels[0]), {"sum_zp_12m": 931321.3, "gender": "1", "age": 35.5}, "")
    assert facts.client.secrets == (931321.3,)
    assert (facts.client.gender, facts.client.age) == ("female", 35.5)
    assert "931" not in facts.client.told
    findings = check_draft("Карта для тех, кто получает 931 тыс. рублей. Оформите её.", facts)
    assert "secret.value" in {finding.rule for finding in findings}


def test_a_person_sees_what_is_wrong_at_the_words(client: FlaskClient) -> None:
    manager = a_user(language="en")
    client.sign_in(manager)
    product = a_product(name="Кредитная карта", description=CARD.description)
    project = a_project(manager, product=product)
    offer = an_offer(a_campaign(project), a_client(project), state=OfferState.READY, text="x", written_at=func.now())
    text = "Карта с кешбэком 7% <b>ждёт</b>. Оформите её."
    saved(Message(offer_id=offer.id, role=MessageRole.DRAFT, state=DraftState.READY, text=text, prompt="x"))
    page = client.get(f"/projects/{project.id}/offers/{offer.id}").get_data(as_text=True)
    assert '<mark class="mark-block">7%</mark>' in page
    assert "“7%” stands neither in" in page
    assert "<b>ждёт" not in page


def test_the_list_says_which_texts_are_wrong(client: FlaskClient) -> None:
    manager = a_user(language="en")
    client.sign_in(manager)
    project = a_project(manager, product=a_product(name="Кредитная карта", description=CARD.description))
    campaign = a_campaign(project)
    wrong, odd, good = "Карта с кешбэком 7%. Оформите её.", "Оформите кредитную карту в", "Оформите кредитную карту."
    for text in (wrong, odd, good):
        an_offer(campaign, a_client(project), state=OfferState.READY, text=text, written_at=func.now())
    page = client.get(f"/projects/{project.id}/offers").get_data(as_text=True)
    assert page.count(">Wrong<") == 1
    assert page.count(">Look at it<") == 1


def test_pieces_are_all_of_the_text_and_the_graver_finding_counts() -> None:
    finding: Any = SimpleNamespace
    found = [finding(severity=Severity.WARN, span=(0, 6)), finding(severity=Severity.BLOCK, span=(3, 9))]
    assert list(pieces("abcdefghijk", found)) == [
        Piece("abc", Severity.WARN),
        Piece("defghi", Severity.BLOCK),
        Piece("jk", None),
    ]
    assert list(pieces("", found)) == []


def test_a_client_of_whom_nothing_is_known_has_no_secrets() -> None:
    project_facts = Facts(CARD, ChannelFacts("SMS"))
    assert project_facts.client == ClientFacts()
