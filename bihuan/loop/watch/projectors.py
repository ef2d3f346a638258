"""Entries of the watchdog become rows."""

from __future__ import annotations

from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.loop.watch import entries
from bihuan.loop.watch.models import Notice


@projects(entries.Noticed)
def noticed(rows: Rows, entry: Recorded[entries.Noticed]) -> None:
    said = entry.payload
    rows.new(
        Notice,
        id=entry.id(),
        kind=said.kind,
        key=said.key,
        detail=said.detail,
        noticed_us=entry.recorded_us,
        settled_us=None,
    )


@projects(entries.Settled)
def settled(rows: Rows, entry: Recorded[entries.Settled]) -> None:
    said = entry.payload
    for notice in rows.where(Notice, key=said.key):
        if notice.kind == said.kind and notice.settled_us is None:
            rows.change(Notice, notice.id).settled_us = entry.recorded_us
