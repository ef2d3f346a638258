"""When a clock of a case runs out: its limit, the county's own figure, what was granted since.

Pure over rows and times. Hours are counted to the microsecond and never pause; days by
`bihuan.base.deadlines`, with the working days that the county knew when the clock was counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, time
from functools import lru_cache
from typing import NamedTuple, cast

import msgspec

from bihuan.base.calendar import OFFICIAL, DayRow, DayTable
from bihuan.base.deadlines import Extension, StartRule, Suspension, Unit, due_with
from bihuan.base.deadlines import Limit as Length
from bihuan.base.time import SECOND_US, datetime_of, us_of
from bihuan.journal.rows import Rows
from bihuan.loop.clocks.models import ClockChange, CountyLimit, WorkingDays
from bihuan.loop.entries import ClockSet, CountedAs
from bihuan.loop.models import CaseClock
from bihuan.loop.playbook import ClockRule, Limit, Playbook

REPEAT = "repeat"
_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(CountedAs)


class DueAt(NamedTuple):
    """When a clock runs out, and whether a notice to come may move that."""

    us: int
    is_provisional: bool


def start_clock(
    rows: Rows, playbook: Playbook, kind: str, opened_us: int, from_us: int
) -> ClockSet | None:
    """A clock of a case that starts now; None where the playbook has none of the kind.

    The figure is the county's own of the day on which the case was opened, else the playbook's.
    """
    rule = playbook.clock(kind)
    if rule is None:
        return None
    counted = _county_figure(rows, playbook, kind, opened_us) or counted_as(rule.limit)
    due = due_of(counted, from_us, (), days_of(rows, counted))
    return ClockSet(
        kind=kind,
        due_us=due.us,
        is_provisional=due.is_provisional,
        counted=counted,
        watch_us=watch_at(rule, 0, from_us, due.us),
    )


def counted_as(limit: Limit) -> CountedAs:
    """A playbook's limit as a clock keeps it."""
    if limit.rule is None:
        return CountedAs(amount=limit.seconds / 3600, unit="hours")
    closes = limit.rule.closes
    return CountedAs(
        amount=float(limit.days),  # as it is read back from JSON: live rows equal rebuilt ones
        unit=limit.unit,
        rule=limit.rule.source,
        is_start_excluded=limit.rule.is_start_excluded,
        rolls_forward=limit.rule.rolls_forward,
        closes=None if closes is None else closes.hour * 60 + closes.minute,
        most_extension=None if limit.most_extension is None else float(limit.most_extension),
    )


def _county_figure(rows: Rows, playbook: Playbook, kind: str, opened_us: int) -> CountedAs | None:
    own = [
        limit
        for limit in rows.where(CountyLimit, playbook=playbook.name)
        if limit.clock == kind and limit.from_us <= opened_us
    ]
    if not own:
        return None
    newest = max(own, key=lambda limit: (limit.from_us, limit.id))
    if newest.unit == "seconds":
        return CountedAs(amount=newest.amount / 3600, unit="hours")
    rule = playbook.clock(kind)
    as_declared = counted_as(rule.limit) if rule is not None and rule.limit.rule else None
    if as_declared is not None:
        return msgspec.structs.replace(as_declared, amount=float(newest.amount), unit=newest.unit)
    return CountedAs(amount=float(newest.amount), unit=newest.unit, rule=newest.source)


def wait_of(rows: Rows, playbook: Playbook, step: int | None, opened_us: int) -> int:
    """How long a ladder step waits, seconds; None: until the last step is called again.

    The county's own figure of the day on which the case was opened, else the playbook's.
    """
    kind = REPEAT if step is None else ladder_kind(step)
    own = _county_figure(rows, playbook, kind, opened_us)
    if own is not None:
        return round(own.amount * 3600)
    return (playbook.repeat if step is None else playbook.ladder[step].wait).seconds


def ladder_kind(step: int) -> str:
    """How a county's figure names the wait of a step: `ladder.1` is the first."""
    return f"ladder.{step + 1}"


def waits(playbook: Playbook) -> tuple[str, ...]:
    """What a county may set beside the clocks: the wait of each step, and `repeat`."""
    steps = range(len(playbook.ladder))
    return (*(ladder_kind(step) for step in steps), REPEAT) if playbook.ladder else ()


def due_of(
    counted: CountedAs, start_us: int, changes: Iterable[ClockChange], days: DayTable
) -> DueAt:
    """When it runs out, with every extension that was granted and every suspension that ended."""
    if counted.rule is None:
        more = sum(change.amount or 0 for change in changes)  # hours are extended by whole hours
        return DueAt(start_us + round((counted.amount + more) * 3600) * SECOND_US, False)
    due = due_with(datetime_of(start_us), length_of(counted), *_granted(changes), days)
    return DueAt(us_of(due.at), due.is_provisional)


def length_of(counted: CountedAs) -> Length:
    """The limit as `bihuan.base.deadlines` takes it; of days only."""
    assert counted.rule is not None
    closes = None if counted.closes is None else time(*divmod(counted.closes, 60))
    rule = StartRule(counted.rule, counted.is_start_excluded, counted.rolls_forward, closes)
    return Length(int(counted.amount), cast("Unit", counted.unit), rule)


def _granted(
    changes: Iterable[ClockChange],
) -> tuple[Sequence[Extension], Sequence[Suspension]]:
    extensions, suspensions = [], []
    for change in changes:
        who, at_us = str(change.decided_by), change.decided_us
        assert at_us is not None
        if change.change == "extension":
            assert change.amount is not None
            extensions.append(Extension(change.amount, datetime_of(at_us), who, "granted"))
        else:
            assert change.ended_us is not None, "a clock that stands still is not counted"
            ends = datetime_of(change.ended_us)
            suspensions.append(Suspension(datetime_of(at_us), ends, who, "granted"))
    return extensions, suspensions


def changes_of(rows: Rows, clock: CaseClock) -> list[ClockChange]:
    """What was granted about a clock and is over or counts for good."""
    return [
        change
        for change in rows.where(ClockChange, case_id=clock.case_id)
        if (change.clock_id == clock.id and change.state == "granted")
        or (change.state == "ended" and clock.id in stops_of(change))
    ]


def stops_of(change: ClockChange) -> list[int]:
    """The clocks that a suspension stopped."""
    return [int(part) for part in change.stops.split(",") if part]


def counted_of(clock: CaseClock) -> CountedAs | None:
    """How a clock is counted; None of one that was started before that was kept."""
    return _decoder.decode(clock.counted) if clock.counted else None


def kept(counted: CountedAs | None) -> str:
    """How a clock is counted, as its row keeps it."""
    return _encoder.encode(counted).decode() if counted is not None else ""


def watch_at(rule: ClockRule | None, n: int, start_us: int, due_us: int) -> int | None:
    """When the n-th watch of a clock is due; after the last, again and again."""
    if rule is None or not rule.watches:
        return None
    last = len(rule.watches) - 1
    share = rule.watches[min(n, last)].share
    at_us = start_us + round((due_us - start_us) * share)
    return at_us + max(0, n - last) * rule.again_s * SECOND_US


def next_watch(clock: CaseClock, rule: ClockRule | None, due_us: int) -> int | None:
    """When the watch that comes next is due, of a clock that runs out at due_us."""
    return watch_at(rule, clock.watched, clock.set_us, due_us)


def days_of(rows: Rows, counted: CountedAs | None = None) -> DayTable:
    """The working days that the county knows now; hours need none."""
    if counted is not None and counted.rule is None:
        return OFFICIAL
    own = rows.get(WorkingDays, 1)
    return OFFICIAL if own is None else day_table(own.days, own.announced)


def days_n(rows: Rows) -> int:
    """How often the table of working days was changed."""
    own = rows.get(WorkingDays, 1)
    return 0 if own is None else own.n


@lru_cache(maxsize=8)
def day_table(days: str, announced: str) -> DayTable:
    """The official table with the rows of a county. Raises BadInputError where they do not fit."""
    rows = [
        DayRow(date.fromisoformat(on), is_working, name, source)
        for on, is_working, name, source in json.loads(days)
    ]
    years = {int(year): source for year, source in json.loads(announced).items()}
    return OFFICIAL.with_rows(rows, years)
