"""What banks like to claim of a product, each as the words it is said in. A text may say it only where the product's
own description says it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from .findings import N_, Span


@dataclass(frozen=True)
class Claim:
    """`name` is for people, in English; `pattern` finds it in Russian and English texts alike."""

    name: str
    pattern: re.Pattern[str]


def _claim(name: str, *patterns: str) -> Claim:
    return Claim(name, re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE))


CLAIMS = (
    _claim(
        N_("free service"),
        r"обслуживани\w*[^.!?]{0,25}(?:бесплатн\w*|без платы|за 0 (?:₽|руб))",
        r"бесплатн\w+[^.!?]{0,25}обслуживани\w*",
        r"free (?:service|maintenance|servicing)|no (?:annual|monthly|maintenance) fee",
    ),
    _claim(
        N_("free of charge"),
        r"бесплатн\w*|даром|за наш счёт|за счёт банка|без платы",
        r"free of charge|for free|at no cost",
    ),
    _claim(
        N_("no down payment"),
        r"без (?:первого|первоначального) взноса|(?:первоначальн\w+ )?взнос\w*[^.!?\d]{0,10}\b0 ?%",
        r"(?:no|zero|without a?) ?down payment",
    ),
    _claim(
        N_("no certificates"),
        r"без (?:лишних )?(?:справок|документов|подтверждения доход\w*|бумаг\w*)|по (?:двум|одному|2|1) документ\w+|только (?:по )?паспорт\w*",
        r"no (?:paperwork|certificates|proof of income)|without (?:paperwork|certificates)",
    ),
    _claim(
        N_("an instant decision"),
        r"(?:мгновенн|моментальн)\w+|в тот же день|решение[^.!?]{0,20}(?:сразу|минут\w*|час\w*|день|дня)|за (?:пару|несколько) (?:минут|часов)|за (?:минуту|час)\b",
        r"instant\w*|same.day|decision[^.!?]{0,20}(?:minutes?|hours?|day)",
    ),
    _claim(
        N_("state insurance"),
        r"застрахован\w*(?: государств\w+| АСВ)?|под защитой государства|страхов\w+ вклад\w*|АСВ\b",
        r"insured(?: by the state)?|deposit insurance",
    ),
    _claim(
        N_("no commission"),
        r"без (?:какой-либо |скрытых )?(?:комисси\w+|плат[еыё]\w*)|комисси\w+ (?:нет|не берём|не взимается|0)|нулев\w+ комисси\w+|0 ?% комисси\w+",
        r"(?:no|zero|without) (?:commission|fees?)|commission.free",
    ),
    _claim(N_("cashback"), r"к[еэ]шб[еэ]к\w*|возвра(?:т|щаем|щается)[^.!?]{0,20}(?:покуп|процент|%)", r"cash ?back"),
    _claim(
        N_("without interest"),
        r"без процентов|беспроцентн\w+|льготн\w+ период\w*|0 ?% (?:на|по|годовых)|рассрочк\w+",
        r"interest.free|without interest|grace period|no interest",
    ),
    _claim(
        N_("a gift or bonus"),
        r"(?:в )?подар(?:ок|ки|ком|ка|ков)\b|бонус\w*|балл(?:ы|ов|ами)\b|мил(?:и|ь|ями)\b|приз\w{0,2}\b|розыгрыш\w*",
        r"gifts?\b|bonus\w*|prizes?\b|reward points?",
    ),
    _claim(N_("a discount"), r"скидк\w+|по акции|спецпредложени\w*|распродаж\w*", r"discounts?|special offer|sale\b"),
    _claim(
        N_("an approved sum"),
        r"(?:пред)?одобрен\w*|гарантированн\w+ одобрени\w*|без отказа|одобрим (?:всем|каждому|любому)",
        r"(?:pre.?)?approved|guaranteed approval",
    ),
    _claim(
        N_("no collateral or guarantors"),
        r"без (?:залога|поручител\w+|обеспечения)",
        r"(?:no|without) (?:collateral|guarantors?)",
    ),
    _claim(
        N_("early repayment without a fee"),
        r"досрочн\w+ погашени\w*|погасить досрочно|погасите досрочно",
        r"early repayment|repay early",
    ),
    _claim(
        N_("a personal manager"),
        r"(?:личн|персональн)\w+ менеджер\w*|консьерж\w*",
        r"(?:personal|dedicated) manager|concierge",
    ),
    _claim(N_("airport lounges"), r"бизнес-?зал\w*|лаунж\w*|lounge-?зон\w*", r"lounges?"),
    _claim(
        N_("insurance included"),
        r"(?:страховк\w+|страховани\w+|полис\w*) (?:в подарок|включен\w*|входит|бесплатн\w*)",
        r"insurance (?:included|as a gift)",
    ),
    _claim(
        N_("interest on the balance"),
        r"процент\w*[^.!?]{0,15}на остат\w+|годовых на остат\w+|доход на остат\w+",
        r"interest on (?:the|your) balance",
    ),
    _claim(
        N_("withdrawal at any time"),
        r"(?:пополн\w+|снят\w+|снима\w+)[^.!?]{0,30}(?:любой день|любой момент|любое время|когда угодно|без потери)",
        r"withdraw\w*[^.!?]{0,30}(?:any time|any day)",
    ),
    _claim(N_("a tax deduction"), r"налогов\w+ вычет\w*|вычет\w* по налог\w*", r"tax deductions?"),
    _claim(N_("state support"), r"господдержк\w+|семейн\w+ ипотек\w+|маткапитал\w*|материнск\w+ капитал\w*", r"state.subsid\w+"),
    _claim(N_("delivery"), r"доставк\w+|доставим|привез[её]м|курьер\w* (?:привез|достав)\w*", r"deliver\w*"),
    _claim(
        N_("around the clock"),
        r"круглосуточн\w*|24/7|24 часа|без выходных|в любое время(?: суток| дня)?",
        r"around the clock|24/7",
    ),
    _claim(
        N_("a deadline"),
        r"только (?:до|сегодня|сейчас|на этой неделе|в этом месяце)|до конца (?:месяца|недели|года|осени|лета|зимы|весны)|последний (?:день|шанс)|осталось \w+ (?:дней|дня|день)|успейте",
        r"(?:only|just) (?:today|until|till|this week)|last chance|hurry",
    ),
    _claim(N_("an early payout"), r"зарплат\w+ (?:раньше|заранее|досрочно)|аванс\w*", r"early pay\w*"),
    _claim(N_("a rate that falls"), r"(?:снизим|снижение|пониженн\w+|уменьшим) ставк\w*|ставк\w+ (?:снижается|ниже|падает)", r"lower(?:ed)? rate"),
    _claim(N_("free transfers"), r"бесплатн\w+ перевод\w*|перевод\w*[^.!?]{0,30}(?:бесплатн\w*|без комисси\w*)", r"free transfers?"),
    _claim(N_("any cash machine"), r"(?:любы\w+|всех) банкомат\w*", r"any (?:atm|cash machine)"),
)  # fmt: skip


@lru_cache(maxsize=512)
def claims_in(text: str) -> tuple[tuple[Claim, Span], ...]:
    """What the text claims, with the words it does it in."""
    return tuple(_found(text))


def _found(text: str) -> Iterator[tuple[Claim, Span]]:
    for claim in CLAIMS:
        for match in claim.pattern.finditer(text):
            yield claim, match.span()
