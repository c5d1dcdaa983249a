"""The real model writes: pieces, characters, stops, seeds, failures."""

from pathlib import Path

import pytest

from marketing_app.llm.engine import GenerationFailed, ModelBroken, ModelMissing, Options, PromptTooLong
from marketing_app.llm.local import LocalEngine, StoppingText, default_model_path
from marketing_app.llm.registry import ModelNotReady, Registry, State

PREFIX = "Текст: Оформите карту банка в приложении.\nТекст: Откройте вклад в приложении.\nТекст:"


def test_pieces_join_to_the_draft(engine: LocalEngine) -> None:
    generation = engine.submit(PREFIX, " Закажите", Options(max_tokens=24, stop=("\n",), candidates=2))
    texts = ["", ""]
    for piece in generation:
        texts[piece.candidate] += piece.text
    assert texts == [draft.text for draft in generation.drafts]
    assert all(draft.token_count and draft.mean_logprob < 0 for draft in generation.drafts)
    assert generation.token_count == sum(draft.token_count for draft in generation.drafts)
    assert generation.prompt_tokens == engine.count_tokens(PREFIX + " Закажите") and generation.seconds > 0


def test_a_stop_string_is_never_shown(engine: LocalEngine) -> None:
    generation = engine.submit(PREFIX, "", Options(max_tokens=40, stop=("\n",)))
    assert "\n" not in "".join(piece.text for piece in generation)
    assert generation.drafts[0].text


def test_a_seed_gives_the_same_text_again(engine: LocalEngine) -> None:
    texts = []
    for _ in range(2):
        generation = engine.submit(PREFIX, "", Options(max_tokens=16, seed=7, temperature=1.0))
        texts.append("".join(piece.text for piece in generation))
    assert texts[0] == texts[1]


def test_cancelling_keeps_what_was_written(engine: LocalEngine) -> None:
    generation = engine.submit(PREFIX, "", Options(max_tokens=500))
    pieces = iter(generation)
    first = next(pieces).text
    generation.cancel()
    rest = "".join(piece.text for piece in pieces)
    assert generation.drafts[0].text == first + rest
    assert generation.token_count < 500


def test_two_requests_are_both_served(engine: LocalEngine) -> None:
    generations = [engine.submit(PREFIX, "", Options(max_tokens=12)) for _ in range(2)]
    assert all("".join(piece.text for piece in generation) for generation in generations)


def test_a_prompt_beyond_the_context_is_refused_with_both_numbers(engine: LocalEngine) -> None:
    with pytest.raises(PromptTooLong) as refused:
        engine.submit("слово " * 2000, "", Options(max_tokens=100))
    assert refused.value.tokens > refused.value.limit == engine.context_size - 100


def test_a_failure_ends_its_own_generation_only(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(engine, "_logprob", lambda token: 1 / 0)
        with pytest.raises(GenerationFailed):
            list(engine.submit(PREFIX, "", Options(max_tokens=4)))
    assert list(engine.submit(PREFIX, "", Options(max_tokens=4)))


def test_a_character_is_never_cut() -> None:
    text = StoppingText(())
    shown = [text.add(bytes([byte])) for byte in "Жё €".encode()]
    assert "".join(shown) == "Жё €" and "\ufffd" not in "".join(shown)


def test_a_stop_split_over_pieces_is_found() -> None:
    text = StoppingText(("END",))
    assert [text.add(b" \n"), text.add(b"abE"), text.add(b"N"), text.add(b"Dmore")] == ["", "ab", "", ""]
    assert text.is_stopped and text.shown == "ab"
    other = StoppingText(("END",))
    assert other.add(b"abE") + other.add(b"x") + other.end() == "abEx"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        LocalEngine(tmp_path / "none.gguf")


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "text.gguf"
    file.write_text("not a model")
    with pytest.raises(ModelBroken):
        LocalEngine(file)


def test_a_truncated_model_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "half.gguf"
    with default_model_path().open("rb") as whole:
        file.write_bytes(whole.read(30_000_000))
    with pytest.raises(ModelBroken):
        LocalEngine(file)


def test_the_registry_says_why_there_is_no_model(tmp_path: Path) -> None:
    registry = Registry()
    with pytest.raises(ModelNotReady):
        registry.engine()
    registry.start(tmp_path / "none.gguf", 512, None)
    assert registry.wait(30) is False
    assert registry.state is State.FAILED
    with pytest.raises(ModelMissing):
        registry.engine()
