"""Projections of the register. Times are µs; texts that name a person are sealed."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class County(Projection):
    id = models.BigIntegerField(primary_key=True)
    name = models.CharField(max_length=64)
    latin = models.CharField(max_length=64)
    mode = models.CharField(max_length=8)

    class Meta:
        db_table = "register_county"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(mode__in=("demo", "drill", "live")), name="county_mode"
            ),
        )


class Area(Projection):
    """path: ids from the county down to here, a dot after each: a subtree is a prefix."""

    id = models.BigIntegerField(primary_key=True)
    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=64)
    latin = models.CharField(max_length=64)
    level = models.CharField(max_length=16)
    parent_id = models.BigIntegerField(null=True)
    path = models.CharField(max_length=255, db_index=True)
    outline = models.TextField()

    class Meta:
        db_table = "register_area"


class Person(Projection):
    id = models.BigIntegerField(primary_key=True)
    name = models.BinaryField()
    latin = models.BinaryField()
    phone = models.BinaryField(null=True)

    class Meta:
        db_table = "register_person"


class Reach(Projection):
    """A way to reach a person."""

    id = models.BigIntegerField(primary_key=True)
    person_id = models.BigIntegerField(db_index=True)
    channel = models.CharField(max_length=32)
    address = models.BinaryField()
    rank = models.SmallIntegerField()
    lookups = ("person_id",)

    class Meta:
        db_table = "register_reach"


class Post(Projection):
    id = models.BigIntegerField(primary_key=True)
    person_id = models.BigIntegerField(db_index=True)
    role = models.CharField(max_length=32)
    area_id = models.BigIntegerField(db_index=True)
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField(null=True)
    lookups = ("area_id",)

    class Meta:
        db_table = "register_post"


class Duty(Projection):
    id = models.BigIntegerField(primary_key=True)
    person_id = models.BigIntegerField(db_index=True)
    role = models.CharField(max_length=32)
    area_id = models.BigIntegerField(db_index=True)
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField()
    lookups = ("area_id",)

    class Meta:
        db_table = "register_duty"


class Subject(Projection):
    id = models.BigIntegerField(primary_key=True)
    scenario = models.CharField(max_length=32)
    kind = models.CharField(max_length=32)
    person_id = models.BigIntegerField(db_index=True)
    area_id = models.BigIntegerField(db_index=True)
    address = models.BinaryField(null=True)
    note = models.BinaryField(null=True)

    class Meta:
        db_table = "register_subject"


class Contact(Projection):
    id = models.BigIntegerField(primary_key=True)
    subject_id = models.BigIntegerField(db_index=True)
    person_id = models.BigIntegerField(db_index=True)
    relation = models.CharField(max_length=32)
    rank = models.SmallIntegerField()
    lookups = ("subject_id",)

    class Meta:
        db_table = "register_contact"


class Device(Projection):
    """binding_id: the entry that bound it; a new binding starts new series."""

    id = models.BigIntegerField(primary_key=True)
    protocol = models.CharField(max_length=32)
    number = models.CharField(max_length=64)
    model = models.CharField(max_length=64, null=True)
    subject_id = models.BigIntegerField(null=True, db_index=True)
    binding_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "register_device"
        constraints = (models.UniqueConstraint(fields=("protocol", "number"), name="device_once"),)


class RefusedFrame(Projection):
    """A frame that could not be used, for the device page and for adoption of unknown devices."""

    id = models.BigIntegerField(primary_key=True)
    protocol = models.CharField(max_length=32)
    device = models.CharField(max_length=64, null=True)
    raw = models.BinaryField()
    faults = models.TextField()
    recorded_us = models.BigIntegerField()

    class Meta:
        db_table = "register_refused_frame"
