"""The events by which a page follows one draft, whoever writes it."""

import time
from collections.abc import Iterator

from flask import render_template

from ..database import db
from ..models import DraftState, Message
from ..web.streams import HEARTBEAT, HEARTBEAT_SECONDS, event
from . import writing
from .wording import draft_failure
from .writing import LiveDraft

PACE_SECONDS = 0.15
ELSEWHERE_SECONDS = 1.0


def draft_events(project_id: int, offer_id: int, draft_id: int) -> Iterator[str]:
    """The whole text so far whenever it grew, then the end.

    No database connection is held while waiting: two hundred viewers must not need two hundred of them.
    """
    names = {"project_id": project_id, "offer_id": offer_id, "draft_id": draft_id}
    db.session.remove()
    live = writing.live_draft(draft_id)
    yield from _follow(live, names) if live else _follow_elsewhere(names)
    yield from _end(names)


def _follow(live: LiveDraft, names: dict[str, int]) -> Iterator[str]:
    """A draft of this process: its own thread wakes us."""
    seen = -1
    while not live.is_stored:
        progress = live.wait(seen, HEARTBEAT_SECONDS)
        if progress is None:
            if not live.is_stored:
                yield HEARTBEAT
            continue
        seen = progress.revision
        yield event(render_template("offers/_progress.html", progress=progress, **names), event_id=seen)
        time.sleep(PACE_SECONDS)


def _follow_elsewhere(names: dict[str, int]) -> Iterator[str]:
    """A draft that another process writes: look into the database now and then."""
    seen = None
    while True:
        writing.close_abandoned()
        db.session.commit()
        draft = db.session.get(Message, names["draft_id"])
        is_writing = draft is not None and draft.state is DraftState.WRITING
        progress = writing.progress_of(draft) if draft else None
        db.session.remove()
        if not is_writing:
            return
        if progress != seen:
            yield event(render_template("offers/_progress.html", progress=progress, **names))
            seen = progress
        else:
            yield HEARTBEAT
        time.sleep(ELSEWHERE_SECONDS)


def _end(names: dict[str, int]) -> Iterator[str]:
    """The finished message, with the text of the text bank that came after it; for a failure an event of its own,
    with what to do next; then `done`.

    Only that when the client was erased meanwhile.
    """
    draft = db.session.get(Message, names["draft_id"])
    finished = event(render_template("offers/_ended.html", message=draft, **names)) if draft else ""
    failed = event(draft_failure(draft), name="failed") if draft and draft.state is DraftState.FAILED else ""
    db.session.remove()
    if finished:
        yield finished
    if failed:
        yield failed
    yield event("", name="done")
