"""Trials of changed rules: asked for on a page, run in the background, kept a while."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Local

STATES = ("queued", "running", "done", "failed")


class Trial(Local):
    """One changed rule to be tried on the archive. settings, result: JSON.

    done, total  readings judged, of both rules together
    fault        what was wrong, where it failed
    """

    id = models.BigAutoField(primary_key=True)
    person_id = models.BigIntegerField(db_index=True)
    scenario = models.CharField(max_length=32)
    rule = models.CharField(max_length=64)
    settings = models.TextField()
    from_us = models.BigIntegerField(null=True)
    to_us = models.BigIntegerField(null=True)
    state = models.CharField(max_length=8, default="queued")
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    result = models.TextField(default="")
    fault = models.TextField(default="")
    made_us = models.BigIntegerField()
    ended_us = models.BigIntegerField(null=True)

    class Meta:
        app_label = "console"
        db_table = "console_trial"
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="trial_state"),
        )

    @property
    def percent(self) -> int:
        """How much of it is done."""
        return 100 * self.done // self.total if self.total else 0

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "failed")
