"""How a benchmark takes the amount of its work: `python -m benchmarks.ceiling --texts 2 --rounds 1`."""

import argparse
from collections.abc import Sequence
from dataclasses import field, fields
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Amounts = TypeVar("Amounts", bound="DataclassInstance")


def amount(default: int | str, meaning: str) -> Any:
    """A field of a benchmark's amounts: the default is the work whose result docs/performance.md shows."""
    return field(default=default, metadata={"help": meaning})


def read_amounts(kind: type[Amounts], description: str | None, arguments: Sequence[str] | None = None) -> Amounts:
    """An option for every field of `kind`, a dataclass; the command line's own arguments are read by default."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    for each in fields(kind):
        parser.add_argument(
            f"--{each.name.replace('_', '-')}",
            type=type(each.default),
            default=each.default,
            help=f"{each.metadata['help']}; default: {each.default or 'none'}",
        )
    return kind(**vars(parser.parse_args(arguments)))
