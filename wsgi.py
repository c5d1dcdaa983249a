"""The application as a web server sees it: built, its model loading and its worker waiting in the background."""

from marketing_app import create_app
from marketing_app.worker import start_background

app = create_app()
start_background(app)
