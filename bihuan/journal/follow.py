"""Projectors of reading lanes: batches of readings → rows, some time after the commit.

    @projects_batch("latest", Latest, forget=without_series)
    def latest(rows: Rows, place: RecordedBatch) -> None: ...

    catch_up("latest", lane, limit=100)

Rows and offset are written in one transaction of the main database, so a batch is projected
exactly once; a rebuild runs the same function over the same batches up to the live offset. Two
rules keep both equal: a projector uses only the tables that it names and no other names them,
and a row belongs to one lane (keyed by series or subject). One that raises stops at its offset,
loudly: nothing is skipped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from django.db import connections, transaction

from bihuan.base.errors import bad
from bihuan.journal.models import Offset
from bihuan.journal.read import RecordedBatch, read_batches
from bihuan.journal.rows import Rows
from bihuan.journal.series import SeriesAt, Slots
from bihuan.journal.storage import MAIN
from bihuan.journal.tables import Projection

BatchFunction = Callable[[Rows, RecordedBatch], None]
ForgetFunction = Callable[[Rows, SeriesAt], None]


@dataclass(frozen=True, slots=True)
class BatchProjector:
    """A projector of reading lanes and the tables that are its own."""

    name: str
    tables: tuple[type[Projection], ...]
    function: BatchFunction
    forget: ForgetFunction


_followers: dict[str, BatchProjector] = {}


def projects_batch(
    name: str, *tables: type[Projection], forget: ForgetFunction
) -> Callable[[BatchFunction], BatchFunction]:
    """Register the projector that owns these tables.

    forget  removes from them what came from one series: its readings are erased, and the tables
            must become what a rebuild from the rest would give
    """

    def register(function: BatchFunction) -> BatchFunction:
        if name in _followers:
            raise bad("batch projector", name, "a name that is not taken")
        taken = {table for other in _followers.values() for table in other.tables}
        if shared := taken & set(tables):
            labels = ", ".join(sorted(table._meta.label for table in shared))
            raise bad(f"tables of {name}", labels, "tables of no other batch projector")
        _followers[name] = BatchProjector(name, tables, function, forget)
        return function

    return register


def followers() -> list[BatchProjector]:
    """Every projector of reading lanes."""
    return [_followers[name] for name in sorted(_followers)]


def offset_id(name: str, lane: int) -> str:
    """The key of the row that says how far a follower has come in a lane."""
    return f"{name}:{lane}"


def catch_up(name: str, lane: int, limit: int = 100) -> int:
    """Project the next batches of a lane, at most `limit`; how many there were.

    Run twice at once, the second waits and goes on where the first ended.
    """
    follower = _followers[name]
    with transaction.atomic(using=MAIN):
        lock_follower(name, lane)
        offset = Offset.objects.using(MAIN).filter(pk=offset_id(name, lane)).first()
        rows = Rows(MAIN, only=(*follower.tables, Offset))
        slots = Slots(lane)
        last, count = (0 if offset is None else offset.position), 0
        for place in islice(read_batches(lane, last, slots=slots), limit):
            follower.function(rows, place)
            last, count = place.position, count + 1
        if count:
            rows.put(Offset, id=offset_id(name, lane), position=last)
            rows.flush()
    return count


def forget_series(erased: list[SeriesAt]) -> None:
    """Take erased series out of every follower's tables, in one transaction."""
    with transaction.atomic(using=MAIN):
        for follower in followers():
            for lane in sorted({at.lane for at in erased}):
                lock_follower(follower.name, lane)
            rows = Rows(MAIN, only=follower.tables)
            for at in erased:
                follower.forget(rows, at)
            rows.flush()


def lock_follower(name: str, lane: int) -> None:
    """One at a time for each follower and lane, until the transaction ends.

    SQLite's IMMEDIATE transaction is the lock.
    """
    if connections[MAIN].vendor == "postgresql":
        with connections[MAIN].cursor() as cursor:
            lock = f"bihuan follower {offset_id(name, lane)}"
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (lock,))
