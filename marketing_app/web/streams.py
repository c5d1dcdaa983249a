"""Server-sent events: how a page is kept up to date while something goes on.

One event is the whole fragment so far, never a difference: a browser that loses one still shows the truth.
"""

from collections.abc import Iterable, Iterator

from flask import Response

FIRST_BYTE = ": ok\n\n"
HEARTBEAT = ": still here\n\n"


def event(html: str, name: str | None = None, event_id: int | str | None = None) -> str:
    """One event in the wire format; every line of the data is prefixed, so no text can end the event early."""
    lines = []
    if name:
        lines.append(f"event: {name}")
    if event_id is not None:
        lines.append(f"id: {event_id}")
    lines += [f"data: {line}" for line in html.splitlines() or [""]]
    return "\n".join(lines) + "\n\n"


def stream(events: Iterable[str]) -> Response:
    """A response that sends its first byte at once and is neither cached nor buffered on its way."""

    def body() -> Iterator[str]:
        yield FIRST_BYTE
        yield from events

    return Response(
        body(),
        mimetype="text/event-stream",
        headers={"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"},
    )
