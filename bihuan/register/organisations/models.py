"""Tables of organisations and who belongs to them. Posts stand beside the other people's tables."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class Organisation(Projection):
    """A department, a village committee, a firm's unit, as it is now. party_id: the firm."""

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=32)
    name = models.CharField(max_length=64)
    latin = models.CharField(max_length=64)
    area_id = models.BigIntegerField(db_index=True)
    parent_id = models.BigIntegerField(null=True, db_index=True)
    party_id = models.BigIntegerField(null=True, db_index=True)
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField(null=True)

    class Meta:
        db_table = "register_organisation"


class Member(Projection):
    """A person belongs to an organisation from-to, whatever post it holds there."""

    id = models.BigIntegerField(primary_key=True)
    organisation_id = models.BigIntegerField(db_index=True)
    person_id = models.BigIntegerField(db_index=True)
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField(null=True)
    lookups = ("organisation_id",)

    class Meta:
        db_table = "register_member"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(until_us=None) | models.Q(until_us__gt=models.F("from_us")),
                name="member_in_order",
            ),
        )
