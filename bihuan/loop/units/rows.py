"""Who works on a case, found among its rows."""

from __future__ import annotations

from typing import Any

from bihuan.journal.project import Recorded
from bihuan.journal.rows import Rows
from bihuan.loop.units.models import Assignment

OPEN = ("waiting", "received")


def open_assignments(rows: Rows, case_id: int, purpose: str | None = None) -> list[Assignment]:
    """Assignments of a case that still stand, of one purpose or of all."""
    return [
        made
        for made in rows.where(Assignment, case_id=case_id)
        if made.state in OPEN and purpose in (None, made.purpose)
    ]


def lead_of(rows: Rows, case_id: int) -> Assignment | None:
    """The assignment of the unit that leads; None before any."""
    found = open_assignments(rows, case_id, "lead")
    return found[0] if found else None


def end_with_case(rows: Rows, entry: Recorded[Any], case_id: int) -> None:
    """A case that ends keeps nobody waiting for a receipt."""
    for made in open_assignments(rows, case_id):
        if made.state == "waiting":
            gone = rows.change(Assignment, made.id)
            gone.state, gone.ended_us = "withdrawn", entry.recorded_us
