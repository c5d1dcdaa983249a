"""The events by which pages follow campaigns, wherever their workers are.

One thread of the process reads from the database what somebody watches, once a second, and wakes the streams. A
stream holds no connection while it waits, and a page's fragment is rendered once for all who see the same: two
hundred viewers of a campaign ask the database once a second, not two hundred times.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Condition, Lock, Thread
from typing import NamedTuple

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from ..database import db, own_transaction
from ..database_errors import cause_of
from ..web.streams import HEARTBEAT, HEARTBEAT_SECONDS, event
from . import queries
from .queries import CampaignView, Progress

log = structlog.get_logger()

PACE_SECONDS = 1.0

View = CampaignView | tuple[Progress, ...]


class Subject(NamedTuple):
    """What somebody watches: one campaign, or the campaigns of a project."""

    is_project: bool
    id: int


class Viewer(NamedTuple):
    """All who see the same page of a subject."""

    language: str
    time_zone: str
    may_write: bool


class Sight(NamedTuple):
    """A view as the database showed it; `revision` grows when it changes. None when what was watched is gone."""

    revision: int
    view: View | None


class Watched:
    """A subject that somebody watches."""

    def __init__(self) -> None:
        self.sight = Sight(0, None)
        self.viewer_count = 0
        self._rendering = Lock()
        self._pages: dict[Viewer, tuple[Sight, str]] = {}

    def see(self, view: View | None) -> bool:
        """Take what was read; whether it is news."""
        if self.sight.revision and view == self.sight.view:
            return False
        self.sight = Sight(self.sight.revision + 1, view)
        return True

    def page(self, viewer: Viewer, render: Callable[[View], str]) -> tuple[Sight, str]:
        """The newest sight and its HTML, rendered by the first who asks for it."""
        with self._rendering:
            known = self._pages.get(viewer)
            if known is None or known[0] is not self.sight:
                sight = self.sight
                known = self._pages[viewer] = (sight, render(sight.view) if sight.view is not None else "")
            return known


class Reader:
    """Reads what is watched for as long as somebody does."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._watched: dict[Subject, Watched] = {}
        self._is_asked = False
        self._thread: Thread | None = None

    @contextmanager
    def watching(self, app: Flask, subject: Subject) -> Iterator[Watched]:
        with self._changed:
            watched = self._watched.setdefault(subject, Watched())
            watched.viewer_count += 1
            if self._thread is None:
                self._thread = Thread(target=self._read_on, args=(app,), name="campaign-reader", daemon=True)
                self._thread.start()
            if not watched.sight.revision:
                self._ask()
        try:
            yield watched
        finally:
            with self._changed:
                watched.viewer_count -= 1
                if not watched.viewer_count:
                    self._watched.pop(subject, None)

    def wait(self, watched: Watched, seen: int, timeout: float) -> bool:
        """Whether there is something newer than revision `seen`, after at most `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: watched.sight.revision > seen, timeout)

    def look(self) -> None:
        """Read at once: somebody changed something here."""
        with self._changed:
            self._ask()

    def _ask(self) -> None:
        self._is_asked = True
        self._changed.notify_all()

    def _read_on(self, app: Flask) -> None:
        """For as long as the process lives. While the database is away the streams stay open and hear heartbeats."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._watched))
                self._changed.wait_for(lambda: self._is_asked, PACE_SECONDS)
                self._is_asked = False
                watched = dict(self._watched)
            try:
                with app.app_context(), own_transaction():
                    views = read({subject: each.sight.view for subject, each in watched.items()})
            except SQLAlchemyError as error:
                log.warning("campaigns_not_read", **cause_of(error))
                time.sleep(PACE_SECONDS)
                continue
            except Exception:
                log.exception("campaigns_not_read")
                time.sleep(PACE_SECONDS)
                continue
            self._tell(watched, views)

    def _tell(self, watched: Mapping[Subject, Watched], views: Mapping[Subject, View | None]) -> None:
        with self._changed:
            news = [each.see(views[subject]) for subject, each in watched.items()]
            if any(news):
                self._changed.notify_all()


reader = Reader()


def read(known: Mapping[Subject, View | None]) -> dict[Subject, View | None]:
    """What the database says now of these subjects, in a handful of queries for all of them."""
    campaigns = [subject.id for subject in known if not subject.is_project]
    projects = [subject.id for subject in known if subject.is_project]
    before = {subject.id: view for subject, view in known.items() if isinstance(view, CampaignView)}
    by_campaign = queries.views_of(queries.campaigns_by_id(campaigns), before) if campaigns else {}
    by_project = queries.projects_views(projects) if projects else {}
    return {
        subject: by_project.get(subject.id) if subject.is_project else by_campaign.get(subject.id) for subject in known
    }


def is_over(view: View | None) -> bool:
    if isinstance(view, CampaignView):
        return view.progress.is_over
    return view is None or all(progress.is_over for progress in view)


def campaign_events(app: Flask, subject: Subject, viewer: Viewer, render: Callable[[View], str]) -> Iterator[str]:
    """The whole fragment whenever something changed, then `done` when nothing will change any more."""
    db.session.remove()
    seen = 0
    with reader.watching(app, subject) as watched:
        while True:
            if not reader.wait(watched, seen, HEARTBEAT_SECONDS):
                yield HEARTBEAT
                continue
            sight, html = watched.page(viewer, render)
            seen = sight.revision
            if html:
                yield event(html, event_id=seen)
            if is_over(sight.view):
                yield event("", name="done")
                return
