"""Outcomes and failures in words: what happened and what to do."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ..checks.findings import Finding, Severity
from ..models import Message, MessageRole, OfferState, Outcome
from .conversation import number_of
from .requests import FORMAL, SHORTER, WARMER

OUTCOMES = {
    Outcome.UNKNOWN: _l("Not known yet"),
    Outcome.SOLD: _l("Sold"),
    Outcome.INTERESTED: _l("Interested"),
    Outcome.CONSIDERING: _l("Considering"),
    Outcome.POSITIVE: _l("Positive answer"),
    Outcome.NEGATIVE: _l("Negative answer"),
}

OFFER_STATES = {
    OfferState.WAITING: _l("Waiting"),
    OfferState.WRITING: _l("Being written"),
    OfferState.READY: _l("Ready"),
    OfferState.NEEDS_PERSON: _l("Needs a person"),
    OfferState.FAILED: _l("Failed"),
    OfferState.CANCELLED: _l("Cancelled"),
    OfferState.OPTED_OUT: _l("Client opted out"),
}
OFFER_COLOURS = {
    OfferState.WAITING: "secondary",
    OfferState.WRITING: "primary",
    OfferState.READY: "success",
    OfferState.NEEDS_PERSON: "warning",
    OfferState.FAILED: "danger",
    OfferState.CANCELLED: "secondary",
    OfferState.OPTED_OUT: "secondary",
}

RETIRED = (
    _l("This text of the text bank may not be used any more"),
    _l("It was retired, or its clearing has expired. Choose another text, or write one."),
)
"""Why an offer does not get its text of the text bank again, and what to do."""

QUICK_REQUESTS = {SHORTER: _l("Shorter"), WARMER: _l("Warmer"), FORMAL: _l("More formal")}

SEVERITIES = {Severity.BLOCK: _l("Wrong"), Severity.WARN: _l("Look at it"), Severity.NOTE: _l("Note")}
FINDING_COLOURS = {Severity.BLOCK: "danger", Severity.WARN: "warning", Severity.NOTE: "secondary"}


def finding_words(finding: Finding) -> str:
    """What a rule says of a text."""
    return _(finding.message, **finding.values)


def text_name(message: Message) -> str:
    """How people call a text of a conversation."""
    if message.role is MessageRole.EDIT:
        return _("Edit %(n)d", n=number_of(message))
    if message.role is MessageRole.BANK:
        return _("From the text bank (%(n)d)", n=number_of(message))
    return _("Draft %(n)d", n=number_of(message))


def draft_failure(message: Message) -> str:
    """Why a draft was not finished (see `writing` for the codes)."""
    reasons = {
        "interrupted": _("The server stopped while this draft was being written. What it had written is kept."),
        "opted_out": _("The client opted out while this draft was being written, so its text is not kept."),
        "queue_full": _("Too many offers were being written. Ask again in a minute."),
        "empty": _("The model gave no text. Ask again, or say in the prompt what you want."),
        "prompt_too_long": _("The prompt is longer than the model can read. Shorten the prompt or the conversation."),
        "template_refused": _(
            "The model's chat template does not take this conversation. Ask your administrator for another model."
        ),
        "too_slow": _("The draft was not finished in time. Ask again; if it lasts, call your administrator."),
        "model_missing": _("There is no such model any more. Ask your administrator to look at the model’s settings."),
        "model_broken": _("The model's file is damaged. Ask your administrator to download the model again."),
        "access_refused": _("The model server does not accept our key. Ask your administrator to check LLM_API_KEY."),
        "database": _("The database did not take the draft. Ask again; if it lasts, call your administrator."),
        "server_away": _(
            "The model server does not answer. Ask again in a minute; if it lasts, call your administrator."
        ),
    }
    return reasons.get(
        message.failure, _("The model failed while writing. Ask again; if it lasts, call your administrator.")
    )
