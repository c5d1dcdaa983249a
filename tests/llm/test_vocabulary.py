"""A model with a smaller vocabulary reads and writes Russian and English as the whole one does."""

import re
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from marketing_app.demonstration.catalogue import CHANNELS, PRODUCTS
from marketing_app.demonstration.clients import generate
from marketing_app.dictionary.services import KnownField
from marketing_app.dictionary.standard import default_dictionary
from marketing_app.dictionary.words import words
from marketing_app.llm import cutting
from marketing_app.llm.continuations import CONTINUATIONS
from marketing_app.llm.cutting import SCORES, TOKENS, cut_vocabulary, digest_of
from marketing_app.llm.engine import ModelBroken, ModelMissing, Options, Prompt
from marketing_app.llm.examples import examples_for
from marketing_app.llm.files import packaged_sha256
from marketing_app.llm.gguf_lists import QuickReader, value_of
from marketing_app.llm.local import LocalEngine
from marketing_app.llm.native import Cell, Context, Model
from marketing_app.llm.vocabulary import SOURCE, SOURCE_TOKENS, VocabularyNotCut
from marketing_app.models import FieldType, Sensitivity
from tests.checks.offers import offers
from tests.llm.published import published_model
from tests.llm.small_models import write_model

LATIN_OR_FOREIGN = re.compile(r"[A-Za-z]{2}|[^\u0000-\u04ff\u2010-\u2027\u2116\u20bd]")
UNKNOWN_TO_IT = ("Чай 🙂 и 🚗", "很好", "İstanbul’da güneşli", "ﬁnal ½ ẞ Ω", "שלום", "a\u0301\u200b")
PROMPTS = 50
SMALL = ["Оформите карту в приложении банка", "Вклад для вас: откройте вклад", "la banque élève déjà été", "the card"]


@pytest.fixture(scope="module")
def whole() -> Iterator[Model]:
    with closing(Model(published_model())) as model:
        yield model


@pytest.fixture(scope="module")
def cut(cut_model: Path) -> Iterator[Model]:
    with closing(Model(cut_model)) as model:
        yield model


def pieces(model: Model, text: str) -> list[bytes]:
    return [model.piece(token) for token in model.tokens(text, add_beginning=False, parse_special=False)]


@cache
def client_words(language: str) -> list[str]:
    fields = [
        KnownField(
            field.key,
            field.label_ru if language == "ru" else field.label_en,
            FieldType(field.type),
            dict(field.codes),
            Sensitivity(field.sensitivity),
            field.is_in_prompt,
        )
        for field in default_dictionary()
    ]
    return [words(fields, client, language) for client in generate(1000)]


def our_texts(language: str) -> list[str]:
    """Examples, catalogue, clients, continuations, the labelled corpus."""
    examples = [
        example
        for channel in CHANNELS
        for product in PRODUCTS
        for example in examples_for(channel.key, product.kind, 100, language)
    ]
    texts = [text for each in examples for text in (each.product, each.client, each.angle, each.text)]
    texts += [text for kind in CONTINUATIONS[language].values() for several in kind.values() for text in several]
    texts += [offer.text for offer in offers() if offer.facts.language == language]
    if language == "ru":
        texts += [text for product in PRODUCTS for text in (product.name, product.description)]
        texts += client_words(language)
    return sorted(set(texts))


@pytest.mark.xdist_group("model")
def test_every_russian_text_splits_as_before(whole: Model, cut: Model) -> None:
    """But for foreign words, links and smiles in some of them, which are Latin or have no token at all."""
    russian = [text for text in our_texts("ru") if not LATIN_OR_FOREIGN.search(text)]
    assert len(russian) > 1500
    assert [text for text in russian if pieces(whole, text) != pieces(cut, text)] == []


@pytest.mark.xdist_group("model")
def test_an_english_text_gets_hardly_longer(whole: Model, cut: Model) -> None:
    english = our_texts("en")
    before, after = (sum(len(pieces(model, text)) for text in english) for model in (whole, cut))
    assert before < after <= before * 1.02


@pytest.mark.xdist_group("model")
@pytest.mark.parametrize("text", UNKNOWN_TO_IT)
def test_what_it_has_no_token_for_goes_in_and_comes_out(cut: Model, text: str) -> None:
    assert b"".join(pieces(cut, text)).decode() == text


@pytest.mark.xdist_group("model")
def test_kept_tokens_have_the_scores_of_the_whole_model(whole: Model, cut: Model) -> None:
    texts = [f"Текст: {text[:60]}" for text in islice(our_texts("ru")[::35], PROMPTS)]
    assert len(texts) == PROMPTS
    kept = places_in(whole, cut)
    for text in texts:
        before, after = scores_after(whole, text)[kept], scores_after(cut, text)
        np.testing.assert_allclose(after, before, rtol=0, atol=1e-3)


@pytest.mark.xdist_group("model")
def test_the_likeliest_text_is_the_same_to_the_letter(cut_model: Path) -> None:
    texts = {path: greedy_texts(path) for path in (published_model(), cut_model)}
    assert texts[cut_model] == texts[published_model()]
    assert all(len(text) > 20 for text in texts[cut_model])


@pytest.mark.xdist_group("model")
def test_the_file_says_what_it_is(cut: Model, whole: Model) -> None:
    assert cut.metadata("general.name") == f"{whole.metadata('general.name')}, cut vocabulary"
    assert cut.metadata("general.license") == whole.metadata("general.license") == "gemma"
    assert cut.metadata(SOURCE) == packaged_sha256() == digest_of(published_model())
    assert cut.metadata(SOURCE_TOKENS) == str(whole.vocabulary_size)
    assert cut.vocabulary_size % 64 == 0 and cut.vocabulary_size < whole.vocabulary_size / 8


@pytest.mark.parametrize("merges", [True, False], ids=["merges", "scores"])
def test_both_kinds_of_tokenizers_are_cut(tmp_path: Path, merges: bool) -> None:
    source = write_model(tmp_path / "small.gguf", SMALL, merges=merges)
    made = cut_to(tmp_path / "cut.gguf", source)
    with closing(Model(source)) as before, closing(Model(made)) as after:
        assert after.vocabulary_size < before.vocabulary_size
        for text in ("Оформите карту в приложении банка", "Вклад: the card", "элёве 🙂"):
            assert pieces(before, text) == pieces(after, text)
        foreign = "la banque déjà"
        assert len(pieces(after, foreign)) > len(pieces(before, foreign))
        assert b"".join(pieces(after, foreign)).decode().strip() == foreign
        known = places_in(before, after)
        np.testing.assert_allclose(scores_after(after, "вклад"), scores_after(before, "вклад")[known], atol=1e-5)


def test_lists_are_read_as_the_library_reads_them(tmp_path: Path) -> None:
    from gguf import GGUFReader

    source = write_model(tmp_path / "small.gguf", SMALL, merges=False)
    ours, theirs = QuickReader(source), GGUFReader(source)
    assert [text.decode() for text in value_of(ours.fields[TOKENS])] == theirs.fields[TOKENS].contents()
    assert value_of(ours.fields[SCORES]) == theirs.fields[SCORES].contents()
    assert [(each.name, each.data_offset) for each in ours.tensors] == [
        (each.name, each.data_offset) for each in theirs.tensors
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"without": ("tokens", "token_type")}, "lists no tokens"),
        ({"without": ("token_type",)}, "none of their types"),
        ({"without": ("scores",)}, "no scores"),
        ({"without": ("model",)}, "another kind"),
        ({"rows": 77}, "do not belong together"),
    ],
)
def test_a_file_that_is_not_understood_is_left_alone(tmp_path: Path, changes: Any, reason: str) -> None:
    source = write_model(tmp_path / "small.gguf", SMALL, merges=False, **changes)
    with pytest.raises(VocabularyNotCut, match=reason):
        cut_to(tmp_path / "cut.gguf", source)
    assert [file.name for file in tmp_path.iterdir() if file.suffix != ".lock"] == ["small.gguf"]


def test_a_list_of_merges_must_be_there(tmp_path: Path) -> None:
    source = write_model(tmp_path / "small.gguf", SMALL, merges=True, without=("merges",))
    with pytest.raises(VocabularyNotCut, match="no merges"):
        cut_to(tmp_path / "cut.gguf", source)


def test_a_model_is_not_cut_twice(tmp_path: Path) -> None:
    once = cut_to(tmp_path / "once.gguf", write_model(tmp_path / "small.gguf", SMALL, merges=False))
    with pytest.raises(VocabularyNotCut, match="cut already"):
        cut_to(tmp_path / "twice.gguf", once)


def test_a_model_in_several_files_is_left_alone(tmp_path: Path) -> None:
    part = write_model(tmp_path / "small-00001-of-00002.gguf", SMALL, merges=False)
    with pytest.raises(VocabularyNotCut, match="several files"):
        cut_to(tmp_path / "cut.gguf", part)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    source = write_model(tmp_path / "small.gguf", SMALL, merges=False)
    source.write_bytes(source.read_bytes()[:3000])
    with pytest.raises(ModelBroken):
        cut_to(tmp_path / "cut.gguf", source)
    with pytest.raises(ModelMissing):
        cut_to(tmp_path / "cut.gguf", tmp_path / "gone.gguf")


def test_a_full_disk_is_said_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_model(tmp_path / "small.gguf", SMALL, merges=False)
    monkeypatch.setattr(cutting, "disk_usage", lambda _path: type("Usage", (), {"free": 1000}))
    with pytest.raises(VocabularyNotCut, match="0 MiB left"):
        cut_to(tmp_path / "models" / "cut.gguf", source)
    assert not list((tmp_path / "models").glob("*.gguf"))


def test_a_folder_that_may_not_be_written_to_is_said(tmp_path: Path) -> None:
    source = write_model(tmp_path / "small.gguf", SMALL, merges=False)
    (tmp_path / "models").write_text("a file where the folder should be")
    with pytest.raises(VocabularyNotCut, match="cannot be written to"):
        cut_to(tmp_path / "models" / "cut.gguf", source)


def test_a_killed_cut_leaves_nothing_half_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_model(tmp_path / "small.gguf", SMALL, merges=False)
    (tmp_path / ".cut-killed.part").write_bytes(b"GGUF and then the power failed")
    monkeypatch.setattr(cutting.GGUFWriter, "write_tensors_to_file", _fail)
    with pytest.raises(VocabularyNotCut):
        cut_to(tmp_path / "cut.gguf", source)
    assert {file.name for file in tmp_path.iterdir()} == {"small.gguf", ".cut.lock"}


def test_of_two_processes_one_makes_the_file(tmp_path: Path) -> None:
    source = write_model(tmp_path / "small.gguf", SMALL, merges=False)
    target = tmp_path / "cut.gguf"
    processes = [get_context("spawn").Process(target=cut_to, args=(target, source)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert {file.name for file in tmp_path.iterdir()} == {"small.gguf", "cut.gguf", ".cut.lock"}
    with closing(Model(target)) as model:
        assert model.vocabulary_size == len(value_of(QuickReader(target).fields[TOKENS]))


def cut_to(target: Path, source: Path) -> Path:
    """Keeps none of the longer ASCII tokens but those of English words."""
    return cut_vocabulary(source, target, "0" * 64, ascii_tokens=0).path


def places_in(whole: Model, cut: Model) -> list[int]:
    """Where the tokens of the smaller vocabulary stand in the whole one: both keep their order."""
    every = iter(range(whole.vocabulary_size))
    names = [_name(cut, token) for token in range(cut.vocabulary_size)]
    return [next(place for place in every if _name(whole, place) == name) for name in names]


def _name(model: Model, token: int) -> bytes:
    import llama_cpp

    return bytes(llama_cpp.llama_vocab_get_text(model.vocabulary, token))


def scores_after(model: Model, text: str) -> Any:
    tokens = model.tokens(text, add_beginning=True, parse_special=False)
    with closing(Context(model, size=256, sequences=1, batch=256, threads=1)) as context:
        last = len(tokens) - 1
        context.decode([Cell(token, place, 0, place == last) for place, token in enumerate(tokens)])
        return context.logits(last).copy()


def greedy_texts(path: Path) -> list[str]:
    """After examples, as offers are asked for. Where nothing tells what comes next, two tokens may be as likely, and
    how sums are rounded decides."""
    options = Options(max_tokens=24, temperature=0.0, repeat_penalty=1.0)
    lines = [text for text in CONTINUATIONS["ru"]["card"]["letter"] if "{" not in text]
    examples = "".join(f"Текст: Здравствуйте! {line}\n" for line in lines[:3])
    openings = (
        "Здравствуйте! Для вас есть карта.",
        "Здравствуйте! Закажите",
        "Здравствуйте! Загляните",
        "Добрый день!",
    )
    with closing(LocalEngine(path, context=2048, sequences=8, threads=1)) as engine:
        asked = [engine.submit(Prompt(f"{examples}Текст:", f" {each}", ("\n",)), options) for each in openings]
        return [generation.result()[0].text for generation in asked]


def _fail(_writer: object, **_named: object) -> None:
    raise OSError(28, "No space left on device")
