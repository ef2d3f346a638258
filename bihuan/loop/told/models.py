"""Projection: what an act of a row told one person; the stream of its message. Times are µs."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class RowMessage(Projection):
    """One person told about one row. reason: why nobody could be told; "" = the message left."""

    id = models.BigIntegerField(primary_key=True)
    row_id = models.BigIntegerField(db_index=True)
    person_id = models.BigIntegerField(null=True, db_index=True)
    title_zh = models.CharField(max_length=64)
    title_en = models.CharField(max_length=64)
    zh = models.TextField()
    en = models.TextField()
    reason = models.CharField(max_length=200)
    told_us = models.BigIntegerField()

    class Meta:
        app_label = "loop"
        db_table = "loop_row_message"
