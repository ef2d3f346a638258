"""Projections of official warnings."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection

STANDING = "current"
STATES = (STANDING, "superseded", "cancelled", "expired", "message")


class OfficialWarning(Projection):
    """A CAP message; state `message`: one that never stands itself (Cancel, Ack, Error).

    reference    `sender,identifier,time`: how other messages name it
    event … instruction  of the Chinese info where there is one, else of the first
    infos        every info with its areas, as JSON (`WarningInfo`)
    ended_by     the message that ended it, None while it stands or where its time ran out
    document     the message's own bytes
    """

    id = models.BigIntegerField(primary_key=True)
    reference = models.CharField(max_length=600, db_index=True)
    sender = models.CharField(max_length=255)
    identifier = models.CharField(max_length=255)
    sent_us = models.BigIntegerField()
    status = models.CharField(max_length=16)
    msg_type = models.CharField(max_length=16)
    change = models.CharField(max_length=16)
    event = models.TextField()
    severity = models.CharField(max_length=16)
    urgency = models.CharField(max_length=16)
    certainty = models.CharField(max_length=16)
    sender_name = models.TextField(null=True)
    headline = models.TextField(null=True)
    description = models.TextField(null=True)
    instruction = models.TextField(null=True)
    onset_us = models.BigIntegerField(null=True)
    expires_us = models.BigIntegerField(null=True)
    infos = models.TextField()
    document = models.BinaryField()
    source = models.CharField(max_length=128)
    received_us = models.BigIntegerField()
    state = models.CharField(max_length=16, db_index=True)
    ended_us = models.BigIntegerField(null=True)
    ended_by = models.BigIntegerField(null=True)
    lookups = ("reference",)

    class Meta:
        db_table = "register_warning"
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="warning_state"),
        )

    def state_at(self, at_us: int) -> str:
        """The state at a time: one whose time ran out stands no longer, entry or not."""
        if self.state == STANDING and self.expires_us is not None and self.expires_us <= at_us:
            return "expired"
        return self.state


class WarningMention(Projection):
    """A message that speaks about another one, which may come later."""

    id = models.BigIntegerField(primary_key=True)
    reference = models.CharField(max_length=600, db_index=True)
    warning_id = models.BigIntegerField()
    lookups = ("reference",)

    class Meta:
        db_table = "register_warning_mention"
