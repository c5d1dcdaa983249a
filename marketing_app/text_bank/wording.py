"""Texts of the bank in words, and what is wrong with one."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ..catalogue.wording import KINDS
from ..models import LONGEST_BANK_TEXT, BankText, TextRole, TextState
from ..offers.filling import names_of_variables, unknown_variables
from ..offers.wording import finding_words
from .from_offers import NotForOthers
from .services import AlreadyThere, NeedsAdministrator, TextBankError

ROLES = {
    TextRole.OPENING: _l("Opening"),
    TextRole.CONTINUATION: _l("Continuation"),
    TextRole.CALL_TO_ACTION: _l("Call to action"),
    TextRole.WHOLE: _l("Whole text"),
}
STATES = {
    TextState.CLEARED: _l("Cleared"),
    TextState.NOT_CLEARED: _l("Not cleared"),
    TextState.EXPIRED: _l("Clearing expired"),
    TextState.RETIRED: _l("Retired"),
}
STATE_COLOURS = {
    TextState.CLEARED: "success",
    TextState.NOT_CLEARED: "warning",
    TextState.EXPIRED: "warning",
    TextState.RETIRED: "secondary",
}


def for_what(text: BankText) -> str:
    """The offers that a text is for."""
    kind = str(KINDS[text.kind]) if text.kind else _("any product")
    product = text.product.name if text.product else kind
    channel = text.channel.name if text.channel else _("any channel")
    return f"{product} · {channel}"


def problem_of_words(text: str) -> str:
    """What is wrong with a text's words, "" when nothing is."""
    if not text.strip():
        return _("The text is empty.")
    if len(text) > LONGEST_BANK_TEXT:
        return _("The text is longer than %(n)d characters. Shorten it.", n=LONGEST_BANK_TEXT)
    unknown = ", ".join(unknown_variables(text))
    if unknown:
        return _("Unknown: %(names)s. The variables are %(known)s.", names=unknown, known=names_of_variables())
    return ""


def added_words(text: BankText) -> str:
    """What was done, and whether offers get the text already."""
    added = _("The text is in the text bank.")
    if text.cleared_at:
        return added
    return added + " " + _("Offers get it after an administrator has cleared it.")


def reason(error: TextBankError) -> str:
    """Why nothing was changed."""
    if isinstance(error, AlreadyThere):
        if error.text.is_retired:
            return _("The text bank has this text, and it is retired. An administrator can bring it back.")
        return _("The text bank has this text already.")
    if isinstance(error, NeedsAdministrator):
        return _("Only an administrator changes this text: it was cleared or retired, or somebody else proposed it.")
    return _("The text was used in offers or comes with the program, so its words stay. Retire it and add another one.")


def not_for_others(error: NotForOthers) -> str:
    """Why an offer's text did not go into the bank."""
    if error.findings:
        said = finding_words(error.findings[0])
        return _("Other clients must not get this text: %(reason)s Nothing was added.", reason=said)
    if error.telling:
        return _(
            "Other clients must not get this text: “%(words)s” may tell something of its client. Nothing was added.",
            words=error.telling,
        )
    return _(
        "Only a text that a person approved, and whose client did not opt out since, goes into the text bank."
        " Nothing was added."
    )
