"""What an administrator changes of the checks' rules in one channel. Kept is only what differs from a rule's own."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..checks.findings import Rule
from ..checks.registry import RULES
from ..database import db
from ..models import RuleSetting, SaleChannel
from . import audit

LARGEST_LIMIT = 100_000


@dataclass(frozen=True)
class Wish:
    """How a rule is to be in a channel; `limit` is None where the rule has none to change."""

    is_on: bool
    limit: float | None = None

    def __str__(self) -> str:
        limit = "" if self.limit is None else f", {self.limit:g}"
        return f"on{limit}" if self.is_on else "off"


def rules_for(channel: SaleChannel) -> list[Rule]:
    """Those that concern the channel, whatever the product, in the order of their names."""
    return sorted(
        (rule for rule in RULES.values() if not rule.channels or channel.key in rule.channels), key=lambda rule: rule.id
    )


def wishes_of(channel: SaleChannel) -> dict[str, Wish]:
    """How each rule is in the channel now."""
    changed = {each.rule: each for each in _settings_of(channel)}
    return {rule.id: _as_it_is(rule, changed.get(rule.id)) for rule in rules_for(channel)}


def change_rules(channel: SaleChannel, wishes: Mapping[str, Wish]) -> int:
    """Make the channel's rules so, with one line in the audit; how many are other than before."""
    before = wishes_of(channel)
    changes = {name: [str(before[name]), str(wish)] for name, wish in wishes.items() if wish != before[name]}
    if changes:
        known = {each.rule: each for each in _settings_of(channel)}
        for name in changes:
            _keep(channel, RULES[name], wishes[name], known.get(name))
        audit.record("change", channel, changes)
        db.session.flush()
    return len(changes)


def back_to_usual(channel: SaleChannel) -> int:
    """Every rule as the program has it; how many are other than before."""
    return change_rules(channel, {rule.id: usual(rule) for rule in rules_for(channel)})


def usual(rule: Rule) -> Wish:
    return Wish(is_on=True, limit=rule.limit)


def _settings_of(channel: SaleChannel) -> list[RuleSetting]:
    return list(db.session.scalars(db.select(RuleSetting).filter_by(sale_channel_id=channel.id)))


def _as_it_is(rule: Rule, changed: RuleSetting | None) -> Wish:
    if changed is None:
        return usual(rule)
    return Wish(changed.is_on, rule.limit if changed.limit is None else changed.limit)


def _keep(channel: SaleChannel, rule: Rule, wish: Wish, known: RuleSetting | None) -> None:
    if wish == usual(rule):
        if known:
            db.session.delete(known)
        return
    setting = known or RuleSetting(sale_channel_id=channel.id, rule=rule.id)
    setting.is_on, setting.limit = wish.is_on, None if wish.limit == rule.limit else wish.limit
    db.session.add(setting)
