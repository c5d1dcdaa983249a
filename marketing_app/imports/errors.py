"""Why a source cannot be read. The errors carry data; the web layer words them."""

from collections.abc import Sequence


class SourceError(Exception):
    """A source of clients that cannot be read."""


class FileRefused(SourceError):
    """A file that cannot be read."""


class NotATable(FileRefused):
    """Neither a spreadsheet nor a text table, or a damaged one."""


class OtherFormat(FileRefused):
    """A file in another format than its name may say: `format` is one of files.OTHER_FORMATS, or "xls"."""

    def __init__(self, format: str) -> None:
        super().__init__(format)
        self.format = format


class EncryptedFile(FileRefused):
    """A spreadsheet under a password."""


class EmptySource(SourceError):
    """No bytes, no sheet, or nothing but blank cells."""


class HeaderOnly(SourceError):
    """Columns and no row; `names` are theirs, or the only row of a list without a header."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = list(names)


class OverLimit(SourceError):
    """Something larger than it may be. Size and limit are in the same unit."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"{size} is over the limit of {limit}")
        self.size = size
        self.limit = limit


class TooManyBytes(OverLimit):
    """In bytes."""


class UnpacksTooLarge(OverLimit):
    """In bytes. The size is what was counted when the limit was passed."""


class TooManyColumns(OverLimit):
    """More columns than a project's fields can be."""


class TooManyRows(OverLimit):
    """More rows than one load may have."""


class TooManyCells(OverLimit):
    """More cells than are read into memory; the same table as csv is read row by row."""


class RowTooLong(OverLimit):
    """A row that is too long to be a client's, by its number: in bytes of a database, in characters of a sheet."""

    def __init__(self, size: int, limit: int, row: int) -> None:
        super().__init__(size, limit)
        self.row = row


class ValueTooLong(RowTooLong):
    """A row with a value that alone is too long, in `column`."""

    def __init__(self, size: int, limit: int, row: int, column: str) -> None:
        super().__init__(size, limit, row)
        self.column = column


class LineTooLong(OverLimit):
    """A row of a text table, in characters, of which no table has such: a quotation mark that is never closed, or no
    line ends at all. It begins at `line`."""

    def __init__(self, size: int, limit: int, line: int) -> None:
        super().__init__(size, limit)
        self.line = line


class UnclosedQuote(FileRefused):
    """A text table that ends within quotation marks, opened in the row that begins at `line`."""

    def __init__(self, line: int) -> None:
        super().__init__(str(line))
        self.line = line


class DamagedRow(FileRefused):
    """A row that cannot be believed, in a file that is taken whole or not at all. `fault` is a RowFault's word."""

    def __init__(self, line: int, fault: str) -> None:
        super().__init__(f"{fault}, line {line}")
        self.line = line
        self.fault = fault


class WrongEncoding(FileRefused):
    """A text table that is not, or not wholly, in `encoding`; the first row that shows it begins near `line`."""

    def __init__(self, encoding: str, line: int) -> None:
        super().__init__(f"{encoding}, line {line}")
        self.encoding = encoding
        self.line = line


class UnknownSheet(FileRefused):
    """A workbook without the sheet that was asked for."""

    def __init__(self, sheet: str) -> None:
        super().__init__(sheet)
        self.sheet = sheet


class DuplicateColumns(SourceError):
    """Columns whose name comes more than once."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = list(names)


class UnnamedColumns(SourceError):
    """Columns with values and no name, by their 1-based position."""

    def __init__(self, positions: Sequence[int]) -> None:
        super().__init__(", ".join(map(str, positions)))
        self.positions = list(positions)


class ConnectionRefused(SourceError):
    """A database that was not reached or that did not let us in."""


class UnknownHost(ConnectionRefused):
    """No such name, or it does not answer. `host` is what was typed."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host


class ForbiddenHost(ConnectionRefused):
    """An address that this application may not ask."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host


class BadAddress(ConnectionRefused):
    """An address of a database that cannot be read, or that asks for what we do not do."""


class WrongCredentials(ConnectionRefused):
    """The user or the password is wrong."""


class UnknownDatabase(ConnectionRefused):
    """The server has no such database."""


class ConnectionLost(ConnectionRefused):
    """The server went away while it was read."""


class QueryRefused(SourceError):
    """A query that is not run, or that its server did not run. `detail` is the server's sentence, without secrets."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class NotASelect(QueryRefused):
    """Something else than one SELECT, or one that writes."""


class QueryTooSlow(QueryRefused):
    """The server was asked to stop after `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds


class NoRows(SourceError):
    """The query is right and finds nothing."""


class UnsafeFilter(QueryRefused):
    """A filter that would run code on the server: `operator` is the refused one."""

    def __init__(self, operator: str) -> None:
        super().__init__()
        self.operator = operator


class BadFilter(QueryRefused):
    """A filter that is no JSON object, with the place where reading stopped in `detail`."""


class SourceChanged(SourceError):
    """The kept source is not what was previewed."""
