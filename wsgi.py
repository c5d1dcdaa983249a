"""The application as a web server sees it: built, its model loading and its worker waiting in the background."""

from marketing_app import create_app
from marketing_app.language_model.services import start_model
from marketing_app.worker import start_worker

app = create_app()
start_model(app)
start_worker(app)
