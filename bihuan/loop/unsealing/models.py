"""Projection of unsealings. Times are µs."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class Unsealing(Projection):
    """A wish to read who reported a sealed case; it says nothing of who that is.

    until_us  to when it waits for the second person, then to when both may read
    """

    id = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField(db_index=True)
    asked_by = models.BigIntegerField()
    asked_us = models.BigIntegerField()
    reason = models.BinaryField()
    state = models.CharField(max_length=8)
    until_us = models.BigIntegerField()
    decided_by = models.BigIntegerField(null=True)
    decided_us = models.BigIntegerField(null=True)
    lookups = ("case_id",)

    class Meta:
        db_table = "loop_unsealing"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state="asked", decided_by=None, decided_us=None)
                | models.Q(
                    state__in=("granted", "refused"),
                    decided_by__isnull=False,
                    decided_us__isnull=False,
                ),
                name="unsealing_decided",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("asked_by")),
                name="unsealing_of_two",
            ),
        )
