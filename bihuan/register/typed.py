"""The columns that every typed row has, subject or record."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class TypedRow(Projection):
    """values, done: JSON. sealed: JSON of the sealed fields, as sealed bytes.

    done     act → {"us": when it was last done, "by": everybody who ever did it}
    version  how often it was changed: who edits an older one learns so
    """

    id = models.BigIntegerField(primary_key=True)
    scenario = models.CharField(max_length=32)
    kind = models.CharField(max_length=32)
    area_id = models.BigIntegerField(db_index=True)
    state = models.CharField(max_length=32, default="")
    values = models.TextField(default="{}")
    sealed = models.BinaryField(null=True)
    done = models.TextField(default="{}")
    version = models.IntegerField(default=0)
    opened_us = models.BigIntegerField(default=0)
    changed_us = models.BigIntegerField(default=0)
    last_by = models.BigIntegerField(null=True)

    class Meta:
        abstract = True
