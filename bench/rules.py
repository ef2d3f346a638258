"""How many readings a second two rules judge, beside other ways to find the same.

10,000 devices, a reading a minute, 1 % late by up to 2 minutes; beyond a limit held for 3 minutes
with hysteresis, and silence of 5 minutes. Every way must give the same intervals or the bench
fails. CPU seconds of this process, all threads counted; data made before the clock starts.

    python -m bench.rules [--quick] [--json]
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import polars as pl

from bench.rules_bytewax import by_bytewax, is_installed
from bihuan.base.time import MINUTE_US
from bihuan.rules.backtest import final
from bihuan.rules.engine import run_of
from bihuan.rules.findings import END
from bihuan.rules.kinds import KINDS, checked
from bihuan.rules.readings import Batch, FedBefore
from bihuan.rules.run import Lateness
from bihuan.rules.runs import FusedRun, HeldRun, SilenceRun

LIMIT, CLEAR, HOLD_US, GAP_US = 120.0, 110.0, 3 * MINUTE_US, 5 * MINUTE_US
GIVEN: dict[str, dict[str, object]] = {
    "beyond": {"limit": LIMIT, "side": "above", "for": "3m", "clear": CLEAR},
    "silence": {"for": "5m"},
}
Intervals = set[tuple[int, int, int]]  # slot, opened, cleared or END


def county(n_series: int, rounds: int, is_late: float = 0.01) -> Batch:
    """One lane: per device a fever now and then, and now and then ten minutes unheard."""
    rng = np.random.default_rng(20_260_101)
    n = n_series * rounds
    slot = np.tile(np.arange(n_series, dtype=np.int32), rounds)
    phase = rng.permutation(n_series) * (MINUTE_US // n_series)
    time_us = np.repeat(np.arange(rounds), n_series) * MINUTE_US + phase[slot]
    value = np.round(rng.normal(80, 8, n), 1).reshape(rounds, n_series)
    keep = np.ones((rounds, n_series), np.bool_)
    for device in rng.integers(0, n_series, n // 2_000):
        start = rng.integers(0, rounds)
        value[start : start + 12, device] += 50
        gone = rng.integers(0, rounds)
        keep[gone : gone + 10, device] = False
    delay = np.where(rng.random(n) < is_late, rng.integers(0, 2 * MINUTE_US, n), 0)
    arrival = time_us + delay
    kept = np.flatnonzero(keep.ravel())
    order = kept[np.argsort(arrival[kept], kind="stable")]
    return Batch(slot[order], time_us[order], arrival[order], value.ravel()[order])


def ours(kind: str, lane: Batch, n_series: int, size: int) -> tuple[float, float, Intervals]:
    """CPU seconds, the slowest hundredth of batches in ms, and what was found."""
    history = FedBefore()
    run = run_of(kind, checked(KINDS[kind], GIVEN[kind]), n_series, Lateness(), history)
    parts = [lane.where(slice(k, k + size)) for k in range(0, len(lane), size)]
    said, took = [], []
    began = time.process_time()
    for part in parts:
        start = time.perf_counter()
        said.append(run.feed(part))
        took.append(time.perf_counter() - start)
        history.append(part)
    said.append(run.pass_time(int(lane.arrival_us[-1])))
    cpu = time.process_time() - began
    stands = final(np.concatenate(said))
    found = set(map(tuple, stands[["slot", "opened_us", "cleared_us"]].tolist()))
    return cpu, float(np.quantile(took, 0.99)) * 1e3, found


def in_one_pass(lane: Batch, n_series: int, size: int) -> tuple[float, float, list[Intervals]]:
    """As ours, both kinds over each batch at once."""
    history = FedBefore()
    held, quiet = (
        run_of(kind, checked(KINDS[kind], GIVEN[kind]), n_series, Lateness(), history)
        for kind in GIVEN
    )
    if not isinstance(held, HeldRun) or not isinstance(quiet, SilenceRun):
        raise TypeError("beyond and silence have other runs")
    fused = FusedRun(held, quiet)
    said, took = [], []
    cpu = 0.0
    for k in range(0, len(lane), size):
        part = lane.where(slice(k, k + size))
        began, start = time.process_time(), time.perf_counter()
        said.append(fused.feed(part))
        took.append(time.perf_counter() - start)
        cpu += time.process_time() - began
        history.append(part)
    said.append(fused.pass_time(int(lane.arrival_us[-1])))
    found = []
    for parts in zip(*said, strict=True):
        stands = final(np.concatenate(parts))[["slot", "opened_us", "cleared_us"]]
        found.append(set(map(tuple, stands.tolist())))
    return cpu, float(np.quantile(took, 0.99)) * 1e3, found


def in_event_order(lane: Batch) -> Batch:
    return lane.where(np.lexsort((lane.time_us, lane.slot)))


def plain_loop(lane: Batch) -> dict[str, Intervals]:
    """A loop over sorted readings, as one would write it in an afternoon."""
    found: dict[str, Intervals] = {"beyond": set(), "silence": set()}
    end_us = int(lane.arrival_us[-1])
    ordered = in_event_order(lane)
    columns = (ordered.slot, ordered.time_us, ordered.value)
    device, last, since, opened = -1, 0, None, None
    for slot, at, value in zip(*(c.tolist() for c in columns), strict=True):
        if slot != device:
            _close(found, device, last, opened, end_us)
            device, since, opened = slot, None, None
        elif at - last > GAP_US:
            found["silence"].add((slot, last + GAP_US, at))
        last = at
        if opened is not None:
            if value <= CLEAR:
                found["beyond"].add((slot, opened, at))
                since = opened = None
        elif value > LIMIT:
            since = at if since is None else since
            opened = at if at - since >= HOLD_US else None
        else:
            since = None
    _close(found, device, last, opened, end_us)
    return found


def _close(
    found: dict[str, Intervals], device: int, last: int, opened: int | None, end_us: int
) -> None:
    if device >= 0 and opened is not None:
        found["beyond"].add((device, opened, END))
    if device >= 0 and end_us - last > GAP_US:
        found["silence"].add((device, last + GAP_US, END))


QUERY = f"""
with ordered as (
  select slot, t, v, lead(t) over w as following,
    case when v > {LIMIT} then 2 when v <= {CLEAR} then 0 else 1 end as mark
  from readings window w as (partition by slot order by t)
), silence as (
  select 'silence' as kind, slot, t + {GAP_US} as opened, coalesce(following, {END}) as cleared
  from ordered where coalesce(following, (select max(a) from readings)) - t > {GAP_US}
), runs as (
  select *, sum(case when mark <> 2 then 1 else 0 end) over w as run,
    sum(case when mark = 0 then 1 else 0 end) over w as spell
  from ordered window w as (partition by slot order by t)
), starts as (
  select slot, t, spell, min(case when mark = 2 then t end) over
    (partition by slot, run) as since, mark from runs
), opened as (
  select slot, spell, min(t) as opened from starts
  where mark = 2 and t - since >= {HOLD_US} group by slot, spell
), cleared as (select slot, spell, min(t) as cleared from runs where mark = 0 group by slot, spell)
select * from silence union all
select 'beyond', o.slot, o.opened, coalesce(c.cleared, {END})
from opened o left join cleared c on c.slot = o.slot and c.spell = o.spell + 1
"""


def by_duckdb(lane: Batch) -> dict[str, Intervals]:
    """One query with window functions over the whole past; it cannot run live."""
    readings = pl.DataFrame(
        {"slot": lane.slot, "t": lane.time_us, "v": lane.value, "a": lane.arrival_us}
    ).to_arrow()
    with duckdb.connect() as database:
        database.register("readings", readings)
        rows = database.execute(QUERY).fetchall()
    return {kind: {row[1:] for row in rows if row[0] == kind} for kind in GIVEN}


def by_polars(lane: Batch) -> dict[str, Intervals]:
    """The same as one lazy query of Polars."""
    end_us = int(lane.arrival_us[-1])
    t, v = pl.col("t"), pl.col("v")
    ordered = (
        pl.DataFrame({"slot": lane.slot, "t": lane.time_us, "v": lane.value})
        .lazy()
        .sort("slot", "t")
        .with_columns(
            following=t.shift(-1).over("slot"),
            run=(v <= LIMIT).cum_sum().over("slot"),
            spell=(v <= CLEAR).cum_sum().over("slot"),
        )
    )
    gap = ordered.filter(pl.col("following").fill_null(end_us) - t > GAP_US).select(
        "slot", t + GAP_US, pl.col("following").fill_null(END)
    )
    since = t.filter(v > LIMIT).min().over("slot", "run")
    opened = (
        ordered.with_columns(since=since)
        .filter((v > LIMIT) & (t - pl.col("since") >= HOLD_US))
        .group_by("slot", "spell")
        .agg(opened=t.min())
    )
    over = ordered.filter(v <= CLEAR).group_by("slot", "spell").agg(cleared=t.min())
    held = (
        opened.with_columns(after=pl.col("spell") + 1)
        .join(over, left_on=["slot", "after"], right_on=["slot", "spell"], how="left")
        .select("slot", "opened", pl.col("cleared").fill_null(END))
    )
    return {"silence": set(gap.collect().rows()), "beyond": set(held.collect().rows())}


def measured(way: Callable[[Batch], dict[str, Intervals]], lane: Batch) -> tuple[float, Any]:
    began = time.process_time()
    found = way(lane)
    return len(lane) / (time.process_time() - began) / 1e6, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the readings")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    n_series, rounds = 10_000, 60 if chosen.quick else 600
    lane = county(n_series, rounds)
    figures, want = others(lane, county(n_series, 60))
    late = county(n_series, rounds, 0.05)
    for kind in GIVEN:
        ours(kind, lane.where(slice(0, 50_000)), n_series, 1_000)  # compile, or read the cache
    in_one_pass(lane.where(slice(0, 50_000)), n_series, 1_000)
    for size in (200_000, 10_000, 1_000):
        figures |= both(lane, n_series, size, f"1 % late, batches of {size}", want)
    for size in (200_000, 10_000, 1_000):
        figures |= both(late, n_series, size, f"5 % late, batches of {size}", by_duckdb(late))
    best = figures["both kinds, 1 % late, batches of 200000"]
    for name in ("duckdb", "polars", "plain loop", "bytewax"):
        if name not in figures:
            print(f"{name} is not installed here: not measured", file=sys.stderr)
            continue
        figures[f"ours / {name}"] = best / figures[name]
    report(figures, len(lane), {kind: len(want[kind]) for kind in want}, is_json=chosen.json)


def others(lane: Batch, few: Batch) -> tuple[dict[str, float], dict[str, Intervals]]:
    """The other ways, each verified; the plain loop over fewer readings, for it is slow."""
    figures: dict[str, float] = {}
    figures["duckdb"], want = measured(by_duckdb, lane)
    figures["polars"], found = measured(by_polars, lane)
    if found != want:
        raise SystemExit("polars: got other intervals than duckdb")
    figures["plain loop"], found = measured(plain_loop, few)
    if found != by_duckdb(few):
        raise SystemExit("plain loop: got other intervals than duckdb")
    if is_installed():
        figures["bytewax"], found = measured(by_bytewax, few)
        if found != by_duckdb(few):
            raise SystemExit("bytewax: got other intervals than duckdb")
    return figures, want


def both(
    lane: Batch, n_series: int, size: int, label: str, want: dict[str, Intervals]
) -> dict[str, float]:
    """Ours, both kinds in one pass and each alone, verified."""
    figures: dict[str, float] = {}
    for kind in GIVEN:
        spent, _, got = ours(kind, lane, n_series, size)
        if got != want[kind]:
            raise SystemExit(f"{kind} in batches of {size}: got other intervals than duckdb")
        figures[f"{kind}, {label}"] = len(lane) / spent / 1e6
    spent, slow_ms, found = in_one_pass(lane, n_series, size)
    if found != [want[kind] for kind in GIVEN]:
        raise SystemExit(f"one pass in batches of {size}: got other intervals than duckdb")
    figures[f"both kinds, {label}"] = len(lane) / spent / 1e6
    figures[f"both kinds, {label}: p99 ms"] = slow_ms
    return figures


def report(figures: dict[str, float], n: int, found: dict[str, int], *, is_json: bool) -> None:
    machine = f"{platform.processor() or platform.machine()}, Python {platform.python_version()}"
    if is_json:
        rounded = {name: round(figure, 3) for name, figure in figures.items()}
        print(json.dumps({"machine": machine, "readings": n, "found": found, **rounded}))
        return
    print(f"{n} readings, {found} findings, on {machine}; M readings per CPU-second")
    for name, figure in figures.items():
        print(f"  {name:48} {figure:10.2f}")


if __name__ == "__main__":
    main()
