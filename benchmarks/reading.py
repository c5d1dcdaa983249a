"""What two readers said of a sheet of texts (see `sheet`): their counts, and where they disagree."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.reporting import Bound, report
from benchmarks.texts import share

SEND, SMALL, NO = MARKS = ("send", "small", "no")
LEAST_SENT = 0.90
LEAST_MENDED = 0.95
MOST_WRONG = 0.02
LINE = re.compile(rf"(?P<number>\d+)[.:)]?\s+(?P<mark>{'|'.join(MARKS)})\b(?P<fact>\W+fact\b)?\W*(?P<remark>.*)", re.I)


@dataclass(frozen=True)
class Reading:
    """One reader's word on one text; `is_wrong` where a fact is wrong or something is indiscreet."""

    mark: str
    is_wrong: bool
    remark: str

    def __str__(self) -> str:
        return f"{self.mark}{' fact' if self.is_wrong else ''}{f' ({self.remark})' if self.remark else ''}"


def score(key_file: Path, mark_files: Sequence[Path], page: Path | None = None) -> int:
    """Print what each reader found, and report the stricter one's shares. `page` gets every text with its marks."""
    key = {int(row["number"]): row for row in json.loads(key_file.read_text(encoding="utf-8"))}
    readers = [read_marks(file, key.keys()) for file in mark_files]
    for file, marks in zip(mark_files, readers, strict=True):
        _tell(file.name, marks, key)
    _tell_disagreements(readers, key)
    if page:
        page.write_text(_page(readers, key), encoding="utf-8")
    sent = [_share_of(marks, SEND) for marks in readers]
    mended = [_share_of(marks, SEND, SMALL) for marks in readers]
    wrong = [share(sum(each.is_wrong for each in marks.values()), len(marks)) for marks in readers]
    also = {
        "with a small change": Bound(min(mended), LEAST_MENDED, "higher"),
        "wrong or indiscreet": Bound(max(wrong), MOST_WRONG, "lower"),
    }
    runs = {"send as it is": sent, "with a small change": mended, "wrong or indiscreet": wrong}
    return report("quality as read", min(sent), LEAST_SENT, "higher", runs, also)


def read_marks(file: Path, numbers: Collection[int]) -> dict[int, Reading]:
    """A reader's marks by number. Ends the program with a sentence where a line or the whole cannot be right."""
    marks: dict[int, Reading] = {}
    for place, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        found = LINE.fullmatch(line.strip())
        if not found:
            raise SystemExit(f"{file.name}, line {place}: not “number send|small|no [fact] remark”: {line}")
        number = int(found["number"])
        if number not in numbers or number in marks:
            fault = "marked twice" if number in marks else "no text of the sheet"
            raise SystemExit(f"{file.name}, line {place}: {number} is {fault}")
        marks[number] = Reading(found["mark"].lower(), bool(found["fact"]), found["remark"].strip())
    missing = sorted(set(numbers) - marks.keys())
    if missing:
        raise SystemExit(f"{file.name}: no mark for {', '.join(map(str, missing))}")
    return marks


def _tell(whose: str, marks: Mapping[int, Reading], key: Mapping[int, Mapping[str, object]]) -> None:
    print(f"{whose}: {_counts(marks)}")
    for channel in dict.fromkeys(row["channel"] for row in key.values()):
        print(f"  {channel!s:14} {_counts({n: each for n, each in marks.items() if key[n]['channel'] == channel})}")
    banked = {number: each for number, each in marks.items() if key[number]["is_of_text_bank"]}
    print(f"  of the text bank: {_counts(banked)}")


def _counts(marks: Mapping[int, Reading]) -> str:
    counted = [f"{sum(each.mark == mark for each in marks.values())} {mark}" for mark in MARKS]
    return f"{', '.join(counted)}, {sum(each.is_wrong for each in marks.values())} with a wrong fact"


def _tell_disagreements(readers: Sequence[Mapping[int, Reading]], key: Mapping[int, Mapping[str, object]]) -> None:
    for number, row in sorted(key.items()):
        said = [marks[number] for marks in readers]
        if len({(each.mark, each.is_wrong) for each in said}) > 1:
            print(f"{number} {row['channel']} {row['product']}: {' / '.join(map(str, said))}\n    {row['text']}")


def _page(readers: Sequence[Mapping[int, Reading]], key: Mapping[int, Mapping[str, object]]) -> str:
    """Every text under its channel. Marks on which readers disagree are bold."""
    lines = []
    for channel in dict.fromkeys(row["channel"] for row in key.values()):
        lines.append(f"### {channel}\n")
        for number, row in sorted(key.items()):
            if row["channel"] == channel:
                said = [str(marks[number]) for marks in readers]
                agreed = len({(marks[number].mark, marks[number].is_wrong) for marks in readers}) == 1
                marks = " / ".join(said if agreed else (f"**{each}**" for each in said))
                bank = ", of the text bank" if row["is_of_text_bank"] else ""
                lines.append(f"{number}. {row['product']}{bank}: {marks}\n")
                lines.append("".join(f"   > {line}  \n" for line in str(row["text"]).splitlines()))
    return "\n".join(lines)


def _share_of(marks: Mapping[int, Reading], *kinds: str) -> float:
    return share(sum(each.mark in kinds for each in marks.values()), len(marks))
