"""Projections of press pages and published series. Numbers are decimal text, days ISO, times µs."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class PressPage(Projection):
    """A page that was read. text: sealed; articles: JSON."""

    id = models.BigIntegerField(primary_key=True)
    area_id = models.BigIntegerField()
    area_path = models.CharField(max_length=255, db_index=True)
    paper = models.CharField(max_length=120)
    issued = models.CharField(max_length=10, db_index=True)
    text = models.BinaryField()
    digest = models.CharField(max_length=64, db_index=True)
    articles = models.TextField()
    read_us = models.BigIntegerField()
    read_by = models.BigIntegerField()
    lookups = ("digest",)

    class Meta:
        db_table = "published_press_page"
        constraints = (
            models.UniqueConstraint(fields=("digest", "issued", "area_id"), name="press_page_once"),
        )


class PressProposal(Projection):
    """A statistic proposed from a page. said, fields: JSON; verdict: None until decided."""

    id = models.BigIntegerField(primary_key=True)
    page_id = models.BigIntegerField(db_index=True)
    n = models.IntegerField()
    article = models.CharField(max_length=16)
    start = models.IntegerField()
    end = models.IntegerField()
    said = models.TextField()
    fields = models.TextField()
    verdict = models.CharField(max_length=16, null=True)
    changed = models.TextField(default="[]")
    reason = models.TextField(null=True)
    decided_by = models.BigIntegerField(null=True)
    decided_us = models.BigIntegerField(null=True)
    value_id = models.BigIntegerField(null=True)
    lookups = ("page_id",)

    class Meta:
        db_table = "published_press_proposal"
        constraints = (
            models.UniqueConstraint(fields=("page_id", "n"), name="press_proposal_once"),
            models.CheckConstraint(
                condition=models.Q(verdict=None, decided_by=None, decided_us=None)
                | models.Q(
                    verdict__isnull=False, decided_by__isnull=False, decided_us__isnull=False
                ),
                name="press_proposal_decided",
            ),
            models.CheckConstraint(
                condition=models.Q(verdict=None)
                | models.Q(verdict__in=("confirmed", "corrected", "rejected")),
                name="press_proposal_verdict",
            ),
        )


class Series(Projection):
    """An indicator of a scope, over periods of one kind. figure: the county's own, by its id.

    key: SHA-256 of what makes it this series; unit: of its first value, None until one has a unit
    """

    id = models.BigIntegerField(primary_key=True)
    key = models.CharField(max_length=64, unique=True)
    area_id = models.BigIntegerField()
    area_path = models.CharField(max_length=255, db_index=True)
    indicator = models.CharField(max_length=120, db_index=True)
    scope = models.CharField(max_length=120)
    period_kind = models.CharField(max_length=16)
    unit = models.CharField(max_length=32, null=True)
    figure = models.CharField(max_length=120, null=True)
    lookups = ("key",)

    class Meta:
        db_table = "published_series"


class PublishedValue(Projection):
    """What one source states for a period of a series. superseded_by: the value that revises it.

    entered: JSON list of fields that the source's characters do not show
    """

    id = models.BigIntegerField(primary_key=True)
    series_id = models.BigIntegerField(db_index=True)
    start = models.CharField(max_length=10, null=True)
    end = models.CharField(max_length=10, null=True)
    value = models.CharField(max_length=40, null=True)
    unit = models.CharField(max_length=32, null=True)
    qualifier = models.CharField(max_length=16, null=True)
    growth_value = models.CharField(max_length=40, null=True)
    growth_unit = models.CharField(max_length=32, null=True)
    growth_basis = models.CharField(max_length=32, null=True)
    rank_place = models.IntegerField(null=True)
    rank_group = models.CharField(max_length=120, null=True)
    rank_ties = models.BooleanField(null=True)
    rank_change = models.IntegerField(null=True)
    status = models.CharField(max_length=16)
    is_provisional = models.BooleanField()
    source_kind = models.CharField(max_length=8)
    paper = models.CharField(max_length=120)
    issued = models.CharField(max_length=10)
    article = models.CharField(max_length=255, null=True)
    page_id = models.BigIntegerField(null=True)
    source_start = models.IntegerField(null=True)
    source_end = models.IntegerField(null=True)
    entered = models.TextField()
    reason = models.TextField(null=True)
    stated_us = models.BigIntegerField()
    stated_by = models.BigIntegerField(null=True)
    superseded_by = models.BigIntegerField(null=True)
    withdrawn_us = models.BigIntegerField(null=True)
    withdrawn_by = models.BigIntegerField(null=True)
    withdrawn_reason = models.TextField(null=True)
    lookups = ("series_id",)

    class Meta:
        db_table = "published_value"

    @property
    def stands(self) -> bool:
        """Neither revised nor withdrawn."""
        return self.superseded_by is None and self.withdrawn_us is None
