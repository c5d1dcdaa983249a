"""Texts that a spreadsheet would run, and the apostrophe that keeps it from that."""

import re

TEXT_SIGN = "'"
_RUNS = re.compile(r"\s*(?:[=@]|[+-](?![\d\s().,-]*$))|[\t\r]", re.ASCII)
"""A telephone or a number after a sign stays as it is: there is nothing to run in it."""
_KEPT_FROM_RUNNING = re.compile(rf"{TEXT_SIGN}(?=\s*[=+\-@]|[\t\r])")


def kept_from_running(text: str) -> str:
    """The text as a cell of a file that people open in a spreadsheet."""
    return TEXT_SIGN + text if _RUNS.match(text) else text


def without_text_sign(text: str) -> str:
    """The text that such a cell stands for."""
    return _KEPT_FROM_RUNNING.sub("", text, count=1) if text[:1] == TEXT_SIGN else text
