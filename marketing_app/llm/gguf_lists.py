"""The head of a GGUF file, read with the `gguf` package: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md."""

import struct
from typing import Any

import numpy as np
from gguf import GGUFReader, GGUFValueType, ReaderField


class QuickReader(GGUFReader):
    """Keeps each list of the head in one piece of bytes.

    gguf 0.19 makes an array of each element, which takes 15 s of processor for a vocabulary of 262,144 tokens.
    """

    def _get_field_parts(self, orig_offs: int, raw_type: int) -> tuple[int, list[Any], list[int], list[GGUFValueType]]:
        if GGUFValueType(raw_type) is not GGUFValueType.ARRAY:
            found: tuple[int, list[Any], list[int], list[GGUFValueType]] = super()._get_field_parts(orig_offs, raw_type)
            return found
        kind = GGUFValueType(int(self._get(orig_offs, np.uint32)[0]))
        count = int(self._get(orig_offs + 4, np.uint64)[0])
        begin = orig_offs + 12
        end = self._end_of_texts(begin, count) if kind is GGUFValueType.STRING else begin + count * _width(kind)
        if end > len(self.data):
            raise ValueError("the file ends within a list")
        return end - orig_offs, [self.data[begin:end], np.array(count)], [0], [GGUFValueType.ARRAY, kind]

    def _end_of_texts(self, place: int, count: int) -> int:
        length_at, head = struct.Struct("<Q").unpack_from, self.data.data
        for _ in range(count):
            place += 8 + length_at(head, place)[0]
        return place


def value_of(field: ReaderField) -> Any:
    """What a field says: a number, a truth, a text, or a list of one of them."""
    if field.types[0] is not GGUFValueType.ARRAY:
        return field.contents()
    content, count = field.parts[-2:]
    kind = field.types[1]
    if kind is not GGUFValueType.STRING:
        return content.view(GGUFReader.gguf_scalar_to_np[kind]).tolist()
    return _texts(content.tobytes(), int(count))


def _width(kind: GGUFValueType) -> int:
    if kind not in GGUFReader.gguf_scalar_to_np:
        raise ValueError(f"a list of {kind.name}")
    return np.dtype(GGUFReader.gguf_scalar_to_np[kind]).itemsize


def _texts(content: bytes, count: int) -> list[bytes]:
    """As bytes: a token may be part of a character."""
    found, place = [], 0
    for _ in range(count):
        end = place + 8 + int.from_bytes(content[place : place + 8], "little")
        found.append(content[place + 8 : end])
        place = end
    return found
