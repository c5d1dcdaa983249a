"""Requests that a marketer makes with one press, as the model reads them: in the language of the texts."""

SHORTER, WARMER, FORMAL = "shorter", "warmer", "formal"

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
