"""Reading what people send: spreadsheets and the values in them. No Flask and no database here."""
