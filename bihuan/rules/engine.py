"""Rules over the readings of one lane: batches in, emissions out, state that can be kept.

One engine runs a set of rules over the series of one lane. It reads no clock and does no I/O:
the caller feeds what the journal holds, in lane order, and stores snapshots with their offset.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

import numpy as np

from bihuan.base.errors import bad
from bihuan.rules.areas import Area
from bihuan.rules.counters import RateRun, TotalRun
from bihuan.rules.early_warning import PointsRun
from bihuan.rules.kernels import window
from bihuan.rules.kernels.records import Records
from bihuan.rules.kinds import Parameters
from bihuan.rules.pairs import WithoutRun
from bihuan.rules.positions import OutsideRun
from bihuan.rules.readings import Batch, History
from bihuan.rules.rule import Rule
from bihuan.rules.run import Lateness, Run
from bihuan.rules.runs import FusedRun, HeldRun, SilenceRun
from bihuan.rules.windows import WindowRun

ALL = slice(None)
# what no version of a rule may change: its runs keep readings as these made them
FIXED = {
    "beyond": ("side",),
    "points": ("sign",),
    "rate": ("side", "other"),
    "total": ("sends",),
    "without": ("limit", "side", "other", "other_limit", "other_side"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What one rule said: EMISSION rows in the order in which they became known."""

    rule: Rule
    emissions: Records


class Engine:
    """A set of rules over one lane."""

    def __init__(
        self,
        rules: Sequence[Rule],
        n_series: int,
        histories: Mapping[str, History],
        lateness: Lateness | None = None,
    ) -> None:
        """`histories` gives, by channel, what was fed before: see readings.History.

        For a rule over two channels its key is both, as in `steps+turnovers`, and its batches
        hold both in lane order with `is_other`.
        """
        self.offset = -1  # lane position of the last entry that was fed
        self._rules = {rule.id: rule for rule in rules}
        if len(self._rules) != len(rules):
            raise bad("rules", f"{len(rules)} with {len(self._rules)} ids", "each id once")
        self._runs = {
            rule.id: run_of(
                rule.kind,
                rule.typed,
                n_series,
                lateness or Lateness(rule.late_us),
                histories[watched(rule)],
            )
            for rule in rules
        }
        self._fused = _fused(self._rules, self._runs)

    def feed(self, channel: str, batch: Batch, offset: int) -> Iterator[Said]:
        """Judge one entry's readings of one channel; `offset` is its lane position.

        Those of two channels as they came, `channel` being both, say of each which it is of.
        """
        self.offset = max(self.offset, offset)
        for held, quiet, fused in self._fused:
            if self._rules[held].channel == channel:
                said = fused.feed(batch)
                yield from map(Said, (self._rules[held], self._rules[quiet]), said)
        in_one_pass = {rule_id for held, quiet, _ in self._fused for rule_id in (held, quiet)}
        for rule in self._rules.values():
            if rule.id in in_one_pass:
                continue
            other = rule.typed.get("other")
            if channel in (rule.channel, other, watched(rule)):
                part = batch
                if other is not None and batch.is_other is None:
                    is_other = np.full(len(batch), channel == other)
                    part = replace(batch, is_other=is_other)
                yield Said(rule, self._runs[rule.id].feed(part))

    def pass_time(self, now_us: int) -> Iterator[Said]:
        """Let recorded time pass: a tick of the journal."""
        for rule in self._rules.values():
            yield Said(rule, self._runs[rule.id].pass_time(now_us))

    def due_us(self) -> int | None:
        """Recorded time from which `pass_time` has something to tell; None = nothing waits."""
        due = [us for run in self._runs.values() if (us := run.due_us()) is not None]
        return min(due, default=None)

    def override(self, rule_id: str, slot: int, parameters: Parameters) -> None:
        """Other parameters for one series from the next reading on; all of them, typed."""
        set_parameters(self._runs[rule_id], slot, parameters)

    def adopt(self, newer: Rule) -> None:
        """A newer version takes over: findings that are open stay the same findings."""
        older = self._rules.get(newer.id)
        if older is None or (older.kind, older.channel) != (newer.kind, newer.channel):
            raise bad(f"{newer.id}.version", newer.version, "a version of a running rule")
        if older.late != newer.late:
            raise bad(f"{newer.id}.late", newer.late, older.late)
        for fixed in FIXED.get(older.kind, ()):
            if older.typed[fixed] != newer.typed[fixed]:
                raise bad(f"{newer.id}.{fixed}", newer.typed[fixed], str(older.typed[fixed]))
        self._rules[newer.id] = newer
        set_parameters(self._runs[newer.id], ALL, newer.typed)

    def tally(self) -> dict[str, dict[str, int]]:
        """By rule, how many readings were not judged as they came, and why."""
        return {rule_id: run.tally() for rule_id, run in self._runs.items()}

    def snapshot(self) -> bytes:
        """State of every rule with the offset; to be stored in one transaction with findings."""
        arrays = {
            f"{rule_id}/{name}": column
            for rule_id, run in self._runs.items()
            for name, column in run.snapshot().items()
        }
        head = {
            "offset": self.offset,
            "versions": {rule_id: rule.version for rule_id, rule in self._rules.items()},
        }
        arrays["head"] = np.frombuffer(json.dumps(head).encode(), np.uint8)
        kept = io.BytesIO()
        np.savez(kept, **arrays)  # type: ignore[arg-type]
        return kept.getvalue()

    def restore(self, kept: bytes) -> None:
        """Take up a snapshot of the same rules in the same versions."""
        with np.load(io.BytesIO(kept), allow_pickle=False) as arrays:
            head = json.loads(arrays["head"].tobytes())
            versions = {rule_id: rule.version for rule_id, rule in self._rules.items()}
            if head["versions"] != versions:
                raise bad("snapshot", head["versions"], f"versions {versions}")
            for rule_id, run in self._runs.items():
                prefix = f"{rule_id}/"
                names = [name for name in arrays.files if name.startswith(prefix)]
                run.restore({name.removeprefix(prefix): arrays[name] for name in names})
        self.offset = head["offset"]


def _fused(rules: Mapping[str, Rule], runs: Mapping[str, Run]) -> list[tuple[str, str, FusedRun]]:
    """Held rules and silence rules of one channel, two by two: one pass does for both."""
    found = []
    quiet = [
        (watched_as(rules[key]), key, run)
        for key, run in runs.items()
        if isinstance(run, SilenceRun)
    ]
    for key, held in runs.items():
        beside = next((q for q in quiet if q[0] == watched_as(rules[key])), None)
        if beside is not None and type(held) is HeldRun:  # another sort judges other measures
            quiet.remove(beside)
            found.append((key, beside[1], FusedRun(held, beside[2])))
    return found


def watched_as(rule: Rule) -> tuple[str, int]:
    """The channel and the lateness of a rule: one pass has one of each."""
    return rule.channel, rule.late_us


def watched(rule: Rule) -> str:
    """The channel a rule watches, or both: the key of its history."""
    other = rule.typed.get("other")
    return rule.channel if other is None else f"{rule.channel}+{other}"


def run_of(
    kind: str, parameters: Parameters, n_series: int, lateness: Lateness, history: History
) -> Run:
    """A run of one kind with the same parameters for every series."""
    run: Run
    if kind in ("beyond", "cooling"):
        sign = -1.0 if parameters.get("side") == "below" else 1.0
        run = HeldRun(n_series, lateness, history, sign)
    elif kind == "points":
        run = PointsRun(n_series, lateness, history, str(parameters["sign"]))
    elif kind == "silence":
        run = SilenceRun(n_series, lateness, history, cast(int, parameters["for"]))
    elif kind == "outside":
        run = OutsideRun(n_series, lateness, history)
    elif kind == "without":
        run = WithoutRun(n_series, lateness, history, cast(int, parameters["within"]))
    elif kind == "rate":
        run = RateRun(n_series, lateness, history)
    else:
        run = _window_of(kind, parameters)(n_series, lateness, history)
    set_parameters(run, ALL, parameters)
    return run


def _window_of(kind: str, parameters: Parameters) -> Callable[[int, Lateness, History], WindowRun]:
    if kind == "total":
        return partial(TotalRun, is_running=parameters["sends"] == "running")
    ways = {"exposure": window.EXPOSURE, "change": window.CHANGE, "count": window.COUNT}
    is_renewed = kind == "baseline" and int(cast(int, parameters["every"])) > 0
    way = window.RENEWED if is_renewed else ways.get(kind, window.BASELINE)
    return partial(WindowRun, kind=way)


def set_parameters(run: Run, slot: int | slice, parameters: Parameters) -> None:
    """Set typed parameters (see kinds.checked) for one series or all."""

    if isinstance(run, HeldRun):
        _set_held(run, slot, parameters)
    elif isinstance(run, SilenceRun):
        run.set_limit(slot, int(cast(int, parameters["for"])))
    elif isinstance(run, WithoutRun):
        mine, other = beyond_band(parameters, ""), beyond_band(parameters, "other_")
        run.set_pair(slot, mine, other, cast(int, parameters["within"]))
    elif isinstance(run, WindowRun):
        _set_window(run, slot, parameters)


def _set_held(run: HeldRun, slot: int | slice, parameters: Parameters) -> None:
    def number(name: str) -> float:
        return float(cast(float, parameters[name]))

    def length(name: str) -> int:
        return int(cast(int, parameters[name]))

    if isinstance(run, OutsideRun):
        run.set_area(slot, cast(Area, parameters["polygon"]), length("fixes"), length("for"))
    elif isinstance(run, PointsRun):
        run.set_points(slot, length("points"), length("fixes"), length("for"))
    elif "hot" in parameters:
        degrees = number("hot"), number("middle"), number("cold")
        run.set_legs(slot, degrees, (length("first"), length("second")))
    else:
        run.set_limits(slot, number("limit"), number("clear"), length("for"))


def _set_window(run: WindowRun, slot: int | slice, parameters: Parameters) -> None:
    given = {name: value for name, value in parameters.items() if isinstance(value, int | float)}
    if isinstance(run, RateRun):
        sign = 1.0 if parameters["side"] == "above" else -1.0
        run.set_rate(slot, given["limit"], sign, int(given["within"]))
    elif isinstance(run, TotalRun):
        lengths = int(given["within"]), int(given["outage"])
        run.set_total(slot, reaching(given["limit"]), *lengths)
    elif "k" in given:
        lengths = int(given["history"]), int(given["every"])
        run.set_baseline(slot, given["k"], *lengths, int(given["fixes"]))
    elif "by" in given:
        way = str(parameters["way"])
        run.set_change(slot, reaching(given["by"]), int(given["within"]), way)
    elif "times" in given:
        band = beyond_band(parameters, "")
        run.set_window(slot, reaching(given["times"]), int(given["within"]), *band)
    else:
        limit = reaching(given["for"])
        run.set_window(slot, limit, int(given["within"]), given["low"], given["high"])


def beyond_band(parameters: Parameters, prefix: str) -> tuple[float, float]:
    """What lies strictly below the first or above the second is beyond the limit."""
    limit = float(cast(float, parameters[f"{prefix}limit"]))
    return (limit, np.inf) if parameters[f"{prefix}side"] == "below" else (-np.inf, limit)


def reaching(limit: float) -> float:
    """The greatest number below a limit: beyond it means the limit itself is enough."""
    return float(np.nextafter(limit, -np.inf))
