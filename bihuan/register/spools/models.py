"""Offsets of the handover: they belong to this installation and its backups, not to the journal."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Local


class SpoolOffset(Local):
    """Last positions taken from a spool.

    usual, urgent  of its two queues
    begun          the last position of the usual page that is being stored, None: none is
    """

    spool = models.CharField(max_length=32, primary_key=True)
    usual = models.BigIntegerField(default=0)
    urgent = models.BigIntegerField(default=0)
    begun = models.BigIntegerField(null=True)

    class Meta:
        db_table = "register_spool_offset"
