"""The look at a workbook before it is parsed: it unpacks to no more than it may, and declares no entities.

The sizes that a zip declares are not believed: the members are inflated and counted in pieces.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .errors import EncryptedFile, NotATable, UnpacksTooLarge

WORKBOOKS = {"xl/workbook.xml", "content.xml"}
"""What an Excel workbook, or an OpenDocument one, cannot be without."""
PIECE = 2**18
MAX_RATIO = 400
"""Bytes unpacked for one packed. Real sheets stay under 60; DEFLATE can do 1032."""
RATIO_COUNTS_FROM = 16 * 2**20
"""A small member may repeat itself as it likes."""

MAX_DIRECTORY = 2**20
"""Bytes that list the members: ten thousand of them. zipfile reads the list whole and makes objects of it."""

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ADDRESS = re.compile(rb"""<(?:\w+:)?(row|c)\b(?:[^>]*?\sr\s*=\s*["']([A-Za-z]{0,3})(\d{1,7})["'])?[^>]*?(/?)>""")
_LONGEST_TAG = 512
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)|<\0!\0[DE]\0|\0<\0!\0[DE]")
"""No spreadsheet program writes one; expanded within each other, a few lines of them fill all memory."""
_LONGEST_DECLARATION = 9


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


def check_archive(path: Path, max_unpacked_bytes: int) -> None:
    """Raises NotATable, EncryptedFile or UnpacksTooLarge."""
    with _opened(path) as (file, members):
        _check_declared(members, max_unpacked_bytes)
        total = 0
        for member in members:
            total += _check_member(file, member, max_unpacked_bytes - total)


def extent_of(path: Path) -> Extent:
    """How far the cells of an xlsx reach, by their own addresses, not by the range that a sheet declares."""
    extent = Extent()
    with _opened(path) as (file, members):
        for member in members:
            if "worksheets/" in member.filename.lower():
                for text in whole_tags(_inflate(file, member)):
                    extent.take(text)
    return extent


def unpacked(path: Path, name: str) -> Iterator[bytes]:
    """A member's content, in pieces; nothing where there is no such member. Names are compared as in Windows."""
    with _opened(path) as (file, members):
        for member in members:
            if member.filename.lower() == name.lower():
                yield from _inflate(file, member)
                return


def whole_tags(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """XML in pieces that end with the end of a tag."""
    rest = b""
    for piece in pieces:
        text = rest + piece
        end = text.rfind(b">") + 1
        yield text[:end]
        rest = text[end:][-_LONGEST_TAG:]


class _ShortReads(io.FileIO):
    """A file of which nobody reads more than MAX_DIRECTORY at once. The archive says itself how long its list is."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > MAX_DIRECTORY:
            raise UnpacksTooLarge(size, MAX_DIRECTORY)
        return super().read(size)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, list[zipfile.ZipInfo]]]:
    try:
        with _ShortReads(path) as directory, zipfile.ZipFile(directory) as archive, path.open("rb") as file:
            yield file, archive.infolist()
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError, ValueError, NotImplementedError) as error:
        raise NotATable(str(error)) from error


def _check_declared(members: list[zipfile.ZipInfo], limit: int) -> None:
    if any(member.flag_bits & 1 for member in members):
        raise EncryptedFile
    if not WORKBOOKS & {member.filename.lower() for member in members}:
        raise NotATable("no workbook inside")
    declared = sum(member.file_size for member in members)
    if declared > limit:
        raise UnpacksTooLarge(declared, limit)
    for member in members:
        _check_ratio(member, member.file_size)


def _check_ratio(member: zipfile.ZipInfo, size: int) -> None:
    allowed = max(RATIO_COUNTS_FROM, member.compress_size * MAX_RATIO)
    if size > allowed:
        raise UnpacksTooLarge(size, allowed)


def _check_member(file: BinaryIO, member: zipfile.ZipInfo, bytes_left: int) -> int:
    """The bytes that it unpacks to."""
    size = 0
    rest = b""
    is_xml = member.filename.lower().endswith((".xml", ".rels"))  # a picture may have declarations of its own
    for piece in _inflate(file, member):
        size += len(piece)
        if size > bytes_left:
            raise UnpacksTooLarge(size, bytes_left)
        _check_ratio(member, size)
        text = rest + piece
        if is_xml and (b"<!" in text or b"\0" in text) and _DECLARATION.search(text):
            raise NotATable("it declares entities")
        rest = piece[-_LONGEST_DECLARATION:]
    return size


def _inflate(file: BinaryIO, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member's true content, in pieces; zipfile itself would stop at the declared size."""
    file.seek(member.header_offset)
    magic, name_length, extra_length = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    if magic != b"PK\x03\x04":
        raise NotATable("a member without its header")
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
        raise NotATable(f"compression {member.compress_type}")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
