"""The journal's own tables: heads, entries, offsets and what is parked."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Coalesce

from bihuan.journal.tables import Fact, Projection

FACTS_LANE = 0
VIEWS_LANE = 255


class Head(Fact):
    """The end of one lane; its row is the lock that orders the lane."""

    lane = models.SmallIntegerField(primary_key=True)
    position = models.BigIntegerField()
    hash = models.BinaryField()
    recorded_us = models.BigIntegerField()

    class Meta:
        db_table = "journal_head"


class Entry(Fact):
    """One immutable line of a lane. body and salt are None once erased."""

    pk = models.CompositePrimaryKey("lane", "position")
    lane = models.SmallIntegerField()
    position = models.BigIntegerField()
    type = models.CharField(max_length=64)
    recorded_us = models.BigIntegerField()
    seen0 = models.BigIntegerField(null=True)
    idem = models.BinaryField(null=True)
    salt = models.BinaryField(null=True)
    body = models.BinaryField(null=True)
    body_hash = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        db_table = "journal_entry"
        indexes = (
            models.Index(
                fields=("lane", "idem", "recorded_us"),
                condition=models.Q(idem__isnull=False),
                name="journal_entry_idem",
            ),
            models.Index(fields=("lane", "recorded_us"), name="journal_entry_recorded"),
        )


class Series(Fact):
    """A series of one lane: whose readings, from which device, under which binding.

    subject and binding are None while the device is unbound. Written with the lane's entry
    `readings.series.v1` that says the same; a series never changes.
    """

    pk = models.CompositePrimaryKey("lane", "slot")
    lane = models.SmallIntegerField()
    slot = models.IntegerField()
    subject = models.BigIntegerField(null=True)
    device = models.BigIntegerField()
    binding = models.BigIntegerField(null=True)

    class Meta:
        db_table = "journal_series"
        constraints = (
            models.UniqueConstraint(
                "lane",
                "device",
                Coalesce("subject", -1),
                Coalesce("binding", -1),
                name="journal_series_once",
            ),
        )
        indexes = (models.Index(fields=("subject",), name="journal_series_subject"),)


class Channel(Fact):
    """A channel of one lane with its unit; written with the entry `readings.channel.v1`."""

    pk = models.CompositePrimaryKey("lane", "slot")
    lane = models.SmallIntegerField()
    slot = models.SmallIntegerField()
    channel = models.CharField(max_length=64)
    unit = models.CharField(max_length=32)

    class Meta:
        db_table = "journal_channel"
        constraints = (
            models.UniqueConstraint(
                fields=("lane", "channel", "unit"), name="journal_channel_once"
            ),
        )


class Offset(Projection):
    """How far a projector or decider has come in a lane; committed with what it wrote."""

    id = models.CharField(primary_key=True, max_length=64)
    position = models.BigIntegerField()

    class Meta:
        db_table = "journal_offset"


class Parked(Projection):
    """An entry that its projector could not take: its case waits, the others go on."""

    id = models.BigIntegerField(primary_key=True)
    stream = models.BigIntegerField(db_index=True)
    type = models.CharField(max_length=64)
    reason = models.TextField()
    recorded_us = models.BigIntegerField()
    lookups = ("stream",)

    class Meta:
        db_table = "journal_parked"
