"""A model's bars (llm.certainty.Bars): measured once for each model, in the background, and again on request."""

import time
from collections.abc import Mapping, Sequence
from threading import Thread

import structlog
from flask import Flask
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from ..database import db, own_transaction
from ..database_errors import cause_of
from ..llm.calibration import measured_bars
from ..llm.cards import ModelCard
from ..llm.certainty import Bars
from ..llm.engine import Engine, EngineError
from ..llm.registry import model
from ..models import LANGUAGES, ModelCalibration

log = structlog.get_logger()

LOADING_SECONDS = 3600.0
"""Longer than any model takes to load."""
WAITS = (30, 120, 600)
"""Seconds before another try."""


def start_calibration(app: Flask) -> None:
    """Measure the bars of a model that has none yet, once it is loaded."""
    Thread(target=_calibrate_new, args=(app,), name="calibration", daemon=True).start()


def calibrate(engine: Engine, languages: Sequence[str] = LANGUAGES) -> dict[str, Bars | None]:
    """Measure the bars in these languages and keep them, in place of those that there were. Raises EngineError."""
    bars = {language: measured_bars(engine, language) for language in languages}
    with own_transaction():
        for language, measured in bars.items():
            _keep(engine.card, language, measured)
    return bars


def calibration_of(card: ModelCard) -> Mapping[str, ModelCalibration]:
    """What is known of a model, by language; one of the same name from elsewhere is another one."""
    query = db.select(ModelCalibration).filter_by(model_name=card.name, source=card.source)
    return {found.language: found for found in db.session.scalars(query)}


def _calibrate_new(app: Flask) -> None:
    """Tried some times: the database, or the model's server, may be away at the start."""
    if not model.wait(LOADING_SECONDS):
        return
    for seconds in (*WAITS, 0):
        try:
            _calibrate_if_new(app)
            return
        except (EngineError, SQLAlchemyError) as error:
            log.warning("model_not_calibrated", **cause_of(error))
            time.sleep(seconds)


def _calibrate_if_new(app: Flask) -> None:
    engine = model.engine()
    with app.app_context():
        if set(calibration_of(engine.card)) >= set(LANGUAGES):
            return
        db.session.rollback()  # no transaction stays open while the model is asked
        begun = time.monotonic()
        log.info("calibrating_model", model=engine.card.name)
        found = {language: str(bars) for language, bars in calibrate(engine).items()}
    log.info("model_calibrated", seconds=round(time.monotonic() - begun), **found)


def _keep(card: ModelCard, language: str, bars: Bars | None) -> None:
    measured = {
        "upper_bar": bars.upper if bars else None,
        "lower_bar": bars.lower if bars else None,
        "measured_at": db.func.now(),
    }
    row = insert(ModelCalibration).values(model_name=card.name, source=card.source, language=language, **measured)
    key = ["model_name", "source", "language"]
    db.session.execute(row.on_conflict_do_update(index_elements=key, set_=measured))
