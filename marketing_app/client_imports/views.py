"""What the browser asks of the room where clients come in: sources, the wizard, loads."""

from flask import Blueprint

bp = Blueprint("client_imports", __name__)
