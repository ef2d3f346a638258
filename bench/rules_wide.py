"""Rules beyond one lane of 10,000 devices: many devices, from Parquet, two threads, and the start.

Beyond and silence in one pass, as in bench.rules. CPU seconds but for threads, which is wall
time: with other work on the machine that says little, so its load is printed too.

    python -m bench.rules_wide [--quick] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.rules import GIVEN, county
from bench.rules_kinds import GIVEN as ALL
from bench.rules_kinds import SERIES, shaped
from bihuan.rules.engine import run_of
from bihuan.rules.kinds import KINDS, checked
from bihuan.rules.readings import Batch, FedBefore
from bihuan.rules.run import Lateness
from bihuan.rules.runs import FusedRun, HeldRun, SilenceRun

SIZE = 200_000
FIRST = """
import sys, time
from bench.rules_wide import first, pair, small
lane = small()
began = time.process_time()
if sys.argv[1:]:
    for rule in sys.argv[1:]:
        first(rule, lane)
else:
    pair(1_000).feed(lane)
print(time.process_time() - began)
"""
# one of each kernel: of a condition held and of silence, of a polygon, of windows (seven kinds), of
# a pair
KERNELS = ("beyond", "outside", "change", "without")


def small() -> Batch:
    """A few readings of a few devices: for the first call of a kernel."""
    return county(1_000, 2)


def first(rule: str, lane: Batch) -> None:
    """A batch of readings for a rule of `bench.rules_kinds`, new in this process."""
    kind = rule.split(",", maxsplit=1)[0]
    run = run_of(kind, checked(KINDS[kind], ALL[rule]), SERIES, Lateness(), FedBefore())
    run.feed(shaped(kind, lane))


def pair(n_series: int) -> FusedRun:
    """A held rule and a silence rule in one pass."""
    history = FedBefore()
    held, quiet = (
        run_of(kind, checked(KINDS[kind], GIVEN[kind]), n_series, Lateness(), history)
        for kind in GIVEN
    )
    if not isinstance(held, HeldRun) or not isinstance(quiet, SilenceRun):
        raise TypeError("beyond and silence have other runs")
    return FusedRun(held, quiet)


def many(n_series: int, rounds: int) -> dict[str, float]:
    """After the first round, which makes the memory: mean and best batch, M readings/CPU-s."""
    lane, run, rates, spent, judged = county(n_series, rounds), pair(n_series), [], 0.0, 0
    for start in range(0, len(lane), SIZE):
        part = lane.where(slice(start, start + SIZE))
        began = time.process_time()
        run.feed(part)
        took = time.process_time() - began
        if start >= n_series:
            spent, judged = spent + took, judged + len(part)
            rates.append(len(part) / took / 1e6)
    name = f"both kinds, {n_series} devices"
    return {name: judged / spent / 1e6, f"{name}: best batch": max(rates)}


def from_parquet(lane: Batch, n_series: int) -> dict[str, float]:
    """Reading a file of four columns by row groups, and judging it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lane.parquet"
        names = ("slot", "time_us", "arrival_us", "value")
        table = pa.table({name: getattr(lane, name) for name in names})
        pq.write_table(table, path, row_group_size=SIZE, use_dictionary=False)
        run, best = pair(n_series), 0.0
        for _ in range(3):
            run = pair(n_series)
            began = time.process_time()
            file = pq.ParquetFile(path)
            for group in range(file.num_row_groups):
                read = file.read_row_group(group, use_threads=False)
                run.feed(Batch(*(read[name].to_numpy() for name in names)))
            best = max(best, len(lane) / (time.process_time() - began) / 1e6)
    return {"both kinds, from Parquet": best}


def judged_wall(lanes: Sequence[Batch], n_series: int, n_threads: int) -> float:
    """Wall seconds for every lane with runs of its own, on so many threads; the best of three."""

    def judge(work: tuple[FusedRun, Batch]) -> None:
        run, lane = work
        for start in range(0, len(lane), SIZE):
            run.feed(lane.where(slice(start, start + SIZE)))

    best = np.inf
    for _ in range(3):
        work = [(pair(n_series), lane) for lane in lanes]
        with ThreadPoolExecutor(n_threads) as pool:
            began = time.perf_counter()
            list(pool.map(judge, work))
            best = min(best, time.perf_counter() - began)
    return float(best)


def starts() -> dict[str, float]:
    """CPU seconds until the first batch is judged in a fresh process: compiled, cached."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        figures["first batch of both kinds, cold: s"] = started(folder)
        figures["first batch of both kinds, warm: s"] = started(folder)
    for rule in KERNELS:
        with tempfile.TemporaryDirectory() as folder:
            figures[f"first batch of {rule}, cold: s"] = started(folder, rule)
    with tempfile.TemporaryDirectory() as folder:
        figures["first batch of every kind, cold: s"] = started(folder, *ALL)
        figures["first batch of every kind, warm: s"] = started(folder, *ALL)
    return figures


def started(folder: str, *rules: str) -> float:
    """CPU seconds of first batches in a process of its own; compiled code is kept in the folder."""
    said = subprocess.run(
        [sys.executable, "-c", FIRST, *rules],
        env={**os.environ, "NUMBA_CACHE_DIR": folder},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(said.stdout)


def measured(*, is_quick: bool) -> dict[str, float]:
    """Every figure of this module."""
    pair(1_000).feed(small())
    lane = county(10_000, 100 if is_quick else 600)
    figures = from_parquet(lane, 10_000)
    for n_series in (100_000, 1_000_000):
        figures |= many(n_series, max((2 if is_quick else 12) * 10**6 // n_series, 4))
    alone, beside = (judged_wall([lane, lane], 10_000, n) for n in (1, 2))
    figures["two threads by one, wall"] = alone / beside
    return figures | starts() | {"load of the machine": os.getloadavg()[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a sixth of the readings")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    figures = measured(is_quick=chosen.quick)
    if chosen.json:
        print(json.dumps({name: round(figure, 3) for name, figure in figures.items()}))
        return
    for name, figure in figures.items():
        print(f"  {name:48} {figure:10.2f}")


if __name__ == "__main__":
    main()
