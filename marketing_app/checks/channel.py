"""What a channel can carry: lengths, parts, the pieces that it shows apart, one thing to do.

Lengths count what the channel adds to a text; a complaint marks only the text's own words.
"""

import re
from collections.abc import Iterator

from .findings import N_, Complaint, Facts, Severity, Span, has_words
from .language import HEAD_OF_EMAIL
from .morphology import readings
from .phrases import phrases
from .registry import rule
from .sms import plain, size

WORDS_A_MINUTE = 130
SUBJECT = re.compile(r"^\s*(?:тема|subject)\s*:\s*(?P<subject>[^\n]+?)(?=\s*(?:\n|прехедер\s*:|preheader\s*:|$))", re.I)
PREHEADER = re.compile(r"(?:прехедер|preheader)\s*:\s*(?P<preheader>[^\n]+)", re.I)
GREETING = phrases(
    "здравствуйте", "добр(ый|ого) (день|вечер|дня|вечера)", "доброе утро", "уважаем*", "дорог(ой|ая|ие)",
    "приветствуем",
    "hello", "hi", "dear", "good (day|morning|afternoon|evening)",
)  # fmt: skip
ACTIONS = phrases(
    "(оформите|оформляйте|оформим|откройте|открывайте|закажите|заказывайте|подайте|подавайте|подключите|узнайте)",
    "(рассчитайте|посчитайте|переходите|перейдите|нажмите|звоните|позвоните|приходите|скачайте|активируйте|получите)",
    "(выберите|проверьте|посмотрите|купите|покупайте|заполните|оставьте|начните|переведите|ответьте|напишите|пишите)",
    "(заходите|зайдите|пополните|застрахуйте|защитите|обменяйте|инвестируйте|копите|загляните|спросите|обратитесь)",
    "(объедините|соберите|рефинансируйте|вложите|разместите|отложите|уточните|приезжайте|запишитесь|согласитесь)",
    "(закажи|оформи|открой|подай|узнай)", "ждем вас",
    "(apply|order|visit|activate|choose|check|start|reply|tap|click|join|compare)", "open (it|an|a|your)",
    "(find out|call us|get yours|learn more|sign up)",
)  # fmt: skip
STEPS = phrases(
    "(ask|offer|tell|help|show|suggest|explain|give|invite|mention|remind|propose|recommend|point)",
    "(можно|стоит|нужно|надо|важно|пора) (предложить|спросить|показать|рассказать|помочь|уточнить|напомнить|оформить)",
)
"""What a manager is told to do in an office, besides Russian imperatives."""
SPOKEN = ("TMO", "KND")
MESSAGES = ("SMS", "PUSH", "EMAIL", "MOB_BANNER", "MOBILE_CHAT")
_SENTENCE_END = re.compile(r"(?<![.!?])[.!?]+(?:\s+|$)|\n+")


@rule("text.length", Severity.BLOCK, N_("more characters than the channel takes"))
def fits_the_channel(text: str, facts: Facts, limit: float) -> Iterator[Complaint]:
    longest = int(limit) or facts.channel.max_length
    count = characters(facts.whole(text), facts.channel.key)
    if longest and count > longest:
        room = max(0, len(text) - (count - longest))
        yield Complaint(
            N_("%(count)d characters; the channel takes %(limit)d."),
            {"count": count, "limit": longest},
            (min(room, len(text)), len(text)),
        )


@rule("sms.segments", Severity.WARN, N_("an SMS of several parts"), channels=["SMS"], limit=1)
def few_parts(text: str, facts: Facts, limit: float) -> Iterator[Complaint]:
    found = size(facts.whole(text))
    if found.parts > limit:
        values = {"parts": found.parts, "units": found.units, "alphabet": found.alphabet}
        yield Complaint(N_("%(parts)d SMS parts (%(units)d characters in %(alphabet)s): each is paid for."), values)


@rule("sms.too_many", Severity.BLOCK, N_("an SMS of too many parts"), channels=["SMS"], limit=2)
def not_too_many_parts(text: str, facts: Facts, limit: float) -> Iterator[Complaint]:
    found = size(facts.whole(text))
    if found.parts > limit:
        yield Complaint(
            N_("%(parts)d SMS parts; at most %(limit)d are sent."), {"parts": found.parts, "limit": int(limit)}
        )


@rule("sms.plain", Severity.NOTE, N_("signs that make an SMS longer or that old phones lack"), channels=["SMS"])
def plain_signs(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    simple = plain(text)
    if simple == text:
        return
    cost = size(facts.whole(text)).parts - size(facts.whole(simple)).parts
    places = [place for place, character in enumerate(text) if plain(character) != character]
    signs, at = "".join(dict.fromkeys(text[place] for place in places)), places[0]
    yield Complaint(
        N_("The signs %(signs)s have plain forms; with them the SMS takes %(parts)d parts fewer.")
        if cost > 0
        else N_("The signs %(signs)s have plain forms, which every phone shows."),
        {"signs": signs, "parts": cost},
        (at, at + 1),
    )


@rule("push.title", Severity.WARN, N_("the title of a push that telephones cut"), channels=["PUSH"], limit=40)
def short_title(text: str, facts: Facts, limit: float) -> Iterator[Complaint]:
    title, _body = title_and_body(facts.whole(text))
    if len(title) > limit:
        yield Complaint(
            N_("The title (the first sentence) has %(count)d characters; %(limit)d are shown."),
            {"count": len(title), "limit": int(limit)},
            _own((0, len(title)), text),
        )


@rule("push.body", Severity.WARN, N_("the body of a push that telephones cut"), channels=["PUSH"], limit=120)
def short_body(text: str, facts: Facts, limit: float) -> Iterator[Complaint]:
    whole = facts.whole(text)
    _title, body = title_and_body(whole)
    if len(body) > limit:
        at = whole.index(body)
        values = {"count": len(body), "limit": int(limit)}
        yield Complaint(
            N_("The body has %(count)d characters; %(limit)d are shown."), values, _own((at, at + len(body)), text)
        )


@rule("email.subject", Severity.BLOCK, N_("an e-mail without a subject"), channels=["EMAIL"])
def has_subject(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    if has_words(text) and SUBJECT.match(text) is None:
        yield Complaint(N_("An e-mail begins with its subject, in a line of its own: “Subject: ...”."), {}, (0, 0))


@rule("email.long_subject", Severity.WARN, N_("a subject that mailboxes cut"), channels=["EMAIL"], limit=60)
def short_subject(text: str, facts: Facts, limit: float) -> Iterator[Complaint]:
    match = SUBJECT.match(text)
    if match and len(match["subject"]) > limit:
        values = {"count": len(match["subject"]), "limit": int(limit)}
        yield Complaint(N_("The subject has %(count)d characters; %(limit)d are shown."), values, match.span("subject"))


@rule("email.preheader", Severity.WARN, N_("an e-mail without a preheader"), channels=["EMAIL"], limit=100)
def has_preheader(text: str, facts: Facts, limit: float) -> Iterator[Complaint]:
    match = PREHEADER.search(text)
    if match is None:
        if has_words(text):
            yield Complaint(N_("There is no preheader: the line that a mailbox shows beside the subject."))
    elif len(match["preheader"]) > limit:
        values = {"count": len(match["preheader"]), "limit": int(limit)}
        yield Complaint(
            N_("The preheader has %(count)d characters; %(limit)d are shown."), values, match.span("preheader")
        )


@rule("email.greeting", Severity.WARN, N_("an e-mail without a greeting"), channels=["EMAIL"])
def greets(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    if has_words(text) and not GREETING.search(text):
        yield Complaint(N_("Nobody is greeted."))


@rule("banner.length", Severity.WARN, N_("a banner nobody reads to its end"), channels=["MOB_BANNER"], limit=60)
def short_lines(text: str, facts: Facts, limit: float) -> Iterator[Complaint]:
    at = 0
    for line in _SENTENCE_END.split(text):
        start = text.index(line, at) if line else at
        at = start + len(line)
        if len(line) > limit:
            values = {"count": len(line), "limit": int(limit)}
            yield Complaint(N_("A line of %(count)d characters; a banner shows %(limit)d."), values, (start, at))


@rule("call.time", Severity.WARN, N_("a speech before the first question"), channels=SPOKEN, limit=40)
def asks_soon(text: str, facts: Facts, limit: float) -> Iterator[Complaint]:
    before = text.partition("?")[0]
    seconds = round(len(before.split()) * 60 / WORDS_A_MINUTE)
    if seconds > limit:
        values = {"seconds": seconds, "limit": int(limit)}
        yield Complaint(
            N_("%(seconds)d seconds of speech before the first question; at most %(limit)d."), values, (0, len(before))
        )


@rule("call.question", Severity.WARN, N_("a talk in which the client is asked nothing"), channels=SPOKEN)
def asks(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    if has_words(text) and "?" not in text:
        yield Complaint(N_("The client is asked nothing: end with a question that is easy to answer."))


@rule("office.step", Severity.WARN, N_("nothing to do for the manager"), channels=["OFFICE_BANNER"])
def tells_the_manager_what_to_do(text: str, facts: Facts, _limit: float) -> Iterator[Complaint]:
    if has_words(text) and "?" not in text and not (STEPS.search(text) or _asks_to_do(text)):
        yield Complaint(
            N_("The banner does not tell the manager what to do: end with a step, as “Offer to apply now”.")
        )


@rule("chat.length", Severity.WARN, N_("a long message in a chat"), channels=["MOBILE_CHAT"], limit=300)
def short_message(text: str, facts: Facts, limit: float) -> Iterator[Complaint]:
    count = len(facts.whole(text))
    if count > limit:
        values = {"count": count, "limit": int(limit)}
        yield Complaint(
            N_("%(count)d characters; up to %(limit)d are read in a chat."), values, _own((int(limit), count), text)
        )


@rule("text.one_action", Severity.WARN, N_("nothing to do for the client, or too much"), channels=MESSAGES, limit=2)
def one_action(text: str, facts: Facts, limit: float) -> Iterator[Complaint]:
    """The head of an e-mail is seen before the letter is opened: what it asks for is no step of the letter."""
    head = max((line.end() for line in HEAD_OF_EMAIL.finditer(text)), default=0)
    actions = [action for action in ACTIONS.finditer(text) if action.start() >= head]
    if has_words(text) and not actions and "?" not in text:
        yield Complaint(N_("The text does not say what the client can do next."))
    # "Получите" is what an action brings, as in "закажите карту и получите кешбэк".
    actions = [action for action in actions if not action[0].lower().startswith("получ")]
    if len(actions) > limit:
        yield Complaint(N_("%(count)d calls to action; one is followed."), {"count": len(actions)}, actions[-1].span())


def _asks_to_do(text: str) -> bool:
    asked = re.findall(r"(?<!\w)[а-яё]+те(?:сь)?(?!\w)", text.lower())
    return any("impr" in reading for word in asked for reading in readings(word))


def title_and_body(text: str) -> tuple[str, str]:
    """A push as telephones show it: its first sentence or line, and the rest."""
    end = _SENTENCE_END.search(text)
    if end is None or end.end() >= len(text):
        return ("", text.strip()) if len(text) > 60 else (text.strip(), "")
    return text[: end.end()].strip(), text[end.end() :].strip()


def characters(text: str, channel: str) -> int:
    """The length of a text as its channel counts it: an SMS in places of its alphabet, of which a smile takes two."""
    return size(text).units if channel == "SMS" else len(text)


def _own(span: Span, text: str) -> Span:
    """The part of a span that is the text's own, not the channel's ending."""
    return min(span[0], len(text)), min(span[1], len(text))
