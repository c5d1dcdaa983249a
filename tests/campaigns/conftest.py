"""The real model and the real queue for tests that write."""

from tests.offers.conftest import loaded_model

__all__ = ["loaded_model"]
