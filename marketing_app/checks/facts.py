"""Nothing is said of the product but what the bank says of it itself."""

import re
from collections.abc import Iterator
from functools import lru_cache

from rapidfuzz.distance import Indel

from .claims import claims_in
from .findings import N_, Complaint, Facts, Severity, has_words, places
from .phrases import ANYTHING, BEGINNING, beginnings_in, folded, phrases
from .quantities import Quantity, quantities
from .registry import rule

KIND_WORDS = {
    "loan": phrases("кредит*", "*кредит*", "рефинанс*", "займ*", "заем", "loan*", "credit*", "refinanc*"),
    "card": phrases("карт*", "card*"),
    "deposit": phrases("вклад*", "депозит*", "счет*", "deposit*", "account*", "saving*"),
    "mortgage": phrases("ипоте*", "рефинанс*", "mortgage*", "home loan*"),
    "insurance": phrases("страх*", "полис*", "застрах*", "insur*", "polic*"),
    "investment": phrases(
        "инвест*", "брокер*", "счет*", "портфел*", "управлени*", "invest*", "broker*", "account*", "portfolio*"
    ),
    "account": phrases("зарплат*", "счет*", "карт*", "salar*", "account*"),
    "service": phrases("обмен*", "валют*", "перевод*", "услуг*", "exchange*", "currenc*", "service*"),
}
CONTACT = re.compile(
    r"(?:https?://|www\.)\S{1,200}|"
    r"(?<![\w@.-])(?:[a-zа-яё0-9-]{1,60}\.){1,3}(?:ru|рф|com|net|org|su|online|bank|example|ly|me|io|gl|cc|site)(?!\w)(?:/\S{0,200})?|"
    r"(?<![\w.+-])[\w.+-]{1,60}@[\w-]{1,60}\.\w{2,10}|"
    r"(?<!\d)(?:\+7|8)[\s(-]{0,3}\d{3}[\s)-]{0,3}\d{3}[\s-]?\d{2}[\s-]?\d{2}(?!\d)|"
    r"(?<!\w)@[a-z_]\w{3,40}|\*\d{3,4}#",
    re.IGNORECASE,
)
COURTESY = phrases(
    "удел*", "займ*", "отним*", "найдется", "есть", "разговор*", "поговорим", "отвлек*", "take*", "need*", "spare"
)
"""Before a number of minutes, they are those of the talk."""
LEAST_COUNTED = 100
"""Smaller numbers in words without a unit are mere words ("один из трёх", "пара слов")."""
LEAST_LIKENESS = 0.75
LEAST_LIKENESS_OF_STEMS = 0.85
LEAST_STEM = 4
_COMMON_ADJECTIVES = frozenset({"классический", "классическая", "классическое", "индивидуальный", "базовый", "новый"})
_ENDINGS = (
    "иями|ием|иям|иях|ыми|ими|ого|его|ому|ему|ами|ями|ой|ей|ом|ем|ам|ям|ов|ев|ах|ях|ую|юю|ая|яя|ое|ее|ые|ие|ый|ий"
    "|ых|их|ым|им|а|я|у|ю|ы|и|о|е|ё|й|ь|s"
)


@rule("fact.number", Severity.BLOCK, N_("numbers that the product does not have"))
def number_is_true(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    true = quantities(f"{facts.true_text} {facts.client.told}")
    links = places(contact.span() for contact in contacts_in(text))
    claims = places(span for _claim, span in claims_in(text))
    for said in quantities(text):
        at = said.span[0]
        is_of_a_claim = at in claims and (said.value == 0 or said.is_vague)
        if at in links or is_of_a_claim or _is_no_fact(said, text, facts):
            continue  # "0 ₽ за обслуживание", "за пару минут" are claims, which fact.claim looks at.
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
        if same and not said.is_vague and not _is_mere_word(said) and not any(_keeps(said, fact) for fact in same):
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
    end = 0
    invented = ((claim, span) for claim, span in claims_in(text) if claim.name not in true)
    for claim, span in sorted(invented, key=lambda found: found[1]):
        if span[0] < end:
            continue
        end = span[1]
        yield Complaint(
            N_("“%(words)s” promises something that the product’s description does not."),
            {"words": text[slice(*span)], "claim": claim.name},
            span,
        )


@rule("fact.product", Severity.BLOCK, N_("the product is not named"))
def product_is_named(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    named = _name(facts.product.name).search(text) or KIND_WORDS[facts.product.kind].search(text)
    if has_words(text) and not named:
        yield Complaint(N_("The text names neither the product “%(name)s” nor its kind."), {"name": facts.product.name})


@rule("fact.other_product", Severity.BLOCK, N_("another product of the bank"))
def no_other_product(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    begun = beginnings_in(text)
    others = [name for name in _others(facts.other_products, facts.true_text) if _beginning(name) in begun]
    own = places(match.span() for match in _name(facts.product.name).finditer(text)) if others else ()
    for name in others:
        for match in _name(name).finditer(text):
            if match.start() not in own:
                yield Complaint(N_("“%(name)s” is another product."), {"name": name}, match.span())


@rule("fact.contact", Severity.BLOCK, N_("links, addresses and telephones that nobody gave"))
def contact_is_known(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    known = facts.true_text.lower()
    for match in contacts_in(text):
        if match[0].rstrip(".,;!?)»").lower() not in known:
            yield Complaint(
                N_("“%(contact)s” is neither the product’s link nor in the occasion."),
                {"contact": match[0]},
                match.span(),
            )


@rule("fact.echo", Severity.WARN, N_("a run of words taken from an example or the instructions"), limit=8)
def no_echo(text: str, facts: Facts, limit: float) -> Iterator[Complaint]:
    """The product's own words, the occasion and our openings may be repeated; `limit` is the number of words."""
    words = list(re.finditer(r"\w+", text))
    size = int(limit)
    prompt, own = _squeezed(facts.prompt), _squeezed(" | ".join((facts.true_text, *facts.openings)))
    squeezed = [_squeeze(word[0]) for word in words] if prompt.strip() else []
    for at in range(len(squeezed) - size + 1):
        run = " ".join(squeezed[at : at + size])
        if run in prompt and run not in own:
            span = words[at].start(), words[at + size - 1].end()
            yield Complaint(N_("These words are copied from the prompt."), {}, span)
            return


def says(text: str, words: str) -> bool:
    """Whether a text says a few words, in whatever form of them: most of their stems stand in it."""
    stems = [_stem(word) for word in re.findall(r"\w+", words.lower()) if len(word) > 2]
    said = [_stem(word) for word in re.findall(r"\w+", text.lower())]
    found = sum(stem in said or any(_alike(stem, other) for other in said) for stem in stems)
    return bool(stems) and found / len(stems) >= LEAST_LIKENESS


def _is_no_fact(said: Quantity, text: str, facts: Facts) -> bool:
    """Whether a number says nothing of the product: a mere word, the client's age, the length of a talk."""
    start, end = said.span
    before = text[max(0, start - 25) : start]
    return (
        _is_mere_word(said)
        or (said.kind == "times" and said.value == 1)
        or (said.kind == "minutes" and bool(COURTESY.search(before)))
        or (said.kind in ("number", "months") and said.written == facts.client.age)
        or bool(re.search(r"(?:№|N)\s?$|24/$", before) or text.startswith("/7", end))
    )


def _is_mere_word(said: Quantity) -> bool:
    return said.is_word and said.kind == "number" and said.value < LEAST_COUNTED


def _keeps(said: Quantity, fact: Quantity) -> bool:
    """Whether a number is said to be the end of a range that it is. Time that something takes may be said as it is."""
    if fact.bound in (None, "within", said.bound):
        return True
    return fact.bound == "to" and said.bound == "within"


@lru_cache(maxsize=64)
def contacts_in(text: str) -> tuple[re.Match[str], ...]:
    """The spans of contacts in the text, which several rules skip."""
    return tuple(CONTACT.finditer(text))


@lru_cache(maxsize=64)
def _others(products: tuple[str, ...], true_text: str) -> tuple[str, ...]:
    """The other products that the description of this one does not name. One product's name may be part of another's,
    as "Ипотека" is part of "Рефинансирование ипотеки"."""
    return tuple(name for name in products if not _name(name).search(true_text))


@lru_cache(maxsize=256)
def _name(name: str) -> re.Pattern[str]:
    """A product's name in any case of its words, without adjectives that every name may have."""
    words = r"\W+".join(_inflected(word) for word in _telling(name))
    return re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)


@lru_cache(maxsize=256)
def _beginning(name: str) -> str:
    """The beginning (see `beginnings_in`) that every text with this name contains."""
    words = _telling(name)
    return folded(_stem_of_name(words[0]))[:BEGINNING] if words else ANYTHING


def _telling(name: str) -> list[str]:
    return [word for word in re.findall(r"\w+", name) if word.lower() not in _COMMON_ADJECTIVES]


def _stem_of_name(word: str) -> str:
    return re.sub(f"(?:{_ENDINGS})$", "", word) if len(word) > LEAST_STEM - 1 else word


def _inflected(word: str) -> str:
    stem = _stem_of_name(word)
    return "".join("[её]" if letter in "её" else re.escape(letter) for letter in stem) + f"(?:{_ENDINGS})?"


def _stem(word: str) -> str:
    return word[: max(3, len(word) - 2)] if len(word) > 4 else word


def _alike(one: str, other: str) -> bool:
    """Another form of the same word: it begins as the other does, or nearly all of it is the same."""
    if min(len(one), len(other)) < LEAST_STEM:
        return False
    if one.startswith(other) or other.startswith(one):
        return True
    least = LEAST_LIKENESS_OF_STEMS
    return Indel.normalized_similarity(one, other, score_cutoff=least) > least


@lru_cache(maxsize=64)
def _squeezed(text: str) -> str:
    """Caches prompts and product descriptions, which all drafts share."""
    return _squeeze(text)


def _squeeze(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
