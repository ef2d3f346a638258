"""Tables of retention."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class RetentionRule(Projection):
    """The newest word about a kind that is in effect holds. keep_days None: for good."""

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=80, db_index=True)
    keep_days = models.IntegerField(null=True)
    source = models.CharField(max_length=200)
    effective_from = models.CharField(max_length=10)
    region = models.CharField(max_length=64)
    by_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "register_retention_rule"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(keep_days=None) | models.Q(keep_days__gt=0),
                name="retention_keeps_days",
            ),
        )
