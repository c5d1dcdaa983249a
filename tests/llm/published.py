"""The packaged model as it was published: one file for all processes of a run."""

import tempfile
from pathlib import Path

from marketing_app.llm.files import default_model_path


def published_model() -> Path:
    """Joined on the first call, in the run's own directory, which goes with it."""
    return default_model_path(Path(tempfile.gettempdir()) / "published-model")
