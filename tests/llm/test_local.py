"""The real model writes: pieces, characters, stops, seeds, many at a time, failures."""

import threading
from pathlib import Path

import pytest

from marketing_app.llm.batching import PREFIXES, Batcher
from marketing_app.llm.engine import (
    DeadlinePassed,
    Generation,
    GenerationFailed,
    ModelBroken,
    ModelMissing,
    Options,
    Priority,
    Prompt,
    PromptTooLong,
    QueueFull,
)
from marketing_app.llm.local import LONGEST_QUEUE, LocalEngine
from marketing_app.llm.native import Cell, Context, DecodeFailed
from marketing_app.llm.registry import ModelNotReady, Registry, State
from marketing_app.llm.text import StoppingText
from tests.effort import BOUNDED_SECONDS, seconds_of_work
from tests.llm.published import published_model

PREFIX = "Текст: Оформите карту банка в приложении.\nТекст: Откройте вклад в приложении.\nТекст:"
SHARED = "\n".join(["Текст: Оформите карту банка в приложении.", "Текст: Откройте вклад в приложении."] * 3)
LINE = Prompt(PREFIX, "", ("\n",))
ENDLESS = Prompt("Числа: 1, 2, 3, 4,", " 5,")
GREEDY = {"temperature": 0.0, "repeat_penalty": 1.0}


def written(engine: LocalEngine, prompt: Prompt = LINE, **options: object) -> Generation:
    """A generation that is over."""
    generation = engine.submit(prompt, Options(**{"max_tokens": 12, **options}))  # type: ignore[arg-type]
    generation.result()
    return generation


def test_pieces_join_to_the_draft(engine: LocalEngine) -> None:
    prompt = Prompt(PREFIX, " Закажите", ("\n",))
    generation = engine.submit(prompt, Options(max_tokens=24, candidates=2))
    texts = ["", ""]
    for piece in generation:
        texts[piece.candidate] += piece.text
    assert texts == [draft.text for draft in generation.drafts]
    assert all(draft.token_count and draft.certainty and draft.certainty.mean < 0 for draft in generation.drafts)
    assert generation.token_count == sum(draft.token_count for draft in generation.drafts)
    assert generation.prompt_tokens == engine.count_tokens(prompt.text) and generation.seconds > 0


def test_tokens_of_a_long_text_of_lines_are_counted_in_bounded_time(engine: LocalEngine) -> None:
    """llama.cpp needs four times as long for twice the line ends."""
    lines = "Да.\n" * 2_000
    assert engine.count_tokens(lines) == len(engine._model.tokens(lines, add_beginning=True, parse_special=False))
    assert seconds_of_work(lambda: engine.count_tokens(lines * 20)) < BOUNDED_SECONDS


def test_a_stop_string_is_never_shown(engine: LocalEngine) -> None:
    generation = engine.submit(LINE, Options(max_tokens=40))
    assert "\n" not in "".join(piece.text for piece in generation)
    assert generation.drafts[0].text


def test_a_seed_gives_the_same_text_again(engine: LocalEngine) -> None:
    first, second = (written(engine, max_tokens=16, seed=7, temperature=1.0, candidates=2).drafts for _ in range(2))
    assert [draft.text for draft in first] == [draft.text for draft in second]
    assert first[0].text != first[1].text


def test_cancelling_keeps_what_was_written(engine: LocalEngine) -> None:
    generation = engine.submit(LINE, Options(max_tokens=500))
    pieces = iter(generation)
    first = next(pieces).text
    generation.cancel()
    rest = "".join(piece.text for piece in pieces)
    assert generation.drafts[0].text == first + rest
    assert generation.token_count < 500


def test_many_requests_are_written_at_a_time(engine: LocalEngine) -> None:
    """The last to come begins long before the first is finished."""
    generations = [engine.submit(ENDLESS, Options(max_tokens=60, candidates=1, **GREEDY)) for _ in range(4)]
    firsts = [next(iter(generation)) for generation in generations]
    assert all(firsts) and all(generation.token_count < 50 for generation in generations)
    assert len({generation.result()[0].text for generation in generations}) == 1


def test_texts_in_one_batch_do_not_mix(engine: LocalEngine) -> None:
    """Each goes on with its own prompt, whatever is decoded beside it."""
    numbers = [Prompt("", f"{a}, {a + 1}, {a + 2}, {a + 3},", (",",)) for a in (1, 21, 41, 61, 81)]
    generations = [engine.submit(prompt, Options(max_tokens=6, **GREEDY)) for prompt in numbers]
    assert [generation.result()[0].text for generation in generations] == ["5", "25", "45", "65", "85"]


def test_a_shared_beginning_is_decoded_once(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[int] = []
    decode = Context.decode
    monkeypatch.setattr(Context, "decode", lambda self, cells: (decoded.append(len(cells)), decode(self, cells)))
    prompts = [Prompt(f"Повод: осень.\n{SHARED}", f"\nКлиент {number}:", ("\n",)) for number in range(4)]
    generations = [engine.submit(prompt, Options(max_tokens=4, candidates=2)) for prompt in prompts]
    for generation in generations:
        generation.result()
    prompt_tokens = sum(generation.prompt_tokens for generation in generations)
    own_tokens = sum(engine.count_tokens(prompt.suffix) for prompt in prompts)
    shared_tokens = engine.count_tokens(prompts[0].prefix)
    assert sum(decoded) < shared_tokens + own_tokens + 4 * 2 * 4 + 8 < prompt_tokens


@pytest.mark.parametrize("kept_count", [1, PREFIXES])
def test_a_beginning_is_decoded_from_where_it_differs_from_a_kept_one(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch, kept_count: int
) -> None:
    """Beside the kept one, or in its place where as many are kept as there may be."""
    products = [f"{SHARED} {kept_count}\nПродукт: {name}" for name in ("вклад", "карта", "кредит", "счёт", "ипотека")]
    for product in products[:kept_count]:
        written(engine, Prompt(product, "\nТекст:", ("\n",)), max_tokens=2)
    decoded: list[int] = []
    decode = Context.decode
    monkeypatch.setattr(Context, "decode", lambda self, cells: (decoded.append(len(cells)), decode(self, cells)))
    begun = written(engine, Prompt(products[kept_count], "\nТекст:", ("\n",)), max_tokens=6, **GREEDY)
    assert sum(decoded) < engine.count_tokens(SHARED) // 2 < begun.prompt_tokens
    whole = written(engine, Prompt("", f"{products[kept_count]}\nТекст:", ("\n",)), max_tokens=6, **GREEDY)
    assert begun.drafts[0].text == whole.drafts[0].text


def test_a_model_that_keeps_one_state_for_all_tokens_shares_whole_beginnings_only(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert engine._model.has_cell_for_each_token
    monkeypatch.setattr(engine._batcher, "_may_cut", False)
    decoded: list[int] = []
    decode = Context.decode
    monkeypatch.setattr(Context, "decode", lambda self, cells: (decoded.append(len(cells)), decode(self, cells)))
    for product in ("кредит", "вклад"):
        written(engine, Prompt(f"{SHARED}\nПовод: зима. Продукт: {product}", "\nТекст:", ("\n",)), max_tokens=2)
    assert sum(decoded) > 2 * engine.count_tokens(SHARED)


def test_a_kept_beginning_changes_no_text(engine: LocalEngine) -> None:
    """The same prompt, whole and in two parts, begun for the first time and from what was kept."""
    texts = {
        written(engine, Prompt(prefix, suffix, ("\n",)), **GREEDY).drafts[0].text
        for prefix, suffix in (("", SHARED + "\nТекст:"), (SHARED, "\nТекст:"), (SHARED, "\nТекст:"))
    }
    assert len(texts) == 1


def test_more_beginnings_than_are_kept_are_all_served(engine: LocalEngine) -> None:
    for number in range(12):
        assert written(engine, Prompt(f"Повод {number}.\n{SHARED}", "\nТекст:", ("\n",)), max_tokens=3).drafts


def test_drafts_that_do_not_fit_beside_each_other_follow_each_other(engine: LocalEngine) -> None:
    """Eight drafts of a thousand tokens are twice the context."""
    prompt = Prompt("", "1, 2, 3,", ("9",))
    generation = engine.submit(prompt, Options(max_tokens=1000, candidates=8, **GREEDY), priority=Priority.CAMPAIGN)
    assert [draft.text.strip() for draft in generation.result()] == ["4, 5, 6, 7, 8,"] * 8


def test_a_person_finds_room_beside_a_campaign_that_could_fill_the_context(engine: LocalEngine) -> None:
    options = Options(max_tokens=900, candidates=8)
    campaign = [engine.submit(ENDLESS, options, priority=Priority.CAMPAIGN) for _ in range(4)]
    next(iter(campaign[0]))
    assert written(engine, LINE, max_tokens=60, candidates=3).drafts
    assert not any(generation.drafts for generation in campaign)
    for generation in campaign:
        generation.cancel()
        generation.result()


def test_two_persons_are_both_begun_beside_a_campaign(engine: LocalEngine) -> None:
    campaign = [engine.submit(ENDLESS, Options(max_tokens=400), priority=Priority.CAMPAIGN) for _ in range(8)]
    next(iter(campaign[0]))
    persons = [engine.submit(ENDLESS, Options(max_tokens=200, candidates=3)) for _ in range(2)]
    assert all(next(iter(person)) for person in persons)
    assert not any(person.drafts for person in persons)
    for generation in [*campaign, *persons]:
        generation.cancel()
        generation.result()


def test_a_person_goes_before_a_campaign(engine: LocalEngine) -> None:
    """Sequences are kept for people, so the texts of a full campaign need not end first."""
    campaign = [engine.submit(ENDLESS, Options(max_tokens=120), priority=Priority.CAMPAIGN) for _ in range(12)]
    next(iter(campaign[0]))
    person = written(engine, ENDLESS, max_tokens=8)
    assert person.drafts[0].text and not any(generation.drafts for generation in campaign)
    for generation in campaign:
        generation.cancel()
        generation.result()


def test_a_person_interrupts_the_step_of_a_campaign(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted: list[bool] = []
    interrupt = Context.interrupt
    monkeypatch.setattr(Context, "interrupt", lambda self: (interrupted.append(True), interrupt(self)))
    campaign = [engine.submit(ENDLESS, Options(max_tokens=60), priority=Priority.CAMPAIGN) for _ in range(4)]
    next(iter(campaign[0]))
    assert written(engine).drafts and interrupted
    for generation in campaign:
        assert generation.result()[0].token_count == 60


def test_an_interrupted_step_changes_no_text(engine: LocalEngine) -> None:
    beginning = "Числа по порядку. " * 12
    numbers = [
        Prompt(beginning, ", ".join(str(number) for number in range(begin, begin + 9)) + ",") for begin in (1, 31, 61)
    ]
    options = Options(max_tokens=24, **GREEDY)
    expected = [engine.submit(prompt, options, priority=Priority.CAMPAIGN).result()[0].text for prompt in numbers]
    generations = [engine.submit(prompt, options, priority=Priority.CAMPAIGN) for prompt in numbers]
    for _ in range(40):
        engine._context.interrupt()
        threading.Event().wait(0.02)
        engine._context.allow()
        threading.Event().wait(0.02)
    assert [generation.result()[0].text for generation in generations] == expected


def test_a_text_that_takes_too_long_is_ended(engine: LocalEngine) -> None:
    generation = engine.submit(ENDLESS, Options(max_tokens=2000), deadline_seconds=3)
    with pytest.raises(DeadlinePassed):
        generation.result()
    assert generation.drafts[0].text and generation.token_count < 2000


def test_a_text_that_still_waits_can_be_cancelled(engine: LocalEngine) -> None:
    running = [engine.submit(ENDLESS, Options(max_tokens=200), priority=Priority.CAMPAIGN) for _ in range(5)]
    waiting = engine.submit(ENDLESS, Options(max_tokens=200), priority=Priority.CAMPAIGN)
    waiting.cancel()
    assert waiting.result() == []
    for generation in running:
        generation.cancel()
        generation.result()


def test_a_full_queue_refuses(engine: LocalEngine) -> None:
    asked: list[Generation] = []
    with pytest.raises(QueueFull):
        for _ in range(LONGEST_QUEUE[Priority.PERSON] + 20):
            asked.append(engine.submit(ENDLESS, Options(max_tokens=500)))
    assert len(asked) >= LONGEST_QUEUE[Priority.PERSON]
    for generation in asked:
        generation.cancel()
        generation.result()
    assert written(engine).drafts


def test_a_prompt_beyond_the_context_is_refused_with_both_numbers(engine: LocalEngine) -> None:
    with pytest.raises(PromptTooLong) as refused:
        engine.submit(Prompt("слово " * 5000, ""), Options(max_tokens=100))
    assert refused.value.tokens > refused.value.limit == engine.card.context_tokens - 100


def test_prompts_that_fit_only_one_after_another_are_all_served(engine: LocalEngine) -> None:
    """Each takes more than half of the context, so the second waits until the first is done."""
    long = [Prompt("", f"{number} " + "слово " * 1500 + "\nТекст:", ("\n",)) for number in range(2)]
    generations = [engine.submit(prompt, Options(max_tokens=4)) for prompt in long]
    assert all(generation.prompt_tokens > engine.card.context_tokens // 3 for generation in generations)
    assert all(generation.result() for generation in generations)


def test_a_failed_batch_does_not_stop_the_engine(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    written(engine, Prompt(SHARED, "\nТекст:", ("\n",)))  # leaves a kept beginning, which is lost with the batch
    with monkeypatch.context() as broken:
        broken.setattr(Context, "decode", _refuse)
        generations = [engine.submit(LINE, Options(max_tokens=4)) for _ in range(3)]
        for generation in generations:
            with pytest.raises(GenerationFailed):
                generation.result()
    assert written(engine, Prompt(SHARED, "\nТекст:", ("\n",))).drafts[0].text


def test_an_unforeseen_error_does_not_stop_the_engine(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Batcher, "_hand_out", lambda self, slots: 1 / 0)
        with pytest.raises(GenerationFailed):
            written(engine)
    assert written(engine).drafts


def test_a_failed_batch_leaves_alone_what_still_waits(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    running = [engine.submit(ENDLESS, Options(max_tokens=400), priority=Priority.CAMPAIGN) for _ in range(4)]
    next(iter(running[-1]))
    waiting = engine.submit(LINE, Options(max_tokens=4), priority=Priority.CAMPAIGN)
    fail_once = threading.Event()
    decode = Context.decode

    def decode_but_once(self: Context, cells: list[Cell]) -> None:
        if not fail_once.is_set():
            fail_once.set()
            _refuse(self, cells)
        decode(self, cells)

    monkeypatch.setattr(Context, "decode", decode_but_once)
    for generation in running:
        with pytest.raises(GenerationFailed):
            generation.result()
    assert waiting.result()[0].text


@pytest.mark.xdist_group("model")
def test_closing_finishes_what_was_asked_for() -> None:
    engine = LocalEngine(published_model(), context=512, sequences=3, threads=1)
    generations = [engine.submit(LINE, Options(max_tokens=4)) for _ in range(5)]
    engine.close()
    assert all(generation.drafts for generation in generations)


def test_the_card_tells_what_runs(engine: LocalEngine) -> None:
    card = engine.card
    assert card.name == "Gemma 3 270m, cut vocabulary" and card.source.endswith(".gguf") and card.licence == "gemma"
    assert card.context_tokens == 4096 and card.sequence_count == 6 and card.trained_context_tokens == 32768
    assert card.size_bytes < 120_000_000 and card.parameter_count > 100_000_000
    assert card.vocabulary_tokens < card.source_vocabulary_tokens == 262_144
    assert not engine.is_chat and engine.chat_template is None


def test_a_character_is_never_cut() -> None:
    text = StoppingText(())
    shown = [text.add(bytes([byte])) for byte in "Жё €".encode()]
    assert "".join(shown) == "Жё €" and "\ufffd" not in "".join(shown)


def test_what_no_database_stores_is_left_out() -> None:
    assert StoppingText(()).add("Кар\0та".encode()) == "Карта"


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
    with published_model().open("rb") as whole:
        file.write_bytes(whole.read(30_000_000))
    with pytest.raises(ModelBroken):
        LocalEngine(file)


def test_the_registry_says_why_there_is_no_model(tmp_path: Path) -> None:
    registry = Registry()
    with pytest.raises(ModelNotReady):
        registry.engine()
    registry.start(lambda: LocalEngine(tmp_path / "none.gguf"))
    assert registry.wait(30) is False
    assert registry.state is State.FAILED
    with pytest.raises(ModelMissing):
        registry.engine()


def _refuse(_self: Context, _cells: list[Cell]) -> None:
    raise DecodeFailed("llama_decode answered -3")
