"""A file of clients, whatever its kind: found by what is in it, not by its name."""

from pathlib import Path

from .csv import TextTable
from .errors import EmptySource, EncryptedFile, NotATable, TooManyBytes
from .reading import Limits, Reading
from .spreadsheet import Workbook

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")
OLD_EXCEL_STREAM = "Workbook".encode("utf-16-le")

FileSource = Workbook | TextTable


def open_file(path: Path, limits: Limits, reading: Reading | None = None) -> FileSource:
    """The table of a file, to be used with `with` while the file is there. What `reading` asks for wins over a guess.

    Raises a SourceError of the kind that says what is wrong with the file.
    """
    size = path.stat().st_size
    if not size:
        raise EmptySource
    if size > limits.max_bytes:
        raise TooManyBytes(size, limits.max_bytes)
    with path.open("rb") as file:
        magic = file.read(len(OLE_MAGIC))
        if magic == OLE_MAGIC:
            # Both an xlsx under a password and an xls of the last century are such a container.
            raise NotATable("an old xls") if OLD_EXCEL_STREAM in file.read() else EncryptedFile
    kind = Workbook if magic.startswith(ZIP_MAGIC) else TextTable
    return kind(path, limits, reading or Reading())
