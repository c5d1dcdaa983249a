"""The bank's time: its nights and its days. Pages show times in the person's zone instead (see web.zones)."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import current_app


def bank_zone() -> ZoneInfo:
    return ZoneInfo(current_app.config["STUDIO"].time_zone)


def today() -> date:
    return datetime.now(bank_zone()).date()
