"""Which database holds which lane, and how a transaction on it begins."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connections

from bihuan.base.errors import bad
from bihuan.journal.models import FACTS_LANE, VIEWS_LANE, Entry, Head

MAIN = "default"
READINGS = "readings"
READING_LANES = 16  # unless chosen otherwise at creation; never changed after


class JournalRouter:
    """Reading lanes live in a database of their own where one is configured."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """`readings` holds the journal's tables and nothing else."""
        if db == READINGS:
            return app_label == "journal"
        return None


def alias_of(lane: int) -> str:
    """The database alias of a lane: SQLite keeps readings apart so that imports never hold them."""
    if lane in (FACTS_LANE, VIEWS_LANE):
        return MAIN
    if not 0 < lane < VIEWS_LANE:
        raise bad("lane", lane, f"0, {VIEWS_LANE} or a reading lane from 1")
    return READINGS if READINGS in settings.DATABASES else MAIN


def lock_head(lane: int) -> Head:
    """The head of a lane, locked until the transaction ends."""
    return lock_heads([lane])[0]


def lock_heads(lanes: list[int]) -> list[Head]:
    """The heads of lanes of one database, locked until the transaction ends, lowest lane first.

    SQLite's IMMEDIATE transaction is the lock; PostgreSQL locks the rows, always in this order,
    so that two transactions cannot wait for each other. Positions are given out under the lock,
    so a reader never sees a gap that is filled later.
    """
    alias = alias_of(lanes[0])
    is_locking = connections[alias].vendor == "postgresql"
    sql = (
        "SELECT lane, position, hash, recorded_us FROM journal_head WHERE lane IN ("  # noqa: S608 - only marks are joined
        + ", ".join(["%s"] * len(lanes))
        + ") ORDER BY lane"
        + (" FOR UPDATE" if is_locking else "")
    )
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, lanes)
        heads = [
            Head(lane=lane, position=position, hash=bytes(hash_), recorded_us=recorded_us)
            for lane, position, hash_, recorded_us in cursor.fetchall()
        ]
    if len(heads) != len(lanes):
        raise bad("lane", lanes, "lanes opened at the county's creation")
    return heads


def reading_lanes() -> range:
    """The reading lanes of this county, as chosen at its creation."""
    alias = alias_of(1)
    count = Head.objects.using(alias).filter(lane__gt=FACTS_LANE, lane__lt=VIEWS_LANE).count()
    return range(1, count + 1)


ENTRY_COLUMNS = tuple(str(field.column) for field in Entry._meta.concrete_fields)


def insert_entries(alias: str, rows: list[tuple[Any, ...]]) -> None:
    """Insert entries, columns in the order of ENTRY_COLUMNS."""
    columns = ", ".join(f'"{c}"' for c in ENTRY_COLUMNS)
    marks = ", ".join(["%s"] * len(ENTRY_COLUMNS))
    sql = f'INSERT INTO "journal_entry" ({columns}) VALUES ({marks})'  # noqa: S608 - names come from our own model
    with connections[alias].cursor() as cursor:
        cursor.executemany(sql, rows)


def save_heads(heads: list[Head]) -> None:
    """Move the lanes' ends, inside the transaction that locked them."""
    with connections[alias_of(heads[0].lane)].cursor() as cursor:
        cursor.executemany(
            "UPDATE journal_head SET position = %s, hash = %s, recorded_us = %s WHERE lane = %s",
            [(head.position, bytes(head.hash), head.recorded_us, head.lane) for head in heads],
        )
