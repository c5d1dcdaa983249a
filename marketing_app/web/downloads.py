"""Names of files that people take away."""

import re
import unicodedata

LONGEST_NAME = 80
"""Characters of up to three bytes; a file system takes 255 bytes."""
_OTHER_SIGNS = re.compile(r"[^\w.,()+-]+")


def file_name(written: str, suffix: str) -> str:
    """A name out of what somebody else wrote, with the suffix of what is in the file.

    It has letters and digits of any language and a few signs. Quotation marks and line ends would break a header,
    slashes name a folder, and marks that turn the direction of writing hide the true suffix.
    """
    plain = _OTHER_SIGNS.sub(" ", unicodedata.normalize("NFC", written))
    return (plain[:LONGEST_NAME].strip(" .,-") or "clients") + suffix
