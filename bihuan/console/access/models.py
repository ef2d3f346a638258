"""Secrets of other systems' keys, and answers kept for a repeated request."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Local


class ApiSecret(Local):
    """The hash of a key's secret. key_id: of the journal's `api_key.made`."""

    key_id = models.BigIntegerField(primary_key=True)
    prefix = models.CharField(max_length=12, unique=True)
    hash = models.CharField(max_length=64)
    used_us = models.BigIntegerField(null=True)

    class Meta:
        app_label = "console"
        db_table = "console_api_secret"


class KeptAnswer(Local):
    """What a POST with this Idempotency-Key was answered. status: None while it is worked on.

    digest  of method, address and body: the same key for another request is refused
    """

    id = models.BigAutoField(primary_key=True)
    who = models.CharField(max_length=32)
    key = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    status = models.SmallIntegerField(null=True)
    body = models.BinaryField(default=b"")
    at_us = models.BigIntegerField()

    class Meta:
        app_label = "console"
        db_table = "console_kept_answer"
        constraints = (models.UniqueConstraint(fields=("who", "key"), name="kept_answer_once"),)
