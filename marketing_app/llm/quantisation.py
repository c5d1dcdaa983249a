"""Weights written in another quantisation without changing a value.

A row of a K quantisation is a multiple of 256 wide, so the narrow matrices of small models are left as Q5_0, whose
fifth bits llama.cpp has to put together for each product. Q8_0 has the same scale and whole bytes: half as large again,
and texts come a fifth faster (docs/performance.md). How blocks are laid out: ggml-common.h of llama.cpp.
"""

import numpy as np
from numpy.typing import NDArray

VALUES = 32
"""Of a block, with one scale."""
Q5_0_BYTES = 2 + 4 + VALUES // 2
"""The scale as a 16-bit float, a fifth bit of each value, and its four lower bits: first half low, second half high."""
OFFSET = 16


def q8_0_of_q5_0(rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The bytes of rows of Q5_0 as Q8_0: scale for scale, value for value."""
    blocks = rows.reshape(-1, Q5_0_BYTES)
    scales, fifths, halves = blocks[:, :2], blocks[:, 2:6], blocks[:, 6:]
    lower = np.concatenate([halves & 0x0F, halves >> 4], axis=1)
    upper = np.unpackbits(fifths, axis=1, bitorder="little") << 4
    values = (lower | upper).astype(np.int8) - OFFSET
    return np.concatenate([scales, values.astype(np.int8).view(np.uint8)], axis=1).reshape(len(rows), -1)
