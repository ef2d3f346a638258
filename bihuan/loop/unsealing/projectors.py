"""Entries of unsealings become rows; neither stands on the case's timeline."""

from __future__ import annotations

from bihuan.base.errors import bad
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.loop.unsealing import entries
from bihuan.loop.unsealing.models import Unsealing


@projects(entries.UnsealingAsked)
def unsealing_asked(rows: Rows, entry: Recorded[entries.UnsealingAsked]) -> None:
    said = entry.payload
    rows.new(
        Unsealing,
        id=entry.id(),
        case_id=said.case_id,
        asked_by=said.by.person(),
        asked_us=entry.recorded_us,
        reason=said.reason,
        state="asked",
        until_us=said.until_us,
    )


@projects(entries.UnsealingDecided)
def unsealing_decided(rows: Rows, entry: Recorded[entries.UnsealingDecided]) -> None:
    said = entry.payload
    row = rows.change(Unsealing, said.unsealing_id)
    if row.state != "asked":
        raise bad("unsealing", said.unsealing_id, "one that waits for the second person")
    row.state = "refused" if said.until_us is None else "granted"
    row.until_us = entry.recorded_us if said.until_us is None else said.until_us
    row.decided_by, row.decided_us = said.by.person(), entry.recorded_us
