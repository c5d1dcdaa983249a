"""What the browser asks of the room of the data dictionary: what a client field means and what a prompt may say of it."""

from flask import Blueprint

bp = Blueprint("dictionary", __name__)
