"""Pictures of the catalogue."""

from flask import Blueprint, current_app, send_from_directory
from flask.typing import ResponseReturnValue

from ..access import signed_in
from .images import directory_of

bp = Blueprint("catalogue", __name__)


@bp.get("/images/<name>")
@signed_in
def image(name: str) -> ResponseReturnValue:
    """A picture under its random name; its content never changes, so it may be kept for a year."""
    return send_from_directory(directory_of(current_app.config["STUDIO"].instance_path), name, mimetype="image/webp")
