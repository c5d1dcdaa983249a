"""Sources of clients between the first look and the load: kept, read again, opened, forgotten."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlalchemy import func, text

from ..database import db
from ..imports.errors import SourceChanged
from ..imports.files import open_file
from ..imports.kept_rows import KeptRows
from ..imports.reading import Limits, Reading
from ..imports.source import Source
from ..models import ClientSource, ClientSourcePart, SourceKind

KEPT_DAYS = 7


@contextmanager
def opened(source: ClientSource) -> Iterator[Source]:
    """The rows of a kept source, out of a file of this machine's own. Raises SourceError."""
    with NamedTemporaryFile() as file:
        digest = hashlib.sha256()
        parts = db.select(ClientSourcePart.content).filter_by(source_id=source.id).order_by(ClientSourcePart.number)
        for content in db.session.scalars(parts.execution_options(yield_per=1)):
            digest.update(content)
            file.write(content)
        file.flush()
        if digest.hexdigest() != source.digest:
            raise SourceChanged
        path = Path(file.name)
        if source.kind is not SourceKind.FILE:
            yield KeptRows(path, source.row_count)
            return
        with open_file(path, Limits(max_bytes=source.byte_count), Reading.from_dict(source.settings)) as table:
            yield table


def discard(source: ClientSource) -> None:
    db.session.delete(source)
    db.session.flush()


def remove_abandoned_sources() -> None:
    """Forget sources that nobody went on with for a week: they hold clients' data."""
    deadline = func.now() - text(f"interval '{KEPT_DAYS} days'")
    db.session.execute(db.delete(ClientSource).where(ClientSource.touched_at < deadline))
