"""What the invented bank's channels add to their texts, and what its credits cost in full: invented as the rest of it.

One ending serves loans and cards alike: a product without a full cost is sent without the line of {full_cost}.
"""

BANK = "Северный Берег"

FULL_COSTS = {
    "PK": "17,9–34,9%",
    "TOPUP": "16,9–33,9%",
    "REFIN": "16,5–33,5%",
    "CC": "29,9–39,9%",
    "AUTO": "15,9–27,9%",
    "AUTO_SCR": "16,2–29,2%",
    "MORTG": "18,5–22,5%",
    "MORTG_REFIN": "18,2–22,2%",
    "MORTG_SCR": "17,2–25,2%",
}
"""By the product's key."""

_OF_KIND = {
    "loan": "Оценивайте свои финансовые возможности и риски. ПСК {full_cost} годовых. "
    "Изучите все условия кредита на сайте.",
    "investment": "Доход не гарантирован. Не является индивидуальной инвестиционной рекомендацией.",
    "insurance": "Условия и страховщик указаны на сайте.",
    "deposit": "",
    "account": "",
    "service": "",
}
_OF_KIND["card"] = _OF_KIND["mortgage"] = _OF_KIND["loan"]
_UNSUBSCRIBE = "Отписаться от писем можно в мобильном банке, в разделе «Уведомления»."

ENDINGS = {
    **{
        key: {kind: f"Банк «{{bank}}».\n{words}".strip() for kind, words in _OF_KIND.items()}
        for key in ("SMS", "PUSH", "MOB_BANNER")
    },
    "EMAIL": {
        kind: "\n".join(filter(None, ("С уважением, банк «{bank}»", words, "Подробнее: {link}", _UNSUBSCRIBE)))
        for kind, words in _OF_KIND.items()
    },
}
"""By the channel's key and the kind of product. Calls, chats and offices are no advertisements by the law's rules."""

LIMITS = {"SMS": {"sms.segments": 4, "sms.too_many": 4}, "PUSH": {"push.body": 210}}
"""By the channel's key and the rule. The ending of a credit takes 132 characters, which is two parts of an SMS by
itself; a push shows its warnings only when it is opened."""
