"""Projections of the exchange. Times are µs."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class Partner(Projection):
    """Another platform; mapping: JSON."""

    id = models.CharField(primary_key=True, max_length=32)
    title = models.CharField(max_length=64)
    mapping = models.TextField()
    set_us = models.BigIntegerField()

    class Meta:
        db_table = "loop_partner"


class Order(Projection):
    """One work order between us and a platform. id: `partner:number`.

    is_ours    whether we sent it; else it came from there
    state      their last word about an order of ours
    changed    lane-0 position of the last entry about it
    """

    id = models.CharField(primary_key=True, max_length=128)
    partner = models.CharField(max_length=32)
    number = models.CharField(max_length=64)
    is_ours = models.BooleanField()
    case_id = models.BigIntegerField(db_index=True)
    digest = models.CharField(max_length=64)
    due_us = models.BigIntegerField(null=True)
    text = models.BinaryField(null=True)
    state = models.CharField(max_length=64, null=True)
    times = models.IntegerField(default=1)
    changed = models.BigIntegerField()

    class Meta:
        db_table = "loop_order"
        indexes = (models.Index(fields=("partner", "is_ours", "changed"), name="loop_order_of"),)
