"""Campaigns in words: where they stand, how long they take, why offers failed and what to do about it."""

from typing import Any

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ..clients.wording import said
from ..models import Campaign, Offer
from .queries import Failures, Progress, Stage

STAGES = {
    Stage.RUNNING: _l("Running"),
    Stage.PAUSED: _l("Paused"),
    Stage.FINISHED: _l("Finished"),
    Stage.CANCELLED: _l("Cancelled"),
}
STAGE_COLOURS = {
    Stage.RUNNING: "primary",
    Stage.PAUSED: "warning",
    Stage.FINISHED: "success",
    Stage.CANCELLED: "secondary",
}


def failure(code: str, tokens: int | None = None, limit: int | None = None) -> tuple[str, str]:
    """What happened to an offer that has no text, and what to do (the codes are those of `Offer.failure`)."""
    if code == "prompt_too_long" and tokens and limit:
        numbers = {"tokens": format_decimal(tokens), "limit": format_decimal(limit)}
        return (
            _("The prompt is too long: %(tokens)s tokens, and %(limit)s fit.", **numbers),
            _("Shorten the channel's prompt or take fields out of it, then start a new campaign with that version."),
        )
    known = {
        "prompt_too_long": (
            _("The prompt is longer than the model can read."),
            _("Shorten the channel's prompt or take fields out of it, then start a new campaign with that version."),
        ),
        "template_refused": (
            _("The model's chat template does not take the prompt."),
            _("Ask your administrator for another model, then retry what failed."),
        ),
        "too_slow": (
            _("The text was not finished in time, however often it was tried."),
            _("Ask your administrator for a smaller model or a faster machine, then retry what failed."),
        ),
        "model_missing": (
            _("There is no model where the settings say."),
            _("Ask your administrator to put the model in its place, then retry what failed."),
        ),
        "model_broken": (
            _("The model's file is damaged."),
            _("Ask your administrator to download the model again, then retry what failed."),
        ),
        "access_refused": (
            _("The model server does not accept our key."),
            _("Ask your administrator to check LLM_API_KEY, then retry what failed."),
        ),
        "empty": (
            _("The model gave no text."),
            _("Retry what failed; if it lasts, say more in the prompt or ask for more drafts per client."),
        ),
        "server_away": (
            _("The model server did not answer, however often it was asked."),
            _("Ask your administrator whether it runs, then retry what failed."),
        ),
        "interrupted": (
            _("The server stopped while the text was being written."),
            _("Retry what failed."),
        ),
        "database": (
            _("The database did not take the text."),
            _("Ask your administrator to look into the log, then retry what failed."),
        ),
        "nothing_fits": (
            _("No cleared text of the text bank fits the client."),
            _("Add or clear texts for this channel and product in the text bank, then retry what failed."),
        ),
    }
    return known.get(
        code,
        (
            _("The model failed, however often it was asked."),
            _("Retry what failed; if it lasts, call your administrator."),
        ),
    )


def failures(group: Failures) -> tuple[str, str]:
    return failure(group.code, group.tokens, group.limit)


def offer_failure(offer: Offer) -> tuple[str, str]:
    return failure(offer.failure, offer.failure_detail.get("tokens"), offer.failure_detail.get("limit"))


def nobody_to_write(newest: Campaign | None) -> str:
    """Why a campaign was not started; `newest` is the channel's campaign that was faster, where clients have offers."""
    if newest is None:
        return _("No client matches, so there is nothing to write. Choose more clients.")
    return _(
        "All clients of this choice have an offer in this channel already. The newest campaign in it is “%(name)s”,"
        " started by %(person)s. Choose more clients, or allow those who have an offer.",
        name=newest.name,
        person=newest.author.name,
    )


def clients_gone(count: int) -> str:
    return ngettext(
        "%(num)d of the ticked clients is not in this project, or not any more. Tick them again on the clients page.",
        "%(num)d of the ticked clients are not in this project, or not any more. Tick them again on the clients page.",
        count,
    )


def clients_left_out(count: int) -> str:
    """Added to what was begun: who gets nothing since they have an offer; "" for nobody."""
    if not count:
        return ""
    return " " + ngettext(
        "%(num)d client is left out: there is an offer for them in this channel already.",
        "%(num)d clients are left out: they have an offer in this channel already.",
        count,
    )


def time_left(progress: Progress) -> str:
    """Rounded as people do: nobody believes the seconds of an hour."""
    seconds = progress.seconds_left
    if seconds is None:
        return _("Estimating")
    if seconds < 60:
        return _("Less than a minute")
    minutes = round(seconds / 60)
    if minutes < 60:
        return ngettext("About %(num)d minute", "About %(num)d minutes", minutes)
    hours, minutes = divmod(minutes, 60)
    return _("About %(hours)d h %(minutes)d min", hours=hours, minutes=minutes)


def chosen_clients(campaign: Campaign) -> str:
    """How the clients of a campaign were chosen."""
    chosen: dict[str, Any] = campaign.chosen
    if chosen.get("client_ids") is not None:
        return ngettext("%(num)d client, chosen one by one", "%(num)d clients, chosen one by one", chosen["client_ids"])
    parts = []
    asked = "; ".join(said(condition) for condition in chosen.get("conditions", ()))
    if chosen.get("segment"):
        parts.append(_("clients of the segment “%(name)s” (%(words)s)", name=chosen["segment"], words=asked))
    elif asked:
        parts.append(_("clients who match: %(words)s", words=asked))
    if chosen.get("search"):
        parts.append(_("clients whose id begins with “…”; the characters themselves are not kept"))
    if chosen.get("load"):
        parts.append(_("clients of the load “%(load)s”", load=chosen["load"]))
    return "; ".join(parts) or _("all clients")
