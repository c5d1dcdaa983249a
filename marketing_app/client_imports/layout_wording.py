"""What a file holds around the rows that are read, in sentences that say what can be done about it."""

from collections.abc import Iterator

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from ..imports.layout import Layout
from ..models import ClientSource
from .sources import layout_of, reading_of

SHEETS_NAMED = 10


def beside_the_rows(source: ClientSource) -> Iterator[str]:
    layout, reading = layout_of(source), reading_of(source)
    if layout is None:
        return
    if layout.above_count:
        yield _of_titles(layout)
    if layout.hidden_count:
        yield _of_hidden_rows(layout, reading.without_hidden)
    if layout.other_sheets:
        yield _(
            "Only the sheet “%(name)s” is read. The workbook has others: %(names)s. To load one of them, choose it"
            " below; each is a load of its own.",
            name=reading.sheet,
            names=_named(layout),
        )


def _of_titles(layout: Layout) -> str:
    titles = ", ".join(_("“%(name)s”", name=title) for title in layout.titles)
    return ngettext(
        "The header is row %(row)s. %(count)s row above it is not loaded: %(titles)s. If another row is the header,"
        " give its number below.",
        "The header is row %(row)s. %(count)s rows above it are not loaded: %(titles)s. If another row is the header,"
        " give its number below.",
        layout.above_count,
        row=format_decimal(layout.header_row),
        count=format_decimal(layout.above_count),
        titles=titles if layout.above_count == len(layout.titles) else f"{titles}, …",
    )


def _of_hidden_rows(layout: Layout, is_without_hidden: bool) -> str:
    values = {"count": format_decimal(layout.hidden_count), "row": format_decimal(layout.first_hidden)}
    if is_without_hidden:
        return ngettext(
            "%(count)s hidden row is left out, row %(row)s.",
            "%(count)s hidden rows are left out, the first is row %(row)s.",
            layout.hidden_count,
            **values,
        )
    return ngettext(
        "%(count)s row is hidden in the spreadsheet, by a filter or by hand: row %(row)s. It is loaded like the others,"
        " unless you leave it out below.",
        "%(count)s rows are hidden in the spreadsheet, by a filter or by hand, the first is row %(row)s."
        " They are loaded like the others, unless you leave them out below.",
        layout.hidden_count,
        **values,
    )


def _named(layout: Layout) -> str:
    names = [
        _("“%(name)s” (hidden)", name=name) if name in layout.hidden_sheets else _("“%(name)s”", name=name)
        for name in layout.other_sheets[:SHEETS_NAMED]
    ]
    return ", ".join(names) + (", …" if len(layout.other_sheets) > SHEETS_NAMED else "")
