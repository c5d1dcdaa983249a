"""A sheet of texts for people to read, and what becomes of their marks."""

import json
import os
from pathlib import Path
from subprocess import CompletedProcess, run
from sys import executable

import pytest

from benchmarks.reading import read_marks
from benchmarks.reporting import NOT_REACHED
from benchmarks.sheet import write_sheet
from benchmarks.texts import Text, distinct_in_groups
from marketing_app.checks.findings import Finding, Severity

FINDING = Finding("fact.number", Severity.BLOCK, "“%(words)s” is wrong.", {"words": "77"}, None)
LONGEST_SECONDS = 300


def a_text(words: str = "Вклад. Откройте в приложении.", **values: object) -> Text:
    usual: dict[str, object] = {
        "channel": "SMS",
        "channel_name": "СМС",
        "product": "Вклад",
        "description": "Ставка до 15,5% годовых.",
        "angle": "деньги застрахованы государством",
        "client": "возраст: 41 год",
        "text": words,
        "sent": f"{words}\nСеверный Берег.",
        "drafts": ["первый", words],
        "first": [],
        "findings": [FINDING],
        "is_benefit_said": False,
        "is_of_text_bank": True,
    }
    return Text(**(usual | values))  # type: ignore[arg-type]


def quality(root: Path, model: Path, arguments: str) -> CompletedProcess[str]:
    command = [executable, "-m", "benchmarks.quality", *arguments.split()]
    environment = os.environ | {"MODEL_PATH": str(model)}
    return run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=LONGEST_SECONDS)


def test_texts_are_written_read_and_scored(root: Path, shallow_model: Path, tmp_path: Path) -> None:
    sheet, key = tmp_path / "sheet.md", tmp_path / "sheet.md.key.json"
    wrote = quality(root, shallow_model, f"--sheet {sheet} --seed 3 --products 1 --channels 2 --drafts 1")
    assert wrote.returncode == 0, wrote.stderr
    assert [row["number"] for row in json.loads(key.read_text())] == [1, 2, 3, 4]
    assert sheet.read_text().count("To say: ") == 4
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_text("1 send\n2 send\n3 small a comma\n4 no fact invents a rate\n")
    second.write_text("# read on Monday\n4 no fact\n3 send\n\n2 send\n1 send\n")
    page = tmp_path / "page.md"
    scored = quality(root, shallow_model, f"--score {key} --first {first} --second {second} --page {page}")
    assert scored.returncode == NOT_REACHED, scored.stderr
    assert "first.txt: 2 send, 1 small, 1 no, 1 with a wrong fact" in scored.stdout
    assert "small (a comma) / send" in scored.stdout and "no fact (invents a rate)" not in scored.stdout
    assert page.read_text().count("   > ") >= 4 and ": **small (a comma)** / **send**" in page.read_text()
    result = json.loads(scored.stdout.splitlines()[-1])
    assert result["ratio"] == 0.5
    assert [each["figure"] for each in result["also"].values()] == [0.75, 0.25]


def test_a_sheet_tells_no_verdict_and_its_key_does(tmp_path: Path) -> None:
    file = tmp_path / "sheet.md"
    key = json.loads(write_sheet([a_text()], file, seed=1).read_text())
    sheet = file.read_text()
    for told in ("СМС", "15,5%", "деньги застрахованы", "возраст: 41 год", "> Вклад. Откройте", "> Северный Берег."):
        assert told in sheet
    assert "fact.number" not in sheet and "77" not in sheet and "первый" not in sheet and "bank finished" not in sheet
    assert key[0]["findings"] == [["block", "fact.number", "“77” is wrong."]]
    assert key[0]["drafts"][0] == "первый" and key[0]["is_of_text_bank"] is True


def test_the_seed_draws_the_order(tmp_path: Path) -> None:
    texts = [a_text(str(number)) for number in range(20)]
    orders = [
        [row["text"] for row in json.loads(write_sheet(texts, tmp_path / name, seed).read_text())]
        for name, seed in (("one", 1), ("again", 1), ("other", 2))
    ]
    assert orders[0] == orders[1] != orders[2] and sorted(orders[0]) == sorted(orders[2])


@pytest.mark.parametrize(
    ("marks", "told"),
    [
        ("1 good\n2 no", "line 1: not “number"),
        ("1 sendable\n2 no", "line 1: not “number"),
        ("1 send\n1 no", "line 2: 1 is marked twice"),
        ("1 send\n3 no", "line 2: 3 is no text of the sheet"),
        ("1 send", "no mark for 2"),
    ],
)
def test_marks_that_cannot_be_right_are_refused(tmp_path: Path, marks: str, told: str) -> None:
    file = tmp_path / "marks.txt"
    file.write_text(marks)
    with pytest.raises(SystemExit, match=told):
        read_marks(file, [1, 2])


def test_distinct_texts_are_counted_in_each_channel_and_product() -> None:
    texts = [a_text("a"), a_text("a"), a_text("b", channel="PUSH"), a_text("a", product="Карта")]
    assert distinct_in_groups(texts) == (0.5, 1.0)
