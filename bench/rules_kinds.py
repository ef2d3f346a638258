"""How many readings a second every kind of rule judges, one after another and all together.

The same lane as bench.rules: 10,000 devices, a reading a minute, 1 % late by up to 2 minutes. Each
kind is fed twice, in batches of 200,000 and of 10,000, and must say the same both times or the
bench fails; what it says is held to the slow twins in tests/rules. CPU seconds, all threads.

    python -m bench.rules_kinds [--quick] [--json]
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace

import numpy as np

from bench.rules import county
from bihuan.base.time import MINUTE_US
from bihuan.rules.engine import run_of
from bihuan.rules.kernels.records import Records
from bihuan.rules.kinds import KINDS, checked
from bihuan.rules.readings import Batch, FedBefore
from bihuan.rules.run import Lateness

SERIES = 10_000
GIVEN: dict[str, dict[str, object]] = {
    "beyond": {"limit": 120, "side": "above", "for": "3m", "clear": 110},
    "silence": {"for": "5m"},
    "outside": {"polygon": "0,0;120,0;120,1;0,1", "fixes": 2, "for": "3m"},
    "points": {"sign": "heart_rate", "points": 3, "fixes": 2, "for": "0"},
    "cooling": {"hot": 100, "middle": 90, "cold": 70, "first": "10m", "second": "10m"},
    "change": {"by": 42, "within": "10m"},
    "exposure": {"low": 95, "high": 110, "for": "20m", "within": "1h"},
    "count": {"limit": 110, "side": "above", "times": 3, "within": "30m"},
    "total": {"limit": 2_900, "sends": "amounts", "within": "30m", "outage": "10m"},
    "total, running, over 5 h": {"limit": 2_200, "sends": "running", "within": "5h"},
    "rate": {"other": "steps", "limit": 5, "side": "above", "within": "10m"},
    "without": {
        "limit": 115,
        "side": "above",
        "other": "steps",
        "other_limit": 80,
        "other_side": "above",
        "within": "5m",
    },
    "baseline": {"k": 6, "history": "2h"},
}


def fed(rule: str, lane: Batch, size: int) -> tuple[float, float, Records]:
    """CPU seconds, the slowest hundredth of batches in ms, and all emissions."""
    kind, history = rule.split(",", maxsplit=1)[0], FedBefore()
    run = run_of(kind, checked(KINDS[kind], GIVEN[rule]), SERIES, Lateness(), history)
    said, took, cpu = [], [], 0.0
    for start in range(0, len(lane), size):
        part = lane.where(slice(start, start + size))
        began, start_s = time.process_time(), time.perf_counter()
        said.append(run.feed(part))
        took.append(time.perf_counter() - start_s)
        cpu += time.process_time() - began
        history.append(part)
    return cpu, float(np.quantile(took, 0.99)) * 1e3, np.concatenate(said)


def shaped(kind: str, lane: Batch) -> Batch:
    """The lane as the kind wants it: values as longitudes, or of two counters in turn."""
    if kind == "outside":
        return replace(lane, value=np.full(len(lane), 0.5), longitude=lane.value)
    if kind in ("rate", "without"):
        return replace(lane, is_other=lane.time_us // MINUTE_US % 2 == 0)
    return lane


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="150 readings a device, not 600")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    lane = county(SERIES, 150 if chosen.quick else 600)
    figures: dict[str, float] = {}
    total = 0.0
    for kind in GIVEN:
        given = shaped(kind, lane)
        _, slow_ms, said = fed(kind, given, 10_000)  # compiles too, so it gives no rate
        cpu, _, again = fed(kind, given, 200_000)
        if said.tolist() != again.tolist():
            raise SystemExit(f"{kind}: says other things in batches of 10,000 than of 200,000")
        total += cpu if kind in KINDS else 0.0  # once for each kind
        figures[f"{kind}: M/CPU-s"] = len(lane) / cpu / 1e6
        figures[f"{kind}: p99 ms of 10,000"] = slow_ms
    figures["all kinds: M/CPU-s"] = len(lane) / total / 1e6
    if chosen.json:
        print(json.dumps({"readings": len(lane), **{k: round(v, 3) for k, v in figures.items()}}))
        return
    for name, figure in figures.items():
        print(f"  {name:48} {figure:10.2f}")


if __name__ == "__main__":
    main()
