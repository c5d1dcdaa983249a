"""Whatever goes wrong in an engine, nobody waits for ever, and the process says so where it cannot go on."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from marketing_app.llm.batching import Batcher
from marketing_app.llm.engine import DeadlinePassed, EngineStopped, Generation, GenerationFailed, Options, Prompt
from marketing_app.llm.local import LocalEngine
from marketing_app.llm.native import Context, DecodeFailed
from marketing_app.llm.registry import Registry, State
from marketing_app.llm.remote import RemoteEngine, WritingDraft
from marketing_app.llm.requests import Request
from tests.llm.model_servers import ScriptedServer, silent, writing
from tests.llm.small_models import write_model

PROMPT = Prompt("", "Оформите")
Patch = pytest.MonkeyPatch


@pytest.fixture(scope="module")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("small") / "small.gguf"
    return write_model(path, ["Оформите карту банка"], merges=False, context=4096)


@pytest.fixture
def engine(small_model: Path, monkeypatch: Patch) -> Iterator[LocalEngine]:
    """Nothing about a failing engine is worth a minute's wait here."""
    monkeypatch.setattr("marketing_app.llm.engine.GRACE_SECONDS", 0.3)
    monkeypatch.setattr("marketing_app.llm.engine.POLLING_SECONDS", 0.1)
    engine = LocalEngine(small_model, context=4096, sequences=4, threads=1)
    yield engine
    monkeypatch.undo()
    engine.close()


def failing(*, times: int = 10**6, after: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """A method that fails so many times, then does what it did."""
    left = [times]

    def call(*arguments: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] < 0 and after:
            return after(*arguments, **named)
        raise RuntimeError("broken")

    return call


def ask(engine: LocalEngine | RemoteEngine, **options: Any) -> Generation:
    return engine.submit(PROMPT, Options(**{"max_tokens": 4, **options}), deadline_seconds=20)


def decode_fails(self: Context, cells: object) -> None:
    raise DecodeFailed("llama_decode answered -3")


def test_a_failure_while_failing_ends_the_texts_and_the_next_ones_are_written(
    engine: LocalEngine, monkeypatch: Patch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Context, "decode", decode_fails)
        broken.setattr(Context, "clear", failing(times=1, after=Context.clear))
        for generation in [ask(engine) for _ in range(8)]:
            with pytest.raises(GenerationFailed):
                generation.result()
    assert ask(engine).result() and engine.failure is None


@pytest.mark.parametrize("method", ["add", "_begin", "_drop_ended", "_end", "_finish"])
def test_wherever_it_fails_the_text_ends_and_the_next_one_is_written(
    engine: LocalEngine, monkeypatch: Patch, method: str
) -> None:
    """In taking in work, beginning, ending."""
    with monkeypatch.context() as broken:
        broken.setattr(Batcher, method, failing(times=1, after=getattr(Batcher, method)))
        with pytest.raises(GenerationFailed):
            ask(engine).result()
    assert ask(engine).result() and engine.failure is None


def test_a_text_that_breaks_the_sampler_does_not_break_the_others_for_ever(
    engine: LocalEngine, monkeypatch: Patch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Request, "sampler", failing())
        for _ in range(3):
            with pytest.raises(GenerationFailed):
                ask(engine).result()
    assert ask(engine).result()


def test_an_engine_that_cannot_go_on_says_so(engine: LocalEngine, monkeypatch: Patch) -> None:
    registry = Registry()
    registry.start(lambda: engine)
    assert registry.wait(10)
    all_are_asked = Event()
    monkeypatch.setattr(Context, "decode", lambda self, cells: (all_are_asked.wait(30), decode_fails(self, cells)))
    monkeypatch.setattr(Context, "clear", failing())
    waiting = [ask(engine) for _ in range(8)]
    all_are_asked.set()
    for generation in waiting:
        with pytest.raises((GenerationFailed, EngineStopped)):
            generation.result()
    engine._thread.join(10)
    assert registry.state is State.FAILED and isinstance(registry.reason, EngineStopped)
    for refused in (registry.engine, lambda: ask(engine)):
        with pytest.raises(EngineStopped):
            refused()


def test_an_engine_that_hangs_keeps_nobody_and_says_so_as_long_as_it_lasts(
    engine: LocalEngine, monkeypatch: Patch
) -> None:
    monkeypatch.setattr("marketing_app.llm.local.LONGEST_STEP_SECONDS", 0.1)
    goes_on = Event()
    decode = Context.decode
    monkeypatch.setattr(Context, "decode", lambda self, cells: (goes_on.wait(30), decode(self, cells))[1])
    late = engine.submit(PROMPT, Options(max_tokens=4), deadline_seconds=0.1)
    cancelled = ask(engine)
    cancelled.cancel()
    for generation in (late, cancelled):
        with pytest.raises(DeadlinePassed):
            generation.result()
    assert isinstance(engine.failure, EngineStopped)
    goes_on.set()
    for _ in range(100):
        if engine.failure is None:
            break
        time.sleep(0.05)
    assert engine.failure is None and ask(engine).result()


def test_every_text_has_a_deadline(engine: LocalEngine) -> None:
    asked = [engine.submit(PROMPT, Options(max_tokens=2)), engine.score(PROMPT, "карту")]
    for generation in asked:
        assert 0 < generation.deadline - time.monotonic() <= 600
        generation.result()


@pytest.mark.parametrize("fails", [False, True])
def test_the_end_of_a_text_is_found_again(engine: LocalEngine, monkeypatch: Patch, fails: bool) -> None:
    """Whoever iterates a second time does not wait for what was read already."""
    if fails:
        monkeypatch.setattr(Context, "decode", decode_fails)
    generation = ask(engine)
    for _ in range(2):
        if fails:
            with pytest.raises(GenerationFailed):
                generation.result()
        else:
            assert len(generation.result()) == 1


def test_closing_cancels_what_takes_too_long_and_refuses_what_comes_later(
    small_model: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setattr("marketing_app.llm.local.CLOSING_SECONDS", 0.3)
    engine = LocalEngine(small_model, context=4096, sequences=3, threads=1)
    decode = Context.decode
    monkeypatch.setattr(Context, "decode", lambda self, cells: (time.sleep(0.05), decode(self, cells))[1])
    generation = ask(engine, max_tokens=3000)
    next(iter(generation))
    engine.close()
    assert generation.result()[0].token_count < 3000
    with pytest.raises(EngineStopped):
        ask(engine)


def test_a_served_text_whose_end_cannot_be_reckoned_fails(monkeypatch: Patch) -> None:
    with ScriptedServer(writing("Карта")) as server:
        engine = RemoteEngine(server.url, "gemma", is_chat=False)
        with monkeypatch.context() as broken:
            broken.setattr(WritingDraft, "finished", failing())
            with pytest.raises(GenerationFailed):
                ask(engine).result()
        assert ask(engine).result()[0].text == "Карта"
        engine.close()


def test_a_served_model_whose_thread_ends_keeps_nobody_and_says_so() -> None:
    with ScriptedServer(silent) as server:
        engine = RemoteEngine(server.url, "gemma", is_chat=False)
        generation = ask(engine)
        assert engine.failure is None
        engine._loop.call_soon_threadsafe(engine._loop.stop)
        with pytest.raises(EngineStopped):
            generation.result()
        engine._thread.join(10)
        assert isinstance(engine.failure, EngineStopped)
        with pytest.raises(EngineStopped):
            ask(engine)
        engine.close()
