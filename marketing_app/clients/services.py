"""What a marketer does with the clients of a project: ask for some of them, and keep the question as a segment."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.exc import IntegrityError

from ..database import db
from ..dictionary.services import fields_of
from ..models import ClientField, ClientImport, Project, Segment, User
from ..projects.services import must_be_active
from .conditions import Condition, Problem, Subject, described, from_json, problem_of, subjects_of, to_json
from .matching import expression

LOADS_OFFERED = 50


class SegmentError(Exception):
    """A segment that cannot be kept."""


class NameTaken(SegmentError):
    """Another segment of the project is called so."""


class NothingAsked(SegmentError):
    """Without a condition a segment would be all clients, and a campaign for it a surprise."""


class BadConditions(SegmentError):
    """Conditions that match nobody because something is wrong with one of them."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def asked_subjects(project: Project, fields: Iterable[ClientField]) -> dict[str, Subject]:
    """Whatever a condition can be about in the project, by name; `fields` are those of its dictionary."""
    loads = db.select(ClientImport.id, ClientImport.source).filter_by(project_id=project.id)
    newest = db.session.execute(loads.order_by(ClientImport.id.desc()).limit(LOADS_OFFERED))
    return subjects_of(fields, {str(number): source for number, source in newest})


def matching(project: Project, conditions: Collection[Condition]) -> ColumnElement[bool]:
    """Of Client: one of the project's, of whom all the conditions are true."""
    return expression(project.id, conditions, asked_subjects(project, fields_of(project)))


def described_all(project: Project, conditions: Iterable[Condition]) -> list[dict[str, Any]]:
    """The conditions with what their words are made of (see `conditions.described`), for a campaign to keep."""
    subjects = asked_subjects(project, fields_of(project))
    return [described(each, subjects[each.subject]) for each in conditions if each.subject in subjects]


def segments_of(project: Project) -> Sequence[Segment]:
    query = db.select(Segment).filter_by(project_id=project.id)
    return db.session.scalars(query.order_by(db.func.lower(Segment.name))).all()


def save_segment(project: Project, name: str, conditions: Collection[Condition], author: User) -> Segment:
    """Raises ProjectArchived, NameTaken, NothingAsked or BadConditions."""
    must_be_active(project)
    segment = Segment(project_id=project.id, name=name, conditions=_kept(project, conditions), author_id=author.id)
    _flush_named(segment)
    return segment


def change_segment(project: Project, segment: Segment, name: str, conditions: Collection[Condition]) -> None:
    """Raises as `save_segment` does."""
    must_be_active(project)
    segment.conditions = _kept(project, conditions)
    segment.name = name
    _flush_named(segment)


def remove_segment(project: Project, segment: Segment) -> None:
    """Campaigns that were started for it keep its words. Raises ProjectArchived."""
    must_be_active(project)
    db.session.delete(segment)
    db.session.flush()


def conditions_of(segment: Segment) -> tuple[Condition, ...]:
    return from_json(segment.conditions)


def _kept(project: Project, conditions: Collection[Condition]) -> list[dict[str, Any]]:
    complete = [each for each in conditions if each.is_complete]
    if not complete:
        raise NothingAsked
    problem = problem_of(complete, asked_subjects(project, fields_of(project)))
    if problem:
        raise BadConditions(problem)
    return to_json(complete)


def _flush_named(segment: Segment) -> None:
    """The database keeps the names of a project's segments apart."""
    try:
        with db.session.begin_nested():
            db.session.add(segment)
    except IntegrityError as error:
        raise NameTaken from error
