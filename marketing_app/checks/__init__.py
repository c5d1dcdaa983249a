"""Rules that an offer's text is checked by: pure functions from a text and the facts to what is wrong with it."""

# The registry loads all rules. Where a single rule's module was imported first, they imported each other in a circle.
from . import registry as registry
