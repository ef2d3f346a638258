"""Projection of links to pages without an account."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class NearLink(Projection):
    """One link. given_by: the official who answers questions; revoked_us: None while it opens."""

    id = models.BigIntegerField(primary_key=True)
    subject_id = models.BigIntegerField(db_index=True)
    person_id = models.BigIntegerField()
    given_by = models.BigIntegerField()
    given_us = models.BigIntegerField()
    revoked_us = models.BigIntegerField(null=True)
    revoked_by = models.BigIntegerField(null=True)
    lookups = ("subject_id",)

    class Meta:
        app_label = "register"
        db_table = "register_near_link"
        constraints = (
            models.UniqueConstraint(
                fields=("subject_id", "person_id"),
                condition=models.Q(revoked_us=None),
                name="near_link_one_open",
            ),
        )
