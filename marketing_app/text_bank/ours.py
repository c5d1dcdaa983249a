"""The first content of the text bank: our own continuations, for each channel in the style of its texts.

An upgrade adds the new ones. A text that the bank retired is found by its fingerprint and stays retired.
"""

from collections.abc import Iterable, Iterator

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from ..database import db
from ..llm.continuations import CONTINUATIONS, STYLES
from ..models import BankText, ProductKind, SaleChannel, TextRole
from .services import Described

USUAL_STYLE = "short"
"""Of a channel of the bank's own making."""


def add_our_texts(channels: Iterable[SaleChannel] | None = None) -> int:
    """Put ours in for these channels, or for all, where they are not yet; returns how many were new."""
    channels = db.session.scalars(db.select(SaleChannel)) if channels is None else channels
    columns = [each.columns for channel in channels for each in texts_for(channel)]
    if not columns:
        return 0
    known = set(db.session.scalars(db.select(BankText.fingerprint).where(BankText.is_ours)))
    new = [{**each, "is_ours": True, "cleared_at": func.now()} for each in columns if each["fingerprint"] not in known]
    if not new:
        return 0
    # Another process may begin with the same upgrade, and the bank may have written the same words itself.
    adding = insert(BankText).values(new).on_conflict_do_nothing().returning(BankText.id)
    return len(db.session.scalars(adding).all())


def texts_for(channel: SaleChannel) -> Iterator[Described]:
    """Our texts for a channel. One that is listed under every kind of product is added once, for any kind."""
    style = STYLES.get(channel.key, USUAL_STYLE)
    for language, kinds in CONTINUATIONS.items():
        by_kind = {ProductKind(kind): dict.fromkeys(styles[style]) for kind, styles in kinds.items()}
        common = set.intersection(*(set(texts) for texts in by_kind.values()))
        for text in dict.fromkeys(text for texts in by_kind.values() for text in texts if text in common):
            yield _described(channel, language, text, None)
        for kind, texts in by_kind.items():
            yield from (_described(channel, language, text, kind) for text in texts if text not in common)


def _described(channel: SaleChannel, language: str, text: str, kind: ProductKind | None) -> Described:
    return Described(TextRole.CONTINUATION, language, text, kind, channel_id=channel.id)
