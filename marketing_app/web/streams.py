"""Server-sent events: how a page is kept up to date while something goes on.

One event is the whole fragment so far, never a difference: a browser that loses one still shows the truth.
"""

import time
from collections.abc import Iterable, Iterator

from flask import Response, stream_with_context

from ..access import while_admitted
from .concurrency import begin_stream

FIRST_BYTE = ": ok\n\n"
HEARTBEAT = ": still here\n\n"
HEARTBEAT_SECONDS = 2.0
"""A stream that was left holds its thread until it sends bytes that nobody takes, and the streams of a browser take
turns, so that they are left often."""
LONGEST_SECONDS = 60.0
"""The browser asks for the stream again then."""


def event(html: str, name: str | None = None, event_id: int | str | None = None) -> str:
    """One event in the wire format; every line of the data is prefixed, so no text can end the event early."""
    lines = []
    if name:
        lines.append(f"event: {name}")
    if event_id is not None:
        lines.append(f"id: {event_id}")
    lines += [f"data: {line}" for line in html.splitlines() or [""]]
    return "\n".join(lines) + "\n\n"


def stream(events: Iterable[str], longest_seconds: float | None = None) -> Response:
    """A response that sends its first byte at once and is neither cached nor buffered on its way.

    It ends when its person may not see it any more, and after `longest_seconds`, LONGEST_SECONDS by default, whether or
    not there are more events. Raises TooManyAtOnce.
    """
    ends_at = time.monotonic() + (longest_seconds or LONGEST_SECONDS)
    admitted = stream_with_context(while_admitted(events))

    def body() -> Iterator[str]:
        yield FIRST_BYTE
        for each in admitted:
            yield each
            if time.monotonic() >= ends_at:
                return

    end = begin_stream()
    response = Response(
        body(),
        mimetype="text/event-stream",
        headers={"Cache-Control": "no-transform", "X-Accel-Buffering": "no"},
    )
    response.call_on_close(end)
    return response
