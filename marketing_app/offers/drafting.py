"""Drafts until one may be sent: what the rules say of a round goes into the prompt of the next."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import structlog

from ..checks.findings import Facts, Finding, Severity
from ..llm.engine import Engine, EngineError, Generation, Options, Prompt
from ..llm.prompts import asked_again
from .choosing import WORTH_ANOTHER_ROUND, Choice, best_draft, is_good, with_senses

log = structlog.get_logger()

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
        "fact.other_kind": "пиши только об этом продукте: {product}",
        "fact.other_bank": "не называй другие банки",
        "fact.name": "без имён, адресов и названий",
        "fact.contact": "без ссылок и телефонов",
        "text.length": "короче, не длиннее {limit} знаков",
        "sms.too_many": "короче",
        "email.subject": "начни с темы письма",
        "angle.said": "скажи главное: {benefit}",
        "text.one_action": "закончи одним призывом к действию",
        "call.question": "закончи вопросом к клиенту",
        "office.step": "скажи менеджеру, что сделать",
        "language.role": "говори от имени банка",
        "language.sentence": "пиши законченными предложениями",
        "language.repeats_opening": "после начала скажи, что делать дальше",
        "language.only_opening": "после начала скажи, что делать дальше",
        "person.address": "обращайся к клиенту везде одинаково",
        "person.familiar": "обращайся к клиенту на «вы»",
        "secret.question": "спрашивай только о планах и о продукте",
        "": "другими словами, по описанию продукта",
    },
    "en": {
        "fact.number": "name only numbers that stand in the product's description",
        "fact.range": "say “from” and “up to” as the product's description does",
        "fact.claim": "promise only what the product's description says",
        "fact.product": "name the product: {product}",
        "fact.other_product": "write of one product only: {product}",
        "fact.other_kind": "write of this product only: {product}",
        "fact.other_bank": "name no other bank",
        "fact.name": "no names, no addresses and no titles",
        "fact.contact": "no links and no telephones",
        "text.length": "shorter, at most {limit} characters",
        "sms.too_many": "shorter",
        "email.subject": "begin with the subject of the letter",
        "angle.said": "say the main point: {benefit}",
        "text.one_action": "end with one call to action",
        "call.question": "end with a question to the client",
        "office.step": "tell the manager what to do",
        "language.role": "speak as the bank",
        "language.sentence": "write whole sentences",
        "language.repeats_opening": "after the beginning say what to do next",
        "language.only_opening": "after the beginning say what to do next",
        "person.address": "address the client in one way throughout",
        "person.familiar": "address the client politely",
        "secret.question": "ask only about plans and the product",
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
    engine: Engine,
    prompt: Prompt,
    first: Generation,
    facts: Facts,
    follow: Callable[[Generation], object],
    raising: tuple[type[EngineError], ...] = (),
) -> list[Round]:
    """Rounds until one has a draft that passes, or ROUNDS of them, at least one. `first` was asked with `prompt`
    already; `follow` waits for a generation's end.

    An error of the model's ends the drafting with what there is, unless it is the first round's or one of `raising`.
    """
    rounds = list[Round]()
    try:
        for each in _rounds(engine, prompt, first, facts, follow):
            rounds.append(each)
    except EngineError as error:
        if not rounds or isinstance(error, raising):
            raise
        log.warning("round_failed", number=len(rounds) + 1, kind=type(error).__name__)
    return rounds


def best_round(rounds: Sequence[Round]) -> Round:
    """The one whose text the rules like most; one with a text before one without, a whole text before one cut short:
    what is not said yet breaks no rule."""
    return min(rounds, key=lambda each: (not each.choice.text, each.generation.is_cancelled, each.choice.rank))


def request_of(findings: Sequence[Finding], facts: Facts) -> str:
    """What a text was refused for, as a request in the text's language; other words, where no rule refused it."""
    known = REQUESTS[facts.language]
    refused = dict.fromkeys(
        finding.rule
        for finding in findings
        if finding.severity is Severity.BLOCK or finding.rule in WORTH_ANOTHER_ROUND
    )
    said = dict.fromkeys(known.get(rule, known[""]) for rule in refused or ("",))
    return "; ".join(said).format(product=facts.product.name, limit=facts.channel.max_length, benefit=facts.angle.text)


def _rounds(
    engine: Engine, prompt: Prompt, first: Generation, facts: Facts, follow: Callable[[Generation], object]
) -> Iterator[Round]:
    asked, generation = prompt, first
    for number in range(1, ROUNDS + 1):
        follow(generation)
        held = with_senses(replace(facts, prompt=asked.text), generation.drafts)
        choice = best_draft(generation, held)
        yield Round(asked, generation, choice)
        is_done = is_good(choice.findings) and not choice.is_unchanged
        if number == ROUNDS or generation.is_cancelled or not choice.text or is_done:
            return
        asked = _next_prompt(engine, prompt, choice, facts)
        generation = engine.submit(asked, _options_of(first, number), priority=first.priority)


def _options_of(first: Generation, number: int) -> Options:
    """Those of a later round, counted from 0: it draws with other seeds than those before it."""
    options = first.options
    return options if options.seed is None else replace(options, seed=options.seed + number * options.candidates)


def _next_prompt(engine: Engine, prompt: Prompt, choice: Choice, facts: Facts) -> Prompt:
    request = request_of(choice.findings, facts)
    return asked_again(prompt, choice.text, request, facts.language, engine.chat_template)
