"""The verbs of clocks: more time or a pause, asked with a reason, decided by somebody else."""

from __future__ import annotations

from collections.abc import Callable

from bihuan.base.errors import bad
from bihuan.base.time import DAY_US, datetime_of
from bihuan.journal.rows import Rows
from bihuan.loop.acting import Asking, Doing, Verb, can
from bihuan.loop.clocks import entries
from bihuan.loop.clocks.course import (
    changes_of,
    counted_of,
    days_of,
    due_of,
    next_watch,
    stops_of,
)
from bihuan.loop.clocks.models import ClockChange
from bihuan.loop.models import CaseClock
from bihuan.loop.playbook import Field, Playbook

MOST_PAUSE_US = 366 * DAY_US


def _asked(rows: Rows, case_id: int, change: entries.Change) -> list[ClockChange]:
    """Requests that nobody has decided yet."""
    found = rows.where(ClockChange, case_id=case_id)
    return [one for one in found if one.change == change and one.state == "asked"]


def running_suspension(rows: Rows, case_id: int) -> ClockChange | None:
    """The suspension under which the case's clocks stand still."""
    for one in rows.where(ClockChange, case_id=case_id):
        if one.change == "suspension" and one.state == "granted":
            return one
    return None


def _running(rows: Rows, case_id: int) -> list[CaseClock]:
    return [c for c in rows.where(CaseClock, case_id=case_id) if c.state == "running"]


def _may_pause(rows: Rows, case_id: int, playbook: Playbook) -> list[CaseClock]:
    """Running clocks that the playbook lets stand still; emergency clocks never."""
    found = []
    for clock in _running(rows, case_id):
        rule, counted = playbook.clock(clock.kind), counted_of(clock)
        if rule is not None and rule.may_pause and counted is not None and counted.rule:
            found.append(clock)
    return found


def _ask_extension(doing: Doing) -> None:
    kind, days = doing.given["clock"], doing.given["days"]
    clocks = [c for c in _running(doing.rows, doing.case.id) if (c.kind, c.ref) == (kind, 0)]
    if not clocks:
        raise bad("clock", kind, "a clock of this case that runs")
    clock = clocks[0]
    counted = counted_of(clock)
    if counted is None or counted.rule is None:
        raise bad("clock", f"{kind}, counted in hours", "a clock counted in days")
    if any(one.clock_id == clock.id for one in _asked(doing.rows, doing.case.id, "extension")):
        raise bad("clock", kind, "one without a request that waits for its answer")
    total = days + sum(change.amount or 0 for change in _extensions(doing.rows, clock))
    if counted.most_extension is not None and total > counted.most_extension:
        raise bad("days", f"{total} in all", f"at most {counted.most_extension:g} {counted.unit}")
    doing.say(
        entries.ClockChangeAsked(
            case_id=doing.case.id,
            by=doing.by,
            change="extension",
            clock_id=clock.id,
            amount=days,
            until_us=None,
            reason=doing.seal(doing.command.text),
        )
    )


def _extensions(rows: Rows, clock: CaseClock) -> list[ClockChange]:
    return [one for one in changes_of(rows, clock) if one.change == "extension"]


def _ask_suspension(doing: Doing) -> None:
    until_us, now_us = doing.given["until"], doing.lane.now_us
    if not now_us < until_us <= now_us + MOST_PAUSE_US:
        raise bad("until", datetime_of(until_us).isoformat(), "a time ahead, within 366 days")
    rows, case_id = doing.rows, doing.case.id
    if _asked(rows, case_id, "suspension") or running_suspension(rows, case_id):
        raise bad("suspension", "one already", "none that is asked for or runs")
    if not _may_pause(rows, case_id, doing.playbook):
        raise bad("clock", "none that may pause", "a clock in days that the playbook lets pause")
    doing.say(
        entries.ClockChangeAsked(
            case_id=case_id,
            by=doing.by,
            change="suspension",
            clock_id=None,
            amount=None,
            until_us=until_us,
            reason=doing.seal(doing.command.text),
        )
    )


def _first_asked(doing: Doing, change: entries.Change) -> ClockChange:
    """The oldest request; who asked does not decide."""
    asked = _asked(doing.rows, doing.case.id, change)
    if not asked:
        raise bad(change, "nothing asked for", "a request that waits")
    others = [one for one in asked if one.asked_by != doing.by.person_id]
    if not others:
        raise bad("approver", "who asked for it", "another person, a superior")
    return others[0]


def _refuse(doing: Doing, change: entries.Change) -> None:
    asked = _first_asked(doing, change)
    doing.say(
        entries.ClockChangeDecided(
            case_id=doing.case.id,
            by=doing.by,
            change_id=asked.id,
            is_granted=False,
            reason=doing.text(),
        )
    )


def _grant_extension(doing: Doing) -> None:
    asked = _first_asked(doing, "extension")
    clock = doing.rows.get(CaseClock, asked.clock_id)
    if clock is None or clock.state not in ("running", "suspended"):
        raise bad("clock", "over or missed", "one that still runs: too late to extend it")
    granted = ClockChange(
        change="extension", amount=asked.amount, decided_us=doing.lane.now_us, decided_by=0
    )
    dues = (
        [] if clock.state == "suspended" else [due_now(doing.rows, doing.playbook, clock, granted)]
    )
    doing.say(
        entries.ClockChangeDecided(
            case_id=doing.case.id,
            by=doing.by,
            change_id=asked.id,
            is_granted=True,
            reason=doing.text(),
            dues=dues,
        )
    )


def due_now(
    rows: Rows, playbook: Playbook, clock: CaseClock, *more: ClockChange
) -> entries.ClockDue:
    """When a clock runs out with what was granted, and `more` that is being granted now."""
    counted = counted_of(clock)
    assert counted is not None, "only clocks that say how they are counted change"
    changes = [*changes_of(rows, clock), *more]
    due = due_of(counted, clock.set_us, changes, days_of(rows, counted))
    watch_us = next_watch(clock, playbook.clock(clock.kind), due.us)
    return entries.ClockDue(
        clock_id=clock.id, due_us=due.us, is_provisional=due.is_provisional, watch_us=watch_us
    )


def _grant_suspension(doing: Doing) -> None:
    asked = _first_asked(doing, "suspension")
    stops = [clock.id for clock in _may_pause(doing.rows, doing.case.id, doing.playbook)]
    if not stops or (asked.until_us or 0) <= doing.lane.now_us:
        raise bad("suspension", "nothing left to suspend", "a clock that runs, and time ahead")
    doing.say(
        entries.ClockChangeDecided(
            case_id=doing.case.id,
            by=doing.by,
            change_id=asked.id,
            is_granted=True,
            reason=doing.text(),
            stops=stops,
        )
    )


def _resume(doing: Doing) -> None:
    stopped = running_suspension(doing.rows, doing.case.id)
    if stopped is None:
        raise bad("suspension", "none", "one that runs")
    dues = dues_after(doing.rows, doing.playbook, stopped, doing.lane.now_us)
    doing.say(
        entries.ClockResumed(
            case_id=doing.case.id,
            by=doing.by,
            change_id=stopped.id,
            dues=dues,
            reason=doing.text(),
        )
    )


def dues_after(
    rows: Rows, playbook: Playbook, stopped: ClockChange, now_us: int
) -> list[entries.ClockDue]:
    """When the clocks of a suspension run out if it ends now; those over meanwhile are left."""
    ended = ClockChange(
        change="suspension",
        decided_us=stopped.decided_us,
        ended_us=now_us,
        decided_by=0,
        stops=stopped.stops,
    )
    found = [rows.get(CaseClock, clock_id) for clock_id in stops_of(stopped)]
    return [
        due_now(rows, playbook, clock, ended)
        for clock in found
        if clock is not None and clock.state == "suspended"
    ]


def _has(change: entries.Change) -> Callable[[Asking], bool]:
    def is_offered(asking: Asking) -> bool:
        asked = _asked(asking.rows, asking.case.id, change)
        return any(one.asked_by != asking.person_id for one in asked)

    return is_offered


def _can_suspend(asking: Asking) -> bool:
    rows, case_id = asking.rows, asking.case.id
    is_asked = _asked(rows, case_id, "suspension") or running_suspension(rows, case_id)
    return not is_asked and bool(_may_pause(rows, case_id, asking.playbook))


def _is_suspended(asking: Asking) -> bool:
    return running_suspension(asking.rows, asking.case.id) is not None


EXTENSION = (Field("clock", "clock"), Field("days", "days"))
can("ask_extension", Verb(_ask_extension, fields=EXTENSION, needs_text=True))
can("grant_extension", Verb(_grant_extension, is_offered=_has("extension")))
can(
    "refuse_extension",
    Verb(lambda d: _refuse(d, "extension"), needs_text=True, is_offered=_has("extension")),
)
can(
    "ask_suspension",
    Verb(
        _ask_suspension, fields=(Field("until", "date"),), needs_text=True, is_offered=_can_suspend
    ),
)
can("grant_suspension", Verb(_grant_suspension, is_offered=_has("suspension")))
can(
    "refuse_suspension",
    Verb(lambda d: _refuse(d, "suspension"), needs_text=True, is_offered=_has("suspension")),
)
can("resume", Verb(_resume, is_offered=_is_suspended))
