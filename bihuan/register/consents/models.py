"""Projections of consents."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class Consent(Projection):
    """One consent of a person; scope: JSON list, [] = the whole purpose. Kept once withdrawn."""

    id = models.BigIntegerField(primary_key=True)
    person_id = models.BigIntegerField(db_index=True)
    purpose = models.CharField(max_length=48)
    scope = models.TextField()
    given_by = models.CharField(max_length=8)
    guardian_id = models.BigIntegerField(null=True)
    document = models.CharField(max_length=64, null=True)
    notice = models.CharField(max_length=32)
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField(null=True)
    given_us = models.BigIntegerField()
    taken_by = models.BigIntegerField(null=True)
    withdrawn_us = models.BigIntegerField(null=True)
    withdrawn_by = models.BigIntegerField(null=True)
    lookups = ("person_id",)

    class Meta:
        db_table = "register_consent"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(given_by="self", guardian_id__isnull=True)
                | models.Q(given_by="guardian", guardian_id__isnull=False, document__isnull=False),
                name="consent_guardian_with_document",
            ),
        )


class ConsentAge(Projection):
    """From which age own consents count. The newest word that is in effect holds."""

    id = models.BigIntegerField(primary_key=True)
    years = models.SmallIntegerField()
    source = models.CharField(max_length=200)
    effective_from = models.CharField(max_length=10)
    region = models.CharField(max_length=64)
    by_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "register_consent_age"
        constraints = (
            models.CheckConstraint(condition=models.Q(years__gt=0), name="consent_age_years"),
        )
