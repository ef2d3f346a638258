"""Reading the journal: typed entries in order, batches of readings, the last few."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from django.db import connections

from bihuan.base.errors import bad
from bihuan.journal.batch import Batch, unpack
from bihuan.journal.payloads import Payload, decode
from bihuan.journal.project import Recorded
from bihuan.journal.readings import BATCH_TYPE
from bihuan.journal.series import Slots
from bihuan.journal.storage import alias_of
from bihuan.journal.stored import EntryRow, stored_entries


class ReadingsBatch(Payload, frozen=True, kw_only=True):
    """A batch entry among typed ones: its columns are taken apart only when asked for."""

    seen0: int
    body: bytes

    def batch(self) -> Batch:
        """The readings, erased chunks left out."""
        return unpack(self.body)


class RecordedBatch(NamedTuple):
    """A batch of readings with its place. seen0: lane-0 position that its rules go by."""

    lane: int
    position: int
    recorded_us: int
    seen0: int
    batch: Batch
    slots: Slots


def entries(
    lane: int, after: int = 0, limit: int | None = None, *, alias: str | None = None
) -> Iterator[Recorded[Payload]]:
    """The entries after a position, in order, read as the newest version of their types."""
    yield from (recorded(row) for row in islice(stored_entries(lane, after, alias=alias), limit))


def entries_upto(lane: int, after: int, upto: int) -> Iterator[Recorded[Payload]]:
    """The entries after one position up to and with another."""
    yield from map(recorded, stored_entries(lane, after, upto))


def tail(lane: int, count: int) -> list[Recorded[Payload]]:
    """The last entries of a lane, oldest first."""
    return list(entries(lane, max(last_position(lane) - count, 0)))


def last_position(lane: int, *, alias: str | None = None) -> int:
    """The position of a lane's last entry."""
    with connections[alias or alias_of(lane)].cursor() as cursor:
        cursor.execute("SELECT position FROM journal_head WHERE lane = %s", (lane,))
        row = cursor.fetchone()
    if row is None:
        raise bad("lane", lane, "a lane opened at the county's creation")
    return int(row[0])


def first_recorded_us(lane: int) -> int | None:
    """When a lane's first entry was recorded; None of an empty lane. Before it nothing is known."""
    with connections[alias_of(lane)].cursor() as cursor:
        cursor.execute(
            "SELECT recorded_us FROM journal_entry WHERE lane = %s ORDER BY position LIMIT 1",
            (lane,),
        )
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def recorded(row: EntryRow) -> Recorded[Payload]:
    """A stored entry as projectors and deciders see it."""
    if row.body is None:
        raise bad(f"entry {row.lane}:{row.position}", "no body", "a body")
    if row.type == BATCH_TYPE:
        payload: Payload = ReadingsBatch(seen0=row.seen0 or 0, body=bytes(row.body))
    else:
        payload = decode(row.type, row.body)
    return Recorded(row.lane, row.position, row.recorded_us, payload)


def read_batches(
    lane: int, after: int = 0, upto: int | None = None, *, slots: Slots | None = None
) -> Iterator[RecordedBatch]:
    """The batches of a reading lane after a position, in order.

    Within a batch, rows come series by series, each series in the order of arrival.
    """
    names = slots or Slots(lane)
    for row in stored_entries(lane, after, upto):
        if row.type == BATCH_TYPE and row.body is not None:
            batch = unpack(bytes(row.body))
            place = (lane, row.position, row.recorded_us, row.seen0 or 0)
            yield RecordedBatch(*place, batch, names)
