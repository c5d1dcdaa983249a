"""Two versions of a channel's prompt beside each other, both tried, and an old one used again, in the browser."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf

from flask import Response, abort, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from ..access import project_access, within
from ..database import db
from ..language_model.wording import refusal
from ..llm.engine import Engine, EngineError
from ..llm.registry import model
from ..models import Project, ProjectSaleChannel, PromptVersion
from ..offers.prompting import fields_of
from ..offers.services import must_be_active
from ..web.arguments import asked
from ..web.differences import differences
from ..web.fields import row_number
from ..web.fragments import go_to
from ..web.streams import event, stream
from . import queries, services
from .prompt_checks import secret_fields
from .trials import LARGEST_SEED, Trial, states, trial_of
from .views import bp, version_numbered

HEARTBEAT_SECONDS = 5.0
"""So long a trial goes on at most after its page was closed."""


@dataclass(frozen=True)
class TwoVersions:
    """Those of a channel's versions that a page shows, by their side."""

    channel: ProjectSaleChannel
    versions: Sequence[PromptVersion]
    sides: dict[str, PromptVersion]


@bp.get("/projects/<int:project_id>/channels/<int:channel_id>/versions")
@project_access("view")
def compare_versions(project: Project, channel_id: int) -> ResponseReturnValue:
    """What differs in their words."""
    asked = _asked_versions(project, channel_id)
    left, right = asked.sides.values()
    parts = dict(zip(asked.sides, differences(left.text, right.text), strict=True))
    return render_template("projects/prompt_versions.html", project=project, **vars(asked), parts=parts)


@bp.get("/projects/<int:project_id>/channels/<int:channel_id>/versions/trial")
@project_access("edit")
def try_versions(project: Project, channel_id: int) -> ResponseReturnValue:
    """What both would write for the same ten clients; a seed says that it is to be written now."""
    must_be_active(project)
    asked = _asked_versions(project, channel_id)
    seeds = {"seed": _asked_seed(), "next_seed": secrets.randbelow(LARGEST_SEED)}
    return render_template("projects/trial.html", project=project, **vars(asked), **seeds)


@bp.get("/projects/<int:project_id>/channels/<int:channel_id>/versions/trial/stream")
@project_access("edit")
def trial_stream(project: Project, channel_id: int) -> Response:
    must_be_active(project)
    asked = _asked_versions(project, channel_id)
    try:
        trial, engine = trial_of(asked.channel, [*asked.sides.values()], _asked_seed() or 0), model.engine()
    except EngineError as error:
        alert = render_template("projects/_trial_refused.html", reason=refusal(error))
        return stream([event(alert), event("", name="done")])
    # Asked for again it would begin anew.
    return stream(_trial_events(project.id, trial, engine), longest_seconds=inf)


@bp.post("/projects/<int:project_id>/channels/<int:channel_id>/versions/restore")
@project_access("edit")
def restore_version(project: Project, channel_id: int) -> ResponseReturnValue:
    channel = within(project, ProjectSaleChannel, channel_id)
    old = version_numbered(channel, asked("version", row_number) or abort(400))
    for finding in secret_fields(fields_of(project), old.text):
        flash(_(finding.message, **finding.values), "warning")
        return go_to("projects.prompt", project_id=project.id, channel_id=channel.id, version=old.number)
    based_on, note = asked("based_on", row_number, 0), _("The text of version %(n)d again", n=old.number)
    version = services.save_prompt(channel, old.text, based_on, current_user, note)
    db.session.commit()
    flash(_("Version %(n)d is the channel's prompt now.", n=version.number), "success")
    return go_to("projects.prompt", project_id=project.id, channel_id=channel.id)


def _asked_versions(project: Project, channel_id: int) -> TwoVersions:
    """The newest on the right and the one before it on the left, unless others are asked for."""
    channel = within(project, ProjectSaleChannel, channel_id)
    versions = queries.versions_of(channel)
    right = version_numbered(channel, asked("right", row_number, versions[0].number))
    left = version_numbered(channel, asked("left", row_number, versions[:2][-1].number))
    return TwoVersions(channel, versions, {"left": left, "right": right})


def _asked_seed() -> int | None:
    seed = asked("seed", row_number)
    return None if seed is None else seed % LARGEST_SEED


def _trial_events(project_id: int, trial: Trial, engine: Engine) -> Iterator[str]:
    """No database connection is held while the model writes."""
    db.session.remove()
    for state in states(trial, engine, HEARTBEAT_SECONDS):
        yield event(render_template("projects/_trial.html", project_id=project_id, state=state))
    yield event("", name="done")
