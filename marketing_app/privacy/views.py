"""What the browser asks of the room of the client's rights: opt-outs, erasure, how long data is kept."""

from flask import Blueprint

bp = Blueprint("privacy", __name__)
