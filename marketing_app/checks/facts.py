"""Nothing is said of the product but what the bank says of it itself."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from .claims import claims_in
from .findings import N_, Complaint, Facts, Severity
from .quantities import quantities
from .registry import rule

KIND_WORDS = {
    "loan": r"кредит\w*|рефинанс\w*|займ\w*|заём|loan\w*|credit\w*|refinanc\w*",
    "card": r"карт\w*|card\w*",
    "deposit": r"вклад\w*|депозит\w*|сч[её]т\w*|накоплени\w*|deposit\w*|account\w*|saving\w*",
    "mortgage": r"ипоте\w*|рефинанс\w*|жиль[её]\w*|mortgage\w*|home loan\w*",
    "insurance": r"страх\w*|полис\w*|застрах\w*|insur\w*|polic\w+",
    "investment": r"инвест\w*|брокер\w*|сч[её]т\w*|портфел\w*|управлени\w*|акци\w*|invest\w*|broker\w*|account\w*|portfolio\w*",
    "account": r"зарплат\w*|сч[её]т\w*|карт\w*|salar\w*|account\w*",
    "service": r"обмен\w*|валют\w*|перевод\w*|услуг\w*|exchange\w*|currenc\w*|service\w*",
}
OTHER_BANKS = re.compile(
    r"(?<!\w)(?:сбер(?:банк\w*|а|у|ом|е)?|втб|тинькофф\w*|т-банк\w*|альфа-?банк\w*|газпромбанк\w*|райффайзен\w*|россельхозбанк\w*|"
    r"банк\w* «открытие»|совкомбанк\w*|росбанк\w*|псб|промсвязьбанк\w*|почта банк\w*|мтс банк\w*|озон банк\w*|юникредит\w*|"
    r"мкб|ак барс\w*|хоум (?:банк|кредит)\w*|уралсиб\w*|русск\w+ стандарт\w*|sber\w*|vtb|tinkoff|t-bank|alfa-?bank|raiffeisen\w*)(?!\w)",
    re.IGNORECASE,
)
CONTACT = re.compile(
    r"(?:https?://|www\.)\S+|(?<![\w@.])[a-zа-яё0-9-]+\.(?:ru|рф|com|net|org|su|online|bank|example)\b(?:/\S*)?|"
    r"[\w.+-]+@[\w-]+\.\w+|(?<!\d)(?:\+7|8)[\s(-]*\d{3}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}(?!\d)|"
    r"(?<!\w)@[a-z_]\w{3,}|\*\d{3,4}#",
    re.IGNORECASE,
)
LEAST_LIKENESS = 0.75


@rule("fact.number", Severity.BLOCK, N_("numbers that the product does not have"))
def number_is_true(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    true = quantities(facts.true_text)
    contacts = [found.span() for found in CONTACT.finditer(text)]
    for said in quantities(text):
        if any(start <= said.span[0] < end for start, end in contacts):
            continue
        if not any(said.is_of(fact) for fact in true):
            yield Complaint(
                N_("“%(words)s” stands neither in the product’s description nor in the occasion."),
                {"words": text[slice(*said.span)]},
                said.span,
            )


@rule("fact.range", Severity.BLOCK, N_("one end of a range sold as the whole"))
def range_keeps_its_end(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    true = quantities(facts.true_text)
    for said in quantities(text):
        same = [fact for fact in true if said.is_of(fact)]
        if same and all(fact.bound for fact in same) and said.bound not in {fact.bound for fact in same}:
            low = same[0].bound == "from"
            yield Complaint(
                N_("“%(words)s” is the least of a range: say “from”.")
                if low
                else N_("“%(words)s” is the most of a range: say “up to”."),
                {"words": text[slice(*said.span)]},
                said.span,
            )


@rule("fact.claim", Severity.BLOCK, N_("promises that the product does not make"))
def claim_is_true(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    true = {claim.name for claim, _span in claims_in(facts.true_text)}
    for claim, span in claims_in(text):
        if claim.name not in true:
            yield Complaint(
                N_("“%(words)s” promises something that the product’s description does not."),
                {"words": text[slice(*span)], "claim": claim.name},
                span,
            )


@rule("fact.product", Severity.BLOCK, N_("the product is not named"))
def product_is_named(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    named = facts.product.name.lower() in text.lower()
    if text.strip() and not named and not re.search(KIND_WORDS[facts.product.kind], text, re.IGNORECASE):
        yield Complaint(N_("The text names neither the product “%(name)s” nor its kind."), {"name": facts.product.name})


@rule("fact.other_product", Severity.BLOCK, N_("another product of the bank"))
def no_other_product(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    own = facts.true_text.lower()
    for name in facts.other_products:
        # The name of one product may be part of another's: "Ипотека", "Рефинансирование ипотеки".
        if name.lower() in own or facts.product.name.lower() in name.lower():
            continue
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
            yield Complaint(N_("“%(name)s” is another product."), {"name": name}, match.span())


@rule("fact.other_bank", Severity.BLOCK, N_("another bank"))
def no_other_bank(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    for match in OTHER_BANKS.finditer(text):
        if match[0].lower() not in facts.true_text.lower() and match[0].lower() not in facts.bank.lower():
            yield Complaint(N_("“%(name)s” is another bank."), {"name": match[0]}, match.span())


@rule("fact.contact", Severity.BLOCK, N_("links, addresses and telephones that nobody gave"))
def contact_is_known(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    known = facts.true_text.lower()
    for match in CONTACT.finditer(text):
        if match[0].rstrip(".,;!?)»").lower() not in known:
            yield Complaint(
                N_("“%(contact)s” is neither the product’s link nor in the occasion."),
                {"contact": match[0]},
                match.span(),
            )


@rule("fact.echo", Severity.WARN, N_("a run of words taken from an example or the instructions"), limit=8)
def no_echo(text: str, facts: Facts, limit: float) -> Iterator[Complaint]:
    """The product's own words and the occasion may be repeated; `limit` is the number of words."""
    words = list(re.finditer(r"\S+", text))
    size = int(limit)
    prompt, own = _squeezed(facts.prompt), _squeezed(facts.true_text)
    for at in range(len(words) - size + 1):
        span = words[at].start(), words[at + size - 1].end()
        run = _squeezed(text[slice(*span)])
        if run in prompt and run not in own:
            yield Complaint(N_("These words are copied from the prompt."), {}, span)
            return


def says(text: str, words: str) -> bool:
    """Whether a text says a few words, in whatever form of them: most of their stems stand in it."""
    stems = [_stem(word) for word in re.findall(r"\w+", words.lower()) if len(word) > 2]
    said = [_stem(word) for word in re.findall(r"\w+", text.lower())]
    found = sum(any(stem == other or _alike(stem, other) for other in said) for stem in stems)
    return bool(stems) and found / len(stems) >= LEAST_LIKENESS


def _stem(word: str) -> str:
    return word[: max(3, len(word) - 2)] if len(word) > 4 else word


def _alike(one: str, other: str) -> bool:
    return min(len(one), len(other)) > 3 and SequenceMatcher(None, one, other).ratio() > 0.85


def _squeezed(text: str) -> str:
    return " ".join(text.lower().split())
