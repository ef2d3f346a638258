"""Supervision becomes rows: an overlay over the case, told to who has it and who stands above."""

from __future__ import annotations

from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.loop.models import Case, CaseClock
from bihuan.loop.projectors import happened
from bihuan.loop.projectors_pursuit import deliver
from bihuan.loop.supervision import entries
from bihuan.loop.supervision.models import Supervision


@projects(entries.SupervisionRaised)
def supervision_raised(rows: Rows, entry: Recorded[entries.SupervisionRaised]) -> None:
    said = entry.payload
    case = rows.change(Case, said.case_id)
    case.level = max(case.level, said.level)
    if said.clock_id is not None:
        clock = rows.change(CaseClock, said.clock_id)
        clock.watched, clock.watch_us = said.n, said.watch_us
    rows.new(
        Supervision,
        id=entry.id(),
        case_id=case.id,
        level=said.level,
        by_id=said.by.person_id if said.by is not None else None,
        clock_id=said.clock_id,
        reason=said.reason,
        raised_us=entry.recorded_us,
    )
    deliver(rows, entry, case, "supervise", said.told)
    happened(rows, entry, case, "supervised", said.by, detail=str(said.level), text=said.reason)


@projects(entries.SupervisionLifted)
def supervision_lifted(rows: Rows, entry: Recorded[entries.SupervisionLifted]) -> None:
    said = entry.payload
    case = rows.change(Case, said.case_id)
    case.level = 0
    for raised in rows.where(Supervision, case_id=case.id):
        if raised.lifted_us is None:
            lifted = rows.change(Supervision, raised.id)
            lifted.lifted_us, lifted.lifted_by = entry.recorded_us, said.by.person_id
    happened(rows, entry, case, "supervision_lifted", said.by, text=said.reason)
