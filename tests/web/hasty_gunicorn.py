"""gunicorn's configuration with a second of patience, for tests that wait for its end."""

from marketing_app import connections
from marketing_app.gunicorn import *  # noqa: F403

connections.REQUEST_SECONDS = connections.PATIENCE_SECONDS = 1.0
