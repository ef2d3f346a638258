"""Rows of channel accounts and of messages on their way. Times are µs."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Local, Projection


class ChannelAccount(Projection):
    """An account as it was set up last; id: its name. setup: the entry's own fields, as JSON."""

    id = models.CharField(primary_key=True, max_length=32)
    provider = models.CharField(max_length=32)
    channel = models.CharField(max_length=32)
    rank = models.SmallIntegerField()
    wakes = models.BooleanField()
    is_active = models.BooleanField()
    setup = models.TextField()
    changed = models.BigIntegerField()

    class Meta:
        app_label = "loop"
        db_table = "loop_channel_account"


class Sending(Projection):
    """How a delivery leaves; id: the delivery's. There is none before its first attempt.

    tried: names of accounts that cannot send it, each between commas
    """

    id = models.BigIntegerField(primary_key=True)
    account = models.CharField(max_length=32)
    reach_id = models.BigIntegerField(null=True)
    attempted_us = models.BigIntegerField(null=True)
    not_before_us = models.BigIntegerField()
    throttles = models.IntegerField()
    tried = models.CharField(max_length=512)

    class Meta:
        app_label = "loop"
        db_table = "loop_sending"
        indexes = (models.Index(fields=("account", "attempted_us"), name="loop_sending_rate"),)


class Reference(Projection):
    """A provider's id of a message; id: `account reference`. Where ids come again, the newest."""

    id = models.CharField(primary_key=True, max_length=255)
    delivery_id = models.BigIntegerField(db_index=True)
    case_id = models.BigIntegerField()
    at_us = models.BigIntegerField()

    class Meta:
        app_label = "loop"
        db_table = "loop_reference"


class RefusedCallback(Projection):
    """Told of an unknown message. key: `account reference`; facts: JSON, "" once taken up."""

    id = models.BigIntegerField(primary_key=True)
    key = models.CharField(max_length=255, db_index=True)
    reason = models.CharField(max_length=255)
    facts = models.TextField()
    at_us = models.BigIntegerField()
    lookups = ("key",)

    class Meta:
        app_label = "loop"
        db_table = "loop_refused_callback"


class ChannelSecret(Local):
    """A secret of an account, sealed with this installation's own key."""

    account = models.CharField(max_length=32)
    name = models.CharField(max_length=32)
    sealed = models.BinaryField()

    class Meta:
        app_label = "loop"
        db_table = "loop_channel_secret"
        constraints = (
            models.UniqueConstraint(fields=("account", "name"), name="channel_secret_once"),
        )


class LookUp(Local):
    """When the provider is asked next what became of a message; id: the delivery's."""

    id = models.BigIntegerField(primary_key=True)
    asked = models.SmallIntegerField()
    next_us = models.BigIntegerField()

    class Meta:
        app_label = "loop"
        db_table = "loop_look_up"


class PhoneToken(Local):
    """A keyed hash of the number of a way to be reached, "" where it is none; see `numbers`."""

    reach_id = models.BigIntegerField(primary_key=True)
    token = models.CharField(max_length=64, db_index=True)

    class Meta:
        app_label = "loop"
        db_table = "loop_phone_token"
