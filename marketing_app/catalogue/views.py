"""Pictures of the catalogue."""

from flask import Blueprint, current_app, send_from_directory
from flask.typing import ResponseReturnValue

from ..access import signed_in
from ..web.security import YEAR_SECONDS
from .images import directory_of

bp = Blueprint("catalogue", __name__)


@bp.get("/images/<name>")
@signed_in
def image(name: str) -> ResponseReturnValue:
    """A picture under its random name; its content never changes, so a browser may keep it for a year."""
    folder = directory_of(current_app.config["STUDIO"].instance_path)
    response = send_from_directory(folder, name, mimetype="image/webp", max_age=YEAR_SECONDS)
    response.cache_control.public = False  # a proxy would show it to those who are not signed in
    response.cache_control.private = True
    return response
