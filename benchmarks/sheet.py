"""Texts for people to read blind: a sheet without verdicts, and beside it a key of what belongs to each number."""

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

from benchmarks.texts import Text, said_findings

PER_CHANNEL = 2
"""Texts of each product in a channel."""
HEAD = """# {count} texts to read

Read each text as the client who gets it, beside what the bank says of the product. The top of docs/examples.md explains
the marks. Write yours into a file of your own, a line a text: its number, `send`, `small` or `no`, then `fact` where
something is wrong or indiscreet, then what you like:

    12 small the second sentence has no verb
    13 no fact promises a rate that the product does not have
"""
ENTRY = """
---

## {number}

{channel}: **{product}**

{description}

To say: **{angle}**

Known of the client: {client}

{sent}
"""


def write_sheet(texts: Sequence[Text], file: Path, seed: int) -> Path:
    """The texts in an order drawn by the seed. Returns the key's file."""
    shuffled = list(texts)
    Random(seed).shuffle(shuffled)
    numbered = list(enumerate(shuffled, start=1))
    entries = (_entry(number, each) for number, each in numbered)
    file.write_text(HEAD.format(count=len(numbered)) + "".join(entries), encoding="utf-8")
    key = file.with_name(f"{file.name}.key.json")
    rows = [_key(number, each) for number, each in numbered]
    key.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    return key


def _entry(number: int, text: Text) -> str:
    return ENTRY.format(
        number=number,
        channel=text.channel_name,
        product=text.product,
        description=text.description,
        angle=text.angle or "nothing in particular",
        client=text.client or "nothing",
        sent="  \n".join(f"> {line}" for line in (text.sent or "(no text)").splitlines()),
    )


def _key(number: int, text: Text) -> dict[str, object]:
    return {
        "number": number,
        "channel": text.channel,
        "product": text.product,
        "angle": text.angle,
        "text": text.text,
        "findings": said_findings(text.findings),
        "drafts": text.drafts,
        "is_of_text_bank": text.is_of_text_bank,
        "certainty": text.certainty,
    }
