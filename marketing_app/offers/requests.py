"""Requests that a marketer makes with one press, as the model reads them: in the language of the texts."""

SHORTER, WARMER, FORMAL = "shorter", "warmer", "formal"
ANOTHER_BENEFIT = "benefit"
"""Not in REQUESTS: what it asks for names the benefit (see `request_for_benefit`)."""

REQUESTS = {
    "ru": {
        SHORTER: "Сделай текст заметно короче. Оставь главную выгоду и призыв.",
        WARMER: "Напиши теплее и проще, как живому человеку. Факты не меняй.",
        FORMAL: "Напиши строже и официальнее, на «вы». Факты не меняй.",
    },
    "en": {
        SHORTER: "Make the text clearly shorter. Keep the main benefit and the call to action.",
        WARMER: "Write it warmer and simpler, as to a real person. Do not change the facts.",
        FORMAL: "Write it more formally. Do not change the facts.",
    },
}

OF_BENEFITS = {
    "ru": ("Напиши заново. Главное: {benefit}.", "Напиши заново, без упора на одну выгоду."),
    "en": ("Write it anew. The main point: {benefit}.", "Write it anew, without stress on one benefit."),
}
"""With a benefit, and without one."""


def request_for_benefit(benefit: str, language: str) -> str:
    """`benefit` is in words, "" for none."""
    named, unnamed = OF_BENEFITS[language]
    return named.replace("{benefit}", benefit) if benefit else unnamed
