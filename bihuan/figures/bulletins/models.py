"""Projections of bulletins. Times are µs."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class Bulletin(Projection):
    """A bulletin. version: the newest that was issued, 0 = none; saves: how many texts it has."""

    id = models.BigIntegerField(primary_key=True)
    area_id = models.BigIntegerField()
    area_path = models.CharField(max_length=255, db_index=True)
    kind = models.CharField(max_length=16)
    period = models.CharField(max_length=32)
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=200)
    drafted_us = models.BigIntegerField()
    drafted_by = models.BigIntegerField()
    saves = models.IntegerField(default=0)
    version = models.IntegerField(default=0)
    release_us = models.BigIntegerField(null=True)
    withdrawn_us = models.BigIntegerField(null=True)
    withdrawn_by = models.BigIntegerField(null=True)
    withdrawn_reason = models.TextField(null=True)

    class Meta:
        db_table = "bulletins_bulletin"


class BulletinText(Projection):
    """One saved text. bound, claims: JSON. version: the number it was locked under, None = not."""

    id = models.BigIntegerField(primary_key=True)
    bulletin_id = models.BigIntegerField(db_index=True)
    n = models.IntegerField()
    zh = models.TextField()
    en = models.TextField()
    bound = models.TextField()
    claims = models.TextField()
    digest = models.CharField(max_length=64)
    written_us = models.BigIntegerField()
    written_by = models.BigIntegerField()
    version = models.IntegerField(null=True)
    issued_us = models.BigIntegerField(null=True)
    issued_by = models.BigIntegerField(null=True)
    release_us = models.BigIntegerField(null=True)
    reason = models.TextField(null=True)
    lookups = ("bulletin_id",)

    class Meta:
        db_table = "bulletins_bulletin_text"
        constraints = (
            models.UniqueConstraint(fields=("bulletin_id", "n"), name="bulletin_text_once"),
            models.UniqueConstraint(
                fields=("bulletin_id", "version"), name="bulletin_version_once"
            ),
            models.CheckConstraint(
                condition=models.Q(version=None, issued_by=None, issued_us=None)
                | models.Q(version__isnull=False, issued_by__isnull=False, issued_us__isnull=False),
                name="bulletin_issued_by_somebody",
            ),
        )
