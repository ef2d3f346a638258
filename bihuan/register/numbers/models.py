"""When a number last rang. Times are µs."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class NumberRang(Projection):
    """id: of the `Reach`. answered_us: None = it rang and nobody has answered it yet."""

    id = models.BigIntegerField(primary_key=True)
    person_id = models.BigIntegerField(db_index=True)
    rang_us = models.BigIntegerField()
    answered_us = models.BigIntegerField(null=True)
    lookups = ("person_id",)

    class Meta:
        app_label = "register"
        db_table = "register_number_rang"
