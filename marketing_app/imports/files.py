"""A file of clients, whatever its kind: found by what is in it, not by its name."""

import re
from pathlib import Path

from .csv import TextTable
from .errors import EmptySource, EncryptedFile, OtherFormat, TooManyBytes
from .reading import Limits, Reading
from .spreadsheet import Workbook

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")
OLD_EXCEL_STREAM = "Workbook".encode("utf-16-le")
START = 2048
"""Bytes in which a format shows itself."""
_BLANK = b"\xef\xbb\xbf\xff\xfe \t\r\n"
OTHER_FORMATS = {
    "html": re.compile(
        rb"(?:<!--.*?-->\s*)*<(?:!doctype\s+html|(?:html|head|meta|base|link|title|style|script|body|form|table|tr|div|center|font|span|p)\b)",
        re.I | re.S,
    ),
    "xml": re.compile(rb"<(?:\?xml|(?:\w+:)?workbook)\b", re.I),
    "mhtml": re.compile(rb"(?:mime-version|content-type):", re.I),
    "json": re.compile(rb"\[?\s*\{\s*\""),
    "rtf": re.compile(rb"\{\\rtf"),
    "pdf": re.compile(rb"%PDF-"),
}
"""By what they begin with, formats that are no table, whatever the file is named. Programs of banks like to write the
first three under the name of .xls, and as lines of text they would be taken for clients."""

FileSource = Workbook | TextTable


def open_file(path: Path, limits: Limits, reading: Reading | None = None, known_rows: int | None = None) -> FileSource:
    """The table of a file, to be used with `with` while the file is there. What `reading` asks for wins over a guess.

    `known_rows` says that this very file was looked at before, and had so many rows in that reading: a workbook is then
    neither checked again nor its rows counted, which takes a sixth of the time of a load, nor are its cells searched
    for marks where the reading says that they have none.

    Raises a SourceError of the kind that says what is wrong with the file.
    """
    size = path.stat().st_size
    if not size:
        raise EmptySource
    if size > limits.max_bytes:
        raise TooManyBytes(size, limits.max_bytes)
    with path.open("rb") as file:
        start = file.read(START)
        if start.startswith(OLE_MAGIC):
            # Both an xlsx under a password and an xls of the last century are such a container.
            raise OtherFormat("xls") if OLD_EXCEL_STREAM in start + file.read() else EncryptedFile
    if other := _other_format(start):
        raise OtherFormat(other)
    if start.startswith(ZIP_MAGIC):
        return Workbook(path, limits, reading or Reading(), known_rows)
    return TextTable(path, limits, reading or Reading())


def _other_format(start: bytes) -> str | None:
    text = start.replace(b"\0", b"").lstrip(_BLANK)  # UTF-16 too, as far as it is ASCII
    return next((name for name, beginning in OTHER_FORMATS.items() if beginning.match(text)), None)
