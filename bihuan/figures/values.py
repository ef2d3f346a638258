"""The value of a figure: in a period and an area, as it stands or as it was published.

A locked period shows what was published; what has come since is told beside it, never mixed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bihuan.base.time import CHINA, datetime_of, us_of
from bihuan.figures.gather import Reader, by_child
from bihuan.figures.installed import Installed
from bihuan.figures.models import CountyTarget, LockedValue, PeriodLock
from bihuan.figures.parts import NOTHING, Told, parts_of, value_of
from bihuan.figures.periods import Period, Window
from bihuan.journal.storage import MAIN

Why = Literal["empty", "no_base", "zero_base", "definition", "no_period", "spread"]
Against = Literal["before", "year"]


@dataclass(frozen=True, slots=True)
class Value:
    """A figure's value. told.amount None: there was nothing to count, neither 0 % nor 100 %.

    live       what the records give now where that is not what was published; else None
    lock       the version under which the period was published, 0 = it was not
    is_open    the period is not over: the value will still change
    hidden     too few stand behind it for a public page; told is then empty
    """

    told: Told
    is_open: bool
    lock: int = 0
    live: Told | None = None
    hidden: bool = False

    @property
    def is_empty(self) -> bool:
        return self.told.amount is None and not self.hidden


@dataclass(frozen=True, slots=True)
class Growth:
    """Against an earlier period. unit: percent of it, or percentage points; why there is none.

    Of an open period the earlier one is cut at the same point: like is compared with like.
    """

    against: Against
    amount: float | None
    unit: Literal["percent", "points"]
    why: Why | None = None
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """What should be reached, and whether it is; is_met None where there is no value."""

    amount: float
    source: str
    region: str
    is_met: bool | None


class Book:
    """Values for one page: what they need is read once.

    now_us  until when there is anything to count
    """

    def __init__(self, now_us: int, reader: Reader | None = None) -> None:
        self.now_us = now_us
        self.reader = reader or Reader()
        self._locks: dict[str, dict[str, PeriodLock]] = {}
        self._locked: dict[tuple[int, int], dict[str, LockedValue]] = {}
        self._targets: dict[int, dict[str, CountyTarget]] = {}

    def window(self, one: Installed, period: Period) -> Window:
        """What is counted: of an open point figure what stands now."""
        window = period.window_of(one.figure.period)
        if one.figure.period == "point" and window.end_us > self.now_us:
            return Window(window.start_us, self.now_us + 1)
        return window

    def live(self, one: Installed, period: Period, path: str) -> Told:
        """As the records give it now, for the subtree of an area's path."""
        return value_of(one.figure, self.reader.got(one, self.window(one, period), path))

    def value(self, one: Installed, period: Period, path: str) -> Value:
        """What is shown: as published where the period is locked, else as it stands."""
        told = self.live(one, period, path)
        return self._shown(one, period, int(path.rstrip(".").rpartition(".")[2]), told)

    def children(self, one: Installed, period: Period, path: str) -> dict[int, Value]:
        """The areas directly under a path, by id; what is of the area itself under its own id."""
        lots = self.reader.lots(one, self.window(one, period))
        found = by_child(lots, path)
        return {
            area: self._shown(one, period, area, value_of(one.figure, got))
            for area, got in found.items()
        }

    def lock_of(self, scenario: str, period: Period) -> PeriodLock | None:
        """The newest lock of a period."""
        if scenario not in self._locks:
            rows = PeriodLock.objects.using(MAIN).filter(scenario=scenario).order_by("n")
            self._locks[scenario] = {row.period: row for row in rows}
        return self._locks[scenario].get(period.text)

    def _shown(self, one: Installed, period: Period, area_id: int, told: Told) -> Value:
        is_open, lock = period.is_open(self.now_us), self.lock_of(one.scenario, period)
        if lock is None:
            return Value(told, is_open)
        held = self._locked_of(lock.id, area_id).get(one.id)
        if held is None:
            return Value(told, is_open)
        was = Told(held.amount, held.top, held.bottom)
        is_same = (was.amount, held.version) == (told.amount, one.figure.version)
        return Value(was, is_open, lock.n, None if is_same else told)

    def _locked_of(self, lock_id: int, area_id: int) -> dict[str, LockedValue]:
        key = (lock_id, area_id)
        if key not in self._locked:
            rows = LockedValue.objects.using(MAIN).filter(lock_id=lock_id, area_id=area_id)
            rows = rows.order_by("-id")
            self._locked[key] = {row.figure: row for row in rows}
        return self._locked[key]

    def growth(self, one: Installed, period: Period, path: str, against: Against) -> Growth:
        """How much more or less than the period before, or than the same one a year before."""
        figure = one.figure
        unit: Literal["percent", "points"] = "points" if figure.unit[1] == "%" else "percent"
        earlier = period.before() if against == "before" else period.year_before()
        if earlier is None:
            return Growth(against, None, unit, "no_period")
        if figure.period == "point" and not all(p.is_additive for p in parts_of(figure.measure)):
            # how old the open ones were then is read from every case open then: too slow for a page
            return Growth(against, None, unit, "spread")
        starts = date.fromisoformat(figure.effective_from)
        if figure.version > 1 and earlier.start < starts:
            return Growth(against, None, unit, "definition")
        now = self.value(one, period, path).told.amount
        base, is_cut = self._base(one, period, earlier, path)
        if now is None:
            return Growth(against, None, unit, "empty", is_cut)
        if base is None:
            return Growth(against, None, unit, "no_base", is_cut)
        if unit == "points":
            return Growth(against, now - base, unit, None, is_cut)
        if base <= 0:
            return Growth(against, None, unit, "zero_base", is_cut)
        return Growth(against, (now - base) / base * 100, unit, None, is_cut)

    def _base(
        self, one: Installed, period: Period, earlier: Period, path: str
    ) -> tuple[float | None, bool]:
        if not period.is_open(self.now_us):
            return self.value(one, earlier, path).told.amount, False
        window = earlier.window_of(one.figure.period)
        cut = Window(window.start_us, min(_same_point(period, earlier, self.now_us), window.end_us))
        return value_of(one.figure, self.reader.got(one, cut, path)).amount, True

    def target(self, one: Installed, period: Period, told: Told) -> Target | None:
        """The target that held at the end of the period: the county's own, else a declared one."""
        figure, last_us = one.figure, period.window.end_us - 1
        newest = self._targets_at(last_us).get(one.id)
        if newest is not None and newest.amount is not None:
            return _target(one, told, newest.amount, (newest.source, newest.region))
        last = period.end.isoformat()
        held = [target for target in figure.targets if target.effective_from < last]
        if not held:
            return None
        said = max(held, key=lambda target: target.effective_from)
        return _target(one, told, said.amount, (said.source, said.region))

    def _targets_at(self, last_us: int) -> dict[str, CountyTarget]:
        """Figure → the county's own target that holds at a time; the later filed one counts."""
        if last_us not in self._targets:
            rows = CountyTarget.objects.using(MAIN).filter(from_us__lte=last_us)
            found = {row.figure: row for row in rows.order_by("from_us", "id")}
            self._targets[last_us] = found
        return self._targets[last_us]


def _same_point(period: Period, earlier: Period, now_us: int) -> int:
    """Now, in the earlier period: a year before by the calendar, else as long after its start."""
    if earlier.start.month == period.start.month and earlier.start.day == period.start.day:
        at = datetime_of(now_us).astimezone(CHINA)
        back = at.year - (period.start.year - earlier.start.year)
        try:
            return us_of(at.replace(year=back))
        except ValueError:  # 29 February: up to the end of the 28th
            return us_of(at.replace(year=back, month=3, day=1, hour=0, minute=0, second=0))
    return earlier.window.start_us + now_us - period.window.start_us


def _target(one: Installed, told: Told, amount: float, said: tuple[str, str]) -> Target:
    if told.amount is None:
        is_met = None
    else:
        is_met = (
            told.amount >= amount if one.figure.direction == "higher" else told.amount <= amount
        )
    return Target(amount, *said, is_met)


@dataclass(frozen=True, slots=True)
class Rank:
    """A place in a group. place None: no value, not ranked. moved: places up since before."""

    area_id: int
    value: Value
    place: int | None
    is_tied: bool
    moved: int | None


def ranked(
    one: Installed, now: dict[int, Value], before: dict[int, Value] | None = None
) -> list[Rank]:
    """Areas in the order of the figure's direction: 1, 2, 2, 4; equal as shown is tied (并列).

    Areas without a value are last and have no place.
    """
    places, earlier = _places(one, now), _places(one, before or {})
    taken = list(places.values())
    found = []
    for area, value in now.items():
        place, was = places.get(area), earlier.get(area)
        moved = None if place is None or was is None else was - place
        is_tied = place is not None and taken.count(place) > 1
        found.append(Rank(area, value, place, is_tied, moved))
    last = len(now) + 1
    return sorted(found, key=lambda rank: (rank.place or last, rank.area_id))


def _places(one: Installed, values: dict[int, Value]) -> dict[int, int]:
    figure = one.figure
    sign = -1 if figure.direction == "higher" else 1
    shown = {
        area: sign * round(value.told.amount, figure.decimals)
        for area, value in values.items()
        if value.told.amount is not None
    }
    return {
        area: 1 + sum(other < amount for other in shown.values()) for area, amount in shown.items()
    }


def public(one: Installed, values: Sequence[tuple[int, Value]]) -> list[tuple[int, Value]]:
    """Values as a public page may show them: where few stand behind one it is hidden.

    Where exactly one would be hidden, the smallest of the others is too: else the total tells it.
    """
    few = {area for area, value in values if _is_few(one.figure.fewest, value.told)}
    others = [(value.told.bottom or value.told.top or 0, area) for area, value in values]
    if len(few) == 1 and len(values) > 1:
        few.add(min((n, area) for n, area in others if area not in few)[1])
    return [
        (area, Value(NOTHING, value.is_open, value.lock, hidden=True) if area in few else value)
        for area, value in values
    ]


def _is_few(fewest: int, told: Told) -> bool:
    top, bottom = told.top or 0, told.bottom or 0
    parts = [top, bottom] if told.top is not None else [bottom]
    if told.top is not None and told.bottom is not None:
        parts.append(bottom - top)
    return any(0 < part < fewest for part in parts)
