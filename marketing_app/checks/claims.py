"""What banks like to claim of a product, each as the phrases it is said in. A text may say it only where the bank's own
description of the product says it. How phrases are written: see phrases.py."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from .findings import Span
from .phrases import Phrases, beginnings_in, phrases

FREE_SERVICE = "free service"
_BOUND = re.compile(r"\s+(?:при|если|для)(?!\w)", re.IGNORECASE)
_DENIED = re.compile(r"(?<!\w)(?:не|not|isn.t|aren.t)\s+$", re.IGNORECASE)


@dataclass(frozen=True)
class Claim:
    """`name` is for people, in English; `pattern` finds it in Russian and English texts alike."""

    name: str
    pattern: Phrases


def _without(*nouns: str) -> tuple[str, ...]:
    """How one says that something is not asked for: "без залога", "залог не нужен", "не требуется залог"."""
    return tuple(
        phrase
        for noun in nouns
        for phrase in (
            f"без [* ]{noun}",
            f"{noun} [* ](не нужн*|не нужен|не треб*|не попрос*|не прос*|нет|не будет)",
            f"не (нужн*|нужен|треб*|прос*|попрос*) {noun}",
        )
    )


CLAIMS = (
    Claim(
        FREE_SERVICE,
        phrases(
            "обслуживан* ... бесплатн*", "обслуживан* без платы",
            "обслуживан*[~]за 0 (₽|руб*)",
            "обслуживан*~0 (₽|руб*)", "бесплатн* ... обслуживан*", "без платы за обслуживан*",
            "free (service|maintenance|servicing)", "service [is] free", "issue and service are free",
            "no (annual|monthly|maintenance) fee",
        ),
    ),
    Claim(
        "free of charge",
        phrases(
            "бесплатн*", "даром", "за наш счет", "за счет банка", "без платы", "без абонентской платы", "0 (₽|руб*)",
            "ничего не стоит", "free of charge", "for free", "at no cost", "is free",
        ),
    ),
    Claim(
        "no down payment",
        phrases(
            "без [первого |первоначального ]взноса", "взнос*[~]0[ ]%", "нулев* [первоначальн* ]взнос*",
            "(no|zero|without a|without) down payment",
        ),
    ),
    Claim(
        "no certificates",
        phrases(
            *_without("справк*", "справок", "документы", "документов", "бумаг", "бумажек"),
            "без подтверждения [вашего ](доход*|занятости)",
            "(по|нужен) одному документу",
            "по (двум|одному|2|1) документ*", "(только|лишь) [по ]паспорт*",
            "(достаточно|нужен только|нужен лишь|хватит|по одному) паспорт*", "без бумажной волокиты",
            "(no|without) (paperwork|certificates|documents|proof of income)",
        ),
    ),
    Claim(
        "an instant decision",
        phrases(
            "(мгновенн*|моментальн*|молниеносн*)", "решение ... (сразу|минут*|час*|секунд*)",
            "решение за [#] (минут*|час*)", "за полчаса", "решение за (пару|несколько) минут",
            "за (пару|несколько) (минут|часов)",
            "за [одну |#](минут*|секунд*)", "за [#] минут", "за [один ](час|часик)", "в тот же день",
            "день в день", "одобр* за # минут", "в день обращения", "прямо на месте", "[уже ]через * минут*",
            "не дожидаясь",
            "(паспорта|достаточно) ... пары минут", "за считан* (минут*|секунд*)", "деньги [уже ](сразу|сегодня)",
            "instant*", "same(-| )day", "decision in [#](minutes|hours|a minute|an hour)",
            "in (minutes|a minute|seconds)",
        ),
    ),
    Claim(
        "insurance of the state",
        phrases(
            "застрахован* государств*", "застрахован* (АСВ|агентством)", "вклад* застрахован*", "счет* застрахован*",
            "(деньги|средства|вложения|сбережения|накопления|вклады) [~]застрахован*",
            "под защитой государства", "под защитой АСВ", "страхован* вкладов", "АСВ",
            "(deposit|savings|money) [is |are ]insured", "insured by the state", "deposit insurance",
        ),
    ),
    Claim(
        "an insured life or thing",
        phrases(
            "(жизнь|здоровье|жизнь и здоровье|квартира|дом|имущество|автомобиль) застрахован*",
            "включена ответственность",
            "страховка ... для всей семьи", "страховк* [в ]поезд*", "travel insurance",
        ),
    ),
    Claim(
        "insurance that costs nothing",
        phrases(
            "(страховка|страхование|полис|КАСКО|ОСАГО) (в подарок|бесплатно|за наш счет)",
            "бесплатн* (страхов*|полис*|КАСКО|ОСАГО)",
            "free insurance", "insurance (as a gift|for free)",
        ),
    ),
    Claim(
        "no commission",
        phrases(
            *_without("комисси*"), "комисси* (не берем|не взимается)",
            "комисси*~0", "нулев* комисси*", "0[ ]% комисси*", "0 комисси*", "не берем комисси*",
            "(no|zero|without|without a) (commission|fee|fees|commissions)", "commission(-| )free",
        ),
    ),
    Claim(
        "no hidden fees",
        phrases("без скрытых условий", "скрытых плат*", *_without("переплат*", "доплат*"), "no hidden (fees|costs)"),
    ),
    Claim(
        "cashback",
        phrases(
            "к(е|э)шб(е|э)к*", "возврат* ... покуп*", "возврат [части ]денег", "верн(ем|ется) ... (покуп*|трат*)",
            "возвраща(ем|ется|ет) ... (покуп*|трат*)", "возвраща(ем|ет) [до ]# ", "cash back", "cashback",
        ),
    ),
    Claim(
        "a time without interest",
        phrases(
            "без процентов", "беспроцентн*", "льготн* период*", "0[ ]% (на|по|годовых)",
            "interest(-| )free", "(without|no) interest", "grace period",
        ),
    ),
    Claim(
        "payment by instalments",
        phrases("рассрочк*", "кредитные каникулы", "платежные каникулы", "instalments", "payment holiday*"),
    ),
    Claim("no checks", phrases(*_without("проверк*", "проверок"), "no (credit )checks")),
    Claim("no inspection", phrases(*_without("осмотр*", "медосмотр*", "оценк*"))),
    Claim("no insurance asked for", phrases(*_without("КАСКО", "ОСАГО", "страховк*", "страховани*"))),
    Claim("no queues or calls", phrases(*_without("очеред*", "звонк*"))),
    Claim(
        "something given, paid or returned",
        phrases(
            "(дарим|подарим|дарят|подарят|вручим)", "подарочн*", "(компенсируем|возместим|доплатим|оплатим|начислим)",
            "верн(ем|ут) ... (процент*|деньги|комисси*)", "(плюс|ещё) # [тыс* ](₽|руб*)",
            "сертификат*",
        ),
    ),
    Claim(
        "interest paid every month",
        phrases(
            "процент* ... (каждый месяц|ежемесячно|раз в месяц)", "ежемесячн* (процент*|выплат*|доход*)",
            "interest every month",
        ),
    ),
    Claim(
        "interest counted every day",
        phrases(
            "процент* ... (каждый день|ежедневно)", "ежедневн* процент*",
        ),
    ),
    Claim(
        "a gift or bonus",
        phrases(
            "в подарок", "подар(ок|ки|ком|ка|ков|ками)", "бонус*", "балл(ы|ов|ами|ах)", "мил(и|ь|ями)",
            "приз(ы|ов|а|ами)",
            "розыгрыш*", "приветственн* (кешбэк|пакет|сумм*)", "промокод*", "двойн* кешбэк*", "повышенн* кешбэк*",
            "gift*", "bonus*", "prize*", "reward points", "promo code",
        ),
    ),
    Claim(
        "a discount or a special price",
        phrases(
            "скидк*", "скидок", "по акции", "акци(я|ей|ю) банка", "спецпредложени*", "специальн* предложени*",
            "спеццен*",
            "распродаж*", "персональн* (ставк*|услови*)", "особ(ые|ых) услови*", "на льготных условиях",
            "discount*", "special offer*", "sale",
        ),
    ),
    Claim(
        "a higher or lower rate",
        phrases(
            "(повышенн*|бонусн*|увеличенн*|пониженн*|сниженн*|льготн*) ставк*",
            "(снизим|снижаем|уменьшим|понизим) ставк*",
            "ставк* (снизится|снижается|падает|упала|выросла)", "надбавк*", "ставк* ... ниже",
            "ниже, чем в других банках",
            "lower* rate*", "reduced rate*", "higher rate*",
        ),
    ),
    Claim(
        "an approved sum",
        phrases(
            "[предварительно ](одобрен*|предодобрен*)", "одобр(им|ят|яем)", "без отказ*",
            "(дадим|дают|выда*|скажем|говорим|положен*) ... (всем|каждому|любому)",
            "(дадим|дают|скажем) (всем|каждому|любому)", "(одобрение|решение) гарантирован*",
            "гарантируем (одобрение|выдачу|решение)", "(кредит|деньги|карта) [уже ](ваш|ваши|ваша)",
            "(любая|любой|плохая|плохой|испорченная) кредитн* истори*",
            "гарантированн* одобрени*", "100[ ]% одобрени*", "(pre-approved|preapproved|approved)",
            "guaranteed approval",
        ),
    ),
    Claim(
        "no collateral or guarantors",
        phrases(
            *_without("залог*", "поручител*", "обеспечени*"), "(no|without) (collateral|guarantor*)",
        ),
    ),
    Claim(
        "early repayment without a fee",
        phrases(
            "досрочн* погашени*", "погасить [кредит ]досрочно", "погасите досрочно", "early repayment", "repay early",
        ),
    ),
    Claim(
        "a personal manager",
        phrases("(личн*|персональн*|собственн*) менеджер*", "(personal|dedicated) manager"),
    ),
    Claim("a concierge", phrases("консьерж*", "concierge")),
    Claim(
        "airport lounges",
        phrases("бизнес(-| )зал*", "бизнес(-| )лаундж*", "ла(у|у́)н(д|)ж*", "lounge(-| )зон*", "lounges", "lounge"),
    ),
    Claim(
        "interest on the balance",
        phrases(
            "процент* [годовых ]на [ваш ]остат*", "% [годовых ]на [ваш ]остат*", "доход на остат*", "#% на остат*",
            "#% годовых на остат*", "годовых на [ваш ]остат*", "interest on (the|your) balance",
        ),
    ),
    Claim(
        "withdrawal at any time",
        phrases(
            "(снять|снимать|снимайте|снятие|забрать) ... (в любой (день|момент)|в любое время|когда угодно|без потери)",
            "withdraw* ... (any time|any day|at any moment)",
        ),
    ),
    Claim("money taken out", phrases("(снять|снимать|снимайте|снимите|снятие|обналич*)", "withdraw*")),
    Claim("an early end", phrases("досрочн*", "раньше срока", "early (repayment|withdrawal|closing)")),
    Claim("insurance", phrases("страховк*", "каско", "осаго")),
    Claim("a limit", phrases("лимит*", "credit limit")),
    Claim(
        "interest paid ahead",
        phrases(
            "процент* вперед", "(вперед|заранее|сразу) ... процент*", "только проценты",
        ),
    ),
    Claim("a rate that grows", phrases("ставк* ... (удвоит*|вырастет|увеличится|повысится)")),
    Claim(
        "work done for the client",
        phrases(
            "за вас", "возьмем на себя", "соберем документы", "сделаем все сами",
        ),
    ),
    Claim("an old thing taken in payment", phrases("в счет оплаты", "в зачет", "trade(-| )in", "трейд(-| )ин")),
    Claim(
        "protection by law",
        phrases("юрист*", "не (делятся|делится|взыск*|арест*)", "при разводе", "наследник*", "lawyer*"),
    ),
    Claim("something covered", phrases("покрыва(ет|ют|ем)", "возмеща(ет|ют|ем)", "covers")),
    Claim(
        "better than another bank",
        phrases(
            "(выше|ниже|лучше|выгоднее|дешевле)[,] чем (у|в) (друг*|соседн*|остальн*|конкурент*|любом)",
            "(выше|ниже|лучше|выгоднее) рынка", "better than (other|any)",
        ),
    ),
    Claim("protection from inflation", phrases("инфляци*", "inflation")),
    Claim("a design of one's own", phrases("дизайн*", "именная карта", "design")),
    Claim("a tax deduction", phrases("налогов* вычет*", "вычет* по налог*", "[налоговый ]вычет", "tax deduction*")),
    Claim(
        "state support",
        phrases(
            "господдержк*", "поддержк* государства", "семейн* ипотек*", "льготн* ипотек*", "маткапитал*",
            "материнск* капитал*", "(state|government)(-| )(subsidised|subsidized|support*)",
        ),
    ),
    Claim(
        "delivery",
        phrases(
            "доставк*", "доставим", "доставят", "привез(ем|ут)", "курьер* (привезет|доставит)", "deliver*",
        ),
    ),
    Claim(
        "around the clock",
        phrases(
            "круглосуточн*", "24/7", "24 часа в сутки", "без выходных", "в любое время (суток|дня|дня и ночи)",
            "around the clock",
        ),
    ),
    Claim(
        "a deadline",
        phrases(
            "только (до|сегодня|сейчас|на этой неделе|в этом месяце|в этом году)",
            "до конца (месяца|недели|года|осени|лета|зимы|весны|сентября|октября|ноября|декабря)",
            "последний (день|шанс)", "осталось [всего ](#|*) (дней|дня|день|часов|часа)", "успейте", "спешите",
            "предложение ограничено", "количество ограничено",
            "(only|just) (today|until|till|this week|this month)", "last chance", "hurry",
        ),
    ),
    Claim(
        "a subscription or service with it",
        phrases(
            "подписк*", "такси", "трансфер*", "помощь на дорог*", "парковк*", "техосмотр*",
            "бесплатн* (sms|смс|уведомлен*)",
            "юридическ* (помощь|консультаци*)", "subscription*", "taxi", "roadside assistance",
        ),
    ),
    Claim(
        "free withdrawal of cash",
        phrases(
            "бесплатн* (снятие*|снимат*|налич*)", "снятие* наличн* (без комисси*|бесплатно)",
            "снимайте наличн* ... без комисси*",
            "(снятие|снимайте|снять) ... без комисси*", "free withdrawal*",
        ),
    ),
    Claim(
        "no visit to an office",
        phrases(
            "без (визит*|похода|посещения) [в |к ]*", "не выходя из дома", "не приходя в (банк|офис)", "дистанционно",
            "не посещая *", "without a visit",
        ),
    ),
    Claim(
        "interest on interest, or money added",
        phrases("капитализаци*", "пополнени*", "пополня*", "пополнять", "довлож*", "top(-| )up", "compound interest"),
    ),
    Claim(
        "part of the money taken out",
        phrases("частичн* сняти*", "снять часть", "без потери процентов", "partial withdrawal*"),
    ),
    Claim(
        "payments put off",
        phrases(
            "(отсрочк*|отложит*|перенес*) [первого |первый ]плат*", "первый платеж через", "пропустить платеж",
            "дату платежа", "defer* payment*",
        ),
    ),
    Claim("no limits", phrases("безлимит*", "без (лимит*|ограничени*)", "неограниченн*", "unlimited")),
    Claim(
        "a protected rate",
        phrases(
            "(фиксированн*|неизменн*) ставк*", "ставк* не (изменится|меняется|вырастет)", "fixed rate*",
        ),
    ),
    Claim("an early salary", phrases("зарплат* (раньше|заранее|досрочно)", "early (pay|salary)")),
    Claim(
        "free transfers",
        phrases(
            "бесплатн* перевод*", "перевод* ... (бесплатн*|без комисси*)",
            "free transfers", "transfers ... (without a fee|free of charge)",
        ),
    ),
    Claim(
        "cash machines", phrases("банкомат*", "atm*", "cash machine*"),
    ),
)  # fmt: skip


@lru_cache(maxsize=512)
def claims_in(text: str) -> tuple[tuple[Claim, Span], ...]:
    """What the text claims, with the words it does it in. What it denies ("не застрахован") it does not claim."""
    return tuple(_found(text))


def _found(text: str) -> Iterator[tuple[Claim, Span]]:
    for claim in _possible(text):
        for match in claim.pattern.finditer(text):
            if match[0] and not _is_denied(text, match) and not (claim.name == FREE_SERVICE and _is_bound(text, match)):
                yield claim, match.span()


def _possible(text: str) -> list[Claim]:
    """The claims whose words may be in the text, judged by how its words begin, in the order of CLAIMS."""
    by_beginning = _by_beginning()
    places = {place for each in beginnings_in(text) for place in by_beginning.get(each, ())}
    return [CLAIMS[place] for place in sorted(places)]


@lru_cache(maxsize=1)
def _by_beginning() -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, claim in enumerate(CLAIMS):
        for each in claim.pattern.beginnings:
            found.setdefault(each, []).append(place)
    return found


def _is_denied(text: str, match: re.Match[str]) -> bool:
    return (
        bool(_DENIED.search(text[max(0, match.start() - 8) : match.start()])) or " не застрахован" in match[0].lower()
    )


def _is_bound(text: str, match: re.Match[str]) -> bool:
    """ "Бесплатно при остатках от ..." is less than "бесплатно": its number is looked at, not its words."""
    return bool(_BOUND.match(text, match.end()))
