"""Drafts until one may be sent: what the rules say of a round goes into the prompt of the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..checks.findings import Facts, Finding, Severity
from ..checks.registry import passes
from ..llm.engine import Engine, Generation, Options, Prompt
from ..llm.prompts import asked_again
from .choosing import Choice, best_draft

ROUNDS = 3
"""How often the model is asked for one text. Measured with the embedded model: the second round helps more than the
third, and a fourth hardly."""

REQUESTS = {
    "ru": {
        "fact.number": "называй только числа из описания продукта",
        "fact.range": "пиши «от» и «до» так, как в описании продукта",
        "fact.claim": "обещай только то, что есть в описании продукта",
        "fact.product": "назови продукт: {product}",
        "fact.other_product": "пиши только об одном продукте: {product}",
        "fact.other_bank": "не называй другие банки",
        "fact.contact": "без ссылок и телефонов",
        "text.length": "короче, не длиннее {limit} знаков",
        "sms.too_many": "короче",
        "email.subject": "начни с темы письма",
        "": "другими словами, по описанию продукта",
    },
    "en": {
        "fact.number": "name only numbers that stand in the product's description",
        "fact.range": "say “from” and “up to” as the product's description does",
        "fact.claim": "promise only what the product's description says",
        "fact.product": "name the product: {product}",
        "fact.other_product": "write of one product only: {product}",
        "fact.other_bank": "name no other bank",
        "fact.contact": "no links and no telephones",
        "text.length": "shorter, at most {limit} characters",
        "sms.too_many": "shorter",
        "email.subject": "begin with the subject of the letter",
        "": "in other words, by the product's description",
    },
}
"""What is asked of the model, by the rule that its text broke. The wrong words themselves are not repeated: a small
model copies what it reads."""


@dataclass(frozen=True)
class Round:
    """One asking of the model, with the best of what it gave."""

    prompt: Prompt
    generation: Generation
    choice: Choice


def drafted(
    engine: Engine, prompt: Prompt, options: Options, facts: Facts, write: Callable[[Prompt, Options], Generation]
) -> list[Round]:
    """Rounds until one has a draft that passes, or ROUNDS of them. `write` asks the model and waits for its end."""
    rounds: list[Round] = []
    asked = prompt
    for number in range(ROUNDS):
        seed = None if options.seed is None else options.seed + number * options.candidates
        generation = write(asked, replace(options, seed=seed))
        rounds.append(Round(asked, generation, best_draft(generation, replace(facts, prompt=asked.text))))
        if generation.is_cancelled or not rounds[-1].choice.text or passes(rounds[-1].choice.findings):
            break
        asked = _next_prompt(engine, prompt, rounds[-1].choice, facts)
    return rounds


def best_round(rounds: Sequence[Round]) -> Round:
    """The one whose text the rules like most; one with a text before one without."""
    return min(rounds, key=lambda each: (not each.choice.text, each.choice.rank))


def request_of(findings: Sequence[Finding], facts: Facts) -> str:
    """What blocked a text, as a request in the text's language."""
    known = REQUESTS[facts.language]
    blocking = dict.fromkeys(finding.rule for finding in findings if finding.severity is Severity.BLOCK)
    said = dict.fromkeys(known.get(rule, known[""]) for rule in blocking)
    return "; ".join(said).format(product=facts.product.name, limit=facts.channel.max_length)


def _next_prompt(engine: Engine, prompt: Prompt, choice: Choice, facts: Facts) -> Prompt:
    request = request_of(choice.findings, facts)
    return asked_again(prompt, choice.text, request, facts.language, engine.chat_template)
