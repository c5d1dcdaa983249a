"""What a spreadsheet did to a value: it shows an error instead, never worked a formula out, or dropped digits.

A flawed cell is a text here: the error's own name, UNCALCULATED, or the number as the sheet shows it. So a text table
that was saved from such a sheet is understood in the same way.
"""

import re
from enum import StrEnum

UNCALCULATED = "#NOT CALCULATED"
"""Stands for a formula without a value: a program wrote it, and no spreadsheet has opened the file since."""
OTHER_ERROR = "#ERROR!"

EXACT_DIGITS = 15
"""Significant digits that a spreadsheet keeps of a number."""
FIRST_INEXACT = 10.0**EXACT_DIGITS
_FIRST_INEXACT_FLOAT = 2.0**53

_ERROR = re.compile(
    r"#(?:N/A|DIV/0!|REF!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|UNKNOWN!|BUSY!|ERROR!|GETTING_DATA"
    r"|Н/Д|ДЕЛ/0!|ССЫЛКА!|ЗНАЧ!|ИМЯ\?|ЧИСЛО!|ПУСТО!|ПЕРЕНОС!|ВЫЧИСЛ!|ПОЛЕ!|ЗАБЛОКИРОВАНО!|ОЖИДАНИЕ_ДАННЫХ)"
    r"|#{3,40}|(?:ERR|ОШИБКА):\d{3}",
    re.IGNORECASE,
)
"""Excel's and LibreOffice's errors in English and Russian, and the fence of a column too narrow for its numbers."""
_SHORTENED = re.compile(r"[+-]?\d(?:[.,]\d+)?E\+\d{2,3}", re.IGNORECASE)


class Flaw(StrEnum):
    ERROR = "error"
    UNCALCULATED = "uncalculated"
    SHORTENED = "shortened"


def flaw_of(text: str) -> Flaw | None:
    """What is wrong with a cell's text, shown without outer spaces."""
    if text == UNCALCULATED:
        return Flaw.UNCALCULATED
    if _ERROR.fullmatch(text):
        return Flaw.ERROR
    return Flaw.SHORTENED if is_shortened(text) else None


def is_shortened(text: str) -> bool:
    """Whether a spreadsheet wrote the text for a number of which it lost digits, or hides them: 4,08178E+19."""
    return "+" in text and _SHORTENED.fullmatch(text) is not None


def lost_digits(number: float) -> bool:
    """Whether a number of a spreadsheet has only the digits that it keeps, and needs more."""
    size = abs(number)
    return size >= _FIRST_INEXACT_FLOAT or (size >= FIRST_INEXACT and size % 10 == 0)
