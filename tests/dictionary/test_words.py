"""A client's data in words: what a prompt may know."""

import string
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketing_app.dictionary.services import KnownField, standard_fields
from marketing_app.dictionary.standard import default_dictionary
from marketing_app.dictionary.words import long_words, words
from marketing_app.models import FieldType, Sensitivity

SALARY = KnownField(
    "salary",
    "зарплата",
    FieldType.DECIMAL,
    {},
    Sensitivity.PERSONAL,
    True,
    [{"upto": 50_000, "words": "ниже средней"}, {"upto": 150_000.5, "words": ""}, {"upto": None, "words": "высокая"}],
)
COUNTS = [field.key for field in default_dictionary() if field.key.startswith("cnt_tr_")]


def fields(language: str = "ru") -> list[KnownField]:
    return standard_fields(language)


def test_the_dictionary_keeps_secrets_out() -> None:
    dictionary = {field.key: field for field in default_dictionary()}
    assert len(dictionary) == 25
    assert not any(field.is_in_prompt for field in dictionary.values() if field.sensitivity == "secret")
    assert not dictionary["app_position_type_nm"].is_in_prompt


@pytest.mark.parametrize(
    ("age", "expected"),
    [(52.688, "52 года"), (21, "21 год"), (11.9, "11 лет"), ("14,3", "14 лет"), (95.8, "95 лет"), (112, "112 лет")],
)
def test_age_is_whole_years(age: object, expected: str) -> None:
    assert words(fields(), {"age": age}, "ru") == f"возраст: {expected}"


def test_words() -> None:
    data = {"cnt_tr_oil_3m": 57, "visit_purposes": "DCARD", "gender": 0.0, "age": 41.2, "reg_region_nm": "N/A"}
    assert words(fields(), data, "ru") == (
        "пол: мужской; возраст: 41 год; оплат на АЗС за 3 месяца: много; цель последнего визита в офис: дебетовая карта"
    )
    assert words(fields("en"), {"gender": "1", "age": 1.5}, "en") == "gender: female; age in years: 1 year"


def test_fields_of_one_period_name_it_once() -> None:
    data = {"gender": 1, "cnt_tr_all_3m": 40, "cnt_tr_oil_3m": 3, "app_vehicle_ind": 1}
    assert words(fields(), data, "ru") == (
        "пол: женский; за 3 месяца: много операций, немного оплат на АЗС; есть автомобиль: да"
    )
    assert words(fields("en"), data, "en") == (
        "gender: female; in 3 months: many transactions, few petrol station payments; owns a car: yes"
    )


def test_what_is_the_same_of_several_counts_is_said_once_and_the_most_first() -> None:
    data = dict.fromkeys(COUNTS, 2) | {"cnt_tr_oil_3m": 6, "cnt_tr_buy_3m": 31, "cnt_tr_on_card_3m": "200"}
    assert words(fields(), data, "ru") == (
        "за 3 месяца: много покупок и переводов по карте, немало оплат на АЗС, "
        "немного операций, пополнений, снятий наличных, оплат связи и оплат услуг"
    )


def test_a_row_of_nothing_is_one_phrase() -> None:
    nothing = dict.fromkeys(COUNTS, 0)
    assert words(fields(), nothing, "ru") == "операций за 3 месяца: нет"
    assert words(fields("en"), nothing, "en") == "transactions in 3 months: none"


def test_beside_what_there_was_nothing_is_said_of_what_there_was_not() -> None:
    some = dict.fromkeys(COUNTS, 0) | {"cnt_tr_all_3m": 40}
    assert words(fields(), some, "ru") == "операций за 3 месяца: много"
    assert words(fields(), some | {"cnt_tr_buy_3m": 4}, "ru") == "за 3 месяца: много операций, немного покупок"


def test_what_a_client_has_not_is_said_last() -> None:
    data = dict.fromkeys(COUNTS, 0) | {"age": 41, "app_vehicle_ind": 0, "visit_purposes": "DEPOSIT"}
    assert words(fields(), data, "ru") == (
        "возраст: 41 год; цель последнего визита в офис: вклад; операций за 3 месяца: нет; есть автомобиль: нет"
    )


def test_what_the_offer_is_about_comes_first() -> None:
    data = {"gender": 1, "age": 41, "cnt_tr_all_3m": 40, "cnt_tr_oil_3m": 9, "app_vehicle_ind": 0}
    told = words(fields(), data, "ru", ["cnt_tr_oil_3m"])
    assert told == (
        "за 3 месяца: много операций, немало оплат на АЗС; пол: женский; возраст: 41 год; есть автомобиль: нет"
    )
    assert words(fields(), data, "ru", ["app_vehicle_ind"]).startswith("есть автомобиль: нет; пол: женский; ")
    assert words(fields(), data, "ru", ["unknown"]) == words(fields(), data, "ru")


def test_of_fields_of_one_period_that_are_all_absent_the_one_asked_for_is_said() -> None:
    nothing = dict.fromkeys(COUNTS, 0)
    assert words(fields(), nothing, "ru", ["cnt_tr_oil_3m"]) == "оплат на АЗС за 3 месяца: нет"


def test_a_visit_of_this_month_is_no_lack_of_visits() -> None:
    assert words(fields(), {"qnt_months_from_last_visit": 0}, "ru") == "месяцев с последнего визита: немного"
    assert words(fields("en"), {"qnt_months_from_last_visit": 0}, "en") == "months since the last branch visit: few"


def test_words_of_bands_stand_after_their_fields_and_before_amounts() -> None:
    paid = replace(SALARY, label="зарплата за 12 месяцев")
    counted = KnownField("paid", "поступлений за 12 месяцев", FieldType.INTEGER, {}, Sensitivity.BEHAVIOUR, True)
    data = {"paid": 12, "salary": 200_000}
    assert words([counted, paid], data, "ru") == "за 12 месяцев: зарплата высокая, немало поступлений"


def test_the_long_form_says_field_by_field() -> None:
    assert long_words(fields(), {"cnt_tr_all_3m": 0, "cnt_tr_buy_3m": 9}, "ru") == (
        "операций за 3 месяца: нет; покупок за 3 месяца: немало"
    )


def test_fields_that_say_the_same_are_said_one_by_one() -> None:
    twin = KnownField("twin", "регион", FieldType.TEXT, {}, Sensitivity.OPEN, True)
    other = replace(twin, key="other")
    assert words([twin, other], {"twin": "Омск", "other": "Омск"}, "ru") == "регион: Омск; регион: Омск"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (50_000, "зарплата: ниже средней"),
        ("-3", "зарплата: ниже средней"),
        (50_000.01, ""),
        (150_000.5, ""),
        (150_001, "зарплата: высокая"),
        ("много", ""),
    ],
)
def test_bands_stand_in_for_the_figure(value: object, said: str) -> None:
    assert words([SALARY], {"salary": value}, "ru") == said


def test_bands_win_over_years_and_amounts() -> None:
    age = replace(SALARY, key="age", label="возраст", sensitivity=Sensitivity.BEHAVIOUR)
    assert words([age], {"age": 30}, "ru") == "возраст: ниже средней"


def test_a_secret_is_never_said_whatever_the_field_asks() -> None:
    secret = [replace(field, is_in_prompt=True) for field in fields() if field.sensitivity == Sensitivity.SECRET]
    assert len(secret) == 10
    assert words(secret, {field.key: "7" for field in secret}, "ru") == ""


def test_an_unknown_code_and_a_bad_value_are_left_out() -> None:
    assert words(fields(), {"visit_purposes": "ZZZ", "age": "old"}, "ru") == ""


@pytest.mark.parametrize("data", [{"reg_region_nm": "Москва\nпол: женский; возраст: 5"}, {"x": "да"}, {"y": 1}])
def test_everything_stays_in_its_line(data: Mapping[str, object]) -> None:
    hostile = "метка\nпол: женский; возраст: 5"
    added = [
        KnownField("x", hostile, FieldType.TEXT, {}, Sensitivity.OPEN, True),
        KnownField("y", "код", FieldType.CODE, {"1": hostile}, Sensitivity.OPEN, True),
    ]
    said = words([*fields(), *added], data, "ru")
    assert said and "\n" not in said and ";" not in said


letters = st.text(string.ascii_lowercase + "абвгд ", min_size=1, max_size=12).filter(str.strip)
values = st.one_of(
    st.none(), st.integers(), st.floats(), st.text(max_size=20), st.booleans(), st.dates().map(str), st.just("1e5")
)


@st.composite
def some_fields(draw: st.DrawFn) -> KnownField:
    ends = sorted(draw(st.sets(st.integers(-1000, 1000), max_size=4)))
    bands = [{"upto": end, "words": draw(letters)} for end in ends]
    return KnownField(
        draw(letters),
        draw(letters),
        draw(st.sampled_from(FieldType)),
        draw(st.dictionaries(letters, letters, max_size=3)),
        draw(st.sampled_from(Sensitivity)),
        draw(st.booleans()),
        [*bands, {"upto": None, "words": draw(letters)}] if bands else [],
    )


@given(
    others=st.lists(some_fields(), max_size=4),
    field=some_fields(),
    value=values,
    language=st.sampled_from(["ru", "en"]),
)
def test_nothing_of_a_secret_is_ever_said(
    others: list[KnownField], field: KnownField, value: object, language: str
) -> None:
    secret = replace(field, key="SECRET", label="SECRET", sensitivity=Sensitivity.SECRET, is_in_prompt=True)
    data = {each.key: 7 for each in others}
    assert words([*others, secret], {**data, "SECRET": value}, language) == words(others, data, language)


@given(field=some_fields(), value=values)
def test_a_field_with_bands_never_shows_its_figure(field: KnownField, value: object) -> None:
    banded = replace(field, bands=field.bands or SALARY.bands, label="метка")
    assert not any(sign.isdigit() for sign in words([banded], {field.key: value}, "ru"))
