"""A load slows the search for reference cycles down, for as long as one is read, and never switches it off."""

import gc
import weakref
from typing import Any

import pytest
from flask import Flask

from marketing_app.client_imports import loading
from marketing_app.client_imports.reading_pace import OBJECTS_BETWEEN_COLLECTIONS, ReadingPace
from marketing_app.models import Project

from .test_loads import started


class Knot:
    """Refers to itself."""

    def __init__(self) -> None:
        self.itself = self


def test_what_others_leave_is_collected_while_loads_are_read_and_the_usual_pace_comes_back(
    app: Flask, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = gc.get_threshold()
    take, seen = loading.take, []

    def watched(*arguments: Any) -> None:
        knot = weakref.ref(Knot())
        held = [[] for _ in range(2 * OBJECTS_BETWEEN_COLLECTIONS)]
        seen.append((gc.isenabled(), knot() is None, len(held)))
        take(*arguments)

    monkeypatch.setattr(loading, "take", watched)
    loading.BackgroundLoads(app).carry_out(started(project, ["A1", "30", "1", "", ""]).id)
    assert [each[:2] for each in seen] == [(True, True)]
    assert gc.get_threshold() == usual


def test_the_usual_pace_comes_back_with_the_last_of_several_loads() -> None:
    usual, pace = gc.get_threshold(), ReadingPace()
    with pace:
        with pace:
            pass
        assert gc.get_threshold()[0] == OBJECTS_BETWEEN_COLLECTIONS
    assert gc.get_threshold() == usual
