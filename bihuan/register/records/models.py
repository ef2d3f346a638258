"""Projections of records and of what hangs on typed rows. Times are µs."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection
from bihuan.register.typed import TypedRow

PROPOSAL_STATES = ("waiting", "confirmed", "declined", "lapsed")
DUTY_STATES = ("waiting", "passed", "none")
PERIOD_STATES = ("waiting", "signed", "missed", "late", "ceased")


class Record(TypedRow):
    """ledger: `SUBJECT:SCENARIO.KIND`, by which a subject's rows of one type are found."""

    number = models.CharField(max_length=24)
    subject_id = models.BigIntegerField(null=True, db_index=True)
    ledger = models.CharField(max_length=96, null=True, db_index=True)
    is_draft = models.BooleanField(default=False)
    is_erased = models.BooleanField(default=False)
    lookups = ("ledger",)

    class Meta:
        db_table = "register_record"
        indexes = (models.Index(fields=("scenario", "kind", "id"), name="record_by_kind"),)
        constraints = (
            models.UniqueConstraint(fields=("scenario", "number"), name="record_number_once"),
        )


class Counter(Projection):
    """The last number of a record type in a year; id: `SCENARIO.KIND.YEAR`."""

    id = models.CharField(primary_key=True, max_length=80)
    n = models.IntegerField()

    class Meta:
        db_table = "register_counter"


class FieldValue(Projection):
    """An indexed field of a row; one row for each of several choices. kind: `SCENARIO.KIND`."""

    id = models.BigIntegerField(primary_key=True)
    row_id = models.BigIntegerField(db_index=True)
    kind = models.CharField(max_length=80)
    field = models.CharField(max_length=32)
    number = models.FloatField(null=True)
    text = models.CharField(max_length=255, null=True)
    at_us = models.BigIntegerField(null=True)
    lookups = ("row_id",)

    class Meta:
        db_table = "register_field_value"
        indexes = (
            models.Index(fields=("kind", "field", "text"), name="field_value_text"),
            models.Index(fields=("kind", "field", "number"), name="field_value_number"),
            models.Index(fields=("kind", "field", "at_us"), name="field_value_at"),
        )


class RowLink(Projection):
    """A field of a row that points to another row. target: `TO:SCENARIO.KIND.FIELD`."""

    id = models.BigIntegerField(primary_key=True)
    row_id = models.BigIntegerField(db_index=True)
    field = models.CharField(max_length=32)
    to_id = models.BigIntegerField()
    target = models.CharField(max_length=128, db_index=True)
    lookups = ("row_id", "target")

    class Meta:
        db_table = "register_row_link"


class RowChange(Projection):
    """One change of a row: who, when, what was before and after. before, after, extra: JSON.

    sealed_before, sealed_after  all sealed fields of the row then; sealed_names says which changed
    """

    id = models.BigIntegerField(primary_key=True)
    row_id = models.BigIntegerField(db_index=True)
    at_us = models.BigIntegerField()
    what = models.CharField(max_length=48)
    from_state = models.CharField(max_length=32)
    to_state = models.CharField(max_length=32)
    before = models.TextField()
    after = models.TextField()
    extra = models.TextField(default="{}")
    sealed_names = models.TextField(default="[]")
    sealed_before = models.BinaryField(null=True)
    sealed_after = models.BinaryField(null=True)
    sealed_extra = models.BinaryField(null=True)
    reason = models.BinaryField(null=True)
    by_id = models.BigIntegerField(null=True)
    role = models.CharField(max_length=32)
    via = models.CharField(max_length=32)
    second_id = models.BigIntegerField(null=True)
    lookups = ("row_id",)

    class Meta:
        db_table = "register_row_change"


class Proposal(Projection):
    """An act that waits for a second person."""

    id = models.BigIntegerField(primary_key=True)
    row_id = models.BigIntegerField(db_index=True)
    act = models.CharField(max_length=32)
    values = models.TextField()
    sealed = models.BinaryField(null=True)
    by_id = models.BigIntegerField(null=True)
    role = models.CharField(max_length=32)
    via = models.CharField(max_length=32)
    proposed_us = models.BigIntegerField()
    expires_us = models.BigIntegerField()
    state = models.CharField(max_length=16)
    ended_by = models.BigIntegerField(null=True)
    ended_us = models.BigIntegerField(null=True)
    reason = models.BinaryField(null=True)
    lookups = ("row_id",)

    class Meta:
        db_table = "register_proposal"
        indexes = (models.Index(fields=("state", "expires_us"), name="proposal_due"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=PROPOSAL_STATES), name="proposal_state"
            ),
            models.UniqueConstraint(
                fields=("row_id", "act"),
                condition=models.Q(state="waiting"),
                name="proposal_once",
            ),
        )


class Hold(Projection):
    """What keeps a row from being closed or erased, from-to."""

    id = models.BigIntegerField(primary_key=True)
    row_id = models.BigIntegerField(db_index=True)
    cause = models.CharField(max_length=64)
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField(null=True)
    lookups = ("row_id",)

    class Meta:
        db_table = "register_hold"


class DutyDue(Projection):
    """When a row's duty falls due; due_us None: it does not, or no more."""

    id = models.BigIntegerField(primary_key=True)
    row_id = models.BigIntegerField(db_index=True)
    scenario = models.CharField(max_length=32)
    kind = models.CharField(max_length=32)
    duty = models.CharField(max_length=32)
    due_us = models.BigIntegerField(null=True)
    state = models.CharField(max_length=16)
    lookups = ("row_id",)

    class Meta:
        db_table = "register_duty_due"
        indexes = (models.Index(fields=("state", "due_us"), name="duty_due_waiting"),)
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=DUTY_STATES), name="duty_state"),
            models.UniqueConstraint(fields=("row_id", "duty"), name="duty_due_once"),
        )


class Period(Projection):
    """One period of a routine that a subject owes. starts, ends: dates, both included."""

    id = models.BigIntegerField(primary_key=True)
    subject_id = models.BigIntegerField(db_index=True)
    scenario = models.CharField(max_length=32)
    routine = models.CharField(max_length=32)
    starts = models.CharField(max_length=10)
    ends = models.CharField(max_length=10)
    due_us = models.BigIntegerField()
    state = models.CharField(max_length=16)
    record_id = models.BigIntegerField(null=True)
    signed_us = models.BigIntegerField(null=True)
    signed_by = models.BigIntegerField(null=True)
    lookups = ("subject_id",)

    class Meta:
        db_table = "register_period"
        indexes = (models.Index(fields=("state", "due_us"), name="period_due"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=PERIOD_STATES), name="period_state"
            ),
            models.UniqueConstraint(
                fields=("subject_id", "scenario", "routine", "starts"), name="period_once"
            ),
        )
