"""Which benefit of a product an offer is to say first of all: of those that suit the client, one with most conditions.

Benefits that suit a client equally well are spread over the clients by a hash of their ids, the same every time. A
benefit with a condition on a field that the project's dictionary lacks, or keeps secret, suits nobody: a text would
hint at what it must not know.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, cast, func, literal, null
from sqlalchemy.dialects.postgresql import ARRAY, array

from ..checks.findings import Facts, Severity
from ..clients.conditions import Subject, from_json, subjects_of
from ..clients.matching import expression
from ..database import db
from ..dictionary.services import fields_of
from ..models import Benefit, Client, ClientField, Project, ProjectSaleChannel, Sensitivity
from .checking import check_draft, facts_of
from .prompting import Frame, frames_of

LARGEST_HASH = 2**31 - 1
BEST, NONE = 0, -1
"""What a person may ask for instead of one benefit's id: the one that suits the client best, or none."""


@dataclass(frozen=True)
class Benefits:
    """Those that may be said to one client in one channel: the ones that suit, the best first, and the others.

    No words stand there twice: of benefits that say the same for different clients it is the one that suits better.
    """

    suiting: tuple[Benefit, ...] = ()
    others: tuple[Benefit, ...] = ()

    @property
    def best(self) -> Benefit | None:
        return next(iter(self.suiting), None)

    @property
    def all(self) -> tuple[Benefit, ...]:
        return self.suiting + self.others

    def asked(self, number: int) -> Benefit | None:
        """The one with this id, or what BEST and NONE stand for; none too when it may not be said any more."""
        return self.best if number == BEST else next((each for each in self.all if each.id == number), None)

    def after(self, words: str) -> Benefit | None:
        """The next one in turn that is not said in these words; None when no other is left."""
        said = next((place for place, each in enumerate(self.all) if each.text == words), -1)
        turn = self.all[said + 1 :] + self.all[: max(said, 0)]
        return next(iter(turn), None)


def benefits_for(project_channel: ProjectSaleChannel) -> list[Benefit]:
    """The product's benefits that may be said in the channel: no rule blocks there what their words add to its name."""
    return benefits_of_channels([project_channel])[project_channel.id]


def benefits_of_channels(channels: Collection[ProjectSaleChannel]) -> dict[int, list[Benefit]]:
    """The same of several channels of one project, by the channels' ids."""
    benefits = next(iter(channels)).project.product.benefits if channels else []
    if not benefits:
        return {channel.id: [] for channel in channels}
    may_say = {number: _rule_of(frame) for number, frame in frames_of(channels).items()}
    return {number: [each for each in benefits if is_allowed(each)] for number, is_allowed in may_say.items()}


def benefits_of_project(project: Project) -> list[Benefit]:
    """The product's benefits that may be said in one of the project's channels at least; all while it has none."""
    benefits = project.product.benefits
    if not benefits or not project.channels:
        return benefits
    may_say = [_rule_of(frame) for frame in frames_of(project.channels).values()]
    return [each for each in benefits if any(is_allowed(each) for is_allowed in may_say)]


def benefits_to_say(project_channel: ProjectSaleChannel, client: Client) -> Benefits:
    return _to_say(project_channel.project, benefits_for(project_channel), client)


def benefits_by_channels(project: Project, client: Client) -> list[tuple[list[ProjectSaleChannel], Benefits]]:
    """The project's channels, those together that may say the same benefits, and what these are to the client."""
    sayable = benefits_of_channels(project.channels)
    alike: dict[tuple[int, ...], list[ProjectSaleChannel]] = {}
    for channel in project.channels:
        alike.setdefault(tuple(each.id for each in sayable[channel.id]), []).append(channel)
    return [(channels, _to_say(project, sayable[channels[0].id], client)) for channels in alike.values()]


def _to_say(project: Project, benefits: Sequence[Benefit], client: Client) -> Benefits:
    """Of those that suit equally well, the one that `best` chooses comes first."""
    if not benefits:
        return Benefits()
    subjects = angle_subjects(fields_of(project))
    suits = [expression(project.id, from_json(each.conditions), subjects) for each in benefits]
    query = db.select(_best(project, benefits, subjects), *suits).where(Client.id == client.id)
    chosen, *are_true = db.session.execute(query).one()
    fitting = [each for each, is_true in zip(benefits, are_true, strict=True) if is_true]
    fitting.sort(key=lambda each: (each.id != chosen, -len(each.conditions)))
    ranked = [*fitting, *(each for each in benefits if each not in fitting)]
    first_of_words = {each.text: each for each in reversed(ranked)}
    kept = [each for each in ranked if first_of_words[each.text] is each]
    suiting = tuple(each for each in kept if each in fitting)
    return Benefits(suiting, tuple(kept[len(suiting) :]))


def best_of_clients(
    project: Project, benefits: Sequence[Benefit], fields: Iterable[ClientField], client_ids: Collection[int]
) -> dict[int, Benefit | None]:
    """Which of the benefits suits each of these clients best, by their ids: one query, however many they are.

    `fields` are those of the project's dictionary.
    """
    if not benefits:
        return {}
    chosen_id = _best(project, benefits, angle_subjects(fields))
    chosen = db.session.execute(db.select(Client.id, chosen_id).where(Client.id.in_(client_ids)))
    known = {each.id: each for each in benefits}
    return {number: known.get(benefit_id) for number, benefit_id in chosen}


def best(project: Project, benefits: Sequence[Benefit]) -> ColumnElement[int | None]:
    """Of Client: the id of the benefit that suits best, NULL when none does."""
    return _best(project, benefits, angle_subjects(fields_of(project)))


def angle_subjects(fields: Iterable[ClientField]) -> dict[str, Subject]:
    """What a benefit's conditions may be about: the fields of a project's dictionary that are not secret."""
    told = [field for field in fields if field.sensitivity is not Sensitivity.SECRET]
    return {name: subject for name, subject in subjects_of(told, {}).items() if subject.key}


def _best(project: Project, benefits: Sequence[Benefit], subjects: dict[str, Subject]) -> ColumnElement[int | None]:
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
    if len(fitting) == 1:
        return fitting[0]
    ids = func.array_remove(cast(array(fitting), ARRAY(Integer)), null(), type_=ARRAY(Integer))
    hashed = func.hashint8(Client.id, type_=Integer).op("&", return_type=Integer())(LARGEST_HASH)
    return ids[1 + func.mod(hashed, func.nullif(func.cardinality(ids), 0))]


def _rule_of(frame: Frame) -> Callable[[Benefit], bool]:
    """Whether a benefit may be said in a channel."""
    facts = facts_of(frame, None, "")
    usual = _blocking(facts.product.name, facts)
    return lambda benefit: _blocking(f"{facts.product.name}: {benefit.text}", facts) <= usual


def _blocking(text: str, facts: Facts) -> set[str]:
    """The rules that block a text."""
    return {finding.rule for finding in check_draft(text, facts) if finding.severity is Severity.BLOCK}
