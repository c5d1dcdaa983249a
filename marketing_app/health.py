"""Whether the application lives, and whether it can do its work."""

import structlog
from flask import Blueprint, Flask, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from . import disk
from .access import public
from .database import db
from .database_errors import Trouble, cause_of, trouble_of
from .language_model.wording import model_failure
from .llm.registry import State, model

bp = Blueprint("health", __name__, url_prefix="/health")
log = structlog.get_logger()

SMALL_MEMORY = text("SET LOCAL work_mem = '64kB'")
WRITE_TEMPORARY_FILE = text("SELECT count(*) FROM (SELECT generate_series(1, 50000) AS n ORDER BY n DESC OFFSET 0) s")
"""A sort that goes through the database's disk, about 1 MB: it finds a full disk and leaves nothing behind."""


@bp.get("/live")
@public
def live() -> ResponseReturnValue:
    return jsonify(status="alive")


@bp.get("/ready")
@public
def ready() -> ResponseReturnValue:
    """200 when the database takes changes, INSTANCE_PATH has room and the model is loaded, else 503; says which of them
    is missing, and why."""
    database, files = database_state(), disk.state_of(current_app.config["STUDIO"].instance_path)
    answer = {"database": database, "files": files, "model": model.state.value}
    if model.state is State.FAILED:
        answer["reason"] = model_failure(model.reason)
    is_ready = database == files == "ready" and model.state is State.READY
    return answer, 200 if is_ready else 503


def database_state() -> str:
    """`ready`, or the trouble that a change would meet."""
    try:
        db.session.execute(SMALL_MEMORY)
        db.session.execute(WRITE_TEMPORARY_FILE)
        is_read_only = db.session.scalar(text("SHOW transaction_read_only")) == "on"
    except SQLAlchemyError as error:
        log.error("database_not_ready", **cause_of(error))
        return trouble_of(error).value
    finally:
        db.session.remove()
    return Trouble.READ_ONLY.value if is_read_only else "ready"


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
