"""Review in words: verdicts, decisions, and why some were not made."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from ..models import Review, ReviewAction, ReviewVerb, Verdict
from ..offers.services import StillWriting
from ..privacy.services import OptedOut
from ..projects.services import ProjectArchived
from .bulk import LeftOut
from .services import Blocked, NoText

VERDICTS = {
    Verdict.UNCHECKED: _l("Not checked yet"),
    Verdict.CLEAN: _l("Passes the checks"),
    Verdict.WARN: _l("Look at it"),
    Verdict.BLOCK: _l("Wrong"),
}
VERDICT_COLOURS = {
    Verdict.UNCHECKED: "secondary",
    Verdict.CLEAN: "success",
    Verdict.WARN: "warning",
    Verdict.BLOCK: "danger",
}
REVIEWS = {
    Review.OPEN: _l("To review"),
    Review.APPROVED: _l("Approved"),
    Review.REJECTED: _l("Rejected"),
}
REVIEW_COLOURS = {Review.OPEN: "secondary", Review.APPROVED: "success", Review.REJECTED: "danger"}

QUICK_REASONS = (
    _l("Wrong fact"),
    _l("Does not suit the client"),
    _l("Wrong tone"),
    _l("Bad language"),
    _l("Too long"),
)

LEFT_OUT = {
    LeftOut.BLOCKED: _l("the checks block the text"),
    LeftOut.WARNED: _l("the checks warn: look at each"),
    LeftOut.OPTED_OUT: _l("the client does not want to be written to"),
    LeftOut.WRITING: _l("a new draft is being written"),
    LeftOut.ALREADY: _l("was decided so before"),
}


def done_words(action: ReviewAction) -> str:
    """What one decision did."""
    return {
        ReviewVerb.APPROVE: _("The offer is approved."),
        ReviewVerb.REJECT: _("The offer is rejected."),
        ReviewVerb.EDIT: _("Your text is saved."),
        ReviewVerb.REOPEN: _("The offer is to be reviewed again."),
    }[action.verb]


def undone_words(undone: int, kept: int) -> str:
    """What an undo did; `kept` are offers that somebody changed after the decision."""
    said = ngettext("%(num)d decision is undone.", "%(num)d decisions are undone.", undone)
    if kept:
        said += " " + ngettext(
            "%(num)d offer was changed since and stays as it is.",
            "%(num)d offers were changed since and stay as they are.",
            kept,
        )
    return said


def who_did_what(action: ReviewAction) -> str:
    """Of the newest decision about an offer, for somebody who came too late."""
    name = action.user.name if action.user else _("Somebody")
    return {
        ReviewVerb.APPROVE: _("%(name)s approved the offer.", name=name),
        ReviewVerb.REJECT: _("%(name)s rejected the offer.", name=name),
        ReviewVerb.EDIT: _("%(name)s wrote another text.", name=name),
        ReviewVerb.REOPEN: _("%(name)s put the offer back for review.", name=name),
        ReviewVerb.WITHDRAW: _("The client opted out, so the offer is approved no more."),
    }[action.verb]


def cannot(error: Exception) -> str:
    """Why a decision was not made, and what to do."""
    reasons: dict[type[Exception], str] = {
        Blocked: _(
            "The checks block this text. Change it, ask for a revision, or let a manager approve it for a reason."
        ),
        NoText: _("The offer has no text yet: there is nothing to decide."),
        StillWriting: _("A draft of this offer is being written. Wait until it is finished, then decide."),
        OptedOut: _("The client does not want to be written to: the offer cannot be approved or changed."),
        ProjectArchived: _("The project is in the archive: it can be read, not changed."),
    }
    return reasons[type(error)]
