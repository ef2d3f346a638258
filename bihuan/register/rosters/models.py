"""Projections of rosters. Times are µs."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class Roster(Projection):
    """closed_us: from when on it no longer holds, None = it holds."""

    id = models.BigIntegerField(primary_key=True)
    title = models.CharField(max_length=64)
    role = models.CharField(max_length=32)
    area_id = models.BigIntegerField(db_index=True)
    is_waking = models.BooleanField()
    made_us = models.BigIntegerField()
    closed_us = models.BigIntegerField(null=True)
    lookups = ("area_id",)

    class Meta:
        db_table = "register_roster"


class RosterPattern(Projection):
    """A version of a roster's pattern (JSON of `Pattern`); the newest that has begun holds."""

    id = models.BigIntegerField(primary_key=True)
    roster_id = models.BigIntegerField(db_index=True)
    from_us = models.BigIntegerField()
    body = models.TextField()
    lookups = ("roster_id",)

    class Meta:
        db_table = "register_roster_pattern"


class RosterOverride(Projection):
    """Who has a shift for a time instead of the pattern's people; the newest one holds."""

    id = models.BigIntegerField(primary_key=True)
    roster_id = models.BigIntegerField(db_index=True)
    shift = models.CharField(max_length=32)
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField(db_index=True)
    people = models.TextField()
    reason = models.CharField(max_length=200)
    why = models.CharField(max_length=16)
    lookups = ("roster_id",)

    class Meta:
        db_table = "register_roster_override"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(until_us__gt=models.F("from_us")), name="override_lasts"
            ),
        )


class Swap(Projection):
    """state: asked, accepted, declined."""

    id = models.BigIntegerField(primary_key=True)
    roster_id = models.BigIntegerField(db_index=True)
    shift = models.CharField(max_length=32)
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField()
    giver_id = models.BigIntegerField()
    taker_id = models.BigIntegerField(db_index=True)
    state = models.CharField(max_length=8)

    class Meta:
        db_table = "register_swap"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=("asked", "accepted", "declined")), name="swap_state"
            ),
        )
