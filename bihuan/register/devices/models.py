"""Projections of devices beside `Device` itself. Times are µs."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class Binding(Projection):
    """Whose a device was, from-to; id: the entry that bound it, as in every series' key.

    issued_us, ended_us  when it was handed over and taken back, where that was said; series go by
                         from_us and until_us, the recorded times
    """

    id = models.BigIntegerField(primary_key=True)
    device_id = models.BigIntegerField(db_index=True)
    subject_id = models.BigIntegerField(db_index=True)
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField(null=True)
    issued_us = models.BigIntegerField(null=True)
    ended_us = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=64, null=True)
    by_id = models.BigIntegerField(null=True)
    released_by = models.BigIntegerField(null=True)
    lookups = ("device_id", "subject_id")

    class Meta:
        db_table = "register_binding"
        constraints = (
            models.UniqueConstraint(
                fields=("device_id",),
                condition=models.Q(until_us__isnull=True),
                name="binding_one_subject",
            ),
        )


class Sim(Projection):
    """A device's SIM card; id: the device's. number is sealed under the device's id."""

    id = models.BigIntegerField(primary_key=True)
    number = models.BinaryField()
    expires_on = models.CharField(max_length=10, null=True)

    class Meta:
        db_table = "register_sim"


class Calibration(Projection):
    """A calibration of a probe, and until when it holds. Dates."""

    id = models.BigIntegerField(primary_key=True)
    device_id = models.BigIntegerField(db_index=True)
    done_on = models.CharField(max_length=10)
    due_on = models.CharField(max_length=10)
    certificate = models.CharField(max_length=64)
    by_id = models.BigIntegerField(null=True)
    lookups = ("device_id",)

    class Meta:
        db_table = "register_calibration"


class SeriesHealth(Projection):
    """When a series was heard last, and its battery; id: lane × 2³² + slot."""

    id = models.BigIntegerField(primary_key=True)
    device_id = models.BigIntegerField(db_index=True)
    last_us = models.BigIntegerField()
    battery = models.FloatField(null=True)
    battery_us = models.BigIntegerField(null=True)

    class Meta:
        db_table = "register_series_health"
