"""Projections of matters, links and documents."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class Matter(Projection):
    """What a person reported, in their own words (sealed), and how it came. id: of its entry."""

    id = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField(null=True, db_index=True)
    origin_id = models.BigIntegerField(null=True, db_index=True)
    text = models.BinaryField()
    contact = models.BinaryField(null=True)
    via = models.CharField(max_length=16)
    taken_down_by = models.BigIntegerField(null=True)
    is_read_back = models.BooleanField(null=True)
    reported_us = models.BigIntegerField()

    class Meta:
        db_table = "loop_matter"


class CaseLink(Projection):
    """case_id is a likely duplicate of other_id, was merged into it, or is a part (child) of it."""

    id = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField(db_index=True)
    other_id = models.BigIntegerField(db_index=True)
    link = models.CharField(max_length=16)
    by_id = models.BigIntegerField(null=True)
    at_us = models.BigIntegerField()
    lookups = ("case_id", "other_id")

    class Meta:
        db_table = "loop_case_link"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(link__in=("duplicate", "merged", "child")), name="link_kind"
            ),
            models.CheckConstraint(
                condition=~models.Q(case_id=models.F("other_id")), name="link_of_two"
            ),
            models.UniqueConstraint(fields=("case_id", "other_id", "link"), name="link_once"),
        )


class Document(Projection):
    """A file of a case, sealed and kept by its digest; name and sha256 (of the file) are sealed."""

    id = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField(db_index=True)
    digest = models.CharField(max_length=64)
    media_type = models.CharField(max_length=128)
    size_bytes = models.BigIntegerField()
    name = models.BinaryField()
    sha256 = models.BinaryField(null=True)
    given_us = models.BigIntegerField()
    given_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "loop_document"


class Holding(Projection):
    """Who held a case from–to (办理责任链). until_us: None = still; person_id: None = nobody yet.

    state: in which it was; lead_id: the assignment by which a unit has it.
    """

    id = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField(db_index=True)
    state = models.CharField(max_length=24)
    person_id = models.BigIntegerField(null=True)
    role = models.CharField(max_length=32, null=True)
    lead_id = models.BigIntegerField(null=True)
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField(null=True)
    lookups = ("case_id",)

    class Meta:
        db_table = "loop_holding"
        constraints = (
            models.UniqueConstraint(
                fields=("case_id",),
                condition=models.Q(until_us=None),
                name="holding_one_now",
            ),
        )


class Decided(Projection):
    """How far the decider has come: the last signal, or finding, that it has dealt with."""

    id = models.CharField(primary_key=True, max_length=32)
    position = models.BigIntegerField()

    class Meta:
        db_table = "loop_decided"


class CaseFinding(Projection):
    """A finding that opened or joined a case; id: the finding's identity."""

    id = models.CharField(primary_key=True, max_length=128)
    case_id = models.BigIntegerField(db_index=True)
    what = models.CharField(max_length=16)
    finding = models.BigIntegerField()

    class Meta:
        db_table = "loop_case_finding"
