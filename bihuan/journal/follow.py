"""Projectors that follow: rows are written some time after the commit of what they are made of.

Of reading lanes, batches of readings → rows:

    @projects_batch("latest", Latest, forget=without_series)
    def latest(rows: Rows, place: RecordedBatch) -> None: ...

    catch_up("latest", lane, limit=100)

Rows and offset are written in one transaction of the main database, so a batch is projected
exactly once; a rebuild runs the same function over the same batches up to the live offset. Two
rules keep both equal: a projector uses only the tables that it names and no other names them,
and a row belongs to one lane (keyed by series or subject). One that raises stops at its offset,
loudly: nothing is skipped.

Of lane 0, entries → rows, for what nobody waits for (figures):

    @follows_facts("figures", CaseFact, Cell)
    def follow(rows: Rows, found: Sequence[Recorded[Payload]]) -> None: ...

    catch_up_facts("figures", limit=200)

The same two rules hold, and a third: how the entries are cut into turns changes no row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db import connections, transaction

from bihuan.base.errors import bad
from bihuan.journal.models import FACTS_LANE, Offset
from bihuan.journal.payloads import Payload
from bihuan.journal.project import Recorded
from bihuan.journal.read import RecordedBatch, entries, read_batches
from bihuan.journal.rows import Rows
from bihuan.journal.series import SeriesAt, Slots
from bihuan.journal.storage import MAIN
from bihuan.journal.tables import Projection

BatchFunction = Callable[[Rows, RecordedBatch], None]
ForgetFunction = Callable[[Rows, SeriesAt], None]
AgeFunction = Callable[[Rows, tuple[int, int], int], None]
FactsFunction = Callable[[Rows, Sequence[Recorded[Payload]]], None]


@dataclass(frozen=True, slots=True)
class BatchProjector:
    """A projector of reading lanes and the tables that are its own."""

    name: str
    tables: tuple[type[Projection], ...]
    function: BatchFunction
    forget: ForgetFunction
    age: AgeFunction


@dataclass(frozen=True, slots=True)
class FactsProjector:
    """A follower of lane 0 and the tables that are its own."""

    name: str
    tables: tuple[type[Projection], ...]
    function: FactsFunction


_followers: dict[str, BatchProjector] = {}
_of_facts: dict[str, FactsProjector] = {}


def projects_batch(
    name: str,
    *tables: type[Projection],
    forget: ForgetFunction,
    age: AgeFunction | None = None,
) -> Callable[[BatchFunction], BatchFunction]:
    """Register the projector that owns these tables.

    forget  removes from them what came from one series: its readings are erased, and the tables
            must become what a rebuild from the rest would give
    age     the same for what was recorded before a time alone: (rows, (lane, slot), before_us);
            without it the tables hold nothing that a reading's age changes
    """

    def register(function: BatchFunction) -> BatchFunction:
        if name in _followers:
            raise bad("batch projector", name, "a name that is not taken")
        taken = {table for other in _followers.values() for table in other.tables}
        if shared := taken & set(tables):
            labels = ", ".join(sorted(table._meta.label for table in shared))
            raise bad(f"tables of {name}", labels, "tables of no other batch projector")
        _followers[name] = BatchProjector(name, tables, function, forget, age or _ageless)
        return function

    return register


def _ageless(_rows: Rows, _place: tuple[int, int], _before_us: int) -> None:
    """Nothing that hangs on how old a reading is."""


def follows_facts(name: str, *tables: type[Projection]) -> Callable[[FactsFunction], FactsFunction]:
    """Register the follower of lane 0 that owns these tables."""

    def register(function: FactsFunction) -> FactsFunction:
        if name in _of_facts or name in _followers:
            raise bad("follower of lane 0", name, "a name that is not taken")
        taken = {table for other in _of_facts.values() for table in other.tables}
        taken |= {table for other in _followers.values() for table in other.tables}
        if shared := taken & set(tables):
            labels = ", ".join(sorted(table._meta.label for table in shared))
            raise bad(f"tables of {name}", labels, "tables of no other follower")
        _of_facts[name] = FactsProjector(name, tables, function)
        return function

    return register


def facts_followers() -> list[FactsProjector]:
    """Every follower of lane 0."""
    return [_of_facts[name] for name in sorted(_of_facts)]


def facts_position(name: str, alias: str = MAIN) -> int:
    """How far a follower of lane 0 has come."""
    offset = Offset.objects.using(alias).filter(pk=offset_id(name, FACTS_LANE)).first()
    return 0 if offset is None else offset.position


def catch_up_facts(name: str, limit: int = 200) -> int:
    """Follow the next entries of lane 0, at most `limit`; how many there were.

    They are read before the transaction, which only writes.
    """
    follower = _of_facts[name]
    after = facts_position(name)
    found = list(entries(FACTS_LANE, after, limit))
    if not found:
        return 0
    with transaction.atomic(using=MAIN):
        lock_follower(name, FACTS_LANE)
        if facts_position(name) != after:
            return 0  # another one was here meanwhile
        rows = Rows(MAIN, only=(*follower.tables, Offset))
        follower.function(rows, found)
        rows.put(Offset, id=offset_id(name, FACTS_LANE), position=found[-1].position)
        rows.flush()
    return len(found)


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
