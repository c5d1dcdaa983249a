"""A served model writes: a real llama_cpp.server, and a scripted one for what a real one cannot be told to do."""

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from marketing_app.language_model.services import load_engine
from marketing_app.llm.chat_templates import TemplateRefused
from marketing_app.llm.engine import (
    AccessRefused,
    DeadlinePassed,
    EngineError,
    GenerationFailed,
    ModelMissing,
    Options,
    PassingError,
    Priority,
    Prompt,
    PromptTooLong,
    QueueFull,
    ServerAway,
)
from marketing_app.llm.remote import LONGEST_QUEUE, RemoteEngine
from marketing_app.settings import Settings
from tests.llm.model_servers import Handler, LlamaServer, ScriptedServer, refusing, silent, writing

OFFERS = "Текст: Оформите карту банка в приложении.\nТекст: Откройте вклад в приложении.\nТекст:"
PROMPT = Prompt(OFFERS, " Закажите", stop=("\n",))
LONG_TEXT = Prompt("1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,", "")
CHAT = Prompt("", "", messages=({"role": "user", "content": "Напишите предложение."},))
KEY = "sk-the-secret-of-the-bank"


@pytest.fixture(scope="module")
def model_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaServer]:
    with LlamaServer(tmp_path_factory.mktemp("server") / "log") as server:
        yield server


@pytest.fixture(scope="module")
def engine(model_server: LlamaServer) -> Iterator[RemoteEngine]:
    engine = RemoteEngine(model_server.url, "gemma", is_chat=False)
    yield engine
    engine.close()


class Opened:
    """An engine that is closed after its test."""

    def __init__(self) -> None:
        self.engines: list[RemoteEngine] = []

    def __call__(self, url: str, **options: Any) -> RemoteEngine:
        engine = RemoteEngine(url, "gemma", **{"is_chat": False, **options})
        self.engines.append(engine)
        return engine


@pytest.fixture
def connect() -> Iterator[Opened]:
    opened = Opened()
    yield opened
    for engine in opened.engines:
        engine.close()


def test_pieces_join_to_the_drafts(engine: RemoteEngine) -> None:
    generation = engine.submit(PROMPT, Options(max_tokens=24, candidates=2))
    pieces = list(generation)
    texts = ["".join(piece.text for piece in pieces if piece.candidate == candidate) for candidate in range(2)]
    assert texts == [draft.text for draft in generation.drafts] and all(texts)
    assert len(pieces) > 4, "a text comes in pieces, not whole"
    assert "\n" not in "".join(texts) and not texts[0].startswith(" ")
    assert generation.token_count == sum(draft.token_count for draft in generation.drafts) > 0
    assert generation.seconds > 0


def test_a_text_begins_with_its_opening(engine: RemoteEngine) -> None:
    generation = engine.submit(replace(PROMPT, openings=("карту банка.",)), Options(max_tokens=24, candidates=2))
    assert [piece.text for piece in generation].count("карту банка.") == 2
    assert all(draft.text.startswith("карту банка.") for draft in generation.drafts)


def test_a_seed_gives_the_same_text_again_and_every_draft_has_its_own(engine: RemoteEngine) -> None:
    options = Options(max_tokens=16, seed=7, temperature=1.2, candidates=2)
    first, again = (engine.submit(PROMPT, options).result() for _ in range(2))
    assert [draft.text for draft in first] == [draft.text for draft in again]
    second_alone = engine.submit(PROMPT, Options(max_tokens=16, seed=8, temperature=1.2)).result()
    assert first[0].text != first[1].text == second_alone[0].text


def test_a_server_that_tells_no_probabilities_still_writes(engine: RemoteEngine) -> None:
    assert [draft.certainty for draft in engine.submit(PROMPT, Options(max_tokens=4)).result()] == [None]


def test_many_texts_at_a_time_are_all_written(engine: RemoteEngine) -> None:
    generations = [engine.submit(PROMPT, Options(max_tokens=6), priority=Priority.CAMPAIGN) for _ in range(12)]
    assert all(generation.result()[0].text for generation in generations)


def test_cancelling_keeps_what_was_written_and_frees_the_server(engine: RemoteEngine) -> None:
    generation = engine.submit(LONG_TEXT, Options(max_tokens=450))
    pieces = iter(generation)
    first = next(pieces).text
    generation.cancel()
    rest = "".join(piece.text for piece in pieces)
    assert generation.drafts[0].text == first + rest
    assert generation.drafts[0].token_count < 450
    began = time.monotonic()
    next(iter(engine.submit(PROMPT, Options(max_tokens=2))))
    assert time.monotonic() - began < 2, "450 tokens take longer"


def test_a_text_of_which_nothing_came_yet_can_be_cancelled(connect: Opened) -> None:
    with ScriptedServer(silent) as server:
        generation = connect(server.url).submit(PROMPT, Options(), deadline_seconds=10)
        while not server.questions:
            time.sleep(0.01)
        generation.cancel()
        assert not any(draft.text for draft in generation.result())


def test_a_prompt_beyond_the_context_is_refused_with_both_numbers(engine: RemoteEngine) -> None:
    with pytest.raises(PromptTooLong) as refused:
        engine.submit(Prompt("слово " * 700, ""), Options(max_tokens=100)).result()
    assert refused.value.tokens > 700 and refused.value.limit == 512 - 100


def test_a_server_with_a_key_and_probabilities(
    tmp_path: Path, connect: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with LlamaServer(tmp_path / "log", api_key=KEY, logits_all=True, n_ctx=64) as server:
        draft = connect(server.url, key=KEY).submit(PROMPT, Options(max_tokens=3)).result()[0]
        assert draft.certainty is not None and -20 < draft.certainty.weakest <= draft.certainty.mean < 0
        with pytest.raises(AccessRefused) as refused:
            connect(server.url, key=KEY[:-4]).submit(PROMPT, Options()).result()
        with pytest.raises(AccessRefused):
            connect(server.url).submit(PROMPT, Options()).result()
    assert "401" in str(refused.value)
    assert KEY[:-4] not in str(refused.value) + caplog.text


def test_a_server_killed_in_mid_text_fails_the_text_and_is_waited_for(tmp_path: Path, connect: Opened) -> None:
    server = LlamaServer(tmp_path / "log").start()
    engine = connect(server.url)
    try:
        broken = engine.submit(LONG_TEXT, Options(max_tokens=450))
        pieces = iter(broken)
        first = next(pieces).text
        server.kill()
        with pytest.raises(GenerationFailed):
            list(pieces)
        assert broken.drafts[0].text.startswith(first)
        waiting = engine.submit(PROMPT, Options(max_tokens=4))
        time.sleep(0.7)
        server.begin()
        assert waiting.result()[0].text
    finally:
        server.kill()


def test_a_conversation_goes_by_the_chat_interface(connect: Opened) -> None:
    with ScriptedServer(writing(" Откройте", " вклад")) as server:
        engine = connect(server.url, is_chat=True)
        draft = engine.submit(CHAT, Options(seed=3)).result()[0]
        assert engine.is_chat and engine.chat_template is None
    assert draft.certainty is not None
    assert (draft.text, draft.token_count, draft.certainty.mean) == ("Откройте вклад", 7, -0.5)
    assert server.questions[0]["messages"] == list(CHAT.messages) and "stop" not in server.questions[0]


CONVERSATION = Prompt(
    "", "", messages=({"role": "system", "content": "Пиши кратко."}, {"role": "user", "content": "Напишите текст."})
)


@pytest.mark.parametrize("words", ["System role not supported", "Jinja Exception: Conversation roles must alternate"])
def test_a_server_whose_template_knows_no_system_role_gets_its_words_in_the_first_request(
    connect: Opened, words: str
) -> None:
    with ScriptedServer(refusing(400, words), writing("Карта")) as server:
        engine = connect(server.url, is_chat=True)
        texts = [engine.submit(CONVERSATION, Options()).result()[0].text for _ in range(2)]
    assert texts == ["Карта", "Карта"]
    sent = [[each["role"] for each in question["messages"]] for question in server.questions]
    assert sent == [["system", "user"], ["user"], ["user"]], "it is asked in vain only once"
    assert server.questions[-1]["messages"][0]["content"] == "Пиши кратко.\n\nНапишите текст."


def test_a_server_whose_template_takes_no_conversation_of_ours_says_so(connect: Opened) -> None:
    refuses = ScriptedServer(refusing(400, "Only user and assistant roles are supported!"))
    with refuses as server, pytest.raises(TemplateRefused):
        connect(server.url, is_chat=True).submit(CONVERSATION, Options()).result()


def test_a_real_server_converses(model_server: LlamaServer, connect: Opened) -> None:
    question = Prompt("", "", messages=({"role": "user", "content": OFFERS},))
    texts = [
        connect(model_server.url, is_chat=True).submit(question, Options(max_tokens=8, seed=seed)).result()[0].text
        for seed in range(3)
    ]
    assert any(texts)


def test_what_the_interface_lacks_goes_under_the_names_of_both_servers(connect: Opened) -> None:
    options = Options(temperature=0.4, top_p=0.8, top_k=7, min_p=0.02, repeat_penalty=1.3, max_tokens=9, seed=5)
    with ScriptedServer(writing("да")) as server:
        generation = connect(server.url).submit(PROMPT, options)
        generation.result()
    asked = server.questions[0]
    assert (asked["temperature"], asked["top_p"], asked["max_tokens"], asked["seed"]) == (0.4, 0.8, 9, 5)
    assert (asked["top_k"], asked["min_p"]) == (7, 0.02)
    assert asked["repeat_penalty"] == asked["repetition_penalty"] == 1.3
    assert asked["prompt"] == PROMPT.text and asked["stop"] == ["\n"]
    assert (generation.prompt_tokens, generation.token_count) == (11, 7)


def test_a_busy_server_is_asked_again_with_growing_waits(connect: Opened) -> None:
    with ScriptedServer(refusing(429), refusing(503), refusing(500), writing("Готово")) as server:
        assert connect(server.url).submit(PROMPT, Options()).result()[0].text == "Готово"
    waits = [later - earlier for earlier, later in zip(server.times, server.times[1:], strict=False)]
    assert len(waits) == 3 and waits[0] < waits[1] < waits[2]


def test_a_server_says_how_long_to_wait(connect: Opened) -> None:
    with ScriptedServer(refusing(429, Retry_After="1.5"), writing("Готово")) as server:
        connect(server.url).submit(PROMPT, Options()).result()
    assert server.times[1] - server.times[0] >= 1.5


@pytest.mark.parametrize("answer", [refusing(503), refusing(429)])
def test_a_server_that_stays_away_is_a_passing_cause(
    connect: Opened, answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketing_app.llm.served.RETRIES", 1)
    with ScriptedServer(answer) as server, pytest.raises(ServerAway) as away:
        connect(server.url).submit(PROMPT, Options()).result()
    assert isinstance(away.value, PassingError) and len(server.questions) == 2


def test_a_text_cut_short_is_no_text(connect: Opened) -> None:
    with ScriptedServer(writing("Откройте", is_whole=False)) as server, pytest.raises(GenerationFailed):
        connect(server.url).submit(PROMPT, Options()).result()


def test_nonsense_of_a_server_fails_its_own_text_only(connect: Opened) -> None:
    def nonsense(handler: Handler, question: dict[str, Any]) -> None:
        handler.stream(iter([{"choices": [{"text": {"no": "text"}}]}]))

    with ScriptedServer(nonsense, writing("Готово")) as server:
        engine = connect(server.url)
        with pytest.raises(GenerationFailed):
            engine.submit(PROMPT, Options()).result()
        assert engine.submit(PROMPT, Options()).result()[0].text == "Готово"


def test_an_unknown_model_is_named(connect: Opened) -> None:
    with ScriptedServer(refusing(404)) as server, pytest.raises(ModelMissing, match="gemma"):
        connect(server.url).submit(PROMPT, Options()).result()


@pytest.mark.parametrize(
    "words",
    [
        "This model's maximum context length is 4096 tokens. However, you requested 4260 tokens (4160 in the messages, "
        "100 in the completion). Please reduce the length of the messages or completion.",
        "This model's maximum context length is 4096 tokens. However, your request has 4160 input tokens.",
        "You passed 4160 input tokens and requested 100 output tokens. However, the model's context length is only "
        "4096 tokens, resulting in a maximum input length of 3996 tokens.",
        "'max_tokens' or 'max_completion_tokens' is too large: 100. This model's maximum context length is 4096 tokens "
        "and your request has 4160 input tokens (100 > 4096 - 4160).",
        "request (4160 tokens) exceeds the available context size (4096 tokens), try increasing it",
    ],
)
def test_servers_have_many_words_for_a_prompt_too_long(connect: Opened, words: str) -> None:
    with ScriptedServer(refusing(400, words)) as server, pytest.raises(PromptTooLong) as refused:
        connect(server.url).submit(PROMPT, Options(max_tokens=100)).result()
    assert (refused.value.tokens, refused.value.limit) == (4160, 3996)


def test_another_refusal_is_lasting_and_does_not_repeat_the_prompt(connect: Opened) -> None:
    with ScriptedServer(refusing(400, f"cannot read {PROMPT.text}")) as server, pytest.raises(EngineError) as refused:
        connect(server.url).submit(PROMPT, Options()).result()
    assert not isinstance(refused.value, PassingError)
    assert "Оформите" not in str(refused.value) and "400" in str(refused.value)


def test_probabilities_once_refused_are_not_asked_again(connect: Opened) -> None:
    no = refusing(400, "Requested sample logprobs of 1, which is greater than max allowed: 0")
    with ScriptedServer(no, writing("раз"), writing("два")) as server:
        engine = connect(server.url)
        drafts = [engine.submit(PROMPT, Options()).result()[0] for _ in range(2)]
    assert [(draft.text, draft.certainty) for draft in drafts] == [("раз", None), ("два", None)]
    assert ["logprobs" in question for question in server.questions] == [True, False, False]


def test_a_deadline_ends_the_wait(connect: Opened) -> None:
    with ScriptedServer(silent) as server:
        began = time.monotonic()
        with pytest.raises(DeadlinePassed):
            connect(server.url).submit(PROMPT, Options(), deadline_seconds=0.3).result()
    assert time.monotonic() - began < 3


def test_a_person_does_not_wait_behind_a_campaign(connect: Opened) -> None:
    def answer(handler: Handler, question: dict[str, Any]) -> None:
        (writing("сразу") if "лично" in question["prompt"] else silent)(handler, question)

    with ScriptedServer(answer) as server:
        engine = connect(server.url, concurrency=2)
        for _ in range(20):
            engine.submit(PROMPT, Options(), priority=Priority.CAMPAIGN)
        while len(server.questions) < 2:
            time.sleep(0.01)
        person = engine.submit(Prompt("лично", ""), Options(), deadline_seconds=5)
        assert person.result()[0].text == "сразу"
        assert len(server.questions) == 3, "two of the campaign, one of the person"


def test_a_full_queue_refuses_and_closing_ends_all_that_waits(connect: Opened) -> None:
    with ScriptedServer(silent) as server:
        engine = RemoteEngine(server.url, "gemma", is_chat=False, concurrency=1)
        room = LONGEST_QUEUE[Priority.CAMPAIGN] + 1
        waiting = [engine.submit(PROMPT, Options(), priority=Priority.CAMPAIGN) for _ in range(room)]
        with pytest.raises(QueueFull):
            engine.submit(PROMPT, Options(), priority=Priority.CAMPAIGN)
        engine.close()
        for generation in waiting:
            with pytest.raises(GenerationFailed):
                generation.result()


def test_the_card_tells_what_the_server_tells(connect: Opened) -> None:
    with ScriptedServer(models=[{"id": "gemma", "object": "model", "max_model_len": 8192}]) as server:
        engine = connect(server.url.replace("//", "//user:hunter2@"))
        assert engine.card.name == "gemma"
        for _ in range(100):
            if engine.card.context_tokens:
                break
            time.sleep(0.05)
        assert engine.card.context_tokens == 8192 and engine.card.source == server.url


def test_an_engine_opens_though_its_server_is_away(connect: Opened) -> None:
    engine = connect("http://127.0.0.1:9/v1")
    assert engine.card.context_tokens == 0 and engine.count_tokens("слово") is None


def test_the_settings_name_the_server() -> None:
    settings = Settings(
        llm_url="http://127.0.0.1:9/v1", llm_model="T-lite", llm_api_key=SecretStr(KEY), llm_api="completions",
        llm_concurrency=12,
    )  # fmt: skip
    engine = load_engine(settings)
    assert isinstance(engine, RemoteEngine)
    assert (engine.card.name, engine.is_chat, engine.parallel_texts) == ("T-lite", False, 12)
    engine.close()
