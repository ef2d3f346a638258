"""Projections: limits of persons and of regions, each with who set it."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class SubjectOverride(Projection):
    """A person's own parameters. ended: lane-0 position at which it ended before its time.

    position  of its entry: batches that have seen it are judged by it
    polygon   sealed WKT, where the rule's area is the person's own
    """

    id = models.BigIntegerField(primary_key=True)
    position = models.BigIntegerField(db_index=True)
    scenario = models.CharField(max_length=32)
    rule = models.CharField(max_length=64)
    subject_id = models.BigIntegerField(db_index=True)
    parameters = models.TextField()
    polygon = models.BinaryField(null=True)
    unit = models.CharField(max_length=16)
    reason = models.BinaryField()
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField()
    by_id = models.BigIntegerField(null=True)
    role = models.CharField(max_length=32)
    ended = models.BigIntegerField(null=True, db_index=True)
    ended_us = models.BigIntegerField(null=True)
    ended_by = models.BigIntegerField(null=True)
    end_reason = models.BinaryField(null=True)
    lookups = ("subject_id",)

    class Meta:
        db_table = "rules_override"
        indexes = (models.Index(fields=("scenario", "rule"), name="rules_override_of"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(until_us__gt=models.F("from_us")), name="override_in_order"
            ),
        )


class RegionLimit(Projection):
    """A region's own figure from a day on; see `RuleLimitSet`. areas, parameters: JSON."""

    id = models.BigIntegerField(primary_key=True)
    position = models.BigIntegerField(db_index=True)
    scenario = models.CharField(max_length=32)
    rule = models.CharField(max_length=64)
    area_id = models.BigIntegerField(db_index=True)
    areas = models.TextField()
    depth = models.SmallIntegerField()
    parameters = models.TextField()
    unit = models.CharField(max_length=16)
    source = models.TextField()
    effective_from = models.CharField(max_length=10)
    effective_us = models.BigIntegerField()
    set_us = models.BigIntegerField()
    by_id = models.BigIntegerField(null=True)
    role = models.CharField(max_length=32)
    lookups = ("area_id",)

    class Meta:
        db_table = "rules_region_limit"
        constraints = (
            models.UniqueConstraint(
                fields=("scenario", "rule", "area_id", "effective_from"), name="limit_once_a_day"
            ),
        )
