"""The look at an xlsx before it is parsed: it unpacks to no more than it may, and no cell lies far out.

Neither the sizes that a zip declares nor the range that a sheet declares is believed: the members are inflated and
counted in pieces, and the cells are read for their own addresses.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .errors import EncryptedSpreadsheet, NotASpreadsheet, UnpacksTooLarge

PIECE = 2**18
MAX_RATIO = 400
"""Bytes unpacked for one packed. Real sheets stay under 60; DEFLATE can do 1032."""
RATIO_COUNTS_FROM = 16 * 2**20
"""A small member may repeat itself as it likes."""

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ADDRESS = re.compile(rb"""<(?:\w+:)?(row|c)\b(?:[^>]*?\sr\s*=\s*["']([A-Za-z]{0,3})(\d{1,7})["'])?[^>]*?(/?)>""")
_LONGEST_TAG = 512


@dataclass
class Extent:
    """The last column and row, 1-based, that hold a value in any sheet."""

    columns: int = 0
    rows: int = 0
    _row: int = 0

    def take(self, xml: bytes) -> None:
        for tag, letters, digits, closed in _ADDRESS.findall(xml):
            if tag == b"row":
                self._row = int(digits or self._row + 1)
            elif not closed:
                self.columns = max(self.columns, _column(letters))
                self.rows = max(self.rows, int(digits or self._row))


def check_archive(path: Path, max_unpacked_bytes: int) -> Extent:
    """How far the cells of an xlsx reach. Raises NotASpreadsheet, EncryptedSpreadsheet or UnpacksTooLarge."""
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            members = archive.infolist()
            _check_declared(members, max_unpacked_bytes)
            return _measure(file, members, max_unpacked_bytes)
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError, ValueError) as error:
        raise NotASpreadsheet(str(error)) from error


def _check_declared(members: list[zipfile.ZipInfo], limit: int) -> None:
    if any(member.flag_bits & 1 for member in members):
        raise EncryptedSpreadsheet
    if "xl/workbook.xml" not in {member.filename.lower() for member in members}:
        raise NotASpreadsheet("no workbook inside")
    declared = sum(member.file_size for member in members)
    if declared > limit:
        raise UnpacksTooLarge(declared, limit)
    for member in members:
        _check_ratio(member, member.file_size)


def _check_ratio(member: zipfile.ZipInfo, size: int) -> None:
    allowed = max(RATIO_COUNTS_FROM, member.compress_size * MAX_RATIO)
    if size > allowed:
        raise UnpacksTooLarge(size, allowed)


def _measure(file: BinaryIO, members: list[zipfile.ZipInfo], limit: int) -> Extent:
    extent = Extent()
    total = 0
    for member in members:
        size = 0
        is_sheet = "worksheets/" in member.filename.lower()
        rest = b""
        for piece in _inflate(file, member):
            size += len(piece)
            total += len(piece)
            if total > limit:
                raise UnpacksTooLarge(total, limit)
            _check_ratio(member, size)
            if is_sheet:
                text = rest + piece
                end = text.rfind(b">") + 1
                extent.take(text[:end])
                rest = text[end:][-_LONGEST_TAG:]
    return extent


def _inflate(file: BinaryIO, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member's true content, in pieces; zipfile itself would stop at the declared size."""
    file.seek(member.header_offset)
    magic, name_length, extra_length = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    if magic != b"PK\x03\x04":
        raise NotASpreadsheet("a member without its header")
    file.seek(name_length + extra_length, 1)
    packed = member.compress_size
    if member.compress_type == zipfile.ZIP_STORED:
        while packed > 0 and (piece := file.read(min(PIECE, packed))):
            packed -= len(piece)
            yield piece
    elif member.compress_type == zipfile.ZIP_DEFLATED:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        while packed > 0 and (raw := file.read(min(PIECE, packed))):
            packed -= len(raw)
            while raw:
                yield inflater.decompress(raw, PIECE)
                raw = inflater.unconsumed_tail
    else:
        raise NotASpreadsheet(f"compression {member.compress_type}")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
