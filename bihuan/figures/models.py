"""Projections of the figures: what is known of each case, the cube, locks and targets.

Times are µs UTC; a month is year × 12 + month − 1, in the county's time.
"""

from __future__ import annotations

from django.db import models

from bihuan.figures.spans import OPEN
from bihuan.journal.tables import Projection

_OPEN_THEN = ("opened_us", "closed_us", "answered_us", "outcome")


class CaseFact(Projection):
    """What figures know of one case. clocks: JSON of [id, kind, ref, state, is it over].

    area_path  where the area lay when the case was opened; columns as in `declared.CASE_COLUMNS`
    span       class of how long it was open, or that it is open (`spans`)
    """

    id = models.BigIntegerField(primary_key=True)
    scenario = models.CharField(max_length=32)
    kind = models.CharField(max_length=32)
    playbook = models.CharField(max_length=80)
    severity = models.CharField(max_length=16)
    cause = models.CharField(max_length=16)
    state = models.CharField(max_length=24)
    outcome = models.CharField(max_length=16, null=True)
    area_id = models.BigIntegerField()
    area_path = models.CharField(max_length=500)
    subject_id = models.BigIntegerField(null=True)
    opened_us = models.BigIntegerField()
    answered_us = models.BigIntegerField(null=True)
    acted_us = models.BigIntegerField(null=True)
    closed_us = models.BigIntegerField(null=True)
    response_s = models.BigIntegerField(null=True)
    handling_s = models.BigIntegerField(null=True)
    whole_s = models.BigIntegerField(null=True)
    span = models.SmallIntegerField(default=OPEN)
    signals = models.IntegerField(default=1)
    reopened = models.IntegerField(default=0)
    refusals = models.IntegerField(default=0)
    confirmations = models.IntegerField(default=0)
    times_asked = models.IntegerField(default=0)
    level = models.SmallIntegerField(default=0)
    returns = models.IntegerField(default=0)
    is_late = models.BooleanField(default=False)
    clock_answer = models.CharField(max_length=8, null=True)
    clock_accept = models.CharField(max_length=8, null=True)
    clock_receive = models.CharField(max_length=8, null=True)
    clock_progress = models.CharField(max_length=8, null=True)
    clock_act = models.CharField(max_length=8, null=True)
    clock_report = models.CharField(max_length=8, null=True)
    clock_check = models.CharField(max_length=8, null=True)
    clocks = models.TextField(default="[]")

    class Meta:
        db_table = "figures_case_fact"
        indexes = (
            models.Index(fields=("scenario", "kind", "opened_us"), name="case_fact_opened"),
            models.Index(fields=("scenario", "kind", "closed_us"), name="case_fact_closed"),
            # holds all that a backlog, its age and its longest wait need: no row is looked up
            models.Index(
                fields=("scenario", "kind", "span", *_OPEN_THEN, "area_id", "area_path"),
                name="case_fact_span",
            ),
        )


class Cell(Projection):
    """A cell of the cube: what the cases of a group add up to in one area and month.

    id     `GROUP|MONTH|PATH`; path: where the area lay when the case was opened
    parts  int64s: one for each part of the group; of a spread its values in order, see `groups`
    """

    id = models.CharField(primary_key=True, max_length=700)
    cluster = models.CharField(max_length=160)
    month = models.IntegerField()
    area_id = models.BigIntegerField()
    area_path = models.CharField(max_length=500)
    parts = models.BinaryField()

    class Meta:
        db_table = "figures_cell"
        indexes = (models.Index(fields=("cluster", "month"), name="figures_cell_month"),)


class Touch(Projection):
    """When something in a month of a group last changed, be it that the sums stayed the same.

    id  `GROUP|MONTH`; position: of the last entry of the turn in lane 0, so another in a rebuild
    """

    is_compared = False

    id = models.CharField(primary_key=True, max_length=180)
    cluster = models.CharField(max_length=160)
    month = models.IntegerField()
    position = models.BigIntegerField()

    class Meta:
        db_table = "figures_touch"
        indexes = (models.Index(fields=("month",), name="figures_touch_month"),)


class Layout(Projection):
    """What the parts of a group's cells mean; another one than declared: its cells are old."""

    id = models.CharField(primary_key=True, max_length=160)
    parts = models.TextField()

    class Meta:
        db_table = "figures_layout"


class PeriodLock(Projection):
    """A period of a scenario that was published. n: its version, the newest one holds."""

    id = models.BigIntegerField(primary_key=True)
    scenario = models.CharField(max_length=32)
    period = models.CharField(max_length=16)
    n = models.IntegerField()
    locked_us = models.BigIntegerField()
    locked_by = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=255)
    lookups = ("scenario",)

    class Meta:
        db_table = "figures_period_lock"
        constraints = (
            models.UniqueConstraint(fields=("scenario", "period", "n"), name="period_lock_n"),
        )


class LockedValue(Projection):
    """One figure of a locked period in one area, as it was published. top, bottom: None = none."""

    id = models.BigIntegerField(primary_key=True)
    lock_id = models.BigIntegerField(db_index=True)
    figure = models.CharField(max_length=96)
    version = models.IntegerField()
    area_id = models.BigIntegerField()
    amount = models.FloatField(null=True)
    top = models.FloatField(null=True)
    bottom = models.FloatField(null=True)

    class Meta:
        db_table = "figures_locked_value"
        indexes = (models.Index(fields=("lock_id", "figure", "area_id"), name="locked_value_of"),)


class CountyTarget(Projection):
    """The county's own target of a figure, from a day on; None takes it back."""

    id = models.BigIntegerField(primary_key=True)
    figure = models.CharField(max_length=96, db_index=True)
    amount = models.FloatField(null=True)
    source = models.CharField(max_length=255)
    region = models.CharField(max_length=64)
    from_us = models.BigIntegerField()
    set_by = models.BigIntegerField(null=True)
    lookups = ("figure",)

    class Meta:
        db_table = "figures_county_target"
