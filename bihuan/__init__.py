"""Bihuan: nothing reported is left unanswered."""
