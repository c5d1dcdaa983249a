"""The application as a web server sees it: built, with its model loading in the background."""

from marketing_app import create_app
from marketing_app.language_model.services import start_model

app = create_app()
start_model(app)
