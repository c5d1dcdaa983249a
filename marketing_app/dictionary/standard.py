"""The dictionary of a bank's client fields from which every project starts."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("client_fields.csv")


@dataclass(frozen=True)
class DictionaryField:
    """A client field as every new project has it. `type` and `sensitivity` are FieldType's and Sensitivity's words."""

    key: str
    label_ru: str
    label_en: str
    type: str
    codes: Mapping[str, str]
    codes_en: Mapping[str, str]
    sensitivity: str
    is_in_prompt: bool
    lowest: str
    highest: str


def default_dictionary() -> list[DictionaryField]:
    """The fields of a bank's client as new projects get them, in their order."""
    with SOURCE.open(encoding="utf-8", newline="") as file:
        return [
            DictionaryField(
                key=row["key"],
                label_ru=row["label_ru"],
                label_en=row["label_en"],
                type=row["type"],
                codes=_codes(row["codes_ru"]),
                codes_en=_codes(row["codes_en"]),
                sensitivity=row["sensitivity"],
                is_in_prompt=row["in_prompt"] == "yes",
                lowest=row["lowest"],
                highest=row["highest"],
            )
            for row in csv.DictReader(file)
        ]


def _codes(text: str) -> dict[str, str]:
    """'0=no|1=yes' as a mapping."""
    return dict(pair.split("=", 1) for pair in text.split("|") if pair)
