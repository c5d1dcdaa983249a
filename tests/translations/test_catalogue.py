"""Every English sentence of the program has a Russian one, with the same variables and all plural forms."""

import re
from pathlib import Path
from subprocess import run
from sys import executable

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

VARIABLES = re.compile(r"%\((\w+)\)[sd]")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What pybabel finds in the sources now."""
    file = tmp_path_factory.mktemp("babel") / "messages.pot"
    root = Path(__file__).parents[2]
    start = "import sys; from babel.messages.frontend import main; sys.exit(main())"
    command = [executable, "-c", start, "-q", "extract", "-F", "pyproject.toml", "-k", "_l"]
    run([*command, "-o", str(file), "marketing_app", "templates"], cwd=root, check=True)
    with file.open("rb") as stream:
        return read_po(stream)


@pytest.fixture(scope="module")
def russian() -> Catalog:
    file = Path(__file__).parents[2] / "marketing_app/translations/ru/LC_MESSAGES/messages.po"
    with file.open("rb") as stream:
        return read_po(stream, locale="ru")


def texts(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple | list) else [str(message.string)]


def test_every_sentence_is_translated(sources: Catalog, russian: Catalog) -> None:
    missing = []
    for message in sources:
        if not message.id:
            continue
        translation = russian.get(message.id, message.context)
        if translation is None or translation.fuzzy or not all(texts(translation)):
            missing.append(message.id)
    assert missing == []


def test_plurals_have_the_three_russian_forms(russian: Catalog) -> None:
    assert [message.id for message in russian if message.pluralizable and len(texts(message)) != 3] == []


def test_translations_name_the_same_variables(russian: Catalog) -> None:
    wrong = []
    for message in russian:
        wanted = set(VARIABLES.findall(message.id[1] if message.pluralizable else str(message.id)))
        if message.id and any(set(VARIABLES.findall(text)) != wanted for text in texts(message)):
            wrong.append(message.id)
    assert wrong == []


def test_nothing_obsolete_is_left(sources: Catalog, russian: Catalog) -> None:
    assert [message.id for message in russian if message.id and message.id not in sources] == []
