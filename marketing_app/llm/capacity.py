"""How much context a model gets on this machine, and how many texts share it."""

from dataclasses import dataclass
from pathlib import Path

import psutil

from .native import Model

PERSONS = 2
"""Sequences that no campaign takes: a person who asks for a text gets one of them at once."""

USUAL_SEQUENCES = 16 + PERSONS
FEWEST_SEQUENCES = 1 + PERSONS
TOKENS_A_SEQUENCE = 1024
LEAST_CONTEXT = 2048
MEMORY_SHARE = 0.25
"""Of the memory that is free, what the context may take: the database, the pages and other programs want some too."""

CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


@dataclass(frozen=True, slots=True)
class Capacity:
    """`context` is in tokens, shared by all sequences; `sequences` counts those that write texts."""

    context: int
    sequences: int


def choose_capacity(model: Model, context: int | None, sequences: int | None) -> Capacity:
    """What was asked for; else 1,024 tokens a sequence, or less where memory is short."""
    if context is None:
        wanted = (sequences or USUAL_SEQUENCES) * TOKENS_A_SEQUENCE
        context = max(LEAST_CONTEXT, min(wanted, affordable_tokens(model.bytes_a_token, free_memory())))
    if sequences is None:
        sequences = max(FEWEST_SEQUENCES, min(USUAL_SEQUENCES, context // (TOKENS_A_SEQUENCE // 2)))
    return Capacity(context, sequences)


def affordable_tokens(bytes_a_token: int, free: int) -> int:
    """Tokens of context for the memory's share, in whole KiB of tokens, as llama.cpp would round them."""
    return int(free * MEMORY_SHARE / bytes_a_token) // 1024 * 1024


def free_memory() -> int:
    """Bytes that may be had: the machine's, or what is left of a container's limit."""
    free = int(psutil.virtual_memory().available)
    limits = [int(text) for file in CGROUP_LIMITS if file.is_file() and (text := file.read_text().strip()).isdigit()]
    if not limits:
        return free
    used = int(psutil.Process().memory_info().rss)
    return max(0, min(free, min(limits) - used))
