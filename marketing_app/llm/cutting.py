"""A model file without the tokens that offers never use (see `vocabulary`), read and written with `gguf`."""

import os
import re
import struct
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from hashlib import file_digest
from pathlib import Path
from shutil import disk_usage
from tempfile import NamedTemporaryFile
from threading import ThreadError
from typing import Any

from fasteners import InterProcessLock
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter

from .engine import ModelBroken
from .files import check_model_file
from .gguf_lists import QuickReader, value_of
from .native import Model
from .parts import part_names
from .quantisation import q8_0_of_q5_0
from .tokenizers import Tokenizer, TokenizerByMerges, TokenizerByScores
from .vocabulary import ASCII_TOKENS, SOURCE, SOURCE_TOKENS, VocabularyNotCut, kept_tokens

TOKENIZER = "tokenizer.ggml."
TOKENS, SCORES, TYPES, MERGES = (TOKENIZER + name for name in ("tokens", "scores", "token_type", "merges"))
ARCHITECTURE, NAME = "general.architecture", "general.name"
EMBEDDING = "token_embd.weight"
LONGEST_CUT_SECONDS = 300
GROWTH = 34 / 22
"""Of Q5_0 that becomes Q8_0, in bytes of a block."""
_OF_THE_FILE = "GGUF."
_OF_ONE_TOKEN = re.compile(rf"{re.escape(TOKENIZER)}\w*token_ids?")
_SIZE = re.compile(r"\w+\.vocab_size")


@dataclass(frozen=True)
class Cut:
    """A model before and after. Sizes are bytes; `head_share` is that of the cut tensors in the source's weights."""

    path: Path
    tokens_before: int
    tokens: int
    bytes_before: int
    bytes: int
    head_share: float


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits; a second for each gigabyte or two."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def cut_vocabulary(source: Path, target: Path, sha256: str, ascii_tokens: int = ASCII_TOKENS) -> Cut:
    """Write the model at `source`, whose digest is `sha256`, to `target` with a smaller vocabulary.

    `target` appears when it is whole, and of several processes one makes it. Raises VocabularyNotCut for a tokenizer or
    a file that is not understood, and where the disk is full or may not be written to; ModelMissing or ModelBroken for
    a source that is no model.
    """
    check_model_file(source)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone_in(target.parent):
            _remove_unfinished(target.parent)
            model = _SourceModel.read(source, ascii_tokens)
            if not target.exists():
                _must_have_room(model, target.parent)
                _write(model, target, sha256)
    except (OSError, ThreadError) as error:  # fasteners raises the latter where a file system has no locks
        raise VocabularyNotCut(f"{target.parent} cannot be written to: {error}") from error
    return Cut(
        target,
        tokens_before=model.token_count,
        tokens=len(model.kept),
        bytes_before=source.stat().st_size,
        bytes=target.stat().st_size,
        head_share=model.head_share,
    )


@contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """Hold the directory's lock. Raises VocabularyNotCut where another process holds it for too long."""
    lock = InterProcessLock(directory / ".cut.lock")
    if not lock.acquire(timeout=LONGEST_CUT_SECONDS):
        lock.lockfile.close()  # fasteners leaves it open
        raise VocabularyNotCut(f"another process has been cutting a model in {directory} for {LONGEST_CUT_SECONDS} s")
    try:
        yield
    finally:
        lock.release()


@dataclass(frozen=True)
class _SourceModel:
    """A GGUF file that is read, and the places of the tokens that are kept, rising."""

    reader: QuickReader
    kept: list[int]

    @classmethod
    def read(cls, path: Path, ascii_tokens: int) -> "_SourceModel":
        if len(part_names(path.name)) > 1:
            raise VocabularyNotCut("the model is in several files")
        try:
            reader = QuickReader(path)
        except (ValueError, KeyError, IndexError, struct.error) as error:
            raise ModelBroken(path, str(error)) from error
        if SOURCE in reader.fields:
            raise VocabularyNotCut("the vocabulary is cut already")
        return cls(reader, _kept_tokens(path, reader, ascii_tokens))

    @cached_property
    def token_count(self) -> int:
        return len(_value(self.reader, TOKENS))

    @cached_property
    def new_places(self) -> dict[int, int]:
        return {old: new for new, old in enumerate(self.kept)}

    def is_over_the_vocabulary(self, tensor: Any) -> bool:
        """Whether the tensor has a row, or a number, for each token. GGUF says the shape with the rows last."""
        return int(tensor.shape[-1]) == self.token_count

    @property
    def head_share(self) -> float:
        over = sum(int(tensor.n_bytes) for tensor in self.reader.tensors if self.is_over_the_vocabulary(tensor))
        return over / sum(int(tensor.n_bytes) for tensor in self.reader.tensors)

    @property
    def bytes_after(self) -> int:
        """At most: were all of it written in whole bytes."""
        left = len(self.kept) / self.token_count
        return int(len(self.reader.data) * (1 - self.head_share * (1 - left)) * GROWTH)


def _kept_tokens(path: Path, reader: QuickReader, ascii_tokens: int) -> list[int]:
    """Raises VocabularyNotCut for a tokenizer of another kind, and where lists and tensors do not belong together."""
    texts, types = _value(reader, TOKENS), _value(reader, TYPES)
    if not texts or not types or len(texts) != len(types):
        raise VocabularyNotCut("the file lists no tokens, or none of their types")
    rows = [int(tensor.shape[-1]) for tensor in reader.tensors if tensor.name == EMBEDDING]
    if rows != [len(texts)]:
        raise VocabularyNotCut(f"{len(texts)} tokens and an embedding of {rows or 'no'} rows do not belong together")
    tokenizer = _tokenizer_of(reader, texts)
    with closing(Model(path, weights=False)) as model:
        split = partial(model.tokens, add_beginning=False, parse_special=False)
        return kept_tokens(tokenizer, types, split, _special_token_ids(reader, len(texts)), ascii_tokens)


def _special_token_ids(reader: QuickReader, token_count: int) -> set[int]:
    """The tokens that begin or end a text, and the like."""
    named = (value_of(field) for name, field in reader.fields.items() if _OF_ONE_TOKEN.fullmatch(name))
    found = {token for value in named for token in (value if isinstance(value, list) else [value])}
    if any(token >= token_count for token in found):
        raise VocabularyNotCut("the file names special tokens that its vocabulary does not have")
    return found


def _tokenizer_of(reader: QuickReader, texts: Sequence[bytes]) -> Tokenizer:
    kind = _value(reader, f"{TOKENIZER}model")
    if kind == "llama":
        scores = _value(reader, SCORES)
        if scores is None or len(scores) != len(texts):
            raise VocabularyNotCut("the file lists no scores of its tokens")
        return TokenizerByScores(texts, scores)
    if kind == "gpt2":
        merges = _value(reader, MERGES)
        if merges is None:
            raise VocabularyNotCut("the file lists no merges of its tokens")
        return TokenizerByMerges(texts, merges)
    raise VocabularyNotCut(f"the tokenizer {kind!r} is of another kind than those by scores and by merges")


def _write(model: _SourceModel, target: Path, sha256: str) -> None:
    """Under another name first: whoever finds `target` finds it whole."""
    with NamedTemporaryFile(dir=target.parent, prefix=".cut-", suffix=".part", delete=False) as file:
        unfinished = Path(file.name)
    try:
        _write_file(model, unfinished, sha256)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())  # or a power failure would leave the name without its content
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _write_file(model: _SourceModel, path: Path, sha256: str) -> None:
    with closing(GGUFWriter(path, _value(model.reader, ARCHITECTURE))) as writer:
        writer.data_alignment = model.reader.alignment
        for name, value, types in _changed_values(model):
            writer.add_key_value(name, value, types[0], sub_type=types[1] if len(types) > 1 else None)
        writer.add_string(SOURCE, sha256)
        writer.add_uint32(SOURCE_TOKENS, model.token_count)
        for tensor in model.reader.tensors:
            rows = tensor.data[model.kept] if model.is_over_the_vocabulary(tensor) else tensor.data
            if tensor.tensor_type is GGMLQuantizationType.Q5_0:
                writer.add_tensor(tensor.name, q8_0_of_q5_0(rows), raw_dtype=GGMLQuantizationType.Q8_0)
            else:
                writer.add_tensor(tensor.name, rows, raw_dtype=tensor.tensor_type)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()


def _changed_values(model: _SourceModel) -> Iterator[tuple[str, Any, list[GGUFValueType]]]:
    """All that the source says of itself, with its lists of tokens cut and its tokens' numbers renewed."""
    for name, field in model.reader.fields.items():
        if name.startswith(_OF_THE_FILE) or name == ARCHITECTURE:
            continue
        value = _changed(model, name, value_of(field))
        if value != []:  # the writer refuses an empty list
            yield name, value, field.types


def _changed(model: _SourceModel, name: str, value: Any) -> Any:
    if name in (TOKENS, SCORES, TYPES):
        return [value[place] for place in model.kept]
    if name == MERGES:
        return _kept_merges(model, value)
    if _OF_ONE_TOKEN.fullmatch(name):
        return _renewed(model, value)
    if _SIZE.fullmatch(name):
        return len(model.kept)
    return f"{value}, cut vocabulary" if name == NAME else value


def _kept_merges(model: _SourceModel, merges: Sequence[bytes]) -> list[bytes]:
    texts = _value(model.reader, TOKENS)
    known = {texts[place] for place in model.kept}
    return [merge for merge in merges if {*merge.split(b" ", 1), merge.replace(b" ", b"", 1)} <= known]


def _renewed(model: _SourceModel, value: int | list[int]) -> int | list[int]:
    if isinstance(value, list):
        return [model.new_places[each] for each in value]
    return model.new_places[value]


def _must_have_room(model: _SourceModel, directory: Path) -> None:
    free = disk_usage(directory).free
    if free < model.bytes_after:
        raise VocabularyNotCut(f"{directory} has {free >> 20} MiB left, and the model needs {model.bytes_after >> 20}")


def _remove_unfinished(directory: Path) -> None:
    for left in directory.glob(".cut-*.part"):
        left.unlink()


def _value(reader: GGUFReader, name: str) -> Any:
    field = reader.fields.get(name)
    return None if field is None else value_of(field)
