"""How many of 200 people who watch a campaign at once lose their stream: `python -m benchmarks.viewers`.

The real web process, with its own worker and model, serves 200 open streams while a campaign is paused, resumed and
finished. Each person has as many of them as one person may. A stream is lost when it ends or falls silent before the
campaign does, broken when its last page does not say what the database says.
"""

import asyncio
import os
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from subprocess import DEVNULL, Popen

from flask import Flask, current_app

from benchmarks.amounts import amount, read_amounts
from benchmarks.reporting import report
from benchmarks.serving import free_port
from benchmarks.studio import SECRET, application
from marketing_app.campaigns import services
from marketing_app.campaigns.services import ClientChoice
from marketing_app.database import db
from marketing_app.models import Campaign, Project, ProjectUser, User
from marketing_app.web.concurrency import STREAMS_OF_A_PERSON
from tests import factories

READY_SECONDS = 120
WATCH_SECONDS = 300
AGAIN_SECONDS = 0.5
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Amounts:
    viewers: int = amount(200, "open streams")
    texts: int = amount(40, "texts of the campaign")
    rounds: int = amount(3, "campaigns, one after the other")
    pause_seconds: int = amount(3, "how long the campaign runs before its pause, and how long that lasts")


def main() -> int:
    amounts = read_amounts(Amounts, __doc__)
    lost: list[float] = []
    with application() as app, app.app_context(), studio(app) as port:
        project = factories.a_project()
        factories.many_clients(project, amounts.texts)
        cookies = [sign_in(app, person) for person in members(project, amounts.viewers)]
        for _ in range(amounts.rounds):
            lost.append(asyncio.run(watch(port, cookies, project.id, amounts)))
            print(f"{lost[-1]:.0f} of {amounts.viewers} streams lost or broken", flush=True)
    return report("viewers", max(lost), 0, "lower", {"lost or broken": lost})


@contextmanager
def studio(app: Flask) -> Iterator[int]:
    """gunicorn as ./start.sh runs it, on a free port."""
    port = free_port()
    settings = app.config["STUDIO"]
    environment = os.environ | {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "SECRET_KEY": SECRET,
        "INSTANCE_PATH": str(settings.instance_path),
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "gunicorn", "-c", "python:marketing_app.gunicorn", "wsgi:app"]
    process = Popen(command, cwd=ROOT, env=environment, stdout=DEVNULL, stderr=DEVNULL)
    try:
        wait_until_ready(port)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.3)
    raise SystemExit("the web process was not ready in time")


def members(project: Project, viewers: int) -> list[User]:
    """As many as it takes to open so many streams."""
    people = [project.members[0].user]
    while len(people) * STREAMS_OF_A_PERSON < viewers:
        people.append(factories.a_user())
        project.members.append(ProjectUser(user_id=people[-1].id))
    db.session.commit()
    return people


def sign_in(app: Flask, person: User) -> str:
    """The cookie of somebody who is signed in: both processes sign with one secret. Who asks is remembered in the
    application's context, so each has one."""
    with app.app_context():
        data = {"email": person.email, "password": factories.PASSWORD}
        answer = app.test_client().post("/sign-in", data=data)
    return answer.headers["Set-Cookie"].partition(";")[0]


async def watch(port: int, cookies: list[str], project_id: int, amounts: Amounts) -> int:
    """How many of the viewers of one campaign did not see its end as it was."""
    campaign_id = start_campaign(project_id)
    path = f"/projects/{project_id}/campaigns/{campaign_id}/stream"
    turns = islice(cycle(cookies), amounts.viewers)
    viewers = [asyncio.create_task(last_page(port, cookie, path)) for cookie in turns]
    await asyncio.sleep(amounts.pause_seconds)
    await asyncio.to_thread(change, campaign_id, "pause")
    await asyncio.sleep(amounts.pause_seconds)
    await asyncio.to_thread(change, campaign_id, "resume")
    pages = await asyncio.gather(*viewers)
    return sum(page is None or not says_all_is_written(page, amounts.texts) for page in pages)


def start_campaign(project_id: int) -> int:
    project = db.session.get_one(Project, project_id)
    channel = project.channels[0]
    campaign = services.start_campaign(
        channel, channel.versions[0], ClientChoice(), name="Осень", drafts=1, seed=1, author=project.members[0].user
    )
    db.session.commit()
    return campaign.id


def change(campaign_id: int, what: str) -> None:
    """In a thread of its own, so in a session of its own."""
    with current_app.app_context():
        campaign = db.session.get_one(Campaign, campaign_id)
        (services.pause_campaign if what == "pause" else services.resume_campaign)(campaign)
        db.session.commit()
        db.session.remove()


async def last_page(port: int, cookie: str, path: str) -> str | None:
    """The last fragment before the event `done`; None when that did not come. A stream ends after a minute, and the
    viewer asks for it again, as a browser does."""
    try:
        async with asyncio.timeout(WATCH_SECONDS):
            while (page := await read_stream(port, cookie, path)) is None:
                await asyncio.sleep(AGAIN_SECONDS)
            return page
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return None


async def read_stream(port: int, cookie: str, path: str) -> str | None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()
    seen: list[str] = []
    page = None
    while line := (await reader.readline()).decode():
        if line.startswith("data:"):
            seen.append(line)
        elif line.startswith("event: done"):
            writer.close()
            return page
        elif not line.strip() and seen:
            page, seen = "".join(seen), []
    return None


def says_all_is_written(page: str, count: int) -> bool:
    return re.search(rf'data-state="ready">[^<]*?{count}\b', page) is not None


if __name__ == "__main__":
    sys.exit(main())
