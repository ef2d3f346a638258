"""Projection of supervision: each time it was raised, and when it was lifted."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class Supervision(Projection):
    """One raising of supervision. by_id: None where clock_id brought it."""

    id = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField(db_index=True)
    level = models.SmallIntegerField()
    by_id = models.BigIntegerField(null=True)
    clock_id = models.BigIntegerField(null=True)
    reason = models.BinaryField(null=True)
    raised_us = models.BigIntegerField()
    lifted_us = models.BigIntegerField(null=True)
    lifted_by = models.BigIntegerField(null=True)
    lookups = ("case_id",)

    class Meta:
        db_table = "loop_supervision"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(level__range=(1, 3)), name="supervision_level"
            ),
        )
