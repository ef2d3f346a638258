"""Projection of FHIR Observations that came."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class Observation(Projection):
    """An Observation as it came; document: sealed for the subject's person."""

    id = models.BigIntegerField(primary_key=True)
    subject_id = models.BigIntegerField(db_index=True)
    device_id = models.BigIntegerField()
    at_us = models.BigIntegerField(null=True)
    document = models.BinaryField()
    source = models.CharField(max_length=128)

    class Meta:
        db_table = "register_observation"
