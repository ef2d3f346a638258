"""What was said about each series: findings with identity, and how a changed past is told.

Kernels state openings and clearings as they happen. When a late reading changes the past, the
intervals judged anew are laid beside those already stated, and only the differences are said:
a finding keeps its number, `n` counts what was said about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bihuan.rules.kernels.records import (
    CLEARED,
    EMISSION,
    NEVER,
    OPEN,
    OPENED,
    REVISED,
    WITHDRAWN,
    Int64s,
    Records,
)

END = int(OPEN)
BEFORE_ALL = int(NEVER)


Row = tuple[int, int, int, int, float, int, int, int, int, int]  # an EMISSION row


class Interval(NamedTuple):
    """One finding as judged: [opened, cleared) in event time µs; END while it goes on."""

    opened_us: int
    cleared_us: int
    since_us: int
    measure: float


@dataclass(slots=True)
class Stated:
    """A finding as last stated."""

    finding: int
    n: int
    interval: Interval


class Ledger:
    """The stated findings of one run that a late reading may still change."""

    def __init__(self) -> None:
        self._of_slot: dict[int, dict[int, Row]] = {}
        self._unread: list[Records] = []

    def note(self, emissions: Records) -> None:
        """Take note of statements that a kernel made; read only when somebody asks."""
        if len(emissions):
            self._unread.append(emissions)

    def of(self, slot: int) -> list[Stated]:
        """What stands for one series, in the order of opening."""
        self._read()
        stated = [
            Stated(row[6], row[7], Interval(*row[1:5]))
            for row in self._of_slot.get(slot, {}).values()
        ]
        return sorted(stated, key=lambda s: (s.interval.opened_us, s.finding))

    def _read(self) -> None:
        for emissions in self._unread:
            for row in emissions.tolist():
                if row[8] == WITHDRAWN:
                    self._of_slot[row[5]].pop(row[6], None)
                else:
                    self._of_slot.setdefault(row[5], {})[row[6]] = row
        self._unread.clear()

    def forget(self, base_us: Int64s) -> None:
        """Drop findings cleared before their series' base: nothing within the bound changes them.

        base_us  int64[series]
        """
        self._read()
        for slot, stated in list(self._of_slot.items()):
            limit = base_us[slot]
            for finding in [k for k, row in stated.items() if row[2] < limit]:
                del stated[finding]
            if not stated:
                del self._of_slot[slot]

    def as_rows(self) -> Records:
        """The ledger as EMISSION rows, for a snapshot."""
        self._read()
        rows = [
            (0, *s.interval, slot, s.finding, s.n, REVISED, 0)
            for slot in sorted(self._of_slot)
            for s in self.of(slot)
        ]
        return np.array(rows, EMISSION)

    def reconcile(
        self, slot: int, start_us: int, judged: list[Interval], minted: int, label_us: int
    ) -> Records:
        """What must be said so that the statements after `start_us` become `judged`.

        Both are in order of opening. An interval continues the first stated finding that it
        touches; what is left over on either side is new or withdrawn. Running it twice says
        nothing the second time.
        """
        old = [s for s in self.of(slot) if s.interval.cleared_us > start_us]
        said: list[tuple[float, ...]] = []
        for new in judged:
            while old and old[0].interval.cleared_us < new.opened_us:
                said.append(_statement(label_us, slot, old.pop(0), WITHDRAWN))
            if old and old[0].interval.opened_us <= new.cleared_us:
                said.extend(_changes(label_us, slot, old.pop(0), new))
            else:
                said.extend(_first(label_us, slot, minted, new))
                minted += 1
        said.extend(_statement(label_us, slot, rest, WITHDRAWN) for rest in old)
        rows = np.array(said, EMISSION)
        self.note(rows)
        return rows


def _first(label_us: int, slot: int, finding: int, new: Interval) -> list[tuple[float, ...]]:
    opened = Stated(finding, 0, new._replace(cleared_us=END))
    said = [_statement(label_us, slot, opened, OPENED)]
    if new.cleared_us != END:
        said.append(_statement(label_us, slot, Stated(finding, 1, new), CLEARED))
    return said


def _changes(label_us: int, slot: int, old: Stated, new: Interval) -> list[tuple[float, ...]]:
    if new.opened_us == old.interval.opened_us:  # its beginning stands, and may lie out of reach
        new = new._replace(since_us=old.interval.since_us, measure=old.interval.measure)
    if new == old.interval:
        return []
    is_end = old.interval._replace(cleared_us=new.cleared_us) == new
    is_cleared = is_end and old.interval.cleared_us == END
    what = CLEARED if is_cleared else REVISED
    return [_statement(label_us, slot, Stated(old.finding, old.n, new), what)]


def _statement(label_us: int, slot: int, stated: Stated, what: int) -> tuple[float, ...]:
    return (label_us, *stated.interval, slot, stated.finding, stated.n + 1, what, 0)


def intervals(
    start: int, tokens: list[int], times: list[int], measures: list[float], shift: int
) -> list[Interval]:
    """The intervals that a run of state tokens tells, beginning in state `start`.

    One that was open at the start has `since_us` BEFORE_ALL.
    """
    found: list[Interval] = []
    state = start
    if start & 1:
        found.append(Interval(start >> shift, END, BEFORE_ALL, 0.0))
    for token, time_us, measure in zip(tokens, times, measures, strict=True):
        if state & 1 and token != state:
            found[-1] = found[-1]._replace(cleared_us=time_us)
        if token & 1 and token != state:
            since = time_us if state == BEFORE_ALL else state >> shift
            found.append(Interval(token >> shift, END, since, measure))
        state = token
    return found
