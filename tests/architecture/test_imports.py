"""What a module may not import, by what it is.

- Libraries import nothing of ours but libraries, and neither Flask nor SQLAlchemy.
- Models import no room, no library and nothing of web.
- Services do not see the request, the session or who is signed in; services and queries import no views and no forms.
- A room imports neither views nor queries of another room.
- The rooms of BELOW import nothing of those above them. Other pairs of rooms are not tested here.
"""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "marketing_app"
ROOMS = {
    "projects",
    "catalogue",
    "clients",
    "client_imports",
    "dictionary",
    "privacy",
    "offers",
    "campaigns",
    "review",
    "statistics",
    "text_bank",
    "language_model",
    "accounts",
    "admin",
}
LIBRARIES = {"llm", "imports", "checks", "exports"}
OF_THE_WEB = ("flask", "flask_login", "flask_wtf", "flask_babel", "wtforms", "werkzeug")
BELOW = {"catalogue": {"admin", "offers", "text_bank"}, "offers": {"admin", "text_bank"}, "text_bank": {"admin"}}
"""Rooms, each with those that stand above it."""
PRIVATE_TO_A_ROOM = {"views", "queries"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def imports_of(file: Path) -> set[str]:
    """Everything a module imports, by full name."""
    found = set()
    package = ["marketing_app", *file.relative_to(PACKAGE).parent.parts]
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {f"{module}.{alias.name}" for alias in node.names}
    return found


def starts(name: str, *roots: str) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in roots)


def offences(file: Path) -> list[str]:
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    room, module = parts[0], parts[-1]
    forbidden: list[str] = []
    for name in imports_of(file):
        if room in LIBRARIES:
            ours = starts(name, "marketing_app") and not starts(name, *(f"marketing_app.{each}" for each in LIBRARIES))
            if ours or starts(name, "sqlalchemy", *OF_THE_WEB):
                forbidden.append(name)
        if room == "models" and starts(name, *(f"marketing_app.{each}" for each in ROOMS | LIBRARIES | {"web"})):
            forbidden.append(name)
        if module == "services" and (starts(name, "flask.request", "flask.session", "flask_login.current_user")):
            forbidden.append(name)
        if module in ("services", "queries") and name.endswith((".views", ".forms")):
            forbidden.append(name)
        target = name.split(".")
        foreign = len(target) > 2 and target[0] == "marketing_app" and target[1] in ROOMS and target[1] != room
        if foreign and (target[2] in PRIVATE_TO_A_ROOM or target[1] in BELOW.get(room, ())):
            forbidden.append(name)
    return forbidden


@pytest.mark.parametrize("file", modules(), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_module_imports_nothing_that_its_kind_may_not(file: Path) -> None:
    assert offences(file) == []


def test_the_check_can_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = tmp_path / "llm"
    room.mkdir()
    guilty = room / "guilty.py"
    guilty.write_text("from flask import request\nfrom ..models import Client\n")
    monkeypatch.setattr("tests.architecture.test_imports.PACKAGE", tmp_path)
    assert sorted(offences(guilty)) == ["flask.request", "marketing_app.models.Client"]
