"""What falls due of typed rows: duties, proposals that nobody confirmed, routines unsigned.

Each comes as `*_waiting(limit, now µs or None)` -> (due µs, row), oldest first, and `decide_*`,
which runs under the lane's lock and finds out itself that nothing is due any more.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from bihuan.base.errors import BadInputError
from bihuan.journal.append import Appender
from bihuan.journal.storage import MAIN
from bihuan.register import schemes
from bihuan.register.entries import Actor
from bihuan.register.models import Subject
from bihuan.register.records import entries
from bihuan.register.records.doing import SYSTEM, Split, signal
from bihuan.register.records.models import DutyDue, Period, Proposal
from bihuan.register.records.opening import Filing, filed
from bihuan.register.records.routines import draft, owe_next
from bihuan.register.records.rows import row_of, type_of
from bihuan.register.scheme import Routine

_ENGINE = Actor(person_id=None, role=SYSTEM, via="engine")


def waiting(limit: int, now_us: int | None) -> list[tuple[int, int]]:
    """Duties that fall due."""
    found = DutyDue.objects.using(MAIN).filter(state="waiting")
    return _first(found, "due_us", limit, now_us)


def decide(lane: Appender, due_id: int) -> None:
    """A duty is still open at its time: it is told once."""
    due = lane.rows.get(DutyDue, due_id)
    if due is None or due.state != "waiting" or due.due_us is None or due.due_us > lane.now_us:
        return
    lane.append(
        entries.DutyPassed(row_id=due.row_id, due_id=due.id, duty=due.duty, due_us=due.due_us)
    )
    row = row_of(lane.rows, due.row_id)
    assert row is not None, "a duty hangs on a row"
    for duty in type_of(row).duties:
        if duty.name == due.duty and duty.raises is not None:
            signal(lane, row, duty.raises, duty.name)


def proposals_waiting(limit: int, now_us: int | None) -> list[tuple[int, int]]:
    """Acts that wait for a second person."""
    found = Proposal.objects.using(MAIN).filter(state="waiting")
    return _first(found, "expires_us", limit, now_us)


def decide_proposal(lane: Appender, proposal_id: int) -> None:
    """Nobody confirmed it in time: it lapses, and may be proposed again."""
    proposal = lane.rows.get(Proposal, proposal_id)
    if proposal is None or proposal.state != "waiting" or proposal.expires_us > lane.now_us:
        return
    lane.append(entries.RowLapsed(row_id=proposal.row_id, proposal_id=proposal.id))


def periods_waiting(limit: int, now_us: int | None) -> list[tuple[int, int]]:
    """Routines that are to be signed."""
    found = Period.objects.using(MAIN).filter(state="waiting")
    return _first(found, "due_us", limit, now_us)


def decide_period(lane: Appender, period_id: int) -> None:
    """Unsigned at its time: what filled itself is filed as a draft, the signal goes out."""
    period = lane.rows.get(Period, period_id)
    if period is None or period.state != "waiting" or period.due_us > lane.now_us:
        return
    routine = schemes.routine(period.scenario, period.routine)
    subject = lane.rows.get(Subject, period.subject_id)
    assert subject is not None, "a period belongs to a subject"
    if routine is None or subject.ended_us is not None:  # the scenario owes it no longer
        lane.append(entries.RoutineCeased(period_id=period.id))
        return
    record_id, what = _drafted(lane, period, routine, subject)
    lane.append(entries.RoutineMissed(period_id=period.id, record_id=record_id))
    row = subject if record_id is None else row_of(lane.rows, record_id)
    if routine.raises is not None and row is not None:
        signal(lane, row, routine.raises, what)
    owe_next(lane, subject, routine, period.ends)


def _drafted(
    lane: Appender, period: Period, routine: Routine, subject: Subject
) -> tuple[int | None, str]:
    """The record of a draft that filled itself, and what the signal names."""
    declared = schemes.record_type(period.scenario, routine.record)
    assert declared is not None, "checked when the scheme was installed"
    try:
        said = draft(lane.rows, period, lane.now_us)
    except BadInputError as error:  # the signal must go out whatever the scenario drafts
        return None, f"{routine.name}: draft refused: {error}"
    if said is None:
        return None, routine.name
    filing = Filing(
        period.scenario, declared, subject, subject.area_id, Split(said, {}), _ENGINE, is_draft=True
    )
    return filed(lane, None, filing), routine.name


def _first(found: QuerySet[Any], at: str, limit: int, now_us: int | None) -> list[tuple[int, int]]:
    if now_us is not None:
        found = found.filter(**{f"{at}__lte": now_us})
    return list(found.filter(**{f"{at}__isnull": False}).order_by(at).values_list(at, "id")[:limit])
