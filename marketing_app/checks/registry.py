"""All rules, and a text held against them."""

from collections.abc import Callable, Collection, Iterable
from importlib import import_module
from pkgutil import iter_modules

from .findings import AS_USUAL, Check, Facts, Finding, Rule, Settings, Severity

RULES: dict[str, Rule] = {}


def rule(
    name: str,
    severity: Severity,
    about: str,
    *,
    channels: Collection[str] = (),
    kinds: Collection[str] = (),
    limit: float | None = None,
) -> Callable[[Check], Check]:
    """Registers a check. `about` says in a few words, in English, what it looks for."""

    def register(check: Check) -> Check:
        if name in RULES:
            raise ValueError(f"two rules are called {name}")
        RULES[name] = Rule(name, severity, about, check, frozenset(channels), frozenset(kinds), limit)
        return check

    return register


def check(text: str, facts: Facts, settings: Settings = AS_USUAL) -> list[Finding]:
    """What is wrong with a text, gravest first, and in the order of the text."""
    findings = [
        Finding(rule.id, complaint.severity or rule.severity, complaint.message, complaint.values, complaint.span)
        for rule in concerning(facts, settings)
        for complaint in rule.check(text, facts, settings.limits.get(rule.id, rule.limit or 0))
    ]
    return sorted(findings, key=_order)


def concerning(facts: Facts, settings: Settings) -> Iterable[Rule]:
    return (rule for rule in RULES.values() if rule.id not in settings.switched_off and rule.concerns(facts))


def passes(findings: Iterable[Finding]) -> bool:
    """Whether nothing of it keeps the text from being sent."""
    return all(finding.severity is not Severity.BLOCK for finding in findings)


def _order(finding: Finding) -> tuple[int, int, str]:
    return list(Severity).index(finding.severity), finding.span[0] if finding.span else 0, finding.rule


def _load_rules() -> None:
    """A file in this package that registers rules is all that a new rule needs."""
    for module in iter_modules(_path_of_package()):
        import_module(f"{__package__}.{module.name}")


def _path_of_package() -> Iterable[str]:
    return import_module(str(__package__)).__path__


_load_rules()
