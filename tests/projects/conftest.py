"""The real model for tests that write."""

from tests.offers.conftest import loaded_model, no_model

__all__ = ["loaded_model", "no_model"]
