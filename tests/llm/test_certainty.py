"""How sure the model was of what it wrote, and of what somebody else wrote."""

from math import log

import numpy as np
import pytest

from marketing_app.llm.certainty import certainty_of, decoded
from marketing_app.llm.engine import Options, Prompt
from marketing_app.llm.local import LocalEngine
from marketing_app.llm.sampling import Sampler

BEGUN = "Вклад ждёт вас."
PIECES = [(" Откройте", -0.5), (" вклад", -0.25), (" в", -0.75), (" прилож", -0.5), ("ении", -0.5), (".", -0.5)]
PROMPT = Prompt("Текст: Оформите карту в приложении банка.\nТекст:", "", ("\n",), openings=("Карта для вас.",))
GOOD, SHUFFLED = "Оформите карту в приложении банка.", "банка карту в Оформите приложении."


def text_of(pieces: list[tuple[str, float]]) -> str:
    return BEGUN + "".join(piece for piece, _logprob in pieces)


def test_the_mean_is_that_of_the_models_own_words() -> None:
    certainty = certainty_of(text_of(PIECES), len(BEGUN), PIECES)
    assert certainty is not None and certainty.mean == pytest.approx(-0.5)


def test_the_weakest_place_is_three_words() -> None:
    pieces = [*PIECES[:3], (" сумке", -6.0), (" на", -0.1), (" всякий", -0.2), (" случай", -0.3), (".", -0.1)]
    text = text_of(pieces)
    certainty = certainty_of(text, len(BEGUN), pieces)
    assert certainty is not None
    assert text[slice(*certainty.weakest_span)] == "вклад в сумке"
    assert certainty.weakest == pytest.approx((-0.25 - 0.75 - 6.0) / 3)


def test_what_was_cut_off_does_not_count() -> None:
    certainty = certainty_of(text_of(PIECES), len(BEGUN), [*PIECES, (" И ещё", -9.0)])
    assert certainty is not None and certainty.mean == pytest.approx(-0.5)


def test_nothing_is_known_of_a_text_to_which_the_model_added_nothing() -> None:
    assert certainty_of(BEGUN, len(BEGUN), [(" и", -1.0)]) is None
    assert certainty_of(BEGUN, len(BEGUN), []) is None


def test_space_before_a_text_shifts_no_place() -> None:
    certainty = certainty_of("Откройте вклад", -1, PIECES[:2])
    assert certainty is not None and certainty.weakest_span == (0, len("Откройте вклад"))


def test_a_character_belongs_to_the_token_that_ends_it() -> None:
    first, last = "ж".encode()[:1], "ж".encode()[1:]
    assert decoded([(b"a", -1.0), (first, -2.0), (last, -3.0)]) == [("a", -1.0), ("", -2.0), ("ж", -3.0)]


def test_options_change_what_is_drawn_and_not_how_likely_it_is() -> None:
    values = np.log(np.array([0.5, 0.3, 0.2], dtype=np.float32))
    sampler = Sampler(Options(temperature=0.0, top_k=1, repeat_penalty=9.0), None, [0])
    assert sampler.draw(values) == (1, pytest.approx(log(0.3)))


def test_a_sentence_is_likelier_than_its_words_in_disorder(engine: LocalEngine) -> None:
    good, shuffled = (engine.score(PROMPT, text).result()[0] for text in (GOOD, SHUFFLED))
    assert (good.text, shuffled.text) == (GOOD, SHUFFLED)
    assert good.certainty and shuffled.certainty and good.certainty.mean > shuffled.certainty.mean + 1
    start, end = shuffled.certainty.weakest_span
    assert 0 <= start < end <= len(SHUFFLED)


def test_a_text_is_as_likely_when_it_is_recited_as_when_it_was_written(engine: LocalEngine) -> None:
    examples = "Текст: Карта для вас. Оформите её в приложении.\nТекст: Вклад для вас. Откройте его в приложении.\n"
    prompt = Prompt(f"{examples}Текст:", "", ("\n",), openings=("Счёт для вас.",))
    written = engine.submit(prompt, Options(max_tokens=40, temperature=0.0)).result()[0]
    recited = engine.score(prompt, written.text.removeprefix(prompt.opening).strip()).result()[0]
    assert written.certainty and recited.certainty
    assert recited.certainty.mean == pytest.approx(written.certainty.mean, abs=0.05)
