"""In which time zone a page shows times, and how it says so."""

from datetime import UTC, datetime

from babel.core import get_global
from babel.dates import get_timezone_location
from flask import current_app
from flask_babel import format_datetime, get_locale, to_user_timezone
from flask_login import current_user
from markupsafe import Markup
from pytz import all_timezones_set, timezone

ZONES = sorted(
    zone for zone in all_timezones_set.intersection(get_global("zone_territories")) if not zone.startswith("Etc/")
)
"""One name for each zone of people, as the Unicode consortium chose them; aliases are left out."""


def choose_zone() -> str:
    """The person's own choice, else the bank's zone."""
    chosen = current_user.time_zone if current_user and current_user.is_authenticated else None
    return str(chosen or current_app.config["STUDIO"].time_zone)


def moment(at: datetime) -> Markup:
    """A time in the person's zone; its title names the zone."""
    local = to_user_timezone(at)
    title = f"{format_datetime(at, 'medium')}, {_said(local)}"
    written = format_datetime(at, "short")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(local.isoformat("T", "seconds"), title, written)


def zone_name(zone: str) -> str:
    """A zone as people know it: its distance from Greenwich and its city."""
    return _said(datetime.now(timezone(zone)))


def zones_by_name() -> list[tuple[str, str]]:
    """Every zone with its name, from west to east."""
    now = datetime.now(UTC)
    offsets = {zone: now.astimezone(timezone(zone)).utcoffset() for zone in ZONES}
    named = [(zone, zone_name(zone)) for zone in ZONES]
    return sorted(named, key=lambda pair: (offsets[pair[0]], pair[1]))


def _said(local: datetime) -> str:
    zone = str(local.tzinfo)
    distance = format_datetime(local, "ZZZZ", rebase=False)
    return f"{distance} {get_timezone_location(zone, get_locale(), return_city=True)}" if "/" in zone else distance
