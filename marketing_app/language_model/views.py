"""The state of the language model, as every page shows it."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ..access import signed_in

bp = Blueprint("language_model", __name__)


@bp.get("/model/state")
@signed_in
def state() -> ResponseReturnValue:
    return render_template("shared/_model.html")
