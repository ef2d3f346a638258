"""What subjects owe each day, week or month: owed one period after the other, signed or missed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register import schemes
from bihuan.register.models import Subject
from bihuan.register.records import entries, periods
from bihuan.register.records.facts import facts_of
from bihuan.register.records.models import Period
from bihuan.register.records.values import Within, checked
from bihuan.register.scheme import Routine, Value

_AT_ONCE = 200


def owe_first(lane: Appender, subject: Subject) -> None:
    """A new subject owes the period that is running, of every routine of its type."""
    for routine in schemes.routines_of(subject.scenario, subject.kind):
        span = periods.first(routine, lane.now_us)
        if span is not None:
            _owe(lane, subject, routine, span)


def owe_next(lane: Appender, subject: Subject, routine: Routine, ends: str) -> None:
    """After a period the next one is owed; those that passed unseen in between are owed too."""
    span = periods.after(routine, date.fromisoformat(ends))
    if span is not None and subject.ended_us is None:
        _owe(lane, subject, routine, span)


def owe_missing(clock: Clock) -> int:
    """At the start: subjects that owe nothing of a routine yet, since it is new; how many did."""
    count = 0
    for scheme in schemes.installed().values():
        for routine in scheme.routines:
            while found := _missing(scheme.scenario, routine):
                owed = _owe_these(clock, routine, found)
                if not owed:
                    break  # the calendar ends here
                count += owed
    return count


def draft(rows: Rows, period: Period, now_us: int) -> dict[str, Value] | None:
    """What a period's row says by itself; None where the scenario drafts nothing.

    The draft sees the subject's facts, `period_starts` and `period_ends` among its values.
    Raises BadInputError where it says what its fields do not take, or what is sealed.
    """
    routine = schemes.routine(period.scenario, period.routine)
    subject = rows.get(Subject, period.subject_id)
    if routine is None or routine.draft is None or subject is None:
        return None
    facts = facts_of(rows, subject, now_us)
    span = {"period_starts": period.starts, "period_ends": period.ends}
    said = routine.draft(facts._replace(values={**facts.values, **span}))
    return _checked(rows, routine, period, said)


def cease(lane: Appender, subject_id: int) -> None:
    """A subject that ended owes nothing more."""
    for period in lane.rows.where(Period, subject_id=subject_id):
        if period.state == "waiting":
            lane.append(entries.RoutineCeased(period_id=period.id))


def _checked(
    rows: Rows, routine: Routine, period: Period, said: Mapping[str, Value]
) -> dict[str, Value]:
    declared = schemes.record_type(period.scenario, routine.record)
    assert declared is not None, "checked when the scheme was installed"
    open_fields = [field for field in declared.fields if not field.is_sealed]
    known = {name: one for name, one in said.items() if one is not None}
    return checked(Within(rows, period.scenario), open_fields, known, is_whole=False)


def _owe(lane: Appender, subject: Subject, routine: Routine, span: periods.Span) -> None:
    known = lane.rows.where(Period, subject_id=subject.id)
    starts = span.starts.isoformat()
    if any((p.routine, p.starts) == (routine.name, starts) for p in known):
        return
    lane.append(
        entries.RoutineOwed(
            subject_id=subject.id,
            scenario=subject.scenario,
            routine=routine.name,
            starts=starts,
            ends=span.ends.isoformat(),
            due_us=span.due_us,
        )
    )


def _missing(scenario: str, routine: Routine) -> list[int]:
    owing = Period.objects.using(MAIN).filter(scenario=scenario, routine=routine.name)
    found = Subject.objects.using(MAIN).filter(
        scenario=scenario, kind=routine.subject, ended_us=None
    )
    wanted = found.exclude(id__in=owing.values("subject_id")).order_by("id")
    return list(wanted.values_list("id", flat=True)[:_AT_ONCE])


def _owe_these(clock: Clock, routine: Routine, subject_ids: list[int]) -> int:
    owed = 0
    with Appender(FACTS_LANE, clock) as lane:
        span = periods.first(routine, lane.now_us)
        for subject_id in subject_ids if span is not None else ():
            subject = lane.rows.get(Subject, subject_id)
            if subject is not None and span is not None:
                _owe(lane, subject, routine, span)
                owed += 1
    return owed
