"""Projections of the test of the path. Times are µs."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection

STATES = ("begun", "proved", "failed")


class PathPlan(Projection):
    """The one plan; id is 1."""

    id = models.BigIntegerField(primary_key=True)
    is_on = models.BooleanField()
    working_day = models.SmallIntegerField()
    minute = models.SmallIntegerField()
    planned_us = models.BigIntegerField()

    class Meta:
        app_label = "loop"
        db_table = "loop_path_plan"


class PathProbe(Projection):
    """The one probe; id is 1."""

    id = models.BigIntegerField(primary_key=True)
    person_id = models.BigIntegerField()
    subject_id = models.BigIntegerField()
    device_id = models.BigIntegerField()
    number = models.CharField(max_length=64)

    class Meta:
        app_label = "loop"
        db_table = "loop_path_probe"


class PathRun(Projection):
    """One run. planned: JSON of whom a real press would call; times are those that were recorded.

    stage, detail: of a failed run, the first stage that was not reached
    """

    id = models.BigIntegerField(primary_key=True)
    cause = models.CharField(max_length=16)
    state = models.CharField(max_length=8)
    begun_us = models.BigIntegerField()
    position = models.BigIntegerField()
    like_subject = models.BigIntegerField(null=True)
    playbook = models.CharField(max_length=80, null=True)
    planned = models.TextField()
    stored_us = models.BigIntegerField(null=True)
    opened_us = models.BigIntegerField(null=True)
    called_us = models.BigIntegerField(null=True)
    delivered_us = models.BigIntegerField(null=True)
    ended_us = models.BigIntegerField(null=True)
    stage = models.CharField(max_length=16, default="")
    detail = models.CharField(max_length=200, default="")
    lookups = ("state",)

    class Meta:
        app_label = "loop"
        db_table = "loop_path_run"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state="begun", ended_us=None)
                | models.Q(state__in=("proved", "failed"), ended_us__isnull=False),
                name="path_run_state",
            ),
            models.UniqueConstraint(
                fields=("state",), condition=models.Q(state="begun"), name="path_run_one_at_a_time"
            ),
        )
