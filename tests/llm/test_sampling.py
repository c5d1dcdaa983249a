"""How the next token is drawn."""

import numpy as np
import pytest

from marketing_app.llm.engine import Options
from marketing_app.llm.sampling import Sampler, likeliest

PLAIN = {"repeat_penalty": 1.0, "top_p": 1.0, "min_p": 0.0, "top_k": 0, "temperature": 1.0}


def scores(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def drawn(count: int, values: np.ndarray, **options: float) -> list[int]:
    sampler = Sampler(Options(**{**PLAIN, **options}), 7, [])  # type: ignore[arg-type]
    return [token_of(sampler.draw(values)) for _ in range(count)]


def token_of(drawn: tuple[int, float] | None) -> int:
    assert drawn is not None
    return drawn[0]


@pytest.mark.parametrize("size", [3, 255, 256, 1000, 262_144])
@pytest.mark.parametrize("count", [1, 5, 40])
def test_the_likeliest_are_found_in_a_vocabulary_of_any_size(size: int, count: int) -> None:
    values = np.random.default_rng(size).normal(size=size).astype(np.float32)
    expected = np.argsort(values)[::-1][:count]
    assert likeliest(values, count).tolist() == expected.tolist()


def test_without_temperature_the_likeliest_is_taken() -> None:
    assert drawn(5, scores(0.1, 2.0, 1.9), temperature=0.0) == [1] * 5


def test_tokens_come_as_often_as_they_are_likely() -> None:
    tokens = drawn(4000, np.log(scores(0.1, 0.6, 0.3)))
    assert np.bincount(tokens) / 4000 == pytest.approx([0.1, 0.6, 0.3], abs=0.03)


def test_a_high_temperature_makes_them_more_even() -> None:
    tokens = drawn(4000, np.log(scores(0.1, 0.9)), temperature=2.0)
    assert np.bincount(tokens)[0] / 4000 == pytest.approx(0.25, abs=0.03)


def test_top_k_leaves_k() -> None:
    assert set(drawn(500, scores(1.0, 1.0, 0.9, 0.8), top_k=2)) == {0, 1}


def test_top_p_leaves_the_fewest_that_reach_p() -> None:
    assert set(drawn(500, np.log(scores(0.5, 0.3, 0.15, 0.05)), top_p=0.75)) == {0, 1}


def test_min_p_leaves_what_is_likely_beside_the_likeliest() -> None:
    assert set(drawn(500, np.log(scores(0.6, 0.3, 0.09, 0.01)), min_p=0.4)) == {0, 1}


def test_a_token_that_was_just_used_becomes_less_likely_and_its_score_is_put_back() -> None:
    values = scores(2.0, 1.9, -5.0)
    sampler = Sampler(Options(**{**PLAIN, "temperature": 0.0, "repeat_penalty": 1.5}), None, [0])  # type: ignore[arg-type]
    assert token_of(sampler.draw(values)) == 1
    assert values.tolist() == scores(2.0, 1.9, -5.0).tolist()


def test_the_log_probability_is_that_of_the_drawn_token() -> None:
    sampler = Sampler(Options(**{**PLAIN, "temperature": 0.0}), None, [])  # type: ignore[arg-type]
    assert sampler.draw(np.log(scores(0.2, 0.8))) == (1, pytest.approx(np.log(0.8)))


def test_only_what_is_permitted_is_drawn_and_tells_how_unlikely_it_was() -> None:
    sampler = Sampler(Options(**PLAIN), 7, [], np.array([True, False, True]))  # type: ignore[arg-type]
    drawn = [sampler.draw(np.log(scores(0.1, 0.6, 0.3))) for _ in range(200)]
    assert {token_of(each) for each in drawn} == {0, 2}
    assert {round(float(np.exp(each[1])), 3) for each in drawn if each} == {0.1, 0.3}


def test_nothing_is_drawn_where_the_model_wants_to_say_what_is_not_permitted() -> None:
    sampler = Sampler(Options(**PLAIN), 7, [], np.array([True, False]))  # type: ignore[arg-type]
    values = np.log(scores(0.001, 0.999))
    assert sampler.draw(values) is None
    assert values.tolist() == np.log(scores(0.001, 0.999)).tolist()
