"""llama.cpp through llama-cpp-python's low-level interface: a model, a context of many sequences, a batch.

Nothing here knows of generations; it turns C's pointers into Python's numbers and failures into exceptions.
"""

import ctypes
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# OpenMP reads this when llama.cpp is loaded. Its threads wait for each other after each of the thousand operations of
# a step, by default in a long busy loop: where PostgreSQL or the pages need a core too, that loop takes the time of the
# very thread it waits for, and a step lasts up to ten times as long. After 300 turns they sleep: that costs 5 % where
# cores are wanted, and nothing where they are free (not to turn at all costs 25 % there).
os.environ.setdefault("GOMP_SPINCOUNT", "300")

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from .alphabets import is_written_in
from .engine import ModelBroken

LONGEST_PIECE = 256
LONGEST_METADATA = 64 * 1024
BYTES_A_NUMBER = 2


DECODE_ABORTED = 2


class DecodeFailed(Exception):
    """llama.cpp could not decode a batch; the context must be cleared."""


class DecodeInterrupted(Exception):
    """Somebody interrupted the step: the context is as it was before."""


@llama_cpp.llama_log_callback
def _silence(_level: int, _text: bytes, _data: Any) -> None:
    """llama.cpp writes its progress to stderr unless told otherwise; what matters reaches us as return codes."""


# Asked by llama.cpp between any two operations of a step, so it must not be Python, which would wait for the
# interpreter's lock a thousand times a step. The C library's strlen serves: it is 0, false, for an empty string and
# 1, true, for one character.
_is_not_empty = ctypes.cast(ctypes.CDLL(None).strlen, llama_cpp.ggml_abort_callback)


@dataclass(frozen=True, slots=True)
class Cell:
    """One token to decode: where it stands in its sequence, and whether the scores of what follows are wanted."""

    token: int
    position: int
    sequence: int
    wants_logits: bool = False


class Model:
    """A GGUF file in memory; `weights` False reads only what it says of itself. `beginning`, `end` are how the tokens
    are written that begin and end a text, "" for a model without them. Raises ModelBroken when llama.cpp cannot load
    it."""

    def __init__(self, path: Path, *, weights: bool = True) -> None:
        llama_cpp.llama_log_set(_silence, ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
        params = llama_cpp.llama_model_default_params()
        params.vocab_only = not weights
        self.handle = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
        if not self.handle:
            raise ModelBroken(path, "llama.cpp cannot load it")
        self.vocabulary = llama_cpp.llama_model_get_vocab(self.handle)
        self.vocabulary_size = int(llama_cpp.llama_vocab_n_tokens(self.vocabulary))
        self.trained_context = int(llama_cpp.llama_model_n_ctx_train(self.handle))
        self.size_bytes = int(llama_cpp.llama_model_size(self.handle))
        self.parameter_count = int(llama_cpp.llama_model_n_params(self.handle))
        self.beginning = self._command(llama_cpp.llama_vocab_bos(self.vocabulary))
        self.end = self._command(llama_cpp.llama_vocab_eos(self.vocabulary))

    @property
    def bytes_a_token(self) -> int:
        """Memory that one token of context takes: a key and a value per layer, as 16-bit floats."""
        heads = int(llama_cpp.llama_model_n_head_kv(self.handle))
        usual = int(llama_cpp.llama_model_n_embd(self.handle)) // int(llama_cpp.llama_model_n_head(self.handle))
        architecture = self.metadata("general.architecture")
        width = int(self.metadata(f"{architecture}.attention.key_length") or usual)
        return int(llama_cpp.llama_model_n_layer(self.handle)) * heads * width * 2 * BYTES_A_NUMBER

    @property
    def has_cell_for_each_token(self) -> bool:
        """Whether a sequence can be cut or copied at any of its tokens. A recurrent model keeps one state for all."""
        has_state = llama_cpp.llama_model_is_recurrent(self.handle) or llama_cpp.llama_model_is_hybrid(self.handle)
        return not has_state

    def metadata(self, key: str) -> str | None:
        buffer = ctypes.create_string_buffer(LONGEST_METADATA)
        length = llama_cpp.llama_model_meta_val_str(self.handle, key.encode(), buffer, LONGEST_METADATA)
        return buffer.value.decode("utf-8", "replace") if length >= 0 else None

    def tokens(self, text: str, *, add_beginning: bool, parse_special: bool) -> list[int]:
        data = text.encode()
        room = len(data) + 8
        found = (llama_cpp.llama_token * room)()
        count = llama_cpp.llama_tokenize(self.vocabulary, data, len(data), found, room, add_beginning, parse_special)
        return list(found[:count])

    def piece(self, token: int) -> bytes:
        """The bytes of a token; part of a character, sometimes."""
        buffer = ctypes.create_string_buffer(LONGEST_PIECE)
        length = llama_cpp.llama_token_to_piece(self.vocabulary, token, buffer, LONGEST_PIECE, 0, False)
        return buffer.raw[: max(0, length)]

    def _command(self, token: int) -> str:
        """The name of a token that stands for no text, such as the end of a turn; "" for a negative number, which is no
        token."""
        name = llama_cpp.llama_vocab_get_text(self.vocabulary, token) if token >= 0 else None
        return name.decode() if name else ""

    def tokens_written_in(self, language: str) -> NDArray[np.bool_]:
        """Of each token whether it is of the language's alphabet, or an end. Takes half a second."""
        every = range(self.vocabulary_size)
        return np.fromiter((self.is_end(each) or is_written_in(language, self.piece(each)) for each in every), np.bool_)

    def is_end(self, token: int) -> bool:
        return bool(llama_cpp.llama_vocab_is_eog(self.vocabulary, token))

    def close(self) -> None:
        llama_cpp.llama_model_free(self.handle)


class Context:
    """The memory in which sequences are decoded: `size` cells shared by `sequences` sequences.

    A cell holds one token of one or more sequences, so a copied prefix costs nothing (unified memory). The whole
    window is kept (swa_full), or a model with a sliding window could not go back to a shared prefix.
    """

    def __init__(self, model: Model, *, size: int, sequences: int, batch: int, threads: int | None) -> None:
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = size
        params.n_batch = params.n_ubatch = batch
        params.n_seq_max = sequences
        params.kv_unified = True
        params.swa_full = True
        params.no_perf = True
        # llama.cpp's own default is four, which on two cores wait for each other.
        params.n_threads = params.n_threads_batch = threads or len(os.sched_getaffinity(0))
        self.handle = llama_cpp.llama_init_from_model(model.handle, params)
        if not self.handle:
            raise MemoryError("llama.cpp could not make a context of this size")
        self._memory = llama_cpp.llama_get_memory(self.handle)
        self._interruption = ctypes.create_string_buffer(2)
        llama_cpp.llama_set_abort_callback(self.handle, _is_not_empty, self._interruption)
        self._batch = llama_cpp.llama_batch_init(batch, 0, 1)
        self._vocabulary_size = model.vocabulary_size

    def decode(self, cells: Sequence[Cell]) -> None:
        """Decode at most `batch` cells in one step. Raises DecodeFailed or DecodeInterrupted."""
        batch = self._batch
        batch.n_tokens = len(cells)
        for index, cell in enumerate(cells):
            batch.token[index] = cell.token
            batch.pos[index] = cell.position
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = cell.sequence
            batch.logits[index] = cell.wants_logits
        code = llama_cpp.llama_decode(self.handle, batch)
        if code == DECODE_ABORTED:
            raise DecodeInterrupted
        if code != 0:
            raise DecodeFailed(f"llama_decode answered {code}")

    def interrupt(self) -> None:
        """End the step that is being decoded, or the next one at its beginning. May be called from any thread."""
        self._interruption[0] = b"\x01"

    def allow(self) -> None:
        """Forget interruptions: the next step is decoded."""
        self._interruption[0] = b"\x00"

    def logits(self, index: int) -> NDArray[np.float32]:
        """The scores after the cell at `index` of the last batch. A view: it changes with the next step."""
        pointer = llama_cpp.llama_get_logits_ith(self.handle, index)
        return np.ctypeslib.as_array(pointer, shape=(self._vocabulary_size,))

    def copy(self, source: int, target: int, length: int) -> None:
        """Let `target` begin with the first `length` cells of `source`."""
        llama_cpp.llama_memory_seq_cp(self._memory, source, target, 0, length)

    def remove(self, sequence: int, beginning: int = 0) -> None:
        """Forget what a sequence holds from the position `beginning` on; cells that others share stay theirs."""
        llama_cpp.llama_memory_seq_rm(self._memory, sequence, beginning, -1)

    def clear(self) -> None:
        llama_cpp.llama_memory_clear(self._memory, True)

    def close(self) -> None:
        llama_cpp.llama_batch_free(self._batch)
        llama_cpp.llama_free(self.handle)
