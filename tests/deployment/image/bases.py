"""The images that the Dockerfile begins from, made where no registry of images is reached: bases.Dockerfile on a Debian
of its packages alone."""

import re
import subprocess
from pathlib import Path

from tests.deployment.container_files import base_images
from tests.deployment.image.buildah import Store
from tests.deployment.image.registries import debian_archive

ROOT = Path(__file__).parents[3]
BASES = Path(__file__).with_name("bases.Dockerfile")
LIBRARY = "docker.io/library/"
"""What a name without a registry belongs to."""
RELEASE = "bookworm"
DEBIAN = f"debian:{RELEASE}-slim"


def make_bases(store: Store, volumes: list[str]) -> None:
    """Make every image that the Dockerfile names, under its name; a stage of bases.Dockerfile is called like it."""
    make_debian(store)
    (wheel,) = re.findall(r"^nodejs\S+", (ROOT / ".requirements/node.txt").read_text(), re.MULTILINE)
    for image in base_images():
        stage = image.partition(":")[0]
        options = ["--layers", f"--file={BASES}", f"--target={stage}", f"--build-arg=NODE_WHEEL={wheel}"]
        store.build(BASES.parent, LIBRARY + image, volumes, *options)


def make_debian(store: Store) -> None:
    with store.making(LIBRARY + DEBIAN) as files:
        # Certificates are bound over during a build, so they cannot be installed in one.
        options = ["--variant=minbase", "--include=ca-certificates"]
        subprocess.run(["debootstrap", *options, RELEASE, str(files), debian_archive()], check=True)
        for archive in (files / "var/cache/apt/archives").glob("*.deb"):
            archive.unlink()
