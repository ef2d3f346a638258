"""Projections of the rules: every finding as last stated, and the versions that hold."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Local, Projection
from bihuan.rules.overrides import models as _overrides  # noqa: F401 - so that Django finds the tables

WHAT = ("opened", "revised", "cleared", "withdrawn")


class Finding(Projection):
    """One finding as last stated. n: how often something was said about it.

    setting_id  the override or the region's limit by which it was judged; null: as declared
    """

    id = models.CharField(primary_key=True, max_length=128)
    scenario = models.CharField(max_length=32)
    rule = models.CharField(max_length=64)
    version = models.IntegerField()
    kind = models.CharField(max_length=16)
    subject_id = models.BigIntegerField(db_index=True)
    lane = models.SmallIntegerField()
    slot = models.IntegerField()
    number = models.IntegerField()
    n = models.IntegerField()
    what = models.CharField(max_length=16)
    opened_us = models.BigIntegerField()
    cleared_us = models.BigIntegerField(null=True)
    since_us = models.BigIntegerField(null=True)
    measure = models.FloatField(null=True)
    limit_value = models.FloatField(null=True)
    unit = models.CharField(max_length=16)
    source = models.TextField()
    severity = models.CharField(max_length=16)
    setting_id = models.BigIntegerField(null=True)
    said = models.BigIntegerField()
    said_us = models.BigIntegerField()

    class Meta:
        db_table = "rules_finding"
        indexes = (models.Index(fields=("scenario", "rule", "opened_us"), name="rules_finding_of"),)
        constraints = (
            models.CheckConstraint(condition=models.Q(what__in=WHAT), name="finding_what"),
            models.UniqueConstraint(
                fields=("scenario", "rule", "lane", "slot", "number"), name="finding_once"
            ),
        )


class InForce(Projection):
    """A version of a rule, and the lane-0 position from which batches are judged by it."""

    id = models.CharField(primary_key=True, max_length=128)
    position = models.BigIntegerField()
    declared = models.TextField()

    class Meta:
        db_table = "rules_in_force"


class Snapshot(Local):
    """The state of all rules over one lane: only saves reading the lane again at a start."""

    lane = models.SmallIntegerField(primary_key=True)
    position = models.BigIntegerField()
    body = models.BinaryField()

    class Meta:
        db_table = "rules_snapshot"


class Reached(Local):
    """How far the rules have come in a lane: for whoever watches that they keep up.

    position, recorded_us  the last entry judged
    """

    lane = models.SmallIntegerField(primary_key=True)
    position = models.BigIntegerField()
    recorded_us = models.BigIntegerField()

    class Meta:
        db_table = "rules_reached"
