"""How long a stream lasts."""

from itertools import repeat
from math import inf

import pytest
from flask import Flask

from marketing_app.web import streams


def test_a_stream_ends_so_that_who_may_see_it_is_asked_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LONGEST_SECONDS", 0.05)
    assert "data: a" in streams.stream(repeat(streams.event("a"))).get_data(as_text=True)


def test_work_that_would_begin_anew_is_not_interrupted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LONGEST_SECONDS", 0.0)
    events = [streams.event("a"), streams.event("b")]
    assert "data: b" in streams.stream(events, longest_seconds=inf).get_data(as_text=True)
