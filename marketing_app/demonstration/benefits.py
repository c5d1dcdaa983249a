"""What the invented bank's products are good for, and for whom: by product, the words and the fitting clients.

Nothing here says more than the product's description, and no condition asks for what is secret.
"""

from dataclasses import dataclass

from ..clients.conditions import Condition, Operator


@dataclass(frozen=True)
class DemoBenefit:
    """`conditions` are all true of the clients whom the benefit suits best; without any it suits everybody."""

    text: str
    conditions: tuple[Condition, ...] = ()


def _from(field: str, least: int) -> Condition:
    return Condition(f"data.{field}", Operator.BETWEEN, (str(least), ""))


def _up_to(field: str, most: int) -> Condition:
    return Condition(f"data.{field}", Operator.BETWEEN, ("", str(most)))


def _one_of(field: str, *codes: str) -> Condition:
    return Condition(f"data.{field}", Operator.ONE_OF, codes)


DRIVES = _one_of("app_vehicle_ind", "1")
REFUELS = _from("cnt_tr_oil_3m", 10)
BUYS = _from("cnt_tr_buy_3m", 60)
TRANSFERS = _from("cnt_tr_on_card_3m", 20)
TAKES_CASH = _from("cnt_tr_cash_3m", 8)
TOPS_UP = _from("cnt_tr_top_up_3m", 15)
YOUNG = _up_to("age", 35)
OLDER = _from("age", 55)
VISITED_FOR_SAVINGS = _one_of("visit_purposes", "DEPOSIT", "INVEST")

BENEFITS: dict[str, tuple[DemoBenefit, ...]] = {
    "PK": (
        DemoBenefit("без залога и поручителей"),
        DemoBenefit("решение за один рабочий день", (YOUNG,)),
        DemoBenefit("досрочное погашение без комиссии", (TOPS_UP,)),
    ),
    "TOPUP": (DemoBenefit("один платёж в месяц"), DemoBenefit("часть суммы деньгами на любые цели", (BUYS,))),
    "REFIN": (
        DemoBenefit("до пяти кредитов и карт в одном"),
        DemoBenefit("банк сам переводит деньги на погашение", (YOUNG,)),
    ),
    "CC": (
        DemoBenefit("обслуживание бесплатно"),
        DemoBenefit("льготный период до 120 дней на покупки", (BUYS,)),
        DemoBenefit("кешбэк 5% на АЗС", (REFUELS,)),
        DemoBenefit("кешбэк 5% на АЗС", (DRIVES, REFUELS)),
    ),
    "AUTO": (
        DemoBenefit("новый или подержанный автомобиль"),
        DemoBenefit("первоначальный взнос от 10%", (YOUNG,)),
    ),
    "AUTO_SCR": (
        DemoBenefit("деньги на любые цели"),
        DemoBenefit("автомобилем можно пользоваться как прежде", (DRIVES,)),
    ),
    "MORTG": (DemoBenefit("заявка онлайн"), DemoBenefit("квартира в новостройке или готовое жильё", (YOUNG,))),
    "MORTG_REFIN": (DemoBenefit("согласие прежнего банка не нужно"),),
    "MORTG_SCR": (DemoBenefit("деньги на любые цели"), DemoBenefit("досрочное погашение без комиссии", (TOPS_UP,))),
    "DEPOSIT": (
        DemoBenefit("сумма от 10 000 ₽"),
        DemoBenefit("ставка до 15,5% годовых", (VISITED_FOR_SAVINGS,)),
        DemoBenefit("деньги застрахованы государством", (OLDER,)),
    ),
    "SAVE_ACC": (
        DemoBenefit("проценты начисляются каждый день"),
        DemoBenefit("пополнение и снятие в любой день", (TOPS_UP,)),
    ),
    "DC": (
        DemoBenefit("выпуск и обслуживание бесплатно"),
        DemoBenefit("кешбэк 3% в трёх категориях на выбор", (BUYS,)),
        DemoBenefit("переводы без комиссии до 100 000 ₽ в месяц", (TRANSFERS,)),
    ),
    "PREMIUM": (
        DemoBenefit("личный менеджер"),
        DemoBenefit("кешбэк 2% на все покупки", (BUYS,)),
        DemoBenefit("шесть проходов в бизнес-залы аэропортов в год", (YOUNG,)),
    ),
    "INVEST": (
        DemoBenefit("обслуживание бесплатно"),
        DemoBenefit("счёт открывается онлайн за 10 минут", (YOUNG,)),
    ),
    "ISG": (DemoBenefit("жизнь застрахована на весь срок"),),
    "NSG": (DemoBenefit("взносы от 3 000 ₽ в месяц"), DemoBenefit("накопление к важной дате", (YOUNG,))),
    "INS_LIFE": (
        DemoBenefit("оформляется онлайн без медицинского осмотра"),
        DemoBenefit("действует по всему миру", (YOUNG,)),
    ),
    "INS_PROPERTY": (
        DemoBenefit("осмотр жилья не нужен"),
        DemoBenefit("защита от пожара, залива и кражи", (OLDER,)),
        DemoBenefit("ответственность перед соседями до 500 000 ₽", (YOUNG,)),
    ),
    "TRUST": (DemoBenefit("портфелем управляют специалисты"), DemoBenefit("три стратегии с разным риском", (YOUNG,))),
    "OMS": (DemoBenefit("без хранения слитков"), DemoBenefit("от 0,1 грамма", (YOUNG,))),
    "IZP": (
        DemoBenefit("обслуживание карты бесплатно"),
        DemoBenefit("снятие наличных без комиссии до 150 000 ₽ в месяц", (TAKES_CASH,)),
    ),
    "CURR_EXC": (DemoBenefit("комиссии нет"), DemoBenefit("обмен в мобильном банке и в офисах", (OLDER,))),
}
