"""GGUF files of a few hundred kilobytes that llama.cpp loads: random weights, and a vocabulary of either kind."""

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFWriter, TokenType

WIDTH, INNER, HEADS = 32, 64, 2
COMMANDS = ("<unk>", "<s>", "</s>")
MERGES = 300
GPT2_LETTERS = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]


def write_model(
    path: Path,
    texts: list[str],
    *,
    merges: bool,
    without: tuple[str, ...] = (),
    rows: int = 0,
    context: int = 128,
    chat_template: str = "",
) -> Path:
    """A model whose tokens are those that the texts would have them be. `without` leaves out parts of the head,
    `rows` gives the embedding another length than the vocabulary's."""
    writer = GGUFWriter(path, "llama")
    tokens, types, listed = _by_merges(texts) if merges else _by_scores(texts)
    values: dict[str, Any] = {
        "tokens": lambda: writer.add_token_list(tokens),
        "token_type": lambda: writer.add_token_types(types),
        "model": lambda: writer.add_tokenizer_model("gpt2" if merges else "llama"),
    }
    if merges:
        values["pre"] = lambda: writer.add_tokenizer_pre("gpt-2")
        values["merges"] = lambda: writer.add_token_merges(listed)
    else:
        values["scores"] = lambda: writer.add_token_scores(listed)
    for name, add in values.items():
        if name not in without:
            add()
    writer.add_name("Small model")
    writer.add_license("cc0")
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_vocab_size(len(tokens))
    if chat_template:
        writer.add_chat_template(chat_template)
    writer.add_context_length(context)
    _add_body(writer, rows or len(tokens))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_body(writer: GGUFWriter, rows: int) -> None:
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    random = np.random.default_rng(1)
    shapes = {"token_embd": (rows, WIDTH), "output": (rows, WIDTH), "output_norm": (WIDTH,)}
    shapes |= {"blk.0.attn_norm": (WIDTH,), "blk.0.ffn_norm": (WIDTH,), "blk.0.ffn_down": (WIDTH, INNER)}
    shapes |= {f"blk.0.ffn_{name}": (INNER, WIDTH) for name in ("gate", "up")}
    shapes |= {f"blk.0.attn_{name}": (WIDTH, WIDTH) for name in ("q", "k", "v", "output")}
    for name, shape in shapes.items():
        writer.add_tensor(f"{name}.weight", random.normal(0, 0.3, shape).astype(np.float32))


def _by_scores(texts: list[str]) -> tuple[list[str], list[int], list[float]]:
    """Each step joins the commonest pair; so earlier tokens are likelier, as SentencePiece has them."""
    words = Counter(f"\u2581{word}" for text in texts for word in text.split())
    letters = sorted({letter for word in words for letter in word})
    joined = ["".join(pair) for pair in _merges({tuple(word): count for word, count in words.items()})]
    learned = [*dict.fromkeys(joined), *letters]
    tokens = [*COMMANDS, *(f"<0x{byte:02X}>" for byte in range(256)), *learned]
    types = [TokenType.UNKNOWN, TokenType.CONTROL, TokenType.CONTROL, *[TokenType.BYTE] * 256]
    types += [TokenType.NORMAL] * len(learned)
    return tokens, types, [0.0] * 259 + [-float(place) for place in range(len(learned))]


def _by_merges(texts: list[str]) -> tuple[list[str], list[int], list[str]]:
    words = Counter(_as_letters(word) for text in texts for word in re.findall(r" ?[^\s\w]+| ?\w+", text))
    merges = _merges({tuple(word): count for word, count in words.items()})
    letters = sorted(_as_letters(bytes([byte])) for byte in range(256))
    tokens = [*COMMANDS, *letters, *dict.fromkeys("".join(pair) for pair in merges)]
    types = [TokenType.UNKNOWN, TokenType.CONTROL, TokenType.CONTROL, *[TokenType.NORMAL] * (len(tokens) - 3)]
    return tokens, types, [" ".join(pair) for pair in merges]


def _merges(words: dict[tuple[str, ...], int]) -> list[tuple[str, str]]:
    found = []
    for _ in range(MERGES):
        pairs: Counter[tuple[str, str]] = Counter()
        for word, count in words.items():
            for pair in pairwise(word):
                pairs[pair] += count
        if not pairs:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        found.append(best)
        words = {_joined(word, best): count for word, count in words.items()}
    return found


def _joined(word: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    left, whole = list(word), []
    while left:
        if tuple(left[:2]) == pair:
            whole.append("".join(pair))
            del left[:2]
        else:
            whole.append(left.pop(0))
    return tuple(whole)


def _as_letters(text: str | bytes) -> str:
    others = iter(range(0x100, 0x200))
    letter_of = {byte: chr(byte) if byte in GPT2_LETTERS else chr(next(others)) for byte in range(256)}
    return "".join(letter_of[byte] for byte in (text.encode() if isinstance(text, str) else text))
