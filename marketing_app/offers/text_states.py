"""Which texts of the bank may be used today."""

from datetime import date

from sqlalchemy import ColumnElement, func, or_

from ..models import BankText, TextState


def state_of(text: BankText) -> TextState:
    if text.retired_at:
        return TextState.RETIRED
    if not text.cleared_at:
        return TextState.NOT_CLEARED
    is_over = text.cleared_until is not None and text.cleared_until < today()
    return TextState.EXPIRED if is_over else TextState.CLEARED


def today() -> date:
    """Where the server stands."""
    return date.today()


def is_in_state(state: TextState) -> ColumnElement[bool]:
    """The same in the database."""
    return {
        TextState.CLEARED: is_cleared(),
        TextState.NOT_CLEARED: BankText.retired_at.is_(None) & BankText.cleared_at.is_(None),
        TextState.EXPIRED: BankText.retired_at.is_(None) & (BankText.cleared_until < func.current_date()),
        TextState.RETIRED: BankText.retired_at.is_not(None),
    }[state]


def is_cleared() -> ColumnElement[bool]:
    """Cleared, not expired, not retired."""
    lasts = or_(BankText.cleared_until.is_(None), BankText.cleared_until >= func.current_date())
    return BankText.retired_at.is_(None) & BankText.cleared_at.is_not(None) & lasts
