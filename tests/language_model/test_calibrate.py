"""A model's bars are measured once, kept, and shown; who edits a text learns what the model thinks of it."""

import pytest
from flask import Flask

from marketing_app.database import db
from marketing_app.language_model import calibration
from marketing_app.language_model.calibration import calibrate, calibration_of
from marketing_app.llm.calibration import measured_bars
from marketing_app.llm.certainty import Bars
from marketing_app.llm.local import LocalEngine
from marketing_app.llm.remote import RemoteEngine
from marketing_app.models import ModelCalibration
from marketing_app.offers.sense import bars_of
from tests.language_model.conftest import Command


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two channels: enough to see the difference."""
    monkeypatch.setattr("marketing_app.llm.calibration.CHANNELS", ("SMS", "MOBILE_CHAT"))


@pytest.mark.usefixtures("quick")
def test_the_packaged_model_tells_our_sentences_from_their_words_in_disorder(engine: LocalEngine) -> None:
    bars = measured_bars(engine, "ru")
    assert bars and -2.5 < bars.lower <= bars.upper < -0.2


def test_a_server_that_scores_no_words_of_others_has_no_bars() -> None:
    engine = RemoteEngine("http://127.0.0.1:9/v1", "any")
    assert measured_bars(engine, "ru") is None
    engine.close()


@pytest.fixture
def measured(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The languages that were measured, with bars that take no time."""
    languages: list[str] = []

    def measure(_engine: LocalEngine, language: str) -> Bars | None:
        languages.append(language)
        return Bars(-0.7, -1.0) if language == "ru" else None

    monkeypatch.setattr(calibration, "measured_bars", measure)
    return languages


def test_bars_are_kept_for_the_model_and_measured_anew_where_the_file_is_another(
    engine: LocalEngine, measured: list[str]
) -> None:
    calibrate(engine)
    assert bars_of(engine.card, "ru") == Bars(-0.7, -1.0) and bars_of(engine.card, "en") is None
    assert set(calibration_of(engine.card)) == {"ru", "en"}
    db.session.execute(db.update(ModelCalibration).values(source="another.gguf"))
    db.session.commit()
    assert not calibration_of(engine.card)
    calibrate(engine)
    assert set(calibration_of(engine.card)) == {"ru", "en"} and measured == ["ru", "en", "ru", "en"]


@pytest.mark.usefixtures("loaded_model")
def test_a_model_that_has_bars_is_not_measured_at_the_next_start(app: Flask, measured: list[str]) -> None:
    for _ in range(2):
        calibration._calibrate_new(app)
    assert measured == ["ru", "en"]


@pytest.mark.xdist_group("model")
@pytest.mark.usefixtures("measured")
def test_it_is_measured_again_on_request(flask_model: Command) -> None:
    said = flask_model("calibrate", model_context=512, model_sequences=3)
    assert said.exit_code == 0, said.output
    assert "ru  asked again below -0.70, never sent below -1.00" in said.output
    assert "en  this model does not tell sense from disorder" in said.output
