"""A file made to kill ends in the refusal that fits it, and takes little of this process's memory."""

import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from marketing_app.imports import errors
from marketing_app.imports.profile import FindingKind, profile
from marketing_app.imports.reading import Limits, Reading
from tests.effort import BOUNDED_SECONDS, seconds_of_work

from .tables import SHEET, book, little_memory, ods, ods_row, opened, rewritten, table_of

MAX_GROWTH = 64 * 2**20
"""What writing a hostile file and refusing it may take of this process."""

GROUP = "<table:table-row-group>%s</table:table-row-group>"


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """Where the file is to be. Afterwards nothing runs that did not run before."""
    before = psutil.Process().children()
    with little_memory(MAX_GROWTH):
        yield tmp_path / "clients"
    assert set(psutil.Process().children()) <= set(before)


def test_the_limit_of_these_tests_holds(path: Path) -> None:
    with pytest.raises(MemoryError):
        bytes(2 * MAX_GROWTH)


@pytest.mark.parametrize("lies", [False, True])
def test_a_zip_bomb(path: Path, lies: bool) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open(SHEET, "w") as member:
            for _ in range(100):
                member.write(bytes(2**20))
    if lies:  # in the directory at the end, the size of the sheet becomes ten bytes
        content = path.read_bytes().replace(struct.pack("<L", 100 * 2**20), struct.pack("<L", 10))
        path.write_bytes(content)
    with pytest.raises(errors.UnpacksTooLarge):
        opened(path, limits=Limits(max_unpacked_bytes=50 * 2**20))


def test_a_cell_far_out_of_a_sheet(path: Path) -> None:
    book(path, ["a"], [1])
    rewritten(path, lambda xml: xml.replace(b'r="A2"', b'r="XFD1048576"'))
    with pytest.raises(errors.TooManyColumns):
        opened(path)
    rewritten(path, lambda xml: xml.replace(b'r="XFD1048576"', b'r="A1048576"'))
    with pytest.raises(errors.TooManyRows):
        opened(path, limits=Limits(max_rows=1_000_000))


def test_a_long_text_that_every_cell_repeats(tmp_path: Path) -> None:
    """A few kilobytes of file that would be 300 MiB of cells; the parser has the memory it is given, and no more."""
    path = book(tmp_path / "clients", ["a"], ["x"])
    start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    header, row = (b'<row><c t="s"><v>%d</v></c></row>' % number for number in (0, 1))
    rewritten(path, lambda _: start + header + row * 10_000 + b"</sheetData></worksheet>")
    strings = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</sst>'
    texts = b"<si><t>a</t></si><si><t>" + b"x" * 32_000 + b"</t></si>"
    rewritten(path, lambda _: strings % texts, "xl/sharedStrings.xml")
    with opened(path) as source:
        assert source.row_count == 10_000
    with pytest.raises(errors.UnpacksTooLarge):
        opened(path, limits=Limits(max_memory_bytes=200 * 2**20))


@pytest.mark.parametrize(
    ("length", "width"), [(2**20 + 1, 1), (10 * 2**20, 1), (100_000, 11)], ids=["just", "far", "together"]
)
def test_a_row_of_a_workbook_that_no_client_fills(path: Path, length: int, width: int) -> None:
    with pytest.raises(errors.RowTooLong) as refused:
        table_of(repeated(path, "x" * length, width, rows=3))
    assert (refused.value.row, refused.value.size, refused.value.limit) == (2, length * width, 2**20)


def test_long_rows_of_a_workbook_come_a_few_at_a_time(path: Path) -> None:
    repeated(path, "x" * 30_000, width=30, rows=200)
    with little_memory(40 * 2**20), opened(path) as source:
        assert sum(1 for _row in source.rows()) == 200


def repeated(path: Path, text: str, width: int, rows: int) -> Path:
    """A workbook that has a text once, and in every cell under its header."""
    book(path, ["a"], ["x"])
    start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    header = b"<row>%s</row>" % b"".join(b'<c t="str"><v>c%d</v></c>' % number for number in range(width))
    row = b"<row>%s</row>" % (b'<c t="s"><v>0</v></c>' * width)
    rewritten(path, lambda _: start + header + row * rows + b"</sheetData></worksheet>")
    strings = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>%s</t></si></sst>'
    return rewritten(path, lambda _: (strings % text).encode(), "xl/sharedStrings.xml")


@pytest.mark.parametrize("start", ["итого", "Total", "«Всего"])
@pytest.mark.parametrize("sign", [" ", "-", " .", "\t", "=", "."])
def test_a_word_of_totals_with_a_long_tail_is_read_at_once(path: Path, start: str, sign: str) -> None:
    """Parts of the expression that may hold the same signs were tried in every combination: hours for one cell."""
    path.write_text(f"note;age\n{start}{sign * 100_000}x;1\n{start}{sign * 1000};2\n")
    with opened(path) as source:
        seen = profile(source)
    assert [finding.row for finding in seen.findings if finding.kind is FindingKind.TOTALS] == [3]


@pytest.mark.parametrize("member", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml"])
def test_entities_within_entities(path: Path, member: str) -> None:
    declaration = b'<!DOCTYPE w [<!ENTITY e "boom"><!ENTITY f "&e;&e;">]>'
    book(path, ["a"], ["x"])
    with pytest.raises(errors.NotATable):
        opened(rewritten(path, lambda xml: declaration + xml, member))


def test_entities_of_an_opendocument_spreadsheet(path: Path) -> None:
    declaration = '<!DOCTYPE w [<!ENTITY e "boom"><!ENTITY f "&e;&e;">]>'
    with pytest.raises(errors.NotATable):
        opened(ods(path, ods_row("a") + ods_row("&f;"), before=declaration))


@pytest.mark.parametrize(
    ("table", "error"),
    [
        (ods_row("a") + ods_row("x", rows=10**9), errors.TooManyRows),
        (ods_row("x", columns=10**9), errors.TooManyColumns),
        (ods_row("a") + ods_row("x", rows=10**5, columns=60), errors.TooManyCells),
        # The parser says no more of this one than that it cannot read it.
        (ods_row("a") + ods_row("x", rows=10**6, columns=1000), errors.NotATable),
        (
            f"{ods_row('a')}<table:table-row-group>{ods_row('x', rows=10**9)}</table:table-row-group>",
            errors.TooManyRows,
        ),
    ],
    ids=["rows", "columns", "many", "more", "within a group"],
)
def test_repeated_cells_of_an_opendocument_spreadsheet(path: Path, table: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        opened(ods(path, table), limits=Limits(max_rows=1_000_000))


def test_a_header_of_a_million_names(path: Path) -> None:
    path.write_text(",".join(map(str, range(100_000))) + "\n1\n")
    with pytest.raises(errors.TooManyColumns):
        opened(path)
    path.write_text("c," * 1_000_000 + "\n1\n")
    with pytest.raises(errors.LineTooLong):
        opened(path)


def test_an_archive_of_very_many_members(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(30_000):
            archive.writestr(f"member-{number}", b"")
    with little_memory(16 * 2**20), pytest.raises(errors.UnpacksTooLarge):
        opened(path)


def test_a_text_of_nothing_but_line_ends(path: Path) -> None:
    path.write_bytes(b"a;b\n1;2\n" + b"\n" * 10 * 2**20)
    with pytest.raises(errors.TooManyRows):
        table_of(path)


def test_a_text_of_one_letter(path: Path) -> None:
    path.write_bytes(b"a;b\n" + (b"\xe0" * 200_000 + b";1\n") * 40)
    assert len(table_of(path)[1]) == 40


def test_rows_of_many_more_cells_than_the_header(path: Path) -> None:
    path.write_text("id,name\n1,2\n" + ("ab," * 349_000 + "\n") * 12)
    with opened(path) as source, pytest.raises(errors.TooManyColumns):
        profile(source)


def test_long_cells_are_looked_at_as_far_as_the_memory_should_hold_them(path: Path) -> None:
    with path.open("w") as file:
        file.writelines(["id,name\n", *[f"1,{'x' * 1_000_000}\n"] * 100])
    with opened(path) as source:
        seen = profile(source)
    assert 10 < seen.rows_looked_at < 20
    assert seen.is_estimate and 90 < seen.row_count < 110


@pytest.mark.parametrize("piece", [b"x", b"1,", b'"\n",', b"1\x0b"])
def test_a_line_that_does_not_end(path: Path, piece: bytes) -> None:
    """Neither one of a single cell, nor of millions, nor of a million lines held together by quotation marks."""
    with path.open("wb") as file:
        file.write(b"a,b\n1,2\n")
        for _ in range(100):
            file.write(piece * (2**20 // len(piece)))
    with pytest.raises(errors.LineTooLong) as caught:
        table_of(path)
    assert caught.value.line == 3


def test_a_quotation_mark_that_is_not_closed(path: Path) -> None:
    path.write_text('id;name\n1;Анна\n2;"Иван\n3;Пётр\n')
    with pytest.raises(errors.UnclosedQuote) as caught:
        table_of(path)
    assert caught.value.line == 3
    path.write_text('id;name\n1;Анна\n2;"Иван\n' + "3;Пётр\n" * 500_000)
    with pytest.raises(errors.LineTooLong):
        table_of(path)
    with opened(path, Reading(quote="")) as source:
        assert sum(1 for _ in source.rows()) == 500_002


@pytest.mark.parametrize(
    "content",
    [bytes(2**20), bytes(range(256)) * 4096, b"\x89PNG\r\n\x1a\n" + bytes(100), b"\x01\x02\x03\x04,\x05\n" * 10],
    ids=["nothing", "everything", "picture", "junk"],
)
def test_what_is_no_text(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(errors.NotATable):
        opened(path)


def test_more_rows_than_a_load_may_have(path: Path) -> None:
    path.write_text("a,b\n" + "1,2\n" * 10)
    assert len(table_of(path, limits=Limits(max_rows=11))[1]) == 10
    with pytest.raises(errors.TooManyRows):
        table_of(path, limits=Limits(max_rows=10))


@pytest.mark.parametrize("cell", [b'<c t="e">', b'<c t="e" ', b"<c><f", b"<row "])
def test_cells_that_never_end_are_not_searched_for_long(path: Path, cell: bytes) -> None:
    book(path, ["a"], [1])
    rewritten(path, lambda xml: xml.replace(b"</sheetData>", cell * 300_000 + b"</row></sheetData>"))
    with pytest.raises(errors.FileRefused):
        opened(path, Reading(sheet="Sheet"))


def test_a_workbook_of_errors_takes_little_memory(path: Path) -> None:
    book(path, ["a", "b"], [1, 2])
    row = b'<row><c><v>1</v></c><c t="e"><v>#N/A</v></c></row>'
    rewritten(path, lambda xml: xml.replace(b"</sheetData>", row * 200_000 + b"</sheetData>"))
    with opened(path) as source:
        assert sum(cells[1] == "#N/A" for _, cells in source.rows()) == 200_000


@pytest.mark.parametrize(
    "text",
    [
        "id;age\nитого" + " " * 300 + "x;5\n",
        "id;age\nвсего" + "1 " * 300 + "x;5\n",
        "@." * 2_000 + " x;age\n1;5\n",
        "a@" + "." * 2_000 + " x;age\n1;5\n",
    ],
    ids=["a total", "a counted total", "an e-mail as a name", "points as a name"],
)
def test_a_cell_that_a_pattern_could_part_in_every_way(tmp_path: Path, text: str) -> None:
    path = tmp_path / "clients.csv"
    path.write_text(text)

    def look() -> None:
        with opened(path) as source:
            profile(source)

    assert seconds_of_work(look) < BOUNDED_SECONDS
