"""Keys of senders: bound to this installation, never in the journal."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Local


class SenderKey(Local):
    """Who may send what over HTTP. digest: SHA-256 of the token, which is stored nowhere.

    kinds, areas, devices  JSON lists: what may be sent, for which area subtrees and devices
    rows_per_s             readings a second on average; ten seconds' worth may come at once
    """

    name = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)
    kinds = models.TextField()
    areas = models.TextField()
    devices = models.TextField()
    rows_per_s = models.FloatField()
    made_us = models.BigIntegerField()
    ended_us = models.BigIntegerField(null=True)

    class Meta:
        db_table = "register_sender_key"
