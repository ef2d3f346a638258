"""Projection: which official warnings stand on which case."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class CaseWarning(Projection):
    """One message of the station on one case; the newest is the last."""

    id = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField(db_index=True)
    warning_id = models.BigIntegerField(db_index=True)
    lookups = ("case_id", "warning_id")

    class Meta:
        app_label = "loop"
        db_table = "loop_case_warning"
        constraints = (
            models.UniqueConstraint(fields=("case_id", "warning_id"), name="case_warning_once"),
        )
