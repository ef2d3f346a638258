"""Projection of who is to work on a case, and whether they signed for it."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection

PURPOSES = ("lead", "assist", "summon", "hand_over")
ASSIGNMENT_STATES = ("waiting", "received", "returned", "reported", "withdrawn")


class Assignment(Projection):
    """To a person, to a role for an area, or to an organisation; received by a named person."""

    id = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField(db_index=True)
    purpose = models.CharField(max_length=16)
    person_id = models.BigIntegerField(null=True, db_index=True)
    role = models.CharField(max_length=32, null=True)
    area_id = models.BigIntegerField(null=True, db_index=True)
    organisation_id = models.BigIntegerField(null=True, db_index=True)
    state = models.CharField(max_length=16)
    text = models.BinaryField(null=True)
    made_by = models.BigIntegerField(null=True)
    made_role = models.CharField(max_length=32)
    made_us = models.BigIntegerField()
    received_by = models.BigIntegerField(null=True)
    received_us = models.BigIntegerField(null=True)
    ended_us = models.BigIntegerField(null=True)
    lookups = ("case_id",)

    class Meta:
        db_table = "loop_assignment"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(purpose__in=PURPOSES), name="assignment_purpose"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=ASSIGNMENT_STATES), name="assignment_state"
            ),
            models.CheckConstraint(
                condition=models.Q(person_id__isnull=False, role=None, organisation_id=None)
                | models.Q(
                    person_id=None,
                    role__isnull=False,
                    area_id__isnull=False,
                    organisation_id=None,
                )
                | models.Q(person_id=None, role=None, organisation_id__isnull=False),
                name="assignment_target",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="received") | models.Q(received_by__isnull=False),
                name="assignment_received_by",
            ),
            models.UniqueConstraint(
                fields=("case_id", "purpose"),
                condition=models.Q(
                    purpose__in=("lead", "hand_over"), state__in=("waiting", "received")
                ),
                name="assignment_one_lead",
            ),
        )
