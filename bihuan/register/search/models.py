"""The index: local, made anew from the register whenever it is lost. It holds hashes only."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Local


class SearchRow(Local):
    """A row of the register that can be found. path: where it is, for the rights of who asks."""

    id = models.BigAutoField(primary_key=True)
    noun = models.CharField(max_length=16)
    row = models.BigIntegerField()
    scenario = models.CharField(max_length=32)
    path = models.CharField(max_length=255, db_index=True)

    class Meta:
        db_table = "register_search_row"
        constraints = (models.UniqueConstraint(fields=("noun", "row"), name="search_row_once"),)


class SearchToken(Local):
    """token: eight bytes of a keyed hash, as a signed number."""

    id = models.BigAutoField(primary_key=True)
    token = models.BigIntegerField()
    found = models.ForeignKey(
        SearchRow, models.DO_NOTHING, db_constraint=False, related_name="tokens"
    )

    class Meta:
        db_table = "register_search_token"
        indexes = (models.Index(fields=("token", "found"), name="search_token_of"),)


class SearchOffset(Local):
    """How far the index has come in lane 0."""

    id = models.SmallIntegerField(primary_key=True)
    position = models.BigIntegerField()

    class Meta:
        db_table = "register_search_offset"
