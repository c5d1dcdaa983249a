"""What the models wrote lately."""

from dataclasses import dataclass

from sqlalchemy import func, text

from ..database import db
from ..models import DraftState, Message, MessageRole


@dataclass(frozen=True)
class Throughput:
    """What one model wrote within the last hour. `seconds` is the time it worked, summed over its texts; `minutes` is
    the time since the first of them was begun, at least one."""

    model_name: str
    text_count: int
    token_count: int
    seconds: float
    minutes: float

    @property
    def texts_per_minute(self) -> float:
        return self.text_count / self.minutes

    @property
    def tokens_per_second(self) -> float:
        return self.token_count / self.seconds if self.seconds else 0.0


def throughput() -> list[Throughput]:
    """By model, the busiest first. Bounded by the hour, and read from ix_message_written alone."""
    age_in_minutes = func.extract("epoch", func.now() - func.min(Message.created_at)) / 60
    query = (
        db.select(
            Message.model_name,
            func.count(),
            func.sum(Message.token_count),
            func.sum(Message.seconds),
            func.greatest(1, age_in_minutes),
        )
        .where(
            Message.role == MessageRole.DRAFT,
            Message.state == DraftState.READY,
            Message.created_at > func.now() - text("interval '1 hour'"),
        )
        .group_by(Message.model_name)
        .order_by(func.count().desc(), Message.model_name)
    )
    return [
        Throughput(name, texts, int(tokens), float(seconds), float(minutes))
        for name, texts, tokens, seconds, minutes in db.session.execute(query)
    ]
