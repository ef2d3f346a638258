"""How a baseline that is renewed every so often agrees with the exact one, and what it saves.

On a real machine's temperatures, where they lie beside the repository, and on the lane of
bench.rules. Two findings are alike when both are of one series and overlap; the difference in
time is that of the openings of alike findings.

    python -m bench.rules_baseline [--json]
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np

from bench.rules import county
from bihuan.base.time import MINUTE_US, SECOND_US
from bihuan.rules import tables
from bihuan.rules.backtest import final
from bihuan.rules.engine import run_of
from bihuan.rules.kernels.records import Records
from bihuan.rules.kinds import KINDS, checked
from bihuan.rules.readings import Batch, FedBefore
from bihuan.rules.run import Lateness
from tests.outside import SHARED

MACHINE = SHARED / "data" / "temperature" / "machine_temperature_system_failure.csv"
SIZE = 200_000


def judged(lane: Batch, given: dict[str, object]) -> tuple[float, Records]:
    """M readings/CPU-s, the best of three, and the findings that stand."""
    n_series, best = int(lane.slot.max()) + 1, 0.0
    for _ in range(3):
        history, said = FedBefore(), []
        run = run_of("baseline", checked(KINDS["baseline"], given), n_series, Lateness(), history)
        spent = 0.0
        for start in range(0, len(lane), SIZE):
            part = lane.where(slice(start, start + SIZE))
            began = time.process_time()
            said.append(run.feed(part))
            spent += time.process_time() - began
            history.append(part)
        said.append(run.pass_time(int(lane.arrival_us[-1]) + SECOND_US))
        best = max(best, len(lane) / spent / 1e6)
    return best, final(np.concatenate(said))


def agreement(exact: Records, other: Records) -> dict[str, float]:
    """How many findings have their like in the other, and minutes between their openings."""
    apart: list[float] = []
    matched: set[int] = set()
    by_slot: dict[int, list[tuple[int, int, int]]] = {}
    for k, row in enumerate(other.tolist()):
        by_slot.setdefault(row[5], []).append((row[1], row[2], k))
    for row in exact.tolist():
        found = [o for o in by_slot.get(row[5], []) if o[0] <= row[2] and row[1] <= o[1]]
        if found:
            matched.update(o[2] for o in found)
            apart.append(min(abs(o[0] - row[1]) for o in found) / MINUTE_US)
    return {
        "findings, exact": len(exact),
        "findings, renewed": len(other),
        "of the exact, found too: %": 100 * len(apart) / max(len(exact), 1),
        "of the renewed, exact too: %": 100 * len(matched) / max(len(other), 1),
        "same minute: %": 100 * float(np.mean(np.array(apart) < 1)) if apart else 100.0,
        "most apart: min": max(apart, default=0.0),
    }


def lanes() -> dict[str, tuple[Batch, str, int, list[str]]]:
    """By name: readings, history, k and the times to renew."""
    found = {"10,000 devices": (county(10_000, 300), "2h", 6, ["5m", "15m", "30m"])}
    if MACHINE.exists():
        table = tables.read((MACHINE,), {"time": "timestamp", "value": "value"})
        order = np.argsort(table.time_us, kind="stable")
        times = table.time_us[order]
        machine = Batch(table.slot[order], times, times, table.value[order])
        found["a machine, k 3"] = (machine, "1d", 3, ["30m", "1h", "3h"])
        found["a machine, k 6"] = (machine, "1d", 6, ["30m", "1h", "3h"])
    return found


def measured() -> dict[str, float]:
    """Every figure of this module."""
    figures: dict[str, float] = {}
    for name, (lane, history, k, renewals) in lanes().items():
        given: dict[str, object] = {"k": k, "history": history}
        rate, exact = judged(lane, given)
        figures[f"{name}, exact: M/CPU-s"] = rate
        for every in renewals:
            rate, other = judged(lane, given | {"every": every})
            figures[f"{name}, every {every}: M/CPU-s"] = rate
            for what, figure in agreement(exact, other).items():
                figures[f"{name}, every {every}: {what}"] = figure
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    figures = measured()
    if parser.parse_args().json:
        print(json.dumps({name: round(figure, 3) for name, figure in figures.items()}))
        return
    for name, figure in figures.items():
        print(f"  {name:56} {figure:10.2f}")


if __name__ == "__main__":
    main()
