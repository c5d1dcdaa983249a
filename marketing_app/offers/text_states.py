"""Which texts of the bank may be used on a day.

Python and SQL are both asked, so the day is always the bank's (`bank_time.today`), never the database's own: its time
zone may be another one.
"""

from datetime import date

from sqlalchemy import ColumnElement, or_

from ..models import BankText, TextState


def state_of(text: BankText, day: date) -> TextState:
    if text.retired_at:
        return TextState.RETIRED
    if not text.cleared_at:
        return TextState.NOT_CLEARED
    is_over = text.cleared_until is not None and text.cleared_until < day
    return TextState.EXPIRED if is_over else TextState.CLEARED


def is_in_state(state: TextState, day: date) -> ColumnElement[bool]:
    """`state_of` as a condition in SQL."""
    return {
        TextState.CLEARED: is_cleared(day),
        TextState.NOT_CLEARED: BankText.retired_at.is_(None) & BankText.cleared_at.is_(None),
        TextState.EXPIRED: BankText.retired_at.is_(None) & (BankText.cleared_until < day),
        TextState.RETIRED: BankText.retired_at.is_not(None),
    }[state]


def is_cleared(day: date) -> ColumnElement[bool]:
    """Cleared, not expired, not retired."""
    lasts = or_(BankText.cleared_until.is_(None), BankText.cleared_until >= day)
    return BankText.retired_at.is_(None) & BankText.cleared_at.is_not(None) & lasts
