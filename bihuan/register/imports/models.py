"""Tables of imports: what was published, and what is staged here before."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Local, Projection


class Import(Projection):
    """A published import; finished_us None: its rows are still being done."""

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    rows = models.IntegerField()
    left_out = models.IntegerField()
    which = models.CharField(max_length=8)
    by_id = models.BigIntegerField(null=True)
    published_us = models.BigIntegerField()
    finished_us = models.BigIntegerField(null=True)
    done = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)

    class Meta:
        db_table = "register_import"


class Staged(Local):
    """A file that was looked at and waits to be published, or whose rows are being done.

    faults, left, columns  JSON for its page; import_id: of the published import
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    by_id = models.BigIntegerField(null=True)
    role = models.CharField(max_length=32)
    made_us = models.BigIntegerField()
    counts = models.TextField()
    faults = models.BinaryField()
    left = models.TextField()
    columns = models.TextField()
    is_readable = models.BooleanField()
    is_whole = models.BooleanField(default=False)
    import_id = models.BigIntegerField(null=True, db_index=True)
    finished_us = models.BigIntegerField(null=True)

    class Meta:
        db_table = "register_staged"


class StagedRow(Local):
    """A row to be done, sealed with the staging's own key, until it is; refused: why it was not."""

    id = models.BigAutoField(primary_key=True)
    staged_id = models.BigIntegerField(db_index=True)
    sheet = models.CharField(max_length=64)
    row = models.IntegerField()
    said = models.BinaryField()
    refused = models.TextField(null=True)

    class Meta:
        db_table = "register_staged_row"


class HeadingKnown(Local):
    """How a heading was mapped by hand for a kind; the next file of the kind needs no help."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=80)
    heading = models.CharField(max_length=64)
    field = models.CharField(max_length=64)

    class Meta:
        db_table = "register_heading_known"
        constraints = (
            models.UniqueConstraint(fields=("kind", "heading"), name="heading_known_once"),
        )
