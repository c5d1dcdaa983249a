"""Models that are split: a large GGUF is published as several files, of which llama.cpp is told the first."""

import re

_PART = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf$")


def part_names(name: str) -> list[str]:
    """All the files of the model that `name` is a part of, the first one first; `name` alone when it is whole."""
    found = _PART.match(name)
    if found is None:
        return [name]
    count = int(found["count"])
    return [f"{found['stem']}-{number:05d}-of-{count:05d}.gguf" for number in range(1, count + 1)]


def is_further_part(name: str) -> bool:
    return part_names(name)[0] != name
