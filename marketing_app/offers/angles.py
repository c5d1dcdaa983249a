"""Which benefit of a product an offer is to say first of all: of those that suit the client, one with most conditions.

Benefits that suit a client equally well are spread over the clients by a hash of their ids, the same every time. A
benefit with a condition on a field that the project's dictionary lacks, or keeps secret, suits nobody: a text would
hint at what it must not know.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, cast, func, literal, null
from sqlalchemy.dialects.postgresql import ARRAY, array

from ..checks.findings import Facts, Severity
from ..clients.conditions import Subject, from_json, subjects_of
from ..clients.matching import expression
from ..database import db
from ..dictionary.services import fields_of
from ..models import Benefit, Client, Project, ProjectSaleChannel, Sensitivity
from .checking import check_draft, facts_of
from .prompting import frame_of

LARGEST_HASH = 2**31 - 1


def benefits_for(project_channel: ProjectSaleChannel) -> list[Benefit]:
    """The product's benefits that may be said in the channel: no rule blocks there what their words add to its name."""
    benefits = project_channel.project.product.benefits
    if not benefits:
        return []
    facts = facts_of(frame_of(project_channel), None, "")
    usual = _blocking(facts.product.name, facts)
    return [each for each in benefits if _blocking(f"{facts.product.name}: {each.text}", facts) <= usual]


def benefit_of(project_channel: ProjectSaleChannel, client: Client) -> Benefit | None:
    """The one that suits the client best; None when there is none."""
    benefits = benefits_for(project_channel)
    if not benefits:
        return None
    chosen = db.session.scalar(db.select(best(project_channel.project, benefits)).where(Client.id == client.id))
    return next((each for each in benefits if each.id == chosen), None)


def best(project: Project, benefits: Sequence[Benefit]) -> ColumnElement[int | None]:
    """Of Client: the id of the benefit that suits best, NULL when none does."""
    subjects = _subjects(project)
    ranked = sorted(benefits, key=lambda each: -len(each.conditions))
    levels = [_one_of(project, [*each], subjects) for _count, each in groupby(ranked, lambda one: len(one.conditions))]
    return func.coalesce(*levels, type_=Integer) if levels else cast(null(), Integer)


def words_of_benefit(benefits: Sequence[Benefit], chosen: ColumnElement[int | None]) -> ColumnElement[str]:
    """The text of the benefit whose id is `chosen`; "" for none."""
    texts = [(chosen == each.id, literal(each.text)) for each in benefits]
    return case(*texts, else_="") if texts else literal("")


def _one_of(project: Project, benefits: Sequence[Benefit], subjects: dict[str, Subject]) -> ColumnElement[int | None]:
    """One of the benefits that suit the client, of equally many conditions."""
    suits = {each.id: expression(project.id, from_json(each.conditions), subjects) for each in benefits}
    fitting: list[ColumnElement[Any]] = [case((is_true, number)) for number, is_true in suits.items()]
    ids = func.array_remove(cast(array(fitting), ARRAY(Integer)), null(), type_=ARRAY(Integer))
    hashed = func.hashint8(Client.id, type_=Integer).op("&", return_type=Integer())(LARGEST_HASH)
    return ids[1 + func.mod(hashed, func.nullif(func.cardinality(ids), 0))]


def _subjects(project: Project) -> dict[str, Subject]:
    """What a benefit's conditions may be about: the fields of the project's dictionary that are not secret."""
    told = [field for field in fields_of(project) if field.sensitivity is not Sensitivity.SECRET]
    return {name: subject for name, subject in subjects_of(told, {}).items() if subject.key}


def _blocking(text: str, facts: Facts) -> set[str]:
    """The rules that block a text."""
    return {finding.rule for finding in check_draft(text, facts) if finding.severity is Severity.BLOCK}
