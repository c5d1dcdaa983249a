"""A client's data in words: what a prompt may know."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from marketing_app.dictionary.standard import default_dictionary
from marketing_app.dictionary.words import words


@dataclass
class Field:
    key: str
    label: str
    type: str
    codes: Mapping[str, str]
    sensitivity: str
    is_in_prompt: bool


def fields(language: str = "ru", *, all_in: bool = False) -> list[Field]:
    return [
        Field(
            field.key,
            field.label_ru if language == "ru" else field.label_en,
            field.type,
            field.codes if language == "ru" else field.codes_en,
            field.sensitivity,
            field.is_in_prompt or all_in,
        )
        for field in default_dictionary()
    ]


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


def test_a_secret_is_never_said_whatever_the_field_asks() -> None:
    secret = {field.key: "7" for field in default_dictionary() if field.sensitivity == "secret"}
    assert words(fields(all_in=True), secret, "ru") == ""


def test_an_unknown_code_and_a_bad_value_are_left_out() -> None:
    assert words(fields(), {"visit_purposes": "ZZZ", "age": "old"}, "ru") == ""


def test_a_value_stays_in_its_line() -> None:
    assert "\n" not in words(fields(), {"reg_region_nm": "Москва\nпол: женский; возраст: 5"}, "ru")
