"""What falls due of clocks by itself: supervision, the end of a pause, a new table of days."""

from __future__ import annotations

from bihuan.journal.models import Parked
from bihuan.journal.storage import MAIN
from bihuan.loop import ladder
from bihuan.loop.clocks import entries
from bihuan.loop.clocks.acts import due_now, dues_after
from bihuan.loop.clocks.course import days_n, watch_at
from bihuan.loop.clocks.models import ClockChange, WorkingDays
from bihuan.loop.decide import Deciding
from bihuan.loop.due import DueKind, falls_due
from bihuan.loop.models import Case, CaseClock
from bihuan.loop.playbook import ClockRule, playbook_of
from bihuan.loop.supervision.entries import SupervisionRaised


def decide_watch(lane: Deciding, clock_id: int) -> None:
    """A clock's share is over: supervision of the level that its playbook names.

    After an outage only the highest level that was reached is raised: no storm of messages.
    """
    clock = lane.rows.get(CaseClock, clock_id)
    if clock is None or clock.watch_us is None or clock.watch_us > lane.now_us:
        return
    case = lane.rows.get(Case, clock.case_id)
    assert case is not None
    rule = playbook_of(case.playbook).clock(clock.kind)
    assert rule is not None, "only a clock with a rule is watched"
    n = _reached(rule, clock, lane.now_us)
    watch = rule.watches[min(n, len(rule.watches) - 1)]
    next_us = watch_at(rule, n + 1, clock.set_us, clock.due_us)
    assert next_us is not None
    where = (case.subject_id, case.area_path, lane.now_us)
    holder = [case.owner_id] if case.owner_id is not None else []
    told = ladder.reachable(lane.rows, "owner", holder)
    told += ladder.nearest(lane.rows, watch.roles, where, holder)
    lane.append(
        SupervisionRaised(
            case_id=case.id,
            level=watch.level,
            by=None,
            reason=None,
            told=told,
            clock_id=clock.id,
            n=n + 1,
            watch_us=next_us,
        )
    )


def _reached(rule: ClockRule, clock: CaseClock, now_us: int) -> int:
    """The last watch whose moment has come."""
    n = clock.watched
    while True:
        ahead_us = watch_at(rule, n + 1, clock.set_us, clock.due_us)
        assert ahead_us is not None
        if ahead_us > now_us:
            return n
        n += 1


def decide_suspension(lane: Deciding, change_id: int) -> None:
    """The time for which a suspension was granted is over: its clocks run again."""
    stopped = lane.rows.get(ClockChange, change_id)
    if stopped is None or stopped.state != "granted" or stopped.change != "suspension":
        return
    if stopped.until_us is None or stopped.until_us > lane.now_us:
        return
    case = lane.rows.get(Case, stopped.case_id)
    assert case is not None
    dues = dues_after(lane.rows, playbook_of(case.playbook), stopped, lane.now_us)
    lane.append(entries.ClockResumed(case_id=case.id, by=None, change_id=stopped.id, dues=dues))


def decide_provisional(lane: Deciding, clock_id: int) -> None:
    """The working days changed since a provisional clock was counted: it is counted anew."""
    clock, n = lane.rows.get(CaseClock, clock_id), days_n(lane.rows)
    if clock is None or clock.state != "running" or not clock.is_provisional or clock.days_n >= n:
        return
    case = lane.rows.get(Case, clock.case_id)
    assert case is not None
    due = due_now(lane.rows, playbook_of(case.playbook), clock)
    lane.append(entries.ClockMoved(case_id=case.id, days_n=n, due=due))


def _watches(limit: int, now_us: int | None) -> list[tuple[int, int]]:
    parked = Parked.objects.using(MAIN).values("stream")
    found = CaseClock.objects.using(MAIN).filter(watch_us__isnull=False)
    found = found.exclude(case_id__in=parked)
    if now_us is not None:
        found = found.filter(watch_us__lte=now_us)
    rows = found.order_by("watch_us").values_list("watch_us", "id")[:limit]
    return [(at_us, row) for at_us, row in rows if at_us is not None]


def _suspensions(limit: int, now_us: int | None) -> list[tuple[int, int]]:
    parked = Parked.objects.using(MAIN).values("stream")
    found = ClockChange.objects.using(MAIN).filter(change="suspension", state="granted")
    found = found.filter(until_us__isnull=False).exclude(case_id__in=parked)
    if now_us is not None:
        found = found.filter(until_us__lte=now_us)
    rows = found.order_by("until_us").values_list("until_us", "id")[:limit]
    return [(at_us, row) for at_us, row in rows if at_us is not None]


def _provisional(limit: int, now_us: int | None) -> list[tuple[int, int]]:
    own = WorkingDays.objects.using(MAIN).filter(id=1).first()
    if own is None:
        return []
    parked = Parked.objects.using(MAIN).values("stream")
    found = CaseClock.objects.using(MAIN).filter(
        state="running", is_provisional=True, days_n__lt=own.n
    )
    rows = found.exclude(case_id__in=parked).order_by("id").values_list("id", flat=True)[:limit]
    return [(own.set_us, row) for row in rows]


falls_due(DueKind("watch", _watches, decide_watch))
falls_due(DueKind("suspension", _suspensions, decide_suspension))
falls_due(DueKind("provisional", _provisional, decide_provisional))
