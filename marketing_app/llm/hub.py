"""Model files from a model hub: the public one, or a bank's own mirror that speaks its API.

Importing this imports huggingface_hub, which only the command that downloads should wait for.
"""

import errno
import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"  # huggingface_hub reads it when it is imported

from httpx2 import HTTPError, InvalidURL
from huggingface_hub import HfApi, constants, get_hf_file_metadata, hf_hub_url
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.file_download import http_get

from .engine import ModelBroken
from .files import check_model_file
from .parts import part_names

MARK_DIGITS = 12
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MEBIBYTE = 2**20


class HubError(Exception):
    """The file could not be had; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a repository as the hub describes it: `revision` is the exact commit, the size is in bytes."""

    repository: str
    name: str
    revision: str
    size_bytes: int
    sha256: str

    def target(self, directory: Path) -> Path:
        return directory / self.repository / self.name

    def partial(self, directory: Path) -> Path:
        """What has come so far. Its mark keeps it from being continued with another version of the file."""
        target = self.target(directory)
        return target.with_name(f"{target.name}.{self.sha256[:MARK_DIGITS]}.part")

    def missing_bytes(self, directory: Path) -> int:
        """How much is still to come."""
        if _size(self.target(directory)) == self.size_bytes:
            return 0
        return max(0, self.size_bytes - _size(self.partial(directory)))


class Hub:
    """The model hub at `endpoint`, the public one when None; `token` is the key of an account there."""

    def __init__(self, endpoint: str | None = None, token: str | None = None) -> None:
        self._endpoint = (endpoint or constants.ENDPOINT).rstrip("/")
        self._host = urlsplit(self._endpoint).hostname or self._endpoint  # for messages: an address may hold a password
        self._token = token or False  # False: not the key that another program left in the home directory either

    def find(self, repository: str, name: str, revision: str = "main") -> list[HubFile]:
        """The file, with its siblings where the model is split. Raises HubError."""
        path = PurePosixPath(name)
        if path.suffix != ".gguf" or path.is_absolute() or ".." in path.parts:
            raise HubError(f"{name} is not a GGUF file: choose one whose name ends with .gguf.")
        return [self._describe(repository, part, revision) for part in part_names(name)]

    def download(self, file: HubFile, directory: Path) -> Path:
        """Bring the file to `directory`/REPOSITORY/NAME, going on where an earlier attempt broke off, and check it.

        Raises HubError. What came before a connection broke is kept for the next attempt; a file that is not what
        the hub described is removed.
        """
        target, partial = file.target(directory), file.partial(directory)
        if target.is_file() and _digest(target) == file.sha256:
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        self._fetch(file, partial)
        if fault := _fault_of(file, partial):
            partial.unlink()
            raise HubError(fault)
        partial.replace(target)
        return target

    def _fetch(self, file: HubFile, partial: Path) -> None:
        """hf_hub_download itself throws away what came before it was interrupted; a model is too large for that."""
        url = hf_hub_url(file.repository, file.name, revision=file.revision, endpoint=self._endpoint)
        with partial.open("ab") as output, self._explained(file.repository, file.name, file.revision):
            _lock(output.fileno(), file.name)
            if output.tell() > file.size_bytes:  # a server that sent too much
                output.truncate(0)
                output.seek(0)
            http_get(
                url,
                output,
                resume_size=output.tell(),
                headers={"Authorization": f"Bearer {self._token}"} if self._token else None,
                expected_size=file.size_bytes,
                displayed_filename=file.name,
            )

    def _describe(self, repository: str, name: str, revision: str) -> HubFile:
        with self._explained(repository, name, revision):
            url = hf_hub_url(repository, name, revision=revision, endpoint=self._endpoint)
            told = get_hf_file_metadata(url, token=self._token, endpoint=self._endpoint)
        if not (told.commit_hash and told.size and told.etag and _SHA256.fullmatch(told.etag)):
            raise HubError(
                f"{self._host} does not tell the size and the SHA-256 of {name}, so it cannot be checked. See whether "
                "HF_ENDPOINT names a model hub; or bring the file another way and name it by MODEL_PATH."
            )
        return HubFile(repository, name, told.commit_hash, told.size, told.etag)

    @contextmanager
    def _explained(self, repository: str, name: str, revision: str) -> Iterator[None]:
        """Turn the library's errors, and the network's, into sentences that hold no key and no signed address."""
        try:
            yield
        except HFValidationError as error:
            raise HubError(f"{repository} is not the name of a repository; one looks like owner/model.") from error
        except GatedRepoError as error:
            raise HubError(
                f"{repository} is gated: accept its licence on its page at {self._host}, make a key for that account "
                "there and give it by HF_TOKEN."
            ) from error
        except RepositoryNotFoundError as error:
            raise HubError(
                f"No repository {repository} at {self._host}. Check its name; if it is private, give a key by HF_TOKEN."
            ) from error
        except RevisionNotFoundError as error:
            raise HubError(f"{repository} has no revision {revision}: name a branch, a tag or a commit.") from error
        except RemoteEntryNotFoundError as error:
            raise HubError(f"{repository} has no file {name}. {self._choice(repository, revision)}".strip()) from error
        except HfHubHTTPError as error:
            raise HubError(self._answer(error.response.status_code)) from error
        except (HTTPError, InvalidURL, OSError) as error:
            raise HubError(self._breakdown(name, error)) from error

    def _choice(self, repository: str, revision: str) -> str:
        """The files that there are instead."""
        try:
            siblings = HfApi(self._endpoint, token=self._token).model_info(repository, revision=revision).siblings
        except (HTTPError, OSError):
            return ""
        names = [each.rfilename for each in siblings or () if each.rfilename.endswith(".gguf")]
        return "Its GGUF files: " + ", ".join(names) if names else "It has no GGUF file at all."

    def _answer(self, status: int) -> str:
        if status in (401, 403):
            return f"{self._host} refuses the key of HF_TOKEN, or asks for one ({status})."
        return f"{self._host} answers {status}. Try again later; what has come so far is kept."

    def _breakdown(self, name: str, error: Exception) -> str:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            return f"The disk is full: {name} did not fit. Free some space and pull again; what has come is kept."
        if isinstance(error, PermissionError):
            return f"{error.filename or name} may not be written: run as the user to whom INSTANCE_PATH belongs."
        return (
            f"No connection to {self._host}, or it broke ({type(error).__name__}). Pull again to go on from there. "
            "Where the internet is closed, name a mirror by HF_ENDPOINT, or bring a file and name it by MODEL_PATH."
        )


def must_fit(files: Sequence[HubFile], directory: Path) -> None:
    """Raises HubError when the disk has no room for what is still to come."""
    directory.mkdir(parents=True, exist_ok=True)
    missing = sum(file.missing_bytes(directory) for file in files)
    free = shutil.disk_usage(directory).free
    if missing > free:
        raise HubError(
            f"Not enough space in {directory}: {missing // _MEBIBYTE:,} MiB are to come, "
            f"{free // _MEBIBYTE:,} MiB are free. Free some, or name another disk by INSTANCE_PATH."
        )


def _lock(descriptor: int, name: str) -> None:
    """Two downloads must not write to one file. The lock ends with the process, however that ends."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise HubError(f"{name} is being pulled already.") from error


def _fault_of(file: HubFile, path: Path) -> str | None:
    """Why what came is of no use."""
    if _digest(path) != file.sha256:
        return f"The SHA-256 of {file.name} differs from the hub's: damaged on its way. It was removed; pull again."
    try:
        check_model_file(path)
    except ModelBroken:
        return f"{file.name} is not a GGUF file, whatever its name says. It was removed."
    return None


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
