"""Projections of shifts. Times are µs; texts are sealed."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class LogLine(Projection):
    """A line of a duty log. corrected_by: the line that replaces it; both stay."""

    id = models.BigIntegerField(primary_key=True)
    area_id = models.BigIntegerField(db_index=True)
    area_path = models.CharField(max_length=255, db_index=True)
    at_us = models.BigIntegerField(db_index=True)
    written_us = models.BigIntegerField()
    text = models.BinaryField()
    about = models.BigIntegerField(null=True, db_index=True)
    corrects = models.BigIntegerField(null=True)
    corrected_by = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField()

    class Meta:
        db_table = "loop_log_line"


class Handover(Projection):
    """A shift handed over. accepted_us: None until somebody else took it over."""

    id = models.BigIntegerField(primary_key=True)
    area_id = models.BigIntegerField(db_index=True)
    area_path = models.CharField(max_length=255, db_index=True)
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField()
    text = models.BinaryField()
    open_cases = models.TextField()
    since = models.TextField(null=True)
    remark = models.BinaryField(null=True)
    digest = models.CharField(max_length=64)
    offered_by = models.BigIntegerField()
    offered_us = models.BigIntegerField()
    accepted_by = models.BigIntegerField(null=True)
    accepted_us = models.BigIntegerField(null=True)
    lookups = ("area_id",)

    class Meta:
        db_table = "loop_handover"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(accepted_by=None, accepted_us=None)
                | models.Q(accepted_by__isnull=False, accepted_us__isnull=False),
                name="handover_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_by=None)
                | ~models.Q(accepted_by=models.F("offered_by")),
                name="handover_between_two",
            ),
        )


class FlashReport(Projection):
    """A signed flash report of a case."""

    id = models.BigIntegerField(primary_key=True)
    about = models.BigIntegerField(db_index=True)
    area_path = models.CharField(max_length=255, db_index=True)
    n = models.IntegerField()
    stage = models.CharField(max_length=16)
    text = models.BinaryField()
    digest = models.CharField(max_length=64)
    signed_by = models.BigIntegerField()
    signed_us = models.BigIntegerField()
    lookups = ("about",)

    class Meta:
        db_table = "loop_flash_report"
        constraints = (models.UniqueConstraint(fields=("about", "n"), name="flash_report_once"),)
