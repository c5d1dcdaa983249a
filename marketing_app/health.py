"""Whether the application lives, and whether it can do its work."""

from flask import Blueprint, Flask, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from .access import public
from .database import db
from .language_model.wording import model_failure
from .llm.registry import State, model

bp = Blueprint("health", __name__, url_prefix="/health")


@bp.get("/live")
@public
def live() -> ResponseReturnValue:
    return jsonify(status="alive")


@bp.get("/ready")
@public
def ready() -> ResponseReturnValue:
    """200 when the database answers and the model is loaded, else 503; says which of them is missing, and why."""
    database = "ready" if database_answers() else "away"
    answer = {"database": database, "model": model.state.value}
    if model.state is State.FAILED:
        answer["reason"] = model_failure(model.reason)
    is_ready = database == "ready" and model.state is State.READY
    return answer, 200 if is_ready else 503


def database_answers() -> bool:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
