"""Pictures that people send: checked, made small, written anew, so that nothing of the file sent is ever served."""

import io
import secrets
import warnings
from pathlib import Path

from PIL import Image, UnidentifiedImageError

LARGEST_BYTES = 2 * 2**20
LARGEST_PIXELS = 40_000_000
LARGEST_SIDE = 800
FORMATS = ("PNG", "JPEG", "WEBP")

# Pillow raises an error for a very large picture and only warns of a large one; both are too large here.
warnings.simplefilter("error", Image.DecompressionBombWarning)


class BadImage(Exception):
    """The file is not a picture of a known form, or it is damaged."""


class ImageTooLarge(Exception):
    """The picture has too many bytes or pixels."""


def directory_of(instance: Path) -> Path:
    """Where pictures are kept."""
    return instance.resolve() / "images"


def keep_image(content: bytes, instance: Path) -> str:
    """Store a picture as WebP of at most 800 by 800 pixels; returns its name. Raises BadImage or ImageTooLarge."""
    if len(content) > LARGEST_BYTES:
        raise ImageTooLarge
    picture = _opened(content)
    if picture.width * picture.height > LARGEST_PIXELS:
        raise ImageTooLarge
    try:
        small = picture.convert("RGBA" if picture.mode in ("RGBA", "LA", "P") else "RGB")
        small.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    except (OSError, ValueError, SyntaxError) as error:
        raise BadImage from error
    directory = directory_of(instance)
    directory.mkdir(parents=True, exist_ok=True)
    name = f"{secrets.token_hex(16)}.webp"
    small.save(directory / name, "WEBP")
    return name


def remove_image(name: str, instance: Path) -> None:
    if name:
        (directory_of(instance) / name).unlink(missing_ok=True)


def _opened(content: bytes) -> Image.Image:
    """The header is read, not the pixels: their number is known before any memory is spent on them."""
    try:
        return Image.open(io.BytesIO(content), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageTooLarge from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadImage from error
