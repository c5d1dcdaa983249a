"""The packaged model cut to its first layer: it reads a prompt many times as fast, and writes a word of no meaning.

The file is read here and not by the `gguf` package, which takes 15 s of processor for its 262,144 tokens; this, one.
"""

import re
import struct
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from mmap import ACCESS_READ, mmap
from pathlib import Path

from marketing_app.llm.native import Model

LAYERS = 1
REPEATED = "Pb"
"""What the cut model writes without end; so it gets the token that ends a text in this one's place."""
END = "<eos>"
OUTPUT = "token_embd.weight"
ALIGNMENT = 32
SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of a value in the head of a GGUF file, by its type."""
TEXT, LIST = 8, 9
LAYER_COUNT = re.compile(r".+\.block_count")
LAYER = re.compile(r"blk\.(\d+)\.")


@dataclass
class Reader:
    """Goes through the head of a GGUF file: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md"""

    content: memoryview
    place: int = 0

    def number(self, form: str) -> int:
        value: int = struct.unpack_from(f"<{form}", self.content, self.place)[0]
        self.place += struct.calcsize(form)
        return value

    def text(self) -> str:
        length = self.number("Q")
        self.place += length
        return str(self.content[self.place - length : self.place], "utf-8")

    def skip_value(self, kind: int) -> None:
        if kind == TEXT:
            self.text()
        elif kind == LIST:
            kind, count = self.number("I"), self.number("Q")
            if kind in SIZES:
                self.place += SIZES[kind] * count
            else:
                for _ in range(count):
                    self.skip_value(kind)
        else:
            self.place += SIZES[kind]


@dataclass
class Tensor:
    name: str
    shape: bytes
    offset: int

    @property
    def is_kept(self) -> bool:
        layer = LAYER.match(self.name)
        return layer is None or int(layer[1]) < LAYERS


def write_shallow_model(whole: Path, target: Path) -> None:
    with whole.open("rb") as file:
        content = memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))
    reader = Reader(content, place=8)
    tensor_count, value_count = reader.number("Q"), reader.number("Q")
    values = read_values(reader, value_count)
    tensors = [read_tensor(reader) for _ in range(tensor_count)]
    data = content[aligned(reader.place) :]
    ends = dict(pairwise([*(tensor.offset for tensor in tensors), len(data)]))
    kept = [tensor for tensor in tensors if tensor.is_kept]
    head, offset = bytearray(content[:8]), 0
    head += struct.pack("<QQ", len(kept), value_count) + values
    for tensor in kept:
        name = tensor.name.encode()
        head += struct.pack("<Q", len(name)) + name + tensor.shape + struct.pack("<Q", offset)
        offset += ends[tensor.offset] - tensor.offset
    with target.open("wb") as file:
        file.write(head.ljust(aligned(len(head)), b"\0"))
        for tensor in kept:
            weights = data[tensor.offset : ends[tensor.offset]]
            file.write(with_an_end(weights, whole) if tensor.name == OUTPUT else weights)


def with_an_end(weights: memoryview, whole: Path) -> bytearray:
    """The weights of all tokens, a row each, with two rows exchanged."""
    with closing(Model(whole, weights=False)) as model:
        places = [model.tokens(text, add_beginning=False, parse_special=True) for text in (REPEATED, END)]
        row = len(weights) // model.vocabulary_size
    changed = bytearray(weights)
    (one,), (other,) = places
    for here, there in ((one, other), (other, one)):
        changed[here * row : (here + 1) * row] = weights[there * row : (there + 1) * row]
    return changed


def read_values(reader: Reader, count: int) -> bytes:
    """All values as they stand there, but for the number of layers."""
    begin = reader.place
    layers_at = 0
    for _ in range(count):
        name, kind = reader.text(), reader.number("I")
        if LAYER_COUNT.fullmatch(name):
            layers_at = reader.place - begin
        reader.skip_value(kind)
    values = bytearray(reader.content[begin : reader.place])
    struct.pack_into("<I", values, layers_at, LAYERS)
    return bytes(values)


def read_tensor(reader: Reader) -> Tensor:
    name, begin = reader.text(), reader.place
    for _ in range(reader.number("I")):
        reader.number("Q")
    reader.number("I")
    return Tensor(name, bytes(reader.content[begin : reader.place]), reader.number("Q"))


def aligned(place: int) -> int:
    return -(-place // ALIGNMENT) * ALIGNMENT
