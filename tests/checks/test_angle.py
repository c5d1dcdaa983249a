"""A text says the benefit that it was written for, in whatever words."""

import pytest

from marketing_app.checks.angle import is_said
from marketing_app.checks.findings import Angle


@pytest.mark.parametrize(
    ("text", "angle"),
    [
        ("Возвращаем пять процентов на АЗС.", Angle("кешбэк 5% на АЗС", ("возвращ* ... АЗС",))),
        ("С картой кешбэк на АЗС 5 %.", Angle("кешбэк 5% на АЗС")),
        ("Переводы до 100 тыс. рублей без комиссии.", Angle("переводы без комиссии до 100 000 ₽")),
    ],
)
def test_a_benefit_is_said_by_a_sign_or_by_its_words_and_figures(text: str, angle: Angle) -> None:
    assert is_said(text, angle)


@pytest.mark.parametrize(
    ("text", "angle"),
    [
        ("С картой кешбэк на АЗС 3 %.", Angle("кешбэк 5% на АЗС")),
        ("С картой 5% на остатки.", Angle("кешбэк 5% на АЗС")),
        ("", Angle("кешбэк 5% на АЗС", ("кешбэк",))),
    ],
)
def test_another_figure_or_other_words_do_not_say_it(text: str, angle: Angle) -> None:
    assert not is_said(text, angle)
