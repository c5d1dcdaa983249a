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
PAYS_BILLS = _from("cnt_tr_service_3m", 5)
YOUNG = _up_to("age", 35)
OLDER = _from("age", 55)
VISITED_FOR_SAVINGS = _one_of("visit_purposes", "DEPOSIT", "INVEST")

BENEFITS: dict[str, tuple[DemoBenefit, ...]] = {
    "PK": (
        DemoBenefit("не нужны залог и поручители"),
        DemoBenefit("деньги на любые цели"),
        DemoBenefit("решение за один рабочий день", (YOUNG,)),
        DemoBenefit("досрочное погашение без комиссии", (TOPS_UP,)),
        DemoBenefit("срок на выбор, от 1 года до 5 лет", (PAYS_BILLS,)),
    ),
    "TOPUP": (
        DemoBenefit("один платёж в месяц"),
        DemoBenefit("часть суммы деньгами на любые цели"),
        DemoBenefit("срок до 5 лет", (YOUNG,)),
        DemoBenefit("сумма до 3 000 000 ₽", (BUYS,)),
        DemoBenefit("досрочное погашение без комиссии", (TOPS_UP,)),
    ),
    "REFIN": (
        DemoBenefit("до пяти кредитов и карт в одном"),
        DemoBenefit("один платёж вместо нескольких"),
        DemoBenefit("банк сам переводит деньги на погашение", (YOUNG,)),
        DemoBenefit("срок до 5 лет", (OLDER,)),
        DemoBenefit("сумма до 3 000 000 ₽", (TRANSFERS,)),
    ),
    "CC": (
        DemoBenefit("обслуживание бесплатно"),
        DemoBenefit("льготный период до 120 дней на покупки"),
        DemoBenefit("кешбэк за покупки, до 3 000 ₽ в месяц", (BUYS,)),
        DemoBenefit("лимит до 500 000 ₽", (YOUNG,)),
        DemoBenefit("кешбэк 5% на АЗС, до 3 000 ₽ в месяц", (REFUELS,)),
        DemoBenefit("кешбэк 5% на АЗС, до 3 000 ₽ в месяц", (DRIVES, REFUELS)),
    ),
    "AUTO": (
        DemoBenefit("новый или подержанный автомобиль"),
        DemoBenefit("досрочное погашение без комиссии"),
        DemoBenefit("первоначальный взнос от 10%", (YOUNG,)),
        DemoBenefit("срок до 7 лет", (OLDER,)),
        DemoBenefit("сумма до 5 000 000 ₽", (REFUELS,)),
    ),
    "AUTO_SCR": (
        DemoBenefit("деньги на любые цели"),
        DemoBenefit("автомобилем можно пользоваться как прежде"),
        DemoBenefit("срок до 5 лет", (YOUNG,)),
        DemoBenefit("досрочное погашение без комиссии", (TOPS_UP,)),
        DemoBenefit("сумма до 2 000 000 ₽", (REFUELS,)),
    ),
    "MORTG": (
        DemoBenefit("квартира в новостройке или готовое жильё"),
        DemoBenefit("заявка подаётся онлайн"),
        DemoBenefit("первоначальный взнос от 20%", (YOUNG,)),
        DemoBenefit("решение до трёх рабочих дней", (TRANSFERS,)),
        DemoBenefit("срок до 30 лет", (PAYS_BILLS,)),
    ),
    "MORTG_REFIN": (
        DemoBenefit("согласие прежнего банка не нужно"),
        DemoBenefit("досрочное погашение без комиссии"),
        DemoBenefit("срок до 30 лет", (YOUNG,)),
        DemoBenefit("сумма до 80% стоимости жилья", (OLDER,)),
        DemoBenefit("сумма до 20 000 000 ₽", (TRANSFERS,)),
    ),
    "MORTG_SCR": (
        DemoBenefit("деньги на любые цели"),
        DemoBenefit("досрочное погашение без комиссии"),
        DemoBenefit("срок до 20 лет", (YOUNG,)),
        DemoBenefit("сумма до 60% стоимости жилья", (OLDER,)),
        DemoBenefit("сумма до 15 000 000 ₽", (TRANSFERS,)),
    ),
    "DEPOSIT": (
        DemoBenefit("сумма до 1 400 000 ₽ застрахована государством"),
        DemoBenefit("срок на выбор, от 3 месяцев до 2 лет"),
        DemoBenefit("открыть можно с суммой от 10 000 ₽", (YOUNG,)),
        DemoBenefit("до 15,5% годовых при сроке 6 месяцев", (OLDER,)),
        DemoBenefit("до 15,5% годовых при сроке 6 месяцев", (VISITED_FOR_SAVINGS,)),
        DemoBenefit("проценты выплачиваются в конце срока", (TRANSFERS,)),
    ),
    "SAVE_ACC": (
        DemoBenefit("проценты начисляются каждый день"),
        DemoBenefit("пополнение и снятие в любой день"),
        DemoBenefit("минимальной суммы нет", (YOUNG,)),
        DemoBenefit("проценты выплачиваются раз в месяц", (OLDER,)),
        DemoBenefit("снятие без потери процентов", (TAKES_CASH,)),
        DemoBenefit("13% годовых на остаток до 1 500 000 ₽", (VISITED_FOR_SAVINGS,)),
    ),
    "DC": (
        DemoBenefit("выпуск и обслуживание бесплатно"),
        DemoBenefit("кешбэк в трёх категориях на выбор"),
        DemoBenefit("уведомления об операциях бесплатно", (OLDER,)),
        DemoBenefit("кешбэк до 2 000 ₽ в месяц", (BUYS,)),
        DemoBenefit("переводы в другие банки по номеру телефона без комиссии до 100 000 ₽ в месяц", (TRANSFERS,)),
    ),
    "PREMIUM": (
        DemoBenefit("личный менеджер"),
        DemoBenefit("страховка в поездках для всей семьи"),
        DemoBenefit("шесть проходов в бизнес-залы в год", (YOUNG,)),
        DemoBenefit("бесплатно при остатках от 2 000 000 ₽", (OLDER,)),
        DemoBenefit("кешбэк 2%, до 10 000 ₽ в месяц", (BUYS,)),
    ),
    "INVEST": (
        DemoBenefit("обслуживание бесплатно"),
        DemoBenefit("покупка акций, облигаций и фондов"),
        DemoBenefit("открытие онлайн за 10 минут", (YOUNG,)),
        DemoBenefit("комиссия за сделку 0,1%", (TRANSFERS,)),
        DemoBenefit("минимальной суммы нет", (TOPS_UP,)),
    ),
    "ISG": (
        DemoBenefit("жизнь застрахована на весь срок"),
        DemoBenefit("в конце срока возвращается 100% взноса"),
        DemoBenefit("договор на 3 года или 5 лет", (YOUNG,)),
        DemoBenefit("один взнос за весь срок", (OLDER,)),
        DemoBenefit("взнос от 100 000 ₽", (TOPS_UP,)),
    ),
    "NSG": (
        DemoBenefit("накопление к важной дате"),
        DemoBenefit("жизнь и здоровье застрахованы"),
        DemoBenefit("срок на выбор, от 5 до 20 лет", (YOUNG,)),
        DemoBenefit("взносы раз в месяц или раз в год", (OLDER,)),
        DemoBenefit("взносы от 3 000 ₽ в месяц", (TOPS_UP,)),
    ),
    "INS_LIFE": (
        DemoBenefit("медицинский осмотр не нужен"),
        DemoBenefit("полис действует по всему миру"),
        DemoBenefit("полис оформляется онлайн", (YOUNG,)),
        DemoBenefit("выплата до 1 000 000 ₽", (OLDER,)),
        DemoBenefit("полис на год от 2 400 ₽", (PAYS_BILLS,)),
    ),
    "INS_PROPERTY": (
        DemoBenefit("осмотр жилья не нужен"),
        DemoBenefit("защита от пожара, залива и кражи"),
        DemoBenefit("включена ответственность перед соседями до 500 000 ₽", (YOUNG,)),
        DemoBenefit("выплата до 2 000 000 ₽", (OLDER,)),
        DemoBenefit("полис на год от 1 900 ₽", (PAYS_BILLS,)),
    ),
    "TRUST": (
        DemoBenefit("портфелем управляют специалисты"),
        DemoBenefit("три стратегии с разным риском"),
        DemoBenefit("отчёт о портфеле каждый месяц", (YOUNG,)),
        DemoBenefit("вознаграждение 1,5% от суммы в год", (OLDER,)),
        DemoBenefit("сумма от 300 000 ₽", (TOPS_UP,)),
    ),
    "OMS": (
        DemoBenefit("хранить слитки не нужно"),
        DemoBenefit("открытие и обслуживание бесплатно"),
        DemoBenefit("покупка от 0,1 грамма", (YOUNG,)),
        DemoBenefit("золото, серебро, платина и палладий", (OLDER,)),
        DemoBenefit("покупка и продажа в мобильном банке", (TRANSFERS,)),
    ),
    "IZP": (
        DemoBenefit("обслуживание карты бесплатно"),
        DemoBenefit("достаточно заявления работодателю"),
        DemoBenefit("снятие наличных в любых банкоматах", (YOUNG,)),
        DemoBenefit("5% годовых на остаток до 300 000 ₽", (TOPS_UP,)),
        DemoBenefit("снятие без комиссии до 150 000 ₽ в месяц", (TAKES_CASH,)),
    ),
    "CURR_EXC": (
        DemoBenefit("обмен без комиссии"),
        DemoBenefit("юани, дирхамы и казахстанские тенге"),
        DemoBenefit("курс в мобильном банке выгоднее на 0,5%", (YOUNG,)),
        DemoBenefit("обмен в мобильном банке и в офисах", (OLDER,)),
        DemoBenefit("минимальная сумма 10 единиц валюты", (TRANSFERS,)),
    ),
}
