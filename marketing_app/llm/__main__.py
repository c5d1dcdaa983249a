"""`python -m marketing_app.llm DIRECTORY`: a few words of the packaged model, to learn whether its engine runs here.

The model's file is joined in the directory, where the program finds it later.

The engine is compiled for one processor. On another one, or where its code for this one is wrong, nothing is raised:
the process dies.
"""

import sys
from contextlib import closing
from pathlib import Path

from .engine import Options, Prompt
from .files import default_model_path
from .local import LocalEngine


def main(directory: Path) -> None:
    with closing(LocalEngine(default_model_path(directory), context=512, sequences=2)) as engine:
        engine.submit(Prompt("The bank offers its clients", " a card"), Options(max_tokens=4)).result()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
