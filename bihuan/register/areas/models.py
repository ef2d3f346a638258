"""Tables of areas over time: spans, boundaries, zones. `Area` itself says how it is now."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class AreaSpan(Projection):
    """What an area was from-to. Spans of one area follow each other without a gap.

    is_led  it was merged: it no longer stands for itself, parent_id is its successor
    """

    id = models.BigIntegerField(primary_key=True)
    area_id = models.BigIntegerField(db_index=True)
    parent_id = models.BigIntegerField(null=True, db_index=True)
    code = models.CharField(max_length=32, db_index=True)
    name = models.CharField(max_length=64)
    latin = models.CharField(max_length=64)
    level = models.CharField(max_length=16)
    schematic = models.BooleanField()
    is_led = models.BooleanField(default=False)
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField(null=True)
    lookups = ("area_id", "parent_id", "code")

    class Meta:
        db_table = "register_area_span"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(until_us=None) | models.Q(until_us__gte=models.F("from_us")),
                name="area_span_in_order",
            ),
            models.UniqueConstraint(
                fields=("area_id",), condition=models.Q(until_us=None), name="area_span_open_once"
            ),
            models.CheckConstraint(
                condition=models.Q(parent_id=None) | ~models.Q(parent_id=models.F("area_id")),
                name="area_not_in_itself",
            ),
        )


class AreaBoundary(Projection):
    """The ring or rings of an area from-to: WKB in WGS-84, and the box around it in degrees.

    datum  in which it was received
    """

    id = models.BigIntegerField(primary_key=True)
    area_id = models.BigIntegerField(db_index=True)
    wkb = models.BinaryField()
    datum = models.CharField(max_length=16)
    source = models.CharField(max_length=128)
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField(null=True)
    lookups = ("area_id",)

    class Meta:
        db_table = "register_area_boundary"
        indexes = (models.Index(fields=("west", "east"), name="area_boundary_box"),)


class Zone(Projection):
    """A functional zone: areas taken together for a purpose, across the tree."""

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=32)
    name = models.CharField(max_length=64)
    latin = models.CharField(max_length=64)
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField(null=True)

    class Meta:
        db_table = "register_zone"


class ZoneArea(Projection):
    """An area, with everything in it, belongs to a zone from-to."""

    id = models.BigIntegerField(primary_key=True)
    zone_id = models.BigIntegerField(db_index=True)
    area_id = models.BigIntegerField(db_index=True)
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField(null=True)
    lookups = ("zone_id", "area_id")

    class Meta:
        db_table = "register_zone_area"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(until_us=None) | models.Q(until_us__gt=models.F("from_us")),
                name="zone_area_in_order",
            ),
        )
