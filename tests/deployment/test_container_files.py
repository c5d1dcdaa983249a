"""No container engine runs where the tests run, so what Dockerfile and compose.yaml name is looked up here. By hand,
`python -m tests.deployment.image` builds the image and runs it."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from marketing_app import create_app
from marketing_app.embedded import SETTINGS
from marketing_app.settings import Settings
from tests.deployment.container_files import (
    ROOT,
    arguments_of,
    base_images,
    compose,
    copied_sources,
    environment,
    instructions,
    stages,
)
from tests.deployment.image.bases import BASES, RELEASE
from tests.deployment.image.registries import named_paths, pip_settings

ENGINE_VARIABLES = {"PATH", "PYTHONUNBUFFERED", "PYTHONWARNINGS", "CMAKE_ARGS"}
COMPOSE_VARIABLES = {"DATABASE_PASSWORD", "MODEL_IN_IMAGE", "MONGO_PASSWORD"}
POSTGRES_VARIABLES = {"POSTGRES_PASSWORD_FILE", "DATABASE_PASSWORD"}
OF_THE_IMAGE = {"INSTANCE_PATH"}
"""Settings that are where the image puts its volume."""


def setting_names() -> set[str]:
    return {name.upper() for name in Settings.model_fields}


def test_several_stages_and_none_unknown() -> None:
    assert len(stages()) >= 3
    for arguments in arguments_of("COPY"):
        if stage := re.match(r"--from=(\w+)", arguments):
            assert stage[1] in stages()


def test_the_image_is_built_by_hand_on_the_bases_that_it_names() -> None:
    """The Debian of a base is a part of its name: a compiler that nobody tried would come by itself."""
    made = re.findall(r"^FROM .* AS (\w+)$", BASES.read_text(), re.MULTILINE)
    for image in base_images():
        assert image.partition(":")[0] in made
        assert RELEASE in image


def test_a_build_by_hand_finds_packages_where_pip_here_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", f"{tmp_path} https://wheels.example/simple")
    settings = pip_settings()
    assert settings["global"]["find-links"] == f"{tmp_path} https://wheels.example/simple"
    assert tmp_path in named_paths(settings)


def test_every_copied_path_is_in_the_repository_and_reaches_the_build() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for source in copied_sources():
        assert any(name == source or name.startswith(f"{source}/") for name in tracked), source
        assert source in allowed


def test_it_runs_as_a_plain_user_with_a_health_check() -> None:
    assert arguments_of("USER")[-1] not in {"root", "0"}
    (check,) = arguments_of("HEALTHCHECK")
    assert "/health/live" in check


@pytest.mark.parametrize("instruction", ["CMD", "HEALTHCHECK"])
def test_commands_of_the_image_can_be_run(instruction: str) -> None:
    (arguments,) = arguments_of(instruction)
    command = json.loads(arguments[arguments.index("[") :])
    assert command[0] == "python"
    if command[1] == "-m":
        assert (ROOT / (command[2].replace(".", "/") + ".py")).is_file()
    else:
        compile(command[2], "the health check", "exec")


def test_variables_of_the_image_are_settings() -> None:
    names = {name for name, _ in environment()}
    assert names - ENGINE_VARIABLES <= setting_names()


def test_the_image_leaves_out_the_warnings_that_start_sh_leaves_out() -> None:
    exported = re.findall(r'^export PYTHONWARNINGS="(.*)"$', (ROOT / "start.sh").read_text(), re.MULTILINE)
    assert exported == [value for name, value in environment() if name == "PYTHONWARNINGS"]


def test_the_image_compiles_the_engine_like_start_sh_and_says_how_far_it_is() -> None:
    options = [shlex.split(value) for name, value in environment() if name == "CMAKE_ARGS"]
    assert "-DCMAKE_PROJECT_llama_cpp_INCLUDE=/app/.engine.cmake" in options[0]
    steps = [arguments for name, arguments in instructions() if name in {"COPY", "RUN"}]
    copying = next(n for n, arguments in enumerate(steps) if ".engine.cmake" in arguments)
    installing = next(n for n, arguments in enumerate(steps) if "pip install" in arguments)
    assert copying < installing
    assert "pip install --verbose" in steps[installing]


def test_compose_has_its_services() -> None:
    services = compose()["services"]
    assert set(services) == {"db", "web", "proxy", "worker", "mongo"}
    assert services["db"]["image"] == "postgres:18"
    assert services["worker"]["profiles"] == ["worker"]
    assert services["mongo"]["profiles"] == ["mongo"]


def test_compose_passes_every_setting_on() -> None:
    """A limit or a safeguard that is set in .env and does not arrive would be missed by nobody."""
    services = compose()["services"]
    for name in ("web", "worker"):
        assert set(services[name]["environment"]) == setting_names() - OF_THE_IMAGE
    assert set(services["db"]["environment"]) == POSTGRES_VARIABLES
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text()))
    assert asked - COMPOSE_VARIABLES <= setting_names()


def test_compose_passes_only_arguments_that_the_dockerfile_takes() -> None:
    taken = {argument.partition("=")[0] for argument in arguments_of("ARG")}
    assert set(compose()["services"]["web"]["build"]["args"]) <= taken


def test_only_the_proxy_of_compose_is_reached_from_elsewhere() -> None:
    services = compose()["services"]
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8000:8000"], "proxy": ["80:80", "443:443"]}
    file, place, _mode = services["proxy"]["volumes"][0].split(":")
    assert place == "/etc/nginx/conf.d/default.conf"
    assert "server web:8000;" in (ROOT / file).read_text()


def test_volumes_of_compose_are_declared_or_paths() -> None:
    document = compose()
    for service in document["services"].values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source.startswith("./") or source in document["volumes"]


def test_commands_of_compose_exist(settings: Settings) -> None:
    commands = create_app(settings).cli.commands
    services = compose()["services"]
    for name in ("web", "worker"):
        if command := services[name].get("command"):
            assert command[:3] == ["flask", "--app", "marketing_app"]
            assert command[3] in commands, command


def test_the_database_of_compose_logs_as_the_embedded_one() -> None:
    program, *options = compose()["services"]["db"]["command"]
    assert program == "postgres" and options[::2] == ["-c"] * 3
    assert {each.replace("=", " = ") for each in options[1::2]} <= set(SETTINGS.splitlines())


def test_the_build_works_on_the_copied_files_alone(tmp_path: Path) -> None:
    """What the stage `built` does, in a clean directory, with the packages that are already here."""
    for source in copied_sources():
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        ignore = {"ignore": shutil.ignore_patterns("vendor", "__pycache__")} if (ROOT / source).is_dir() else {}
        copy(ROOT / source, tmp_path / source, **ignore)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")

    build(tmp_path, "-m", "marketing_app.assets")
    assert (tmp_path / "static/vendor/htmx/htmx.min.js").stat().st_size > 10_000
    assert "db" in build(tmp_path, "-m", "flask", "--app", "marketing_app", "--help")


def build(directory: Path, *arguments: str) -> str:
    variables = {
        "PATH": "/usr/bin:/bin",
        "DATABASE_URL": "postgresql://nobody@localhost/nothing",
        "INSTANCE_PATH": str(directory / "instance"),
    }
    done = subprocess.run(
        [sys.executable, *arguments], cwd=directory, env=variables, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
