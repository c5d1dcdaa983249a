"""Counting what a page asks of the database."""

from tests.clients.conftest import count_queries

__all__ = ["count_queries"]
