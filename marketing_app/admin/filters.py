"""Filters of the console's tables."""

from datetime import UTC, datetime
from typing import Any

from flask_admin.contrib.sqla.filters import FilterConverter
from flask_babel import to_utc


def in_persons_zone(kind: type[Any]) -> type[Any]:
    """A filter of times that reads what a person enters in the zone in which the table shows times to them."""

    class Zoned(kind):
        def clean(self, value: str) -> Any:
            entered = super().clean(value)
            return [_zoned(each) for each in entered] if isinstance(entered, list) else _zoned(entered)

    return Zoned


def _zoned(entered: Any) -> Any:
    """Raises ValueError, which the console says is no filter, for a time before all times in the person's zone."""
    try:
        return to_utc(entered).replace(tzinfo=UTC) if isinstance(entered, datetime) else entered
    except OverflowError as error:
        raise ValueError(entered) from error


class ZonedFilters(FilterConverter):
    datetime_filters = tuple(map(in_persons_zone, FilterConverter.datetime_filters))
