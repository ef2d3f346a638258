"""Projection of the watchdog: what is wrong with the platform now, and what was."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class Notice(Projection):
    """One fault of the platform. settled_us: None while it lasts."""

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=16)
    key = models.CharField(max_length=128)
    detail = models.CharField(max_length=500)
    noticed_us = models.BigIntegerField()
    settled_us = models.BigIntegerField(null=True)
    lookups = ("key",)

    class Meta:
        db_table = "loop_notice"
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "key"),
                condition=models.Q(settled_us=None),
                name="notice_one_open",
            ),
        )
