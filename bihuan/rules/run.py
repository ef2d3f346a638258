"""What every live run does around its kernel: feed, mend a changed past, tell in order.

Emissions carry the recorded time at which they became known (`label_us`). A reading in order is
told at its own arrival; a changed past, and silence, when their tick is over. So the same lane
gives the same emissions however it is cut into batches.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bihuan.base.errors import bad
from bihuan.base.time import DAY_US, MINUTE_US, SECOND_US
from bihuan.rules.findings import Interval, Ledger
from bihuan.rules.kernels.records import (
    CLOCK,
    COUNTERS,
    EMISSION,
    N_AHEAD,
    N_BAD,
    N_DEEP,
    N_DIRTY,
    N_LATE,
    N_OUT,
    N_SAME,
    N_TOO_LATE,
    NEVER,
    OPEN,
    SETTLED,
    Bools,
    Bounds,
    Floats,
    Int32s,
    Int64s,
    Out,
    Records,
    Rows,
    blank_cold,
)
from bihuan.rules.readings import Batch, History, joined

Snapshot = dict[str, np.ndarray[Any, Any]]
NOTHING = np.zeros(0, EMISSION)
NOTHING.flags.writeable = False
LINE = 64  # bytes the processor fetches at once
ROOM = 1 << 16  # emissions per kernel call, besides one per series


@dataclass(frozen=True, slots=True)
class Lateness:
    """How far events may lie from their arrival, and how often late changes are told."""

    bound_us: int = DAY_US  # outages last hours
    ahead_us: int = 5 * MINUTE_US
    tick_us: int = SECOND_US

    def __post_init__(self) -> None:
        for name, least in (("bound_us", 0), ("ahead_us", 0), ("tick_us", 1)):
            if getattr(self, name) < least:
                raise bad(name, getattr(self, name), f"µs, {least} or more")


class Run(ABC):
    """One rule over the series of one lane. Fed twice, a batch says nothing the second time."""

    hot: Records

    def __init__(self, n_series: int, lateness: Lateness, history: History, sign: float) -> None:
        self.n_series = n_series
        self.cold = blank_cold(n_series)
        self.ledger = Ledger()
        self._history = history
        self._lateness = lateness
        self.bounds = Bounds(
            np.float64(sign),
            np.int64(lateness.bound_us),
            np.int64(lateness.ahead_us),
            np.int64(lateness.tick_us),
        )
        self._counts = np.zeros(COUNTERS, np.int64)
        self._counts[CLOCK] = NEVER
        self.out = Out(
            np.zeros(n_series + ROOM, EMISSION), np.zeros(n_series, np.int32), self._counts
        )
        self._rolled_us = int(NEVER)
        self._roll_after_us = max(lateness.bound_us // 2, MINUTE_US)
        self._words = self.out.emissions.view(np.int64).reshape(-1, EMISSION.itemsize // 8)

    # what a kind brings

    @abstractmethod
    def _measures(self, batch: Batch) -> Floats:
        """float64[n]: what the kernel judges; NaN = not a value."""

    @abstractmethod
    def _take(self, rows: Rows, start: int) -> int:
        """Call the kernel; the index of the first row not judged, or SETTLED: see settle."""

    @abstractmethod
    def _near(self, slot: int) -> tuple[int, list[Interval]] | None:
        """Start µs and the intervals since, from state at hand; None when it does not reach."""

    @abstractmethod
    def _anew(self, slot: int, past: Rows) -> list[Interval]:
        """Judge a series anew from its base checkpoint and rebuild its state."""

    @abstractmethod
    def _young(self) -> tuple[Int64s, Int64s, Bools]:
        """For every series a checkpoint: event time, token, and whether it has one."""

    # what all share

    def feed(self, batch: Batch) -> Records:
        """Judge a batch in lane order; EMISSION rows in the order in which they became known."""
        rows = self.rows(batch)
        parts: list[Records] = []
        start = 0
        while True:
            start = self._take(rows, start)
            parts.append(self.drain())
            if start in {SETTLED, len(batch)}:
                break
            if self.must_mend(rows, start):
                parts.extend(self.mend_before(rows, start, batch))
        if start == SETTLED:
            self.roll_if_due()
        else:
            parts.extend(self.settle(batch))
        return in_order(parts)

    def pass_time(self, now_us: int) -> Records:
        """Let recorded time pass without a reading (a tick of the journal)."""
        if isinstance(now_us, bool) or not isinstance(now_us, int | np.integer):
            raise bad("now_us", now_us, "a whole number of µs")
        self._counts[CLOCK] = max(int(self._counts[CLOCK]), now_us)
        return in_order(self.settle(None))

    def due_us(self) -> int | None:
        """Recorded time from which `pass_time` has something to tell; None = nothing waits."""
        n = int(self._counts[N_DIRTY])
        if not n:
            return None
        ticks = self.cold["tick"][self.out.dirty[:n]]
        ticks = ticks[ticks != NEVER]  # those that are clean again are still listed
        return (int(ticks.min()) + 1) * self._lateness.tick_us if len(ticks) else None

    def tally(self) -> dict[str, int]:
        """How many readings were not judged as they came, by reason."""
        places = {
            "duplicate": N_SAME,
            "without_value": N_BAD,
            "ahead_of_time": N_AHEAD,
            "beyond_lateness": N_TOO_LATE,
            "late": N_LATE,
            "from_history": N_DEEP,
        }
        return {name: int(self._counts[place]) for name, place in places.items()}

    def snapshot(self) -> Snapshot:
        """All state as arrays; `restore` with it goes on as if never stopped."""
        n_dirty = int(self._counts[N_DIRTY])
        return {
            "hot": self.hot.copy(),
            "cold": self.cold.copy(),
            "counts": self._counts.copy(),
            "dirty": self.out.dirty[:n_dirty].copy(),
            "ledger": self.ledger.as_rows(),
            "rolled": np.array([self._rolled_us], np.int64),
        }

    def restore(self, snapshot: Snapshot) -> None:
        """Take up the state of a snapshot of the same rule; series beyond its are new."""
        own = {name: column.dtype for name, column in self.snapshot().items()}
        given = {name: column.dtype for name, column in snapshot.items()}
        if given != own:
            differ = sorted(k for k in own.keys() | given.keys() if own.get(k) != given.get(k))
            raise bad("snapshot", f"other {', '.join(differ)}", "a snapshot of a rule of this kind")
        n = len(snapshot["hot"])
        if n > self.n_series:
            raise bad("snapshot", f"{n} series", f"{self.n_series} series or fewer")
        self.hot[:n] = snapshot["hot"]
        self.cold[:n] = snapshot["cold"]
        self._counts[:] = snapshot["counts"]
        self.out.dirty[: len(snapshot["dirty"])] = snapshot["dirty"]
        self.ledger = Ledger()
        self.ledger.note(snapshot["ledger"])
        self._rolled_us = int(snapshot["rolled"][0])

    # what a fused run takes in turn

    def rows(self, batch: Batch) -> Rows:
        """The batch as the kernel takes it, its slots checked."""
        # as unsigned a negative slot is larger than any series: one look for both ends
        if len(batch) and int(batch.slot.view(np.uint32).max()) >= self.n_series:
            got = f"{batch.slot.min()} to {batch.slot.max()}"
            raise bad("slot", got, f"0 to {self.n_series - 1}")
        return self.unchecked(batch)

    def unchecked(self, batch: Batch) -> Rows:
        """As rows, where the kernel itself looks at the slots."""
        measure = self._measures(batch)
        if batch.is_good is not None:
            measure = np.where(batch.is_good, measure, np.nan)
        slot, time_us, arrival_us = batch.slot, batch.time_us, batch.arrival_us
        return Rows(laid_out(slot), laid_out(time_us), laid_out(arrival_us), laid_out(measure))

    def drain(self) -> Records:
        """What the kernel has emitted since the last time."""
        n = int(self._counts[N_OUT])
        if not n:
            return NOTHING
        self._counts[N_OUT] = 0
        # not emissions[:n].copy(), which goes through the fields by name
        said: Records = np.ndarray(n, EMISSION, bytearray(self._words[:n]))
        self.ledger.note(said)
        return said

    def must_mend(self, rows: Rows, start: int) -> bool:
        """Whether the kernel stopped because this series' changed past is to be told first."""
        tick = rows.arrival_us[start] // self.bounds.tick_us
        return bool(NEVER != self.cold["tick"][rows.slot[start]] < tick)

    def mend_before(self, rows: Rows, start: int, batch: Batch) -> list[Records]:
        """Tell every changed past whose tick is over before row `start`."""
        said = self._mend(int(rows.arrival_us[start] // self.bounds.tick_us), batch, start)
        if self.must_mend(rows, start):
            raise RuntimeError(f"series {rows.slot[start]} is changed but not listed so")
        return said

    def settle(self, batch: Batch | None) -> list[Records]:
        """Tell every tick that is over, and renew the checkpoints now and then."""
        if batch is not None and len(batch):
            self._counts[CLOCK] = max(int(self._counts[CLOCK]), int(batch.arrival_us[-1]))
        clock = int(self._counts[CLOCK])
        if clock == NEVER:
            return []
        parts = self._mend(clock // self._lateness.tick_us, batch, len(batch) if batch else 0)
        self.roll_if_due()
        return parts

    def roll_if_due(self) -> None:
        """Renew the checkpoints now and then."""
        clock = int(self._counts[CLOCK])
        if clock != NEVER and clock - self._rolled_us > self._roll_after_us:
            self._roll(clock)

    def _mend(self, tick: int, batch: Batch | None, upto: int) -> list[Records]:
        """Tell the changed past of every series whose tick lies before `tick`."""
        n = int(self._counts[N_DIRTY])
        if not n:
            return []
        slots = self.out.dirty[:n].copy()
        is_over = self.cold["tick"][slots] < tick
        waiting = slots[~is_over]
        self.out.dirty[: len(waiting)] = waiting
        self._counts[N_DIRTY] = len(waiting)
        changed = self._changed(np.sort(slots[is_over]))
        return [self._mend_one(int(slot), batch, upto) for slot in changed]

    def _changed(self, slots: Int32s) -> Int32s:
        """Of series whose tick is over, those to judge anew; the others are clean again."""
        return slots

    def _mend_one(self, slot: int, batch: Batch | None, upto: int) -> Records:
        q = self.cold[slot]
        near = None if q["is_deep"] else self._near(slot)
        if near is None:
            past = self._past(slot, int(q["base_t"]), batch, upto)
            near = int(NEVER), self._anew(slot, past)
        # what ended before the base cannot change, and the ledger has forgotten it
        start_us = max(near[0], int(q["base_t"]))
        judged = [interval for interval in near[1] if interval.cleared_us > start_us]
        label_us = (int(q["tick"]) + 1) * self._lateness.tick_us
        said = self.ledger.reconcile(slot, start_us, judged, int(q["minted"]), label_us)
        q["minted"] += int((said["n"] == 1).sum())
        self._resume(slot)
        self._clean(slot)
        return said

    def _resume(self, slot: int) -> None:
        """Let the kernel go on with the finding that is open, if any."""
        q = self.cold[slot]
        going_on = [s for s in self.ledger.of(slot) if s.interval.cleared_us == OPEN]
        for stated in going_on:
            q["finding"], q["n"] = stated.finding, stated.n
            q["opened"], q["since"] = stated.interval.opened_us, stated.interval.since_us
            q["measure"] = stated.interval.measure

    def _clean(self, slot: int) -> None:
        self._close(slot)

    def _close(self, slots: int | Int32s) -> None:
        """Readings in order take the fast path again."""
        self.hot["t"][slots] = self.cold["last"][slots]
        self.cold["tick"][slots] = NEVER
        self.cold["last"][slots] = NEVER
        self.cold["is_deep"][slots] = 0

    def _past(self, slot: int, after_us: int, batch: Batch | None, upto: int) -> Rows:
        """What was judged of a series after a time, in event order, each reading once."""
        parts = [self._history(slot, after_us)]
        if batch is not None:
            mine = (batch.slot[:upto] == slot) & (batch.time_us[:upto] > after_us)
            parts.append(batch.where(np.flatnonzero(mine)))
        return sifted(self.rows(joined([p for p in parts if len(p)] or parts[:1])), self.bounds)

    def _roll(self, clock: int) -> None:
        """Move each base checkpoint up to one that no reading within the bound can precede."""
        self._rolled_us = clock
        cold = self.cold
        young_t, young_s, has_one = self._young()
        is_clean = cold["tick"] == NEVER
        ripe = (
            is_clean
            & (cold["next_t"] != NEVER)
            & (cold["next_t"] < clock - self._lateness.bound_us)
        )
        cold["base_t"][ripe] = cold["next_t"][ripe]
        cold["base_s"][ripe] = cold["next_s"][ripe]
        cold["next_t"][ripe] = NEVER
        free = is_clean & has_one & (cold["next_t"] == NEVER)
        cold["next_t"][free] = young_t[free]
        cold["next_s"][free] = young_s[free]
        self.ledger.forget(cold["base_t"])


def laid_out(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The column without gaps and open to writing: a kernel is compiled anew for any other."""
    whole = np.ascontiguousarray(column)
    return whole if whole.flags.writeable else whole.copy()


def in_order(parts: list[Records]) -> Records:
    """Emissions by label; at one label time's before the readings', these in lane order."""
    if len(parts) > 1:
        parts = [part for part in parts if len(part)]
    if not parts:
        return NOTHING
    said = parts[0] if len(parts) == 1 else together(parts)
    if len(said) < 2:
        return said
    labels = said["label_us"]
    if (labels[1:] > labels[:-1]).all():
        return said
    by_slot: Int32s = np.where(said["phase"] == 0, said["slot"], 0)
    return said[np.lexsort((by_slot, said["phase"], said["label_us"]))]


def in_lines(n: int, layout: np.dtype[Any]) -> Records:
    """Zeros that begin with a cache line, so that 32 bytes never lie in two."""
    # not np.zeros: only what is made this way gets huge pages, and a page is missed seldom then
    room = np.empty(n * layout.itemsize + LINE, np.uint8)
    room.fill(0)
    start = -room.ctypes.data % LINE
    return room[start : start + n * layout.itemsize].view(layout)


def together(parts: list[Records]) -> Records:
    """Emissions one after another; numpy's own way reconciles record types each time."""
    said = np.empty(sum(map(len, parts)), EMISSION)
    start = 0
    for part in parts:
        said[start : start + len(part)] = part
        start += len(part)
    return said


def sifted(rows: Rows, bounds: Bounds) -> Rows:
    """Rows of one series as the kernel would take them, in event order; ties as they came."""
    measure, times, arrivals = rows.measure, rows.time_us, rows.arrival_us
    kept = np.isfinite(measure) & (times <= arrivals + bounds.ahead_us)
    newest = np.maximum.accumulate(np.where(kept, times, NEVER))
    kept &= ~((times < newest) & (times < arrivals - bounds.bound_us))
    places = np.flatnonzero(kept)
    places = places[np.argsort(times[places], kind="stable")]
    places = places[_first_of_each(times[places], measure[places])]
    return Rows(rows.slot[places], times[places], arrivals[places], measure[places])


def _first_of_each(times: Int64s, measure: Floats) -> Bools:
    first = np.ones(len(times), np.bool_)
    for k in np.flatnonzero(times[1:] == times[:-1]) + 1:
        j = k - 1
        while j >= 0 and times[j] == times[k]:
            first[k] &= bool(measure[j] != measure[k])
            j -= 1
    return first
