"""The append-only log, its keys and its archive."""
