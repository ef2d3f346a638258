"""The county's own figures and working days: set by entries, never by a change of code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.loop.clocks import entries
from bihuan.loop.clocks.course import day_table, waits
from bihuan.loop.clocks.models import WorkingDays
from bihuan.loop.playbook import Playbook, newest
from bihuan.register.entries import Actor


@dataclass(frozen=True, slots=True)
class Figure:
    """A county's own limit: amount in the unit, whose figure it is, where, from when (µs) on.

    clock: a clock of the playbook, `ladder.1` (how long its first step waits) or `repeat`.
    """

    scenario: str
    kind: str
    clock: str
    amount: int
    unit: Literal["seconds", "calendar", "working"]
    source: str
    region: str
    from_us: int


def set_limit(figure: Figure, by: Actor, clock: Clock) -> int:
    """Set it for cases opened from then on; the position. Raises BadInputError.

    Who may call this is the caller's to check: it belongs to administration, not to a case.
    """
    playbook = newest(figure.scenario, figure.kind)
    faults = _unit_faults(figure, playbook)
    most = 3_660 * (86_400 if figure.unit == "seconds" else 1)
    if not 0 < figure.amount <= most:
        faults.append(Fault("amount", str(figure.amount), f"1 to {most}"))
    for name, text in (("source", figure.source), ("region", figure.region)):
        if not text.strip():
            faults.append(Fault(name, "nothing", "whose figure it is, and where it holds"))
    if faults:
        raise BadInputError(*faults)
    with Appender(FACTS_LANE, clock) as lane:
        if figure.from_us < lane.now_us:
            raise bad("from", figure.from_us, "a time ahead: what was opened keeps its limit")
        said = entries.LimitSet(
            by=by,
            playbook=playbook.name,
            clock=figure.clock,
            amount=figure.amount,
            unit=figure.unit,
            source=figure.source,
            region=figure.region,
            from_us=figure.from_us,
        )
        return lane.append(said).position


def _unit_faults(figure: Figure, playbook: Playbook) -> list[Fault]:
    """Whether the playbook has such a clock or wait, and counts it so.

    Hours never turn into days by a setting: they would start to pause.
    """
    known = (*playbook.clock_kinds(), *waits(playbook))
    if figure.clock not in known:
        return [Fault("clock", figure.clock, " or ".join(known))]
    rule = playbook.clock(figure.clock)
    is_days = rule is not None and rule.limit.rule is not None
    if is_days == (figure.unit == "seconds"):
        return [Fault("unit", figure.unit, "calendar or working" if is_days else "seconds")]
    return []


def set_days(
    days: Sequence[entries.DaySaid], source: str, year: int | None, by: Actor, clock: Clock
) -> int:
    """Add a notice to the working days; every provisional clock is counted anew by the engine.

    year: the year that the notice arranges; then all its statutory days off must be known.
    Raises BadInputError where a date is none, or the notice leaves statutory days out.
    """
    with Appender(FACTS_LANE, clock) as lane:
        own = lane.rows.get(WorkingDays, 1)
        rows = json.loads(own.days) if own is not None else []
        announced = json.loads(own.announced) if own is not None else {}
        rows += [[day.date, day.is_working, day.name, source] for day in days]
        if year is not None:
            announced[str(year)] = source
        try:
            day_table(json.dumps(rows), json.dumps(announced))
        except BadInputError:
            raise
        except ValueError as error:
            raise bad("days", str(error), "dates such as 2027-02-06") from None
        said = entries.CalendarSet(by=by, source=source, year=year, days=list(days))
        return lane.append(said).position
