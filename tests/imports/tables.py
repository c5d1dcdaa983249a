"""Files that tests write and read."""

import resource
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
from openpyxl import Workbook

from marketing_app.imports.files import FileSource, open_file
from marketing_app.imports.reading import Limits, Reading

SHEET = "xl/worksheets/sheet1.xml"
Table = list[tuple[int, list[object]]]
LIMITS = Limits(max_bytes=300 * 2**20)


def opened(path: Path, reading: Reading | None = None, limits: Limits = LIMITS) -> FileSource:
    return open_file(path, limits, reading)


def table_of(path: Path, reading: Reading | None = None, limits: Limits = LIMITS) -> tuple[list[str], Table]:
    """Columns and rows, all of them."""
    with opened(path, reading, limits) as source:
        return list(source.columns), [(number, list(cells)) for number, cells in source.rows()]


@contextmanager
def little_memory(more_bytes: int) -> Iterator[None]:
    """Until the end, the system gives this process no more than that beyond what it has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + more_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def book(path: Path, *rows: Sequence[object]) -> Path:
    workbook = Workbook()
    for row in rows:
        workbook.active.append(list(row))  # type: ignore[union-attr]
    workbook.save(path)
    return path


def rewritten(path: Path, change: Callable[[bytes], bytes], member: str = SHEET) -> Path:
    """The same file with one member's XML changed, the first sheet's unless told."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[member] = change(members.get(member, b""))
    return zipped(path, members)


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


_ODS_SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)
_ODS_MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" '
    'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
)


def ods(path: Path, table: str, before: str = "", name: str = "Clients") -> Path:
    """An OpenDocument spreadsheet whose only table has these rows of XML; `before` goes in front of the document."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<office:document-content {_ODS_SPACES} office:version="1.2">'
        f'<office:body><office:spreadsheet><table:table table:name="{name}">{table}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return zipped(
        path,
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content.encode(),
            "META-INF/manifest.xml": _ODS_MANIFEST.encode(),
        },
    )


def ods_row(*values: object, rows: int = 1, columns: int = 1) -> str:
    """A row that says of itself that it comes `rows` times, of cells that say the same of theirs."""
    cells = "".join(_ods_cell(value, columns) for value in values)
    return f'<table:table-row table:number-rows-repeated="{rows}">{cells}</table:table-row>'


def _ods_cell(value: object, repeated: int) -> str:
    kind = 'office:value-type="string"'
    if not isinstance(value, str):
        kind = f'office:value-type="float" office:value="{value}"'
    return (
        f'<table:table-cell {kind} table:number-columns-repeated="{repeated}">'
        f"<text:p>{value}</text:p></table:table-cell>"
    )
