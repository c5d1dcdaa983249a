"""The language model: no Flask, no database."""
