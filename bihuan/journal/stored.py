"""Entries as they are stored, from the database or, once pruned there, from the archive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.db import connections

from bihuan.journal.archived import archived_entries
from bihuan.journal.storage import ENTRY_COLUMNS, alias_of

_CHUNK = 2_000


class EntryRow(NamedTuple):
    """One stored entry; columns as in the table."""

    lane: int
    position: int
    type: str
    recorded_us: int
    seen0: int | None
    idem: bytes | None
    salt: bytes | None
    body: bytes | None
    body_hash: bytes
    hash: bytes


def database_entries(
    lane: int, after: int = 0, upto: int | None = None, *, alias: str | None = None
) -> Iterator[EntryRow]:
    """Entries of a lane in order, read in bounded chunks, each chunk a query of its own."""
    connection = connections[alias or alias_of(lane)]
    columns = ", ".join(ENTRY_COLUMNS)
    sql = (
        f"SELECT {columns} FROM journal_entry WHERE lane = %s AND position > %s"  # noqa: S608 - our own columns
        " AND position <= %s ORDER BY position LIMIT %s"
    )
    last = (1 << 62) if upto is None else upto
    while True:
        with connection.cursor() as cursor:
            cursor.execute(sql, (lane, after, last, _CHUNK))
            rows = cursor.fetchall()
        yield from map(EntryRow._make, rows)
        if len(rows) < _CHUNK:
            return
        after = rows[-1][1]


def stored_entries(
    lane: int, after: int = 0, upto: int | None = None, *, alias: str | None = None
) -> Iterator[EntryRow]:
    """Entries of a lane in order; those that were pruned come from the archive."""
    found = database_entries(lane, after, upto, alias=alias)
    first = next(found, None)
    if first is None or first.position != after + 1:
        before = upto if first is None else first.position - 1
        yield from map(EntryRow._make, archived_entries(lane, after, before))
    if first is not None:
        yield first
        yield from found
