"""The work that the benchmarks of the model share: text messages about a credit card for invented clients."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from marketing_app.demonstration.clients import generate
from marketing_app.dictionary.services import KnownField
from marketing_app.dictionary.standard import default_dictionary
from marketing_app.dictionary.words import words
from marketing_app.language_model.services import models_directory, packaged_model
from marketing_app.llm import prompts
from marketing_app.llm.engine import Engine, Options, Priority, Prompt
from marketing_app.llm.examples import examples_for
from marketing_app.llm.files import default_model_path
from marketing_app.models import FieldType, Sensitivity
from marketing_app.settings import load_settings

CARD = prompts.Product(
    "Кредитная карта «Прилив»", "card", "Лимит до 1 млн рублей, до 120 дней без процентов, обслуживание бесплатно."
)
SMS = prompts.Channel("SMS", "СМС", "Короткий текст с одним призывом к действию.", 134)
OCCASION = "Начало учебного года"
OPTIONS = Options(max_tokens=60)
SHORT_EXAMPLES = 4
SHORT_FIELDS = 5


def published_model_path() -> Path:
    """The model's file as it was published: that of MODEL_PATH, else the packaged one."""
    return Path(os.environ.get("MODEL_PATH") or default_model_path(models_directory(load_settings())))


def model_path() -> Path:
    """The file that the program would load: that of MODEL_PATH, else the packaged one with its vocabulary cut."""
    settings = load_settings()
    return settings.model_path or packaged_model(settings)[0]


def text_messages(count: int, seed: int = 1) -> list[Prompt]:
    """The prompts of one campaign, exactly as the application composes them for a base model."""
    fields = [
        KnownField(
            field.key,
            field.label_ru,
            FieldType(field.type),
            dict(field.codes),
            Sensitivity(field.sensitivity),
            field.is_in_prompt,
        )
        for field in default_dictionary()
    ]
    text = prompts.default_prompt(CARD, SMS, OCCASION, "ru")
    return [
        prompts.compose(
            text,
            product=CARD,
            channel=SMS,
            occasion=OCCASION,
            client=words(fields, client, "ru"),
            language="ru",
        )
        for client in generate(count, seed)
    ]


def short_text_messages(count: int, seed: int = 1) -> list[Prompt]:
    """The work of the first measurements: four examples, and about thirty tokens of a client's own."""
    examples = "\n\n".join(
        f"Продукт: {example.product}\nКлиент: {example.client}\nТекст: {example.text}"
        for example in examples_for(SMS.key, CARD.kind, SHORT_EXAMPLES)
    )
    prefix = f"Напиши СМС клиенту банка.\n\n{examples}\n\nПродукт: {CARD.name}. {CARD.description}\nКлиент: "
    return [
        Prompt(prefix, f"{'; '.join(prompt.suffix.partition(chr(10))[0].split('; ')[:SHORT_FIELDS])}\nТекст:", ("\n",))
        for prompt in text_messages(count, seed)
    ]


def texts_a_minute(engine: Engine, work: Sequence[Prompt], options: Options = OPTIONS) -> float:
    """Write them all as a campaign does, and say how fast that went."""
    started = time.perf_counter()
    generations = [engine.submit(prompt, options, priority=Priority.CAMPAIGN) for prompt in work]
    for generation in generations:
        generation.result()
    return len(work) / (time.perf_counter() - started) * 60
