"""Projections of statements and inquiries."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class Statement(Projection):
    """A person's own view (情况说明), asked for before any inquiry; text is sealed."""

    id = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField(db_index=True)
    person_id = models.BigIntegerField(db_index=True)
    asked_by = models.BigIntegerField(null=True)
    asked_us = models.BigIntegerField()
    due_us = models.BigIntegerField()
    reason = models.BinaryField()
    filed_us = models.BigIntegerField(null=True)
    text = models.BinaryField(null=True)
    lookups = ("case_id",)

    class Meta:
        db_table = "loop_statement"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(filed_us=None, text=None)
                | models.Q(filed_us__isnull=False, text__isnull=False),
                name="statement_filed",
            ),
        )


class Inquiry(Projection):
    """An authorised inquiry (责任倒查) about one person's part in one case."""

    id = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField(db_index=True)
    statement_id = models.BigIntegerField(unique=True)
    opened_by = models.BigIntegerField(null=True)
    opened_us = models.BigIntegerField()
    reason = models.BinaryField()
    closed_us = models.BigIntegerField(null=True)
    conclusion = models.BinaryField(null=True)
    lookups = ("case_id",)

    class Meta:
        db_table = "loop_inquiry"
