"""Supervision in three levels, over a case and not a state of it."""
