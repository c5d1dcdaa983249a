"""Offers finished with the text bank: where the model wrote nothing good, and where it is not asked at all.

A candidate is a whole text, or a sentence of the bank after an opening. It is checked as a draft is, so that a text
which does not suit a client, a product or a channel's length gives way to the next. Equally fit texts are used evenly:
the least used comes first. Uses are counted in the database when FittingTexts is read, and in memory from then on.
Where several are used equally, the client's seed decides: workers do not know each other's counts, and would otherwise
all take the same one. Of our own openings the first is the one that was least used before the same sentence, so that
clients get different texts.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, or_

from ..bank_time import today
from ..checks.findings import Facts, Finding
from ..database import db
from ..llm.openings import openings, turned
from ..models import BankText, Message, MessageRole, Offer, ProjectSaleChannel, TextRole
from .checking import check_draft, verdict_of
from .choosing import is_good
from .drafting import Round, best_round
from .filling import filled, needs_benefit
from .text_states import is_cleared
from .texts import take_text

MOST_ENDINGS = 24
OPENINGS_TRIED = 3
"""Before one ending. An offer costs at most MOST_ENDINGS times so many checks, each of some milliseconds."""
OWN_OPENINGS_TRIED = 2
"""So that one of ours is tried too: the bank's own may all lack what the channel needs, such as a subject."""


class NothingFits(Exception):
    """An offer of a campaign that asks no model, for which the bank has no good text."""


class Fitting(NamedTuple):
    """A cleared text that may be used in a channel of a project, as plain data: briefs outlive the session.

    `fit` is the higher the more narrowly the text is meant for such offers.
    """

    id: int
    role: TextRole
    text: str
    fit: int


class Finish(NamedTuple):
    """A text for an offer, with the texts of the bank that it is made of and what the rules say of it."""

    text: str
    findings: list[Finding]
    finished_with_id: int
    opened_with_id: int | None = None


@dataclass
class FittingTexts:
    """All texts of the bank that may be used in a channel of a project, and how often they were used there."""

    endings: tuple[Fitting, ...] = ()
    openings: tuple[Fitting, ...] = ()
    uses: Counter[int] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)

    def finishes(self, facts: Facts, seed: int) -> Iterator[Finish]:
        """Good texts for an offer, the best first. `seed` is the client's. Each that is taken counts as used."""
        facts = replace(facts, prompt="", former="")
        for text, ending, opening in self._candidates(facts, seed):
            findings = check_draft(text, facts)
            if is_good(findings):
                self.uses.update([ending.id, *([opening.id] if opening else [])])
                self.said[text] += 1
                yield Finish(text, findings, ending.id, opening.id if opening else None)

    def _candidates(self, facts: Facts, seed: int) -> Iterator[tuple[str, Fitting, Fitting | None]]:
        own = self._in_order(self.openings, facts, seed)
        ours = facts.openings or openings(facts.channel.key, facts.product.name, "", facts.language)
        for number, ending in enumerate(self._endings(facts, seed // len(ours))):
            said = filled(ending.text, facts.product.name, facts.angle.text)
            if ending.role is TextRole.WHOLE:
                yield said, ending, None
            else:
                several = self._opened(said, facts, own, turned(ours, seed + number))
                yield from ((text, ending, opening) for text, opening in islice(several, OPENINGS_TRIED))

    def _endings(self, facts: Facts, seed: int) -> list[Fitting]:
        """At most MOST_ENDINGS, the best first. Every fit has its share of them, so that many narrow texts which break
        a rule do not hide a general one."""
        places = dict[Fitting, int]()
        taken = Counter[int]()
        for ending in self._in_order(self.endings, facts, seed):
            places[ending] = taken[ending.fit]
            taken[ending.fit] += 1
        shared = sorted(places, key=places.__getitem__)[:MOST_ENDINGS]
        return sorted(shared, key=lambda each: -each.fit)

    def _opened(
        self, said: str, facts: Facts, own: Sequence[Fitting], ours: Sequence[str]
    ) -> Iterator[tuple[str, Fitting | None]]:
        """What is `said` after each opening: the bank's own, then ours."""
        for opening in own[:OWN_OPENINGS_TRIED]:
            yield f"{filled(opening.text, facts.product.name, facts.angle.text)} {said}", opening
        for text in sorted((f"{words} {said}" for words in ours), key=self.said.__getitem__):
            yield text, None

    def _in_order(self, texts: Sequence[Fitting], facts: Facts, seed: int) -> list[Fitting]:
        usable = [each for each in texts if facts.angle.text or not needs_benefit(each.text)]
        at = seed % len(usable) if usable else 0
        return sorted(usable[at:] + usable[:at], key=lambda each: (-each.fit, self.uses[each.id]))


def fitting_texts(project_channel: ProjectSaleChannel) -> FittingTexts:
    """In two queries."""
    query = db.select(BankText.id, BankText.role, BankText.text, _fit()).where(_fits(project_channel))
    found = [Fitting(*row) for row in db.session.execute(query.order_by(BankText.id))]
    return FittingTexts(
        endings=tuple(each for each in found if each.role is not TextRole.OPENING),
        openings=tuple(each for each in found if each.role is TextRole.OPENING),
        uses=_uses(project_channel) if found else Counter(),
    )


def count_endings(project_channel: ProjectSaleChannel) -> int:
    """How many texts of the bank may finish an offer in the channel, before anything is checked against a client."""
    query = db.select(func.count()).select_from(BankText)
    return db.session.scalar(query.where(_fits(project_channel), BankText.role != TextRole.OPENING)) or 0


def needs_finishing(rounds: Sequence[Round]) -> bool:
    """Whether the model wrote nothing that is good, in all its rounds."""
    best = best_round(rounds).choice
    return not best.text or not is_good(best.findings)


def lock_cleared(finish: Finish | Message) -> bool:
    """Whether the texts that it is made of may still be used. Their rows stay locked until this transaction ends, so
    that nobody retires them meanwhile."""
    asked = {number for number in (finish.finished_with_id, finish.opened_with_id) if number}
    query = db.select(BankText.id).where(BankText.id.in_(asked), is_cleared(today())).with_for_update(read=True)
    return set(db.session.scalars(query)) == asked


def message_of(finish: Finish, offer_id: int, parent_id: int | None = None) -> Message:
    return Message(
        offer_id=offer_id,
        role=MessageRole.BANK,
        text=finish.text,
        parent_id=parent_id,
        finished_with_id=finish.finished_with_id,
        opened_with_id=finish.opened_with_id,
    )


def finish_offer(offer: Offer, draft: Message, facts: Facts) -> None:
    """Give an offer whose `draft` is not good a text of the bank, if one fits. The draft stays in the conversation."""
    for finish in fitting_texts(offer.project_channel).finishes(facts, offer.client_id):
        if lock_cleared(finish):
            message = message_of(finish, offer.id, draft.id)
            db.session.add(message)
            db.session.flush()
            take_text(offer, message, verdict_of(finish.findings))
            return


def _fits(project_channel: ProjectSaleChannel) -> ColumnElement[bool]:
    project, channel_id = project_channel.project, project_channel.sale_channel_id
    return (
        is_cleared(today())
        & (BankText.language == project.language)
        & or_(BankText.product_id.is_(None), BankText.product_id == project.product_id)
        & or_(BankText.kind.is_(None), BankText.kind == project.product.kind)
        & or_(BankText.sale_channel_id.is_(None), BankText.sale_channel_id == channel_id)
    )


def _fit() -> ColumnElement[int]:
    """A text for the product before one for its kind, that before one for any; then one for the channel."""
    of_product, of_kind, of_channel = (
        func.num_nonnulls(column) for column in (BankText.product_id, BankText.kind, BankText.sale_channel_id)
    )
    return of_product * 4 + of_kind * 2 + of_channel


def _uses(project_channel: ProjectSaleChannel) -> Counter[int]:
    counts = Counter[int]()
    for column in (Offer.finished_with_id, Offer.opened_with_id):
        query = db.select(column, func.count()).where(Offer.project_channel_id == project_channel.id)
        counted = db.session.execute(query.where(column.is_not(None)).group_by(column))
        counts.update({number: count for number, count in counted if number})
    return counts
