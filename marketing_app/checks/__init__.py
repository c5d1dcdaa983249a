"""Rules that an offer's text is checked by: pure functions from a text and the facts to what is wrong with it."""
