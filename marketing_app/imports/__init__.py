"""Where clients come from: files and databases in, columns and rows out. No Flask and no database of ours here."""
