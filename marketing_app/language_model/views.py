"""The state of the language model, as every page shows it."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ..access import signed_in
from ..database import db
from ..llm.engine import EngineError
from ..web.errors import error_page
from .wording import refusal

bp = Blueprint("language_model", __name__)


@bp.get("/model/state")
@signed_in
def state() -> ResponseReturnValue:
    return render_template("shared/_model.html")


@bp.app_errorhandler(EngineError)
def model_refuses(error: EngineError) -> Response:
    """Where a room has no better place to say it."""
    db.session.rollback()
    return error_page(503, _("The language model cannot do this now"), refusal(error))
