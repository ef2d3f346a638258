"""Projections of what was asked and granted about clocks, of county limits and working days."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class ClockChange(Projection):
    """An extension or suspension, from the request to its end.

    state: asked, refused, granted (an extension; a suspension that runs), ended (a suspension).
    """

    id = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField(db_index=True)
    change = models.CharField(max_length=16)
    clock_id = models.BigIntegerField(null=True)
    amount = models.IntegerField(null=True)
    until_us = models.BigIntegerField(null=True)
    state = models.CharField(max_length=8)
    stops = models.TextField(default="")
    reason = models.BinaryField()
    asked_by = models.BigIntegerField(null=True)
    asked_us = models.BigIntegerField()
    decided_by = models.BigIntegerField(null=True)
    decided_us = models.BigIntegerField(null=True)
    ended_us = models.BigIntegerField(null=True)
    lookups = ("case_id",)

    class Meta:
        db_table = "loop_clock_change"
        indexes = (
            models.Index(
                fields=("until_us",),
                condition=models.Q(change="suspension", state="granted"),
                name="loop_suspension_until",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=("asked", "refused", "granted", "ended")),
                name="change_state",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by=None)
                | models.Q(asked_by=None)
                | ~models.Q(decided_by=models.F("asked_by")),
                name="change_decided_by_another",
            ),
            models.UniqueConstraint(
                fields=("case_id",),
                condition=models.Q(change="suspension", state__in=("asked", "granted")),
                name="change_one_suspension",
            ),
        )


class CountyLimit(Projection):
    """The county's own figure for a clock of a playbook, for cases opened from a time on."""

    id = models.BigIntegerField(primary_key=True)
    playbook = models.CharField(max_length=80, db_index=True)
    clock = models.CharField(max_length=16)
    amount = models.BigIntegerField()
    unit = models.CharField(max_length=8)
    source = models.CharField(max_length=255)
    region = models.CharField(max_length=64)
    from_us = models.BigIntegerField()
    lookups = ("playbook",)

    class Meta:
        db_table = "loop_county_limit"


class WorkingDays(Projection):
    """The county's table of working days beside the official one; one row, id 1.

    n: how often it was changed; days, announced: JSON, as `bihuan.base.calendar` takes them.
    """

    id = models.IntegerField(primary_key=True)
    n = models.IntegerField()
    days = models.TextField()
    announced = models.TextField()
    set_us = models.BigIntegerField()

    class Meta:
        db_table = "loop_working_days"
