"""Offers finished with the text bank: where the model wrote nothing good, and where it is not asked at all.

A candidate is a whole text, or an opening with a sentence after it. It is held against the rules as a draft is, so
that a sentence which does not suit a client, a product or a channel's length gives way to the next. What is equally
fit is used evenly: the least used comes first, counted in the database once a brief and from then on here, and equals
begin at another one for each client, so that workers which know nothing of each other do not all take the same. Of our
own openings the one comes first that stood least before the same sentence: clients then get different texts.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, or_

from ..checks.findings import Facts, Finding
from ..database import db
from ..llm.openings import openings, turned
from ..models import BankText, Message, MessageRole, Offer, ProjectSaleChannel, TextRole
from .checking import check_draft, verdict_of
from .drafting import Round, best_round, is_good
from .filling import filled, needs_benefit
from .text_states import is_cleared
from .texts import take_text

OPENINGS_TRIED = 3
"""With one sentence after them. What is wrong with an opening is seldom mended by a fourth."""
MOST_CHECKED = 24
"""Candidates that an offer is tried with; a check takes some milliseconds."""


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
        for text, ending, opening in islice(self._candidates(facts, seed), MOST_CHECKED):
            findings = check_draft(text, facts)
            if is_good(findings):
                self.uses.update([ending.id, *([opening.id] if opening else [])])
                self.said[text] += 1
                yield Finish(text, findings, ending.id, opening.id if opening else None)

    def _candidates(self, facts: Facts, seed: int) -> Iterator[tuple[str, Fitting, Fitting | None]]:
        own = self._in_order(self.openings, facts, seed)
        ours = () if own else facts.openings or openings(facts.channel.key, facts.product.name, "", facts.language)
        for ending in self._in_order(self.endings, facts, seed // (len(ours) or 1)):
            said = filled(ending.text, facts.product.name, facts.angle.text)
            if ending.role is TextRole.WHOLE:
                yield said, ending, None
                continue
            for opening in own[:OPENINGS_TRIED]:
                yield f"{filled(opening.text, facts.product.name, facts.angle.text)} {said}", ending, opening
            several = [f"{words} {said}" for words in turned(ours, seed)]
            for text in sorted(several, key=self.said.__getitem__)[:OPENINGS_TRIED]:
                yield text, ending, None

    def _in_order(self, texts: Sequence[Fitting], facts: Facts, seed: int) -> list[Fitting]:
        usable = [each for each in texts if facts.angle.text or not needs_benefit(each.text)]
        at = seed % len(usable) if usable else 0
        return sorted(usable[at:] + usable[:at], key=lambda each: (-each.fit, self.uses[each.id]))


def fitting_texts(project_channel: ProjectSaleChannel) -> FittingTexts:
    """In two queries."""
    query = db.select(BankText.id, BankText.role, BankText.text, _fit()).where(is_cleared(), _fits(project_channel))
    found = [Fitting(*row) for row in db.session.execute(query.order_by(BankText.id))]
    return FittingTexts(
        endings=tuple(each for each in found if each.role is not TextRole.OPENING),
        openings=tuple(each for each in found if each.role is TextRole.OPENING),
        uses=_uses(project_channel) if found else Counter(),
    )


def count_endings(project_channel: ProjectSaleChannel) -> int:
    """How many texts of the bank can finish an offer in the channel, those apart that suit no client of it."""
    query = db.select(func.count()).select_from(BankText)
    return db.session.scalar(query.where(is_cleared(), _fits(project_channel), BankText.role != TextRole.OPENING)) or 0


def needs_finishing(rounds: Sequence[Round]) -> bool:
    """Whether the model wrote nothing that is good, in all its rounds."""
    best = best_round(rounds).choice
    return not best.text or not is_good(best.findings)


def hold(finish: Finish | Message) -> bool:
    """Whether the texts that it is made of may still be used. Nobody retires them until this transaction ends."""
    asked = {number for number in (finish.finished_with_id, finish.opened_with_id) if number}
    query = db.select(BankText.id).where(BankText.id.in_(asked), is_cleared()).with_for_update(read=True)
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
        if hold(finish):
            message = message_of(finish, offer.id, draft.id)
            db.session.add(message)
            db.session.flush()
            take_text(offer, message, verdict_of(finish.findings))
            return


def _fits(project_channel: ProjectSaleChannel) -> ColumnElement[bool]:
    project, channel_id = project_channel.project, project_channel.sale_channel_id
    return (
        (BankText.language == project.language)
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
