"""How many answers one person is given at a time, and how many streams there are at a time.

Each holds a thread of the web process: a stream for a minute, any other for as long as it is sent or taken slowly.
Without bounds one member could hold every thread. Counted in memory: the application is one web process.
"""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from functools import partial
from threading import Lock

from flask import Flask, Response, current_app, g
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wsgi import ClosingIterator

from ..access import PUBLIC, rule_of_request
from .errors import error_page, out_of_service

STREAMS_OF_A_PERSON = 16
"""The streams of a browser take turns, and one that it left goes on until its next heartbeats fail: a few browsers."""
LEAST_OF_A_PERSON = 16
"""A page asks for its pictures at once."""


class Bound(Enum):
    """What is bounded."""

    ANSWERS_OF_A_PERSON = auto()
    STREAMS_OF_A_PERSON = auto()
    STREAMS = auto()


class TooManyAtOnce(Exception):
    """There are as many at a time as there may be."""

    def __init__(self, bound: Bound, most: int) -> None:
        super().__init__(bound, most)
        self.bound, self.most = bound, most


class Running:
    """The answers that are being given, each with the bounds under which it counts."""

    def __init__(self) -> None:
        self._counted: dict[object, frozenset[tuple[Bound, int | None]]] = {}
        self._counting = Lock()

    def begin(self, bounds: Mapping[Bound, int], person_id: int) -> Callable[[], object]:
        """Count one more; what is returned ends it, and may be called again. Raises TooManyAtOnce."""
        keys = {bound: (bound, None if bound is Bound.STREAMS else person_id) for bound in bounds}
        answer = object()
        with self._counting:
            for bound, most in bounds.items():
                if sum(keys[bound] in each for each in self._counted.values()) >= most:
                    raise TooManyAtOnce(bound, most)
            self._counted[answer] = frozenset(keys.values())
        return partial(self._counted.pop, answer, None)

    def forget(self) -> None:
        self._counted.clear()


running = Running()


def begin_stream() -> Callable[[], object]:
    """Count a stream of the signed-in person; what is returned ends it. Some threads are kept for pages.

    Raises TooManyAtOnce.
    """
    threads = current_app.config["STUDIO"].threads
    bounds = {Bound.STREAMS_OF_A_PERSON: STREAMS_OF_A_PERSON, Bound.STREAMS: threads - max(2, threads // 8)}
    return running.begin(bounds, current_user.id)


def begin_answer() -> None:
    """Count what signed-in people ask for, after access.guard. Nobody is looked up for what everybody may see."""
    if rule_of_request() != PUBLIC:
        most = max(LEAST_OF_A_PERSON, current_app.config["STUDIO"].threads // 4)
        g.end_answer = running.begin({Bound.ANSWERS_OF_A_PERSON: most}, current_user.id)


def end_answer_with(response: Response) -> Response:
    if "end_answer" in g:
        end = g.pop("end_answer")
        response.call_on_close(end)
        if response.direct_passthrough:
            # A file is handed to the server as it is: the server closes the file, and never the response.
            response.response = ClosingIterator(response.response, end)  # type: ignore[arg-type]  # bytes of a file
    return response


def end_what_got_no_answer(_error: BaseException | None) -> None:
    """As when the page that says what went wrong fails too."""
    if "end_answer" in g:
        g.pop("end_answer")()


def too_many_at_once(error: TooManyAtOnce) -> Response:
    """A page that was to be live says it, and asks for its stream again (see static/js/stream.js)."""
    if error.bound is Bound.STREAMS:
        return out_of_service(
            _("Too many live pages are open in the studio"),
            _("This page shows news again when others are closed; until then, reload it to see the newest state."),
        )
    if error.bound is Bound.STREAMS_OF_A_PERSON:
        title = _("You have too many live pages open")
        advice = _("At most %(n)d of them show news at a time. This one does when you close others.", n=error.most)
    else:
        title = _("You have asked for too much at once")
        advice = _("One person is given at most %(n)d answers at a time. Wait for some, then try again.", n=error.most)
    response = error_page(429, title, advice)
    response.headers["Retry-After"] = "10"
    return response


def init_app(app: Flask) -> None:
    app.before_request(begin_answer)
    app.after_request(end_answer_with)
    app.teardown_request(end_what_got_no_answer)
    app.register_error_handler(TooManyAtOnce, too_many_at_once)
