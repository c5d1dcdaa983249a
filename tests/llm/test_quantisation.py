"""Weights in another quantisation are the same numbers."""

import numpy as np
from gguf import GGMLQuantizationType
from gguf.quants import dequantize, quantize

from marketing_app.llm.quantisation import q8_0_of_q5_0


def test_no_value_changes() -> None:
    weights = np.random.default_rng(1).normal(0, 0.3, (5, 96)).astype(np.float32)
    rows = quantize(weights, GGMLQuantizationType.Q5_0)
    before = dequantize(rows, GGMLQuantizationType.Q5_0)
    after = dequantize(q8_0_of_q5_0(rows), GGMLQuantizationType.Q8_0)
    assert np.abs(before).max() > 0.5
    np.testing.assert_array_equal(after, before)
