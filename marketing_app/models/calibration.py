"""How sure a model has to be of its words, as measured once for each model."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Model, created_now


class ModelCalibration(Model):
    """The bars of a model in a language (llm.certainty.Bars). Both are NULL where it cannot tell sense from disorder.

    `source` is the file or the address that the model came from: others under the same name have bars of their own.
    """

    __tablename__ = "model_calibration"
    __table_args__ = (
        CheckConstraint("(upper_bar IS NULL) = (lower_bar IS NULL)", name="both_bars"),
        CheckConstraint("lower_bar <= upper_bar", name="bars_in_order"),
    )

    model_name: Mapped[str] = mapped_column(String(200), primary_key=True)
    source: Mapped[str] = mapped_column(String(300), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    upper_bar: Mapped[float | None]
    lower_bar: Mapped[float | None]
    measured_at: Mapped[datetime] = created_now()
