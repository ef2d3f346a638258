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
    """The head of a lane, locked until the transaction ends.

    SQLite's IMMEDIATE transaction is the lock; PostgreSQL locks the row. Positions are given out
    under it, so a reader never sees a gap that is filled later.
    """
    alias = alias_of(lane)
    heads = Head.objects.using(alias).filter(lane=lane)
    if connections[alias].vendor == "postgresql":
        heads = heads.select_for_update()
    head = heads.first()
    if head is None:
        raise bad("lane", lane, "a lane opened at the county's creation")
    return head


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


def save_head(head: Head) -> None:
    """Move the lane's end; called once in a transaction that appended."""
    with connections[alias_of(head.lane)].cursor() as cursor:
        cursor.execute(
            "UPDATE journal_head SET position = %s, hash = %s, recorded_us = %s WHERE lane = %s",
            (head.position, bytes(head.hash), head.recorded_us, head.lane),
        )
