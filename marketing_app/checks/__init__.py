"""Rules that an offer's text is checked by: pure functions from a text and the facts to what is wrong with it."""

# The registry loads all rules. Importing one rule's module first would make a circular import.
from . import registry as registry
