"""Why a spreadsheet cannot be read. The errors carry data; the web layer words them."""

from collections.abc import Sequence


class SpreadsheetError(Exception):
    """A spreadsheet that cannot be read."""


class NotASpreadsheet(SpreadsheetError):
    """Not an xlsx, or a damaged one."""


class EncryptedSpreadsheet(SpreadsheetError):
    """An xlsx under a password."""


class EmptySpreadsheet(SpreadsheetError):
    """No bytes, no sheet, or a sheet without a value."""


class HeaderOnly(SpreadsheetError):
    """A header and no row under it."""


class _OverLimit(SpreadsheetError):
    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"{size} is over the limit of {limit}")
        self.size = size
        self.limit = limit


class FileTooLarge(_OverLimit):
    """Size and limit are in bytes."""


class UnpacksTooLarge(_OverLimit):
    """Size and limit are in bytes. The size is what was counted when the limit was passed."""


class _TooMany(SpreadsheetError):
    def __init__(self, count: int, limit: int) -> None:
        super().__init__(f"{count} is over the limit of {limit}")
        self.count = count
        self.limit = limit


class TooManyColumns(_TooMany):
    """More columns than a project's fields can be."""


class TooManyRows(_TooMany):
    """More rows than one load may have."""


class DuplicateColumns(SpreadsheetError):
    """Columns whose name comes more than once."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = list(names)


class UnnamedColumns(SpreadsheetError):
    """Columns with values and no name, by their 1-based position."""

    def __init__(self, positions: Sequence[int]) -> None:
        super().__init__(", ".join(map(str, positions)))
        self.positions = list(positions)
