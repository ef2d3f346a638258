"""The outbox of webhooks: secrets, how far each subscription was read, and what is to be sent."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Local


class Hook(Local):
    """A subscription's secret and state. id: of the journal's `subscription.made`.

    position  of the newest entry that was looked at for it
    failed    attempts in a row without success
    """

    id = models.BigIntegerField(primary_key=True)
    secret = models.CharField(max_length=64)
    position = models.BigIntegerField()
    failed = models.IntegerField(default=0)
    is_off = models.BooleanField(default=False)

    class Meta:
        app_label = "console"
        db_table = "console_hook"


class HookCall(Local):
    """One event for one subscription: waiting, sent, or given up.

    due_us         when it is to be tried next
    leased_until_us  a sender holds it until then
    told           what came of the last attempt, without secrets
    """

    hook = models.ForeignKey(Hook, models.CASCADE, related_name="calls")
    position = models.BigIntegerField()
    event = models.CharField(max_length=64)
    body = models.BinaryField()
    state = models.CharField(max_length=8, default="waiting")
    tries = models.SmallIntegerField(default=0)
    due_us = models.BigIntegerField()
    leased_until_us = models.BigIntegerField(default=0)
    told = models.CharField(max_length=120, default="")

    class Meta:
        app_label = "console"
        db_table = "console_hook_call"
        constraints = (
            models.UniqueConstraint(fields=("hook", "position"), name="hook_call_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=("waiting", "sent", "given_up")),
                name="hook_call_state",
            ),
        )
        indexes = (models.Index(fields=("state", "due_us"), name="hook_call_due"),)
