"""The history of every registered thing, as rows."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class Change(Projection):
    """One field of one thing changed, or (field "") the thing was registered.

    noun, noun_id  what changed: the name of its table's model, and its id
    effective_us   from when on it is so; recorded_us: when it was said
    before, after  JSON; where is_sealed the sealed bytes as they stood; null: nothing
    by_id, role, via  who said it, where the entry names somebody
    """

    id = models.BigIntegerField(primary_key=True)
    noun = models.CharField(max_length=32)
    noun_id = models.BigIntegerField()
    position = models.BigIntegerField()
    recorded_us = models.BigIntegerField()
    effective_us = models.BigIntegerField()
    field = models.CharField(max_length=32)
    before = models.BinaryField(null=True)
    after = models.BinaryField(null=True)
    is_sealed = models.BooleanField(default=False)
    by_id = models.BigIntegerField(null=True)
    role = models.CharField(max_length=32, default="")
    via = models.CharField(max_length=32, default="")

    class Meta:
        db_table = "register_change"
        indexes = (models.Index(fields=("noun", "noun_id"), name="register_change_noun"),)
