"""The model is asked again until a draft may be sent, a few times at most. What it says each time is given here."""

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import pytest

from marketing_app.checks.findings import ChannelFacts, Facts, ProductFacts
from marketing_app.checks.registry import RULES
from marketing_app.llm.certainty import Bars
from marketing_app.llm.engine import (
    Engine,
    EngineError,
    Generation,
    GenerationFailed,
    Options,
    Piece,
    Priority,
    Prompt,
    PromptTooLong,
)
from marketing_app.models import Message
from marketing_app.offers.checking import check_draft
from marketing_app.offers.choosing import WORTH_ANOTHER_ROUND, best_draft, keep_drafts, with_senses
from marketing_app.offers.drafting import REQUESTS, ROUNDS, Round, best_round, drafted
from marketing_app.offers.sense import senses_of
from tests.factories import draft_of

CARD = Facts(ProductFacts("Дебетовая карта", "card", "Обслуживание бесплатно."), ChannelFacts("TMO", 120))
RIGHT = "Дебетовая карта, обслуживание бесплатно: заказать её для вас?"
ALSO_RIGHT = "Дебетовая карта: обслуживание бесплатно. Рассказать подробнее?"
WRONG = "Дебетовая карта под 30% годовых, оформите её сегодня."
WORSE = "Вклад под 30% годовых, откройте его."
ASKED = Prompt("Примеры\n\nКлиент: ", "женщина\nТекст:", ("\n",))


class Scripted:
    """An engine that answers each asking with the next of what it was given: a text or an error."""

    chat_template = None

    def __init__(self, *answers: str | EngineError) -> None:
        self._answers: Iterator[str | EngineError] = iter(answers)
        self.asked = list[tuple[Prompt, Options, Priority]]()

    def submit(self, prompt: Prompt, options: Options, *, priority: Priority = Priority.PERSON) -> Generation:
        self.asked.append((prompt, options, priority))
        answer = next(self._answers)
        if isinstance(answer, PromptTooLong):
            raise answer
        generation = Generation(options, priority)
        if isinstance(answer, EngineError):
            generation.finish(answer)
            return generation
        generation.put(Piece(0, answer))
        generation.drafts = [draft_of(answer, -1.0)] if answer else []
        generation.finish()
        return generation


def draft(engine: Scripted, raising: tuple[type[EngineError], ...] = (), seed: int | None = None) -> list[Round]:
    first = engine.submit(ASKED, Options(seed=seed, candidates=2), priority=Priority.CAMPAIGN)
    return drafted(cast(Engine, engine), ASKED, first, CARD, lambda generation: generation.result(), raising)


def test_a_draft_that_passes_is_the_last() -> None:
    engine = Scripted(RIGHT)
    assert [each.choice.text for each in draft(engine)] == [RIGHT] and len(engine.asked) == 1


def test_what_failed_is_said_in_the_next_prompt_and_the_best_is_taken() -> None:
    engine = Scripted(WORSE, WRONG, RIGHT)
    rounds = draft(engine, seed=7)
    assert best_round(rounds).choice.text == RIGHT and len(rounds) == ROUNDS
    assert "Просьба: " in engine.asked[1][0].text and rounds[1].prompt is engine.asked[1][0]
    assert [options.seed for _prompt, options, _priority in engine.asked] == [7, 9, 11]
    assert {priority for *_rest, priority in engine.asked} == {Priority.CAMPAIGN}


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("Дебетовая карта, обслуживание бесплатно. Хотите заказать карту с?", "пиши законченными предложениями"),
        ("Дебетовая карта, обслуживание бесплатно. Закажи: она ждёт вас?", "обращайся к клиенту везде одинаково"),
        ("Дебетовая карта, обслуживание бесплатно. Закажешь?", "обращайся к клиенту на «вы»"),
        ("Дебетовая карта, обслуживание бесплатно. Сколько вам лет?", "спрашивай только о планах и о продукте"),
    ],
)
def test_a_text_without_sense_is_asked_for_again(text: str, request_: str) -> None:
    engine = Scripted(text, RIGHT)
    assert best_round(draft(engine)).choice.text == RIGHT
    assert f"Просьба: {request_}\n" in engine.asked[1][0].text


def test_requests_are_those_of_rules() -> None:
    assert RULES.keys() >= WORTH_ANOTHER_ROUND
    assert all(known.keys() - {""} <= RULES.keys() for known in REQUESTS.values())
    assert REQUESTS["ru"].keys() == REQUESTS["en"].keys()


def test_where_none_passes_the_one_with_the_least_wrong_is_taken() -> None:
    rounds = draft(Scripted(WORSE, WRONG, WORSE, RIGHT))
    assert len(rounds) == ROUNDS and best_round(rounds).choice.text == WRONG


@pytest.mark.parametrize("error", [GenerationFailed("model"), PromptTooLong(5000, 4096)])
def test_an_error_in_a_later_round_keeps_those_that_are_over(error: EngineError) -> None:
    assert [each.choice.text for each in draft(Scripted(WRONG, error))] == [WRONG]


def test_an_error_in_the_first_round_is_told() -> None:
    with pytest.raises(GenerationFailed):
        draft(Scripted(GenerationFailed("model")))


def test_who_would_rather_wait_for_the_model_is_told_of_later_errors_as_well() -> None:
    with pytest.raises(GenerationFailed):
        draft(Scripted(WRONG, GenerationFailed("model")), raising=(GenerationFailed,))


def test_a_text_cut_short_is_not_better_for_what_it_does_not_say_yet() -> None:
    engine = Scripted(WRONG, "Дебетовая карта ждёт")

    def follow(generation: Generation) -> None:
        generation.result()
        if len(engine.asked) == 2:
            generation.cancel()

    first = engine.submit(ASKED, Options())
    rounds = drafted(cast(Engine, engine), ASKED, first, CARD, follow)
    assert len(rounds) == 2 and best_round(rounds).choice.text == WRONG


def test_the_text_that_a_change_was_asked_of_is_no_answer() -> None:
    engine = Scripted(RIGHT, ALSO_RIGHT)
    first = engine.submit(ASKED, Options())
    facts = replace(CARD, former=RIGHT)
    rounds = drafted(cast(Engine, engine), ASKED, first, facts, lambda generation: generation.result())
    assert best_round(rounds).choice.text == ALSO_RIGHT
    assert "Просьба: другими словами" in engine.asked[1][0].text


def test_an_unchanged_text_is_better_than_one_that_may_not_be_said() -> None:
    engine = Scripted(RIGHT, WRONG, WORSE)
    first = engine.submit(ASKED, Options())
    facts = replace(CARD, former=RIGHT)
    rounds = drafted(cast(Engine, engine), ASKED, first, facts, lambda generation: generation.result())
    assert best_round(rounds).choice.text == RIGHT and len(rounds) == ROUNDS


def test_a_model_that_says_nothing_is_not_asked_again() -> None:
    assert [each.choice.text for each in draft(Scripted(""))] == [""]


def test_a_draft_that_ended_with_its_opening_is_kept_without_a_probability() -> None:
    generation = Generation(Options(), Priority.CAMPAIGN)
    generation.drafts = [draft_of("Дебетовая карта.", None, 0), draft_of("Карта.", -0.5, 2)]
    message = Message()
    keep_drafts(message, [generation], CARD)
    assert message.drafts == [["Дебетовая карта.", 0, None], ["Карта.", 2, -0.5]]


SURE, UNSURE, NONSENSE = -0.5, -0.85, -1.5
BARRED = replace(CARD, bars=Bars(upper=-0.7, lower=-1.0))


def drafted_with(*rounds: dict[str, float]) -> list[Round]:
    """Rounds whose drafts are these texts with their certainties."""
    engine = Scripted(*("-" for _ in rounds))
    several = iter(rounds)

    def follow(generation: Generation) -> None:
        generation.result()
        generation.drafts = [draft_of(text, certainty) for text, certainty in next(several).items()]

    first = engine.submit(ASKED, Options(candidates=2), priority=Priority.CAMPAIGN)
    return drafted(cast(Engine, engine), ASKED, first, BARRED, follow)


def test_a_draft_of_which_the_model_is_not_sure_is_asked_for_again() -> None:
    rounds = drafted_with({RIGHT: UNSURE}, {ALSO_RIGHT: SURE})
    assert len(rounds) == 2 and best_round(rounds).choice.text == ALSO_RIGHT
    assert [each.rule for each in rounds[0].choice.findings] == ["language.sense"]


def test_nonsense_is_not_chosen_though_it_breaks_no_other_rule() -> None:
    rounds = drafted_with({RIGHT: NONSENSE, ALSO_RIGHT: UNSURE}, {RIGHT: NONSENSE}, {RIGHT: NONSENSE})
    assert best_round(rounds).choice.text == ALSO_RIGHT


def test_a_bare_opening_is_not_surer_than_a_text() -> None:
    rounds = drafted_with({RIGHT: SURE})
    generation = rounds[0].generation
    generation.drafts = [draft_of("Дебетовая карта: обслуживание бесплатно?", None), draft_of(RIGHT, SURE)]
    assert best_draft(generation, with_senses(BARRED, generation.drafts)).text == RIGHT


def test_what_a_message_keeps_of_its_text_is_what_the_rules_find_again() -> None:
    rounds = drafted_with({RIGHT: UNSURE}, {RIGHT: UNSURE}, {RIGHT: UNSURE})
    message = Message(text=RIGHT)
    keep_drafts(message, [each.generation for each in rounds], BARRED)
    held = replace(CARD, senses=senses_of(RIGHT, message.certainty))
    assert [each.rule for each in check_draft(RIGHT, held)] == ["language.sense"]
