"""Extensions, suspensions, county limits and working days become rows."""

from __future__ import annotations

import json

from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.loop.clocks import entries
from bihuan.loop.clocks.models import ClockChange, CountyLimit, WorkingDays
from bihuan.loop.models import Case, CaseClock
from bihuan.loop.projectors import happened


@projects(entries.ClockChangeAsked)
def change_asked(rows: Rows, entry: Recorded[entries.ClockChangeAsked]) -> None:
    said = entry.payload
    rows.new(
        ClockChange,
        id=entry.id(),
        case_id=said.case_id,
        change=said.change,
        clock_id=said.clock_id,
        amount=said.amount,
        until_us=said.until_us,
        state="asked",
        reason=said.reason,
        asked_by=said.by.person_id,
        asked_us=entry.recorded_us,
    )
    case = rows.change(Case, said.case_id)
    detail = None if said.amount is None else str(said.amount)
    happened(rows, entry, case, f"{said.change}_asked", said.by, detail=detail, text=said.reason)


@projects(entries.ClockChangeDecided)
def change_decided(rows: Rows, entry: Recorded[entries.ClockChangeDecided]) -> None:
    said = entry.payload
    change = rows.change(ClockChange, said.change_id)
    change.state = "granted" if said.is_granted else "refused"
    change.decided_by, change.decided_us = said.by.person_id, entry.recorded_us
    change.stops = ",".join(map(str, said.stops))
    case = rows.change(Case, said.case_id)
    for clock_id in said.stops:
        stopped = rows.change(CaseClock, clock_id)
        stopped.state, stopped.watch_us = "suspended", None
        case.is_suspended = True
    _count_anew(rows, said.dues)
    kind = f"{change.change}_{change.state}"
    happened(rows, entry, case, kind, said.by, text=said.reason)


@projects(entries.ClockResumed)
def clock_resumed(rows: Rows, entry: Recorded[entries.ClockResumed]) -> None:
    said = entry.payload
    change = rows.change(ClockChange, said.change_id)
    change.state, change.ended_us = "ended", entry.recorded_us
    for due in said.dues:
        rows.change(CaseClock, due.clock_id).state = "running"
    _count_anew(rows, said.dues)
    case = rows.change(Case, said.case_id)
    case.is_suspended = False
    happened(rows, entry, case, "resumed", said.by, text=said.reason)


def _count_anew(rows: Rows, dues: list[entries.ClockDue]) -> None:
    own = rows.get(WorkingDays, 1)
    for due in dues:
        clock = rows.change(CaseClock, due.clock_id)
        clock.due_us, clock.is_provisional = due.due_us, due.is_provisional
        clock.watch_us = due.watch_us
        clock.days_n = 0 if own is None else own.n


@projects(entries.ClockMoved)
def clock_moved(rows: Rows, entry: Recorded[entries.ClockMoved]) -> None:
    said = entry.payload
    clock = rows.change(CaseClock, said.due.clock_id)
    is_other = clock.due_us != said.due.due_us
    _count_anew(rows, [said.due])
    clock.days_n = said.days_n
    if is_other:
        case = rows.change(Case, said.case_id)
        happened(rows, entry, case, "clock_moved", detail=clock.kind)


@projects(entries.LimitSet)
def limit_set(rows: Rows, entry: Recorded[entries.LimitSet]) -> None:
    said = entry.payload
    rows.new(
        CountyLimit,
        id=entry.id(),
        playbook=said.playbook,
        clock=said.clock,
        amount=said.amount,
        unit=said.unit,
        source=said.source,
        region=said.region,
        from_us=said.from_us,
    )


@projects(entries.CalendarSet)
def calendar_set(rows: Rows, entry: Recorded[entries.CalendarSet]) -> None:
    said = entry.payload
    own = rows.get(WorkingDays, 1)
    days = json.loads(own.days) if own is not None else []
    announced = json.loads(own.announced) if own is not None else {}
    days += [[day.date, day.is_working, day.name, said.source] for day in said.days]
    if said.year is not None:
        announced[str(said.year)] = said.source
    rows.put(
        WorkingDays,
        id=1,
        n=1 if own is None else own.n + 1,
        days=json.dumps(days, ensure_ascii=False),
        announced=json.dumps(announced, ensure_ascii=False),
        set_us=entry.recorded_us,
    )
