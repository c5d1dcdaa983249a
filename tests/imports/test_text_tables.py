"""Text tables of every make are read without being told how."""

import codecs
from pathlib import Path

import pytest

from marketing_app.imports import errors
from marketing_app.imports.reading import Reading
from marketing_app.imports.source import FaultyRow, RowFault

from .tables import little_memory, opened, table_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "clients.xlsx"  # nobody looks at the name


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


RUSSIAN = "номер;имя\r\n1;Анна\r\n2;Пётр\r\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (RUSSIAN.encode(), "utf-8"),
        (codecs.BOM_UTF8 + RUSSIAN.encode(), "utf-8"),
        (RUSSIAN.encode("utf-16-le"), "utf-16-le"),
        (RUSSIAN.encode("utf-16-be"), "utf-16-be"),
        (codecs.BOM_UTF16_LE + RUSSIAN.encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + RUSSIAN.encode("utf-16-be"), "utf-16-be"),
        (RUSSIAN.encode("windows-1251"), "windows-1251"),
        (RUSSIAN.encode("cp866"), "cp866"),
        (RUSSIAN.encode("koi8-r"), "koi8-r"),
    ],
)
def test_the_encoding_is_found(path: Path, content: bytes, encoding: str) -> None:
    path.write_bytes(content)
    with opened(path) as source:
        assert source.reading == Reading(encoding=encoding, delimiter=";", quote='"', header_row=1)
        assert list(source.columns) == ["номер", "имя"]
        assert list(source.rows()) == [(2, ["1", "Анна"]), (3, ["2", "Пётр"])]


NAMES = ["ФИО;ГОРОД\nИВАНОВ ПЁТР;УФА\n", "фио;город\nщукин ян;омск\n", "Код;Имя\n1;Юлия\n", "№;Сумма, руб.\n«А»;5\n"]


@pytest.mark.parametrize("text", NAMES)
@pytest.mark.parametrize("encoding", ["windows-1251", "cp866"])
def test_few_letters_tell_the_encoding(path: Path, text: str, encoding: str) -> None:
    path.write_bytes(text.encode(encoding, errors="ignore"))
    with opened(path) as source:
        assert source.reading.encoding == encoding


@pytest.mark.parametrize(
    "text",
    [
        "id;type\n" + "1;ФЛ\n2;ЮЛ\n" * 300,
        "id;type\n" + "1;Ф\n2;Ю\n" * 300,
        "id;district\n" + "1;ЦФО\n2;СЗФО\n" * 300,
        "id;note\n" + "1;—\n2;18–25\n" * 300,
        "id;card\n" + "1;«Gold»\n2;5 €\n" * 300,
        "клиент;тип\n" + "1;ФЛ\n2;ЮЛ\n" * 500,
    ],
)
def test_codes_and_signs_do_not_make_it_another_encoding(path: Path, text: str) -> None:
    with opened(written(path, text, "windows-1251")) as source:
        assert source.reading.encoding == "windows-1251"


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "cp866", "koi8-r"])
def test_the_first_russian_name_may_be_far_down(path: Path, encoding: str) -> None:
    written(path, "id,name\n" + "1,Ann\n" * 300_000 + "2,Анна\n", encoding)
    assert table_of(path)[1][-1] == (300_002, ["2", "Анна"])


def test_one_damaged_byte_does_not_make_it_another_encoding(path: Path) -> None:
    path.write_bytes("id;имя\n1;Анна\n".encode() + b"2;\xd0\n" + "3;Иван\n".encode())
    with pytest.raises(errors.WrongEncoding) as caught:
        table_of(path)
    assert caught.value.encoding == "utf-8"


def test_an_encoding_that_is_asked_for_wins(path: Path) -> None:
    written(path, "id;имя\n1;Анна\n")
    with opened(path, Reading(encoding="windows-1251")) as source:
        assert source.reading.encoding == "windows-1251"
        assert [cells.fault for _, cells in source.rows()] == [RowFault.FOREIGN_ENCODING]  # type: ignore[attr-defined]
    written(path, "id;имя\n1;Анна\n", "windows-1251")
    with pytest.raises(errors.WrongEncoding):
        table_of(path, Reading(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("id,name,age\n1,Ann,5\n2,Bob,6\n", ","),
        ("id\tname\n1\tLee, Ann\n2\tRoy, Bob\n", "\t"),
        ("id|name|sum\n1|a,b|2\n2|c,d|3\n", "|"),
        ("id^name\n1^ab\n2^cd\n", "^"),
        ("id~name\n1~ab\n2~cd\n", "~"),
        ("id:name\n1:ab\n2:cd\n", ":"),
        ("id\x01name\n1\x01ab\n2\x01cd\n", "\x01"),
        ("id;сумма;регион\n1;1 000,50;Москва, Россия\n2;2,5;Тула, Россия\n", ";"),
        ("id;сумма, руб.\n1;2,50\n2;3,75\n", ";"),
        ("кластер;регион\na. Супер-ЗП (6,15);Татарстан (Татарстан)\nc. Масс-ЗП (7,13,18);Город Москва\n", ";"),
        ('id;json\n1;"{""a"":1,""b"":2}"\n2;"{""a"":3,""b"":4}"\n', ";"),
        ("id;time\n1;2020-01-01 10:00:00\n2;2021-02-03 11:11:11\n", ";"),
        ("a;b;c\n1;2\n3;4;5;6\n7;8;9\n", ";"),
        ("a,b,c,d\n,,,\n,1,,\n,,,2\n", ","),
        ("full name\nLee Ann\nRoy Bob\n", ","),
        ("Фамилия, имя\nИванов\nПетров\n", ","),
        ("anna@example.ru\npetr@example.ru\nivan@example.ru\n", ","),
        ("C-001/7\nC-002/7\n", ","),
        ("id||name||city\n1||Ann||\n2||a|b||x\n", "||"),
        ("id;;name\n1;;a;b\n2;;c\n", ";;"),
    ],
)
def test_the_separator_is_found(path: Path, text: str, delimiter: str) -> None:
    with opened(written(path, text)) as source:
        assert source.reading.delimiter == delimiter


def faults(path: Path) -> list[tuple[int, RowFault | None]]:
    return [(number, getattr(cells, "fault", None)) for number, cells in _rows(path)]


def _rows(path: Path) -> list[tuple[int, object]]:
    with opened(path) as source:
        return list(source.rows())


@pytest.mark.parametrize(
    "rows",
    [
        ['1;"Anna;Omsk', "2;Boris;Perm", '3;"Vera;Tver', "4;Gleb;Omsk"],
        ['1;"Anna;Omsk', '2;Boris";Perm', "3;Gleb;Omsk"],
        ['1;Anna;"Omsk', '2;Boris;"Perm', "3;Gleb;Omsk"],
        ['1;Anna;"Omsk', '"2;Boris;Perm', "3;Gleb;Omsk"],
        ['"1;Anna;Omsk', '"2;Boris;Perm', "3;Gleb;Omsk"],
    ],
)
def test_rows_that_a_stray_quotation_mark_joins_are_told_apart(path: Path, rows: list[str]) -> None:
    written(path, "\n".join(["id;name;town", *rows, ""]))
    (first, fault), *rest = faults(path)
    assert (first, fault) == (2, RowFault.MERGED_LINES) and {fault for _, fault in rest} == {None}


@pytest.mark.parametrize(
    "text",
    [
        'id;note;town\n1;"one\ntwo";Omsk\n',
        'id,address,town\n1,"ул. Ленина, 5,\nкв. 3, подъезд 2",Омск\n',
        'id;note;town\n1;"a; b\nc; d; e";Omsk\n',
        'id,note\n1,"a\nb, c"\n',
    ],
)
def test_a_cell_of_several_lines_is_no_fault(path: Path, text: str) -> None:
    assert faults(written(path, text)) == [(2, None)]


def test_a_header_that_holds_the_first_rows_is_refused(path: Path) -> None:
    with pytest.raises(errors.UnclosedQuote):
        opened(written(path, 'id;"name;town\n1;"Anna;Omsk\n2;Boris;Perm\n'))


@pytest.mark.parametrize("encoding", ["windows-1251", "cp866", "koi8-r"])
def test_a_line_in_another_encoding_is_told_by_its_number(path: Path, encoding: str) -> None:
    lines = [f"{n};Клиент {n};Тверь".encode(encoding) for n in range(2, 400)]
    lines[298] = "300;Юлия Иванова;Уфа".encode()
    path.write_bytes(b"\n".join(["id;имя;город".encode(encoding), *lines, b""]))
    found = {number: cells for number, cells in _rows(path) if isinstance(cells, FaultyRow)}
    assert {number: cells.fault for number, cells in found.items()} == {300: RowFault.FOREIGN_ENCODING}
    assert found[300] == ["300", "Юлия Иванова", "Уфа"]


def test_a_line_that_is_not_utf8_is_told_by_its_number(path: Path) -> None:
    lines = [f"{n};Клиент {n};Тверь".encode() for n in range(2, 900)]
    lines[698] = "700;Анна;Уфа".encode("windows-1251")
    path.write_bytes(b"\n".join(["id;имя;город".encode(), *lines, b""]))
    with pytest.raises(errors.WrongEncoding) as caught:
        table_of(path)
    assert (caught.value.encoding, caught.value.line) == ("utf-8", 700)


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "utf-16-le"])
def test_a_character_of_no_text_spoils_its_row_alone(path: Path, encoding: str) -> None:
    written(path, "id;имя\n1;Ан\0на\n2;Пётр\n", encoding)
    assert faults(path) == [(2, RowFault.NUL), (3, None)]


def test_a_separator_that_the_file_names_itself(path: Path) -> None:
    assert table_of(written(path, "sep=;\r\na,b;c\r\n1;2\r\n")) == (["a,b", "c"], [(3, ["1", "2"])])


def test_the_line_that_names_the_separator_may_be_in_capitals(path: Path) -> None:
    assert table_of(written(path, "SEP=;\r\na,b;c\r\n1;2\r\n")) == (["a,b", "c"], [(3, ["1", "2"])])


def test_a_separator_of_several_characters(path: Path) -> None:
    written(path, "a|~|b\n1|~|x|y\n")
    assert table_of(path, Reading(delimiter="|~|")) == (["a", "b"], [(2, ["1", "x|y"])])


def test_a_separator_that_is_asked_for_wins(path: Path) -> None:
    written(path, "a;b,c\n1;2,3\n")
    assert table_of(path, Reading(delimiter=",")) == (["a;b", "c"], [(2, ["1;2", "3"])])


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('a,b\n1,"x, ""y"""\n', [(2, ["1", 'x, "y"'])]),
        ('a;b\n1;"two\nlines"\n2;z\n', [(2, ["1", "two\nlines"]), (4, ["2", "z"])]),
        ("a,b\n1,'x, y'\n2,'z'\n", [(2, ["1", "x, y"]), (3, ["2", "z"])]),
        ("a,b\n1,O'Neil\n2,'tis\n", [(2, ["1", "O'Neil"]), (3, ["2", "'tis"])]),
        ('a;b\n1;ООО "Ромашка"\n', [(2, ["1", 'ООО "Ромашка"'])]),
        ('a,b\n1,"ООО \\"Ромашка\\", \\\\"\n', [(2, ["1", 'ООО "Ромашка", \\'])]),
        ('a,b\n"C:\\",1\n"D:\\x\\",2\n', [(2, ["C:\\", "1"]), (3, ["D:\\x\\", "2"])]),
        ('a,b\n1,"C:\\" ;y\n2,z\n', [(2, ["1", "C:\\ ;y"]), (3, ["2", "z"])]),
        ('a,b\n1,"C:\\"\n2,"12\\" x"\n', [(2, ["1", "C:\\"]), (3, ["2", '12\\ x"'])]),
        (
            'a,b,c\n1,bank\\ivanov,"the \\"x\\" and\n""y"""\n2,C:\\,bank\\sid\n3,z,end\\\n4,\\N,""\n',
            [
                (2, ["1", "bank\\ivanov", 'the "x" and\n"y"']),
                (4, ["2", "C:\\", "bank\\sid"]),
                (5, ["3", "z", "end\\"]),
                (6, ["4", "\\N", ""]),
            ],
        ),
        ('a||b\n1||"x || y"\n2||z\n', [(2, ["1", "x || y"]), (3, ["2", "z"])]),
    ],
)
def test_quotation_marks(path: Path, text: str, rows: list[object]) -> None:
    assert table_of(written(path, text))[1] == rows


def test_quotation_marks_can_be_taken_as_they_are(path: Path) -> None:
    written(path, 'a;b\n1;"Ромашка" ООО\n')
    assert table_of(path, Reading(quote=""))[1] == [(2, ["1", '"Ромашка" ООО'])]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_row_has_the_number_of_its_line(path: Path, end: str) -> None:
    lines = ["", "a;b", "1;2", "", ";", " ; ", '3;"4', '5"', "6;7"]
    assert [number for number, _ in table_of(written(path, end.join(lines)))[1]] == [3, 7, 9]


def test_short_rows_are_filled_and_long_ones_are_not_cut(path: Path) -> None:
    written(path, "a;b;c;\n1\n1;2;3;\n1;2;3;4\n")
    assert table_of(path) == (["a", "b", "c"], [(2, ["1", "", ""]), (3, ["1", "2", "3"]), (4, ["1", "2", "3", "4"])])


def test_a_long_table_takes_no_memory(path: Path) -> None:
    with path.open("w") as file:
        file.write(";".join(f"column {n}" for n in range(25)) + "\n")
        for number in range(300_000):
            file.write(f"{number};" + "клиент;" * 20 + "1;2;3;4\n")
    with little_memory(32 * 2**20), opened(path) as source:
        assert path.stat().st_size > 64 * 2**20
        assert sum(1 for _ in source.rows()) == 300_000


def test_it_tells_how_far_it_is(path: Path) -> None:
    written(path, "a;b\n" + "1;2\n" * 500_000)
    with opened(path) as source:
        assert source.row_count is None
        rows = source.rows()
        for _ in range(250_000):
            next(rows)
        assert 0.5 <= source.share_read < 0.55
        assert sum(1 for _ in rows) == 250_000
        assert source.share_read == 1
        assert next(source.rows()) == (2, ["1", "2"])


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("\n\n ; \n", errors.EmptySource),
        ("a;b\n\n;\n", errors.HeaderOnly),
        ("a;b;a\n1;2;3\n", errors.DuplicateColumns),
        ("a;;c\n1;2;3\n", errors.UnnamedColumns),
    ],
)
def test_bad_tables(path: Path, text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        opened(written(path, text))


def test_a_reading_can_be_kept_as_json() -> None:
    reading = Reading(sheet="Лист", delimiter="\t", quote="")
    assert Reading.from_dict(reading.to_dict()) == reading
