"""How orders are written to devices: a file for each protocol, as data."""
