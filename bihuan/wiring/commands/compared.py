"""How `bihuan backtest --compare` tells what it found: lines for programs, tables for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from bihuan.base.time import rfc3339
from bihuan.rules.backtest import FindingRow
from bihuan.rules.compare import Judged, days_of
from bihuan.rules.plot import Day, per_day_svg
from bihuan.rules.trial import CHINA_US, Compared
from bihuan.wiring.commands.output import print_json, print_rows, say


def print_compared(both: Compared, *, as_json: bool) -> None:
    """Findings with `in`: present, changed or both; then one line with what lies between."""
    if as_json:
        for row in lines(both):
            print_json(row)
        return
    told = both.difference
    say(f"{told.present} findings now, {told.changed} as changed ({told.more:+})")
    for title, counts in (("day", told.by_day), ("series", told.by_series)):
        print_rows(
            ({title: name, "present": a, "changed": b} for name, (a, b) in counts.items()),
            as_json=False,
        )
    for word, cases in (
        ("confirmed and missed", told.missed_confirmed),
        ("false and spared", told.spared_false_alarms),
    ):
        say(f"{word}: {len(cases)}")
        print_rows(map(_case, cases), as_json=False)


def lines(both: Compared) -> list[dict[str, Any]]:
    """Every finding once, then the summary."""
    told = both.difference
    only = set(map(id, told.only_present))
    found = [
        {**row.as_dict(), "in": "present" if id(row) in only else "both"} for row in both.present
    ]
    found += [{**row.as_dict(), "in": "changed"} for row in told.only_changed]
    summary = {
        "present": told.present,
        "changed": told.changed,
        "more": told.more,
        "by_series": told.by_series,
        "by_day": told.by_day,
        "missed_confirmed": [_case(case) for case in told.missed_confirmed],
        "spared_false_alarms": [_case(case) for case in told.spared_false_alarms],
    }
    return [*found, {"summary": summary}]


def plotted(present: Sequence[FindingRow], changed: Sequence[FindingRow] | None, name: str) -> str:
    """Findings per day, China's days, as SVG."""
    before = Counter(days_of(present, CHINA_US))
    after = None if changed is None else Counter(days_of(changed, CHINA_US))
    names = sorted({*before, *(after or ())})
    days = [Day(day, before[day], None if after is None else after[day]) for day in names]
    return per_day_svg(days, name, ("present", "changed"))


def _case(case: Judged) -> dict[str, Any]:
    cleared = None if case.cleared_us is None else rfc3339(case.cleared_us)
    return {"series": case.series, "opened": rfc3339(case.opened_us), "cleared": cleared}
