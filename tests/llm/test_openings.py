"""Openings say the product and the benefit, by the very rules that texts are held against, and engines go on after
them."""

import pytest

from marketing_app.checks.angle import is_said
from marketing_app.checks.findings import Angle, ChannelFacts, Facts, ProductFacts, Settings, Severity
from marketing_app.checks.registry import check
from marketing_app.llm import prompts
from marketing_app.llm.continuations import CONTINUATIONS, STYLES
from marketing_app.llm.engine import Options, Prompt
from marketing_app.llm.examples import BEGUN_COUNT, begun_examples
from marketing_app.llm.local import LocalEngine
from marketing_app.llm.openings import OPENINGS, openings, turned
from marketing_app.llm.prompts import asked_again, compose

ALL = [(language, channel) for language, channels in OPENINGS.items() for channel in channels]
CARD = {"ru": ("Кредитная карта", "кешбэк 5% на АЗС"), "en": ("Credit card", "cashback of 5% on petrol")}


def blocking(text: str, facts: Facts) -> list[str]:
    return [found.rule for found in check(text, facts) if found.severity is Severity.BLOCK and "law." not in found.rule]


@pytest.mark.parametrize(("language", "channel"), ALL)
def test_every_opening_says_product_and_benefit_and_nothing_blocks_it(language: str, channel: str) -> None:
    name, benefit = CARD[language]
    product = ProductFacts(name, "card", f"{name}: {benefit}.")
    known = openings(channel, name, benefit, language)
    facts = Facts(product, ChannelFacts(channel, None), language=language, prompt="\n".join(known), openings=known)
    assert len(set(known)) == len(known) > 1
    for text in known:
        assert is_said(text, Angle(benefit)) and blocking(text, facts) == []
        assert "fact.echo" not in {found.rule for found in check(text, facts)}


def test_a_name_of_its_own_stands_in_quotes_and_a_common_one_begins_small() -> None:
    assert "Вам может подойти «Прилив»: всё включено." in openings("SMS", "Прилив", "всё включено", "ru")
    assert "Вам может подойти вклад: всё включено." in openings("SMS", "Вклад", "всё включено", "ru")
    assert "Вам может подойти ОСАГО-страхование: всё включено." in openings(
        "SMS", "ОСАГО-страхование", "всё включено", "ru"
    )


@pytest.mark.parametrize(
    ("bank", "said"),
    [
        ("Северный Берег", "Это банк «Северный Берег»."),
        ("Банк Берег", "Это Банк Берег."),
        ("", "Здравствуйте! Вам может подойти"),
    ],
)
def test_a_caller_names_the_bank_where_it_has_a_name(bank: str, said: str) -> None:
    known = openings("TMO", "Вклад", "срок на выбор", "ru", bank=bank)
    assert any(said in text for text in known)
    assert all(("Берег" in text) == bool(bank) and "{" not in text for text in known)


def test_a_channel_of_the_banks_own_begins_as_a_text_message() -> None:
    assert openings("FAX", "Вклад", "сумма от 10 000 ₽", "ru") == openings("SMS", "Вклад", "сумма от 10 000 ₽", "ru")


@pytest.mark.parametrize("channel", OPENINGS["ru"])
@pytest.mark.parametrize("benefit", ["кешбэк 5% на АЗС", "категории на ваш выбор"])
def test_a_channel_that_says_ty_begins_without_vy(channel: str, benefit: str) -> None:
    familiar = openings(channel, "Кредитная карта", benefit, "ru", is_familiar=True)
    about = ChannelFacts(channel, settings=Settings(switched_off=frozenset({"person.familiar"})))
    facts = Facts(ProductFacts("Кредитная карта", "card"), about)
    assert familiar
    for text in familiar:
        said = text.replace(benefit, "").replace(benefit.capitalize(), "")
        assert "person.address" not in {found.rule for found in check(said, facts)}, text
    polite = set(openings(channel, "Кредитная карта", benefit, "ru")) - set(familiar)
    assert bool(polite) == (channel != "OFFICE_BANNER")


@pytest.mark.parametrize("kind", CONTINUATIONS["ru"])
@pytest.mark.parametrize(("language", "channel"), ALL)
def test_every_example_that_begins_so_would_pass_the_checks(language: str, channel: str, kind: str) -> None:
    shown = begun_examples(channel, kind, BEGUN_COUNT, language)
    assert len({example.text for example in shown}) > 1
    for example in shown:
        name = example.product.partition(". ")[0]
        product = ProductFacts(name, kind, f"{example.product} {example.angle}")
        facts = Facts(product, ChannelFacts(channel, None), language=language, angle=Angle(example.angle))
        assert blocking(example.text, facts) == [] and is_said(example.text, facts.angle), example.text


def test_continuations_name_no_figure() -> None:
    texts = [
        text
        for kinds in CONTINUATIONS.values()
        for styles in kinds.values()
        for each in styles.values()
        for text in each
    ]
    assert not [text for text in texts if any(character.isdigit() for character in text)]
    assert set(STYLES.values()) | {"short"} == set(CONTINUATIONS["ru"]["loan"]) == set(CONTINUATIONS["en"]["card"])


def prompt_for(angle: str = "кешбэк 5% на АЗС", **others: object) -> Prompt:
    return compose(
        "Клиент: {client}",
        product=prompts.Product("Кредитная карта", "card", "Кешбэк 5% на АЗС."),
        channel=prompts.Channel("SMS", "СМС", "", 134),
        occasion="",
        client="мужчина",
        language="ru",
        angle=angle,
        **others,  # type: ignore[arg-type]
    )


def test_texts_of_other_variants_begin_otherwise_and_so_do_further_rounds() -> None:
    first, second = prompt_for(), prompt_for(variant=1)
    assert first.opening != second.opening and set(first.openings) == set(second.openings)
    assert asked_again(first, "", "короче", "ru", None).opening == second.opening
    assert turned((), 3) == () and turned("abc", 4) == ("b", "c", "a")


def test_without_a_benefit_the_model_begins_by_itself_and_only_then_with_the_product() -> None:
    prompt = prompt_for(angle="", variant=1)
    assert (
        prompt.opening == ""
        and asked_again(prompt, "", "короче", "ru", None).opening == "Вам может подойти кредитная карта."
    )


@pytest.mark.parametrize(("language", "channel"), ALL)
def test_openings_without_a_benefit_name_the_product_and_nothing_blocks_them(language: str, channel: str) -> None:
    name, _benefit = CARD[language]
    facts = Facts(ProductFacts(name, "card", name), ChannelFacts(channel, None), language=language)
    for text in openings(channel, name, "", language):
        assert blocking(text, facts) == [] and "{" not in text and text.endswith(".")


def test_what_a_person_asks_for_is_first_tried_without_an_opening() -> None:
    asked = prompt_for(turns=(prompts.Turn("user", "начни с вопроса"),))
    assert asked.opening == "" and asked_again(asked, "", "короче", "ru", None).opening


def test_the_model_goes_on_after_the_opening_without_figures(engine: LocalEngine) -> None:
    prompt = prompt_for()
    generation = engine.submit(prompt, Options(max_tokens=40, candidates=3, seed=5, temperature=1.2))
    texts = ["", "", ""]
    for piece in generation:
        texts[piece.candidate] += piece.text
    for shown, draft in zip(texts, generation.drafts, strict=True):
        rest = draft.text.removeprefix(prompt.opening)
        assert shown.startswith(draft.text) and draft.text.startswith(prompt.opening)
        assert not any(character.isnumeric() or (character.isascii() and character.isalpha()) for character in rest)
        assert draft.text[-1] in ".!?…"
    assert generation.prompt_tokens == engine.count_tokens(prompt.text)
