"""How often an address came to the open pages; kept for a day, never in the journal."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Local


class OpenVisit(Local):
    """Visits of one kind in one window of time. who: a keyed hash of an address or a number."""

    what = models.CharField(max_length=16)
    who = models.CharField(max_length=64)
    window_us = models.BigIntegerField()
    count = models.IntegerField(default=0)

    class Meta:
        db_table = "console_open_visit"
        constraints = (
            models.UniqueConstraint(fields=("what", "who", "window_us"), name="open_visit_once"),
        )
        indexes = (models.Index(fields=("window_us",), name="console_open_visit_window"),)
