"""Projections of daily notices: how far each has come, and who was told about whom. Times: µs."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class DailyNoticeRun(Projection):
    """How far a notice has come; id: `SCENARIO.NAME`. upto: the last subject gone through."""

    id = models.CharField(primary_key=True, max_length=96)
    day = models.CharField(max_length=10)
    upto = models.BigIntegerField()
    is_done = models.BooleanField()
    told = models.IntegerField()
    unreachable = models.IntegerField()
    broken = models.IntegerField()

    class Meta:
        app_label = "loop"
        db_table = "loop_daily_notice_run"


class DailyNotice(Projection):
    """One person told about one subject on one day: the stream of its message."""

    id = models.BigIntegerField(primary_key=True)
    scenario = models.CharField(max_length=32)
    name = models.CharField(max_length=48)
    day = models.CharField(max_length=10)
    due_us = models.BigIntegerField()
    subject_id = models.BigIntegerField(db_index=True)
    person_id = models.BigIntegerField(db_index=True)

    class Meta:
        app_label = "loop"
        db_table = "loop_daily_notice"
        constraints = (
            models.UniqueConstraint(
                fields=("scenario", "name", "day", "subject_id", "person_id"),
                name="daily_notice_once",
            ),
        )
