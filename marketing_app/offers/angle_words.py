"""Why a benefit is said to a client, in words."""

from collections.abc import Iterable

from flask_babel import gettext as _

from ..clients.conditions import from_json
from ..clients.wording import sentence
from ..models import Benefit, ClientField
from .angles import angle_subjects


def whom_they_suit(benefits: Iterable[Benefit], fields: Iterable[ClientField]) -> dict[int, str]:
    """The clients of each benefit by its id: "age up to 35; owns a car: yes". `fields` are those of the dictionary."""
    subjects = angle_subjects(fields)
    return {each.id: sentence(from_json(each.conditions), subjects) or _("everybody") for each in benefits}
