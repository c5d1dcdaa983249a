"""A bank that does not exist, for a first look at the program."""
