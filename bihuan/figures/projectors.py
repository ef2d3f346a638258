"""Figures follow lane 0: entries → what is known of each case → cells of the cube.

A cell changes by what a case adds now less what it added before, so a late change revises the
month in which the case counts. Locks and targets become rows at once.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final, NamedTuple

from bihuan.figures import entries, facts
from bihuan.figures.groups import adders
from bihuan.figures.models import (
    CaseFact,
    Cell,
    CountyTarget,
    Layout,
    LockedValue,
    PeriodLock,
    Touch,
)
from bihuan.journal.follow import follows_facts
from bihuan.journal.payloads import Payload
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows

FOLLOWER: Final = "figures"


class Place(NamedTuple):
    """Where a cell is: group, month, the area and where it lay when the case was opened."""

    group: str
    month: int
    area_id: int
    area_path: str

    @property
    def key(self) -> str:
        return f"{self.group}|{self.month}|{self.area_path}"


Adds = dict[Place, list[int | None]]


@follows_facts(FOLLOWER, CaseFact, Cell, Layout, Touch)
def follow(rows: Rows, found: Sequence[Recorded[Payload]]) -> None:
    """One turn: each touched case is taken out of its cells as it was and put in as it is."""
    ids = list(dict.fromkeys(one for entry in found for one in facts.touched(entry)))
    for group in (adder.group for adder in adders()):
        if rows.get(Layout, group.id) is None:
            rows.new(Layout, id=group.id, parts=group.layout)
    if not ids:
        return
    rows.gather(CaseFact, ids)
    before = {one: _adds(rows, one) for one in ids}
    for entry in found:
        facts.apply(rows, entry)
    delta = Delta()
    for one in ids:
        delta.change(before[one], _adds(rows, one))
    delta.write(rows, found[-1].position)


def _adds(rows: Rows, case_id: int) -> Adds:
    fact = rows.get(CaseFact, case_id)
    return {} if fact is None else adds_of(fact)


def adds_of(fact: CaseFact) -> Adds:
    """What a case adds to every cell that it is in."""
    found: Adds = {}
    for adder in adders():
        month = adder.place(fact)
        if month is not None:
            place = Place(adder.group.id, month, fact.area_id, fact.area_path)
            found[place] = adder.adds(fact)
    return found


class Delta:
    """What cells gain and lose, added up over many cases."""

    def __init__(self) -> None:
        self._spread = {adder.group.id for adder in adders() if adder.group.spread}
        self.sums: dict[Place, list[int]] = {}
        self.spreads: dict[Place, tuple[list[int], list[int]]] = {}

    def change(self, before: Adds, after: Adds) -> None:
        """A case that added one thing now adds another."""
        for place, numbers in before.items():
            if after.get(place) != numbers:
                self._add(place, numbers, -1)
        for place, numbers in after.items():
            if before.get(place) != numbers:
                self._add(place, numbers, 1)

    def _add(self, place: Place, numbers: list[int | None], sign: int) -> None:
        if place.group not in self._spread:
            total = self.sums.setdefault(place, [0] * len(numbers))
            for n, number in enumerate(numbers):
                total[n] += sign * (number or 0)
        elif numbers[0] is not None:
            self.spreads.setdefault(place, ([], []))[sign > 0].append(numbers[0])

    def write(self, rows: Rows, position: int) -> None:
        """Change the cells, and note in which months, up to which position of lane 0."""
        places = (*self.sums, *self.spreads)
        rows.gather(Cell, [place.key for place in places])
        for group, month in dict.fromkeys((place.group, place.month) for place in places):
            touch(rows, group, month, position)
        for place, numbers in self.sums.items():
            if any(numbers):
                _put(rows, place, _sum(rows, place, numbers))
        for place, (gone, come) in self.spreads.items():
            _put(rows, place, _spread(rows, place, gone, come))


def touch(rows: Rows, group: str, month: int, position: int) -> None:
    """Note that something in a month of a group changed."""
    rows.put(Touch, id=f"{group}|{month}", cluster=group, month=month, position=position)


def _held(rows: Rows, place: Place) -> list[int]:
    cell = rows.get(Cell, place.key)
    return [] if cell is None else unpacked(bytes(cell.parts))


def _sum(rows: Rows, place: Place, numbers: list[int]) -> list[int]:
    held = _held(rows, place) or [0] * len(numbers)
    now = [a + b for a, b in zip(held, numbers, strict=True)]
    return now if any(now) else []


def _spread(rows: Rows, place: Place, gone: list[int], come: list[int]) -> list[int]:
    held = _held(rows, place)
    for value in gone:
        held.pop(bisect_left(held, value))
    return sorted(held + come)


def _put(rows: Rows, place: Place, numbers: list[int]) -> None:
    if not numbers:
        rows.remove(Cell, place.key)
        return
    rows.put(
        Cell,
        id=place.key,
        cluster=place.group,
        month=place.month,
        area_id=place.area_id,
        area_path=place.area_path,
        parts=packed(numbers),
    )


def packed(numbers: Sequence[int]) -> bytes:
    """int64s, little end first."""
    return struct.pack(f"<{len(numbers)}q", *numbers)


def unpacked(parts: bytes) -> list[int]:
    """What `packed` packed."""
    return list(struct.unpack(f"<{len(parts) // 8}q", parts))


@projects(entries.PeriodLocked)
def period_locked(rows: Rows, entry: Recorded[entries.PeriodLocked]) -> None:
    said = entry.payload
    rows.new(
        PeriodLock,
        id=entry.id(),
        scenario=said.scenario,
        period=said.period,
        n=said.n,
        locked_us=entry.recorded_us,
        locked_by=said.by.person_id,
        reason=said.reason,
    )
    for n, value in enumerate(said.values, start=1):
        rows.new(
            LockedValue,
            id=entry.id(n),
            lock_id=entry.id(),
            figure=value.figure,
            version=value.version,
            area_id=value.area_id,
            amount=value.amount,
            top=value.top,
            bottom=value.bottom,
        )


@projects(entries.TargetSet)
def target_set(rows: Rows, entry: Recorded[entries.TargetSet]) -> None:
    said = entry.payload
    rows.new(
        CountyTarget,
        id=entry.id(),
        figure=said.figure,
        amount=said.amount,
        source=said.source,
        region=said.region,
        from_us=said.from_us,
        set_by=said.by.person_id,
    )
