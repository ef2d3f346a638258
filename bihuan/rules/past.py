"""The batches of a reading lane that can hold readings after an event time."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connections

from bihuan.journal.read import RecordedBatch, read_batches
from bihuan.journal.storage import alias_of


def past_batches(lane: int, first: int, last: int, since_us: int) -> Iterator[RecordedBatch]:
    """Batches from position `first` to `last` that were recorded at `since_us` or later.

    What was pruned from the database is read from the archive.
    """
    return read_batches(lane, max(first, _first_since(lane, since_us)) - 1, last)


def _first_since(lane: int, since_us: int) -> int:
    """Position of the first entry recorded then or later; 1 where the archive may hold one."""
    if since_us <= 0:
        return 1
    with connections[alias_of(lane)].cursor() as cursor:
        cursor.execute(
            "SELECT max(position) FROM journal_entry WHERE lane = %s AND recorded_us < %s",
            (lane, since_us),
        )
        row = cursor.fetchone()
    # recorded time never falls within a lane
    return 1 if row is None or row[0] is None else int(row[0]) + 1
