"""Builds the image and runs it: `python -m tests.deployment.image`, as root on a Debian with buildah and debootstrap.

No container engine and no registry of images is needed. buildah builds the Dockerfile from nothing, on bases out of
Debian's packages. Then the image's own command gets ready over an empty volume and a real PostgreSQL, somebody signs
in and has an offer written, SIGTERM ends it within the grace of compose.yaml, and it starts again on the same volume.
A step that fails ends the script with its error. The seconds of each step come at the end; nothing is left behind.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.serving import free_port
from marketing_app.demonstration.services import PERFORMER
from tests.deployment.container_files import ROOT, arguments_of, compose
from tests.deployment.image.bases import make_bases
from tests.deployment.image.buildah import Store
from tests.deployment.image.container import Container
from tests.deployment.image.postgres import database
from tests.deployment.image.registries import volumes
from tests.deployment.image.visitor import Visitor, the_one

IMAGE = "marketing-studio"
SECRET = "only-for-this-run-" * 2


class Figures:
    """What was measured, in the order of the steps."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        print(f"• {name}", flush=True)
        begun = time.monotonic()
        yield
        self.add(name, f"{time.monotonic() - begun:.1f} s")

    def add(self, name: str, figure: str) -> None:
        self._lines.append(f"  {name:<48} {figure:>10}")

    def show(self) -> None:
        print("\n".join(["", *self._lines]))


def main() -> None:
    figures = Figures()
    with TemporaryDirectory(prefix="studio-image-") as name:
        directory = Path(name)
        directory.chmod(0o755)  # for the users of the image and of the database
        store = Store(directory / "store")
        try:
            build(store, directory, figures)
            use(store, directory, figures)
        finally:
            store.remove()
    figures.show()


def build(store: Store, directory: Path, figures: Figures) -> None:
    machine = volumes(directory)
    with figures.step("Making the images that the Dockerfile names"):
        make_bases(store, machine)
    with figures.step("Building the image"):
        store.build(ROOT, IMAGE, machine)
    figures.add("The image", store.size(IMAGE))
    figures.add("of it the base, which is not the published one", store.size(arguments_of("FROM")[-1].split()[0]))


def use(store: Store, directory: Path, figures: Figures) -> None:
    volume = directory / "volume"
    volume.mkdir()
    settings = store.settings(IMAGE)
    grace = int(compose()["services"]["web"]["stop_grace_period"].removesuffix("s"))
    with store.files(IMAGE) as files, database(directory / "database") as address:
        variables = {"DATABASE_URL": address, "SECRET_KEY": SECRET, "PORT": str(free_port())}
        with Container(files, settings, volume, variables) as container:
            with figures.step("Starting, with an empty volume"):
                container.wait_until_ready()
            container.check_health()
            container.run("flask", "--app", "marketing_app", "demo", "load", APP_ENV="development")
            visitor = Visitor(container.address)
            with figures.step("Signing in"):
                home = visitor.sign_in(PERFORMER)
            with figures.step("Writing an offer"):
                offer = visitor.write_offer(the_one(r'href="(/projects/\d+)', home))
            text = visitor.text_of(offer)
            with figures.step(f"Stopping (at most {grace} s)"):
                container.stop(grace)
        with Container(files, settings, volume, variables) as container:
            with figures.step("Starting again, on the same volume"):
                container.wait_until_ready()
            assert visitor.text_of(offer) == text
            with figures.step("Stopping again"):
                container.stop(grace)
    print(f"\nThe offer: {text}")


if __name__ == "__main__":
    main()
