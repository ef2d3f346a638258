"""A rule over past readings: the same engine as live, fed in event order.

What is tried here is what would have been found live, had every reading come in time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bihuan.base.errors import bad
from bihuan.base.time import SECOND_US, rfc3339
from bihuan.rules import tables
from bihuan.rules.engine import run_of, set_parameters
from bihuan.rules.kernels.records import OPEN, WITHDRAWN, Int64s, Records
from bihuan.rules.kinds import PAIRED, Parameters, checked, kind_of
from bihuan.rules.readings import Batch, FedBefore
from bihuan.rules.rule import Rule
from bihuan.rules.run import Lateness
from bihuan.rules.why import WAITS, why

BATCH = 200_000
Progress = Callable[[int, int], None]  # readings judged, readings in all


class Switch(NamedTuple):
    """Before the row of that number in event order a series is set; None = as requested."""

    row: int
    slot: int
    parameters: Parameters | None


Tuned = Callable[[tables.Table, Int64s], list[Switch]]


@dataclass(frozen=True, slots=True)
class BacktestRequest:
    """What to try on what. `parameters` are typed: see `settings_of` and rule.Rule.typed."""

    kind: str
    parameters: Parameters
    files: tuple[Path, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    from_us: int | None = None  # readings at or after
    to_us: int | None = None  # readings before; silence is judged up to here
    unit: str = ""
    channel: str = ""  # the rule's, of files with a column of channels

    def __post_init__(self) -> None:
        if self.from_us is not None and self.to_us is not None and self.from_us >= self.to_us:
            raise bad("--from", rfc3339(self.from_us), f"before --to {rfc3339(self.to_us)}")
        if self.files and ("channel" in self.columns) != bool(self.channel):
            raise bad("--channel", self.channel or "nothing", "with --column channel=NAME")
        is_paired = "other" in self.columns or ("channel" in self.columns and self.kind in PAIRED)
        if self.files and is_paired != (self.kind in PAIRED):
            wanted = "time, value and other" if self.kind in PAIRED else "time and value"
            raise bad("--column", ", ".join(self.columns), f"{wanted}, for {self.kind}")
        if self.files and ("lat" in self.columns) != (self.kind == "outside"):
            wanted = "time, lat and lon" if self.kind == "outside" else "time and value"
            raise bad("--column", ", ".join(self.columns), f"{wanted}, for {self.kind}")

    def read(self) -> tables.Table:
        """The request's files; raises BadInputError naming every cell at fault."""
        other = [str(self.parameters["other"])] if self.kind in PAIRED else []
        return tables.read(self.files, self.columns, (self.channel, *other))


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding; `cleared_us` is None while it goes on at the end."""

    series: str
    opened_us: int
    cleared_us: int | None
    why: dict[str, object]

    def as_dict(self) -> dict[str, object]:
        """The row as `bihuan backtest --json` prints it."""
        cleared = None if self.cleared_us is None else rfc3339(self.cleared_us)
        return {
            "series": self.series,
            "opened": rfc3339(self.opened_us),
            "cleared": cleared,
            "why": self.why,
        }


def run_backtest(
    request: BacktestRequest, progress: Progress | None = None
) -> Iterator[FindingRow]:
    """Findings of the request's files in order of opening; raises BadInputError before any."""
    return backtest_table(request, request.read(), progress)


def backtest_table(
    request: BacktestRequest,
    table: tables.Table,
    progress: Progress | None = None,
    tuned: Tuned | None = None,
) -> Iterator[FindingRow]:
    """Findings over readings at hand: files, or what the archive holds.

    tuned  says what people had set when each reading came: see overrides.past
    """
    order = _in_event_order(request, table)
    batch = _batch(table, order)
    if not len(batch):
        return
    history = FedBefore()
    lateness = Lateness()
    run = run_of(request.kind, request.parameters, len(table.series), lateness, history)
    switches = [] if tuned is None else tuned(table, order)
    said: list[Records] = []
    for start, end, due in _parts(len(batch), switches):
        for switch in due:
            set_parameters(run, switch.slot, switch.parameters or request.parameters)
        part = batch.where(slice(start, end))
        said.append(run.feed(part))
        history.append(part)
        if progress is not None:
            progress(end, len(batch))
    set_for = _set_for(switches, batch)
    end_us = int(batch.time_us[-1]) if request.to_us is None else request.to_us
    # past the end by a tick, for what is told when a tick is over; nothing may open there
    said.append(run.pass_time(end_us + lateness.tick_us + SECOND_US))
    for row in final(np.concatenate(said)).tolist():
        _, opened, cleared, since, measure, slot, *_ = row
        if opened < end_us or (opened == end_us and request.kind not in WAITS):
            parameters = set_for(slot, opened) or request.parameters
            reason = why(request.kind, parameters, request.unit, since, measure)
            over = None if cleared == OPEN else cleared
            yield FindingRow(table.series[slot], opened, over, reason)


def final(said: Records) -> Records:
    """What stands in the end: the last statement about each finding that was not withdrawn."""
    order = np.lexsort((said["n"], said["finding"], said["slot"]))
    sorted_ = said[order]
    is_last = np.ones(len(sorted_), np.bool_)
    same = (sorted_["slot"][1:] == sorted_["slot"][:-1]) & (
        sorted_["finding"][1:] == sorted_["finding"][:-1]
    )
    is_last[:-1] = ~same
    standing = sorted_[is_last & (sorted_["what"] != WITHDRAWN)]
    return standing[np.lexsort((standing["slot"], standing["opened_us"]))]


def _parts(
    n_rows: int, switches: Sequence[Switch]
) -> Iterator[tuple[int, int, tuple[Switch, ...]]]:
    """(start, end, what is set before start) of the pieces in which readings are fed."""
    at: dict[int, list[Switch]] = {}
    for switch in switches:
        at.setdefault(switch.row, []).append(switch)
    starts = sorted({*range(0, n_rows, BATCH), *at})
    for start, end in pairwise([*starts, n_rows]):
        yield start, end, tuple(at.get(start, ()))


def _set_for(switches: Sequence[Switch], batch: Batch) -> Callable[[int, int], Parameters | None]:
    """What was set for a series at an event time; None = nothing."""
    of_slot: dict[int, list[tuple[int, Parameters | None]]] = {}
    for switch in switches:
        told = (int(batch.time_us[switch.row]), switch.parameters)
        of_slot.setdefault(switch.slot, []).append(told)

    def find(slot: int, at_us: int) -> Parameters | None:
        earlier = [parameters for us, parameters in of_slot.get(slot, ()) if us <= at_us]
        return earlier[-1] if earlier else None

    return find


def _in_event_order(request: BacktestRequest, table: tables.Table) -> Int64s:
    """The chosen readings by event time; readings of one instant as the file has them."""
    chosen = np.ones(len(table.time_us), np.bool_)
    if request.from_us is not None:
        chosen &= table.time_us >= request.from_us
    if request.to_us is not None:
        chosen &= table.time_us < request.to_us
    places = np.flatnonzero(chosen)
    return places[np.argsort(table.time_us[places], kind="stable")]


def _batch(table: tables.Table, places: Int64s) -> Batch:
    times = table.time_us[places]
    longitude = None if table.longitude is None else table.longitude[places]
    is_other = None if table.is_other is None else table.is_other[places]
    return Batch(
        table.slot[places], times, times, table.value[places], longitude, is_other=is_other
    )


def settings_of(kind: str, texts: Sequence[str]) -> Parameters:
    """Typed parameters from `--set name=value` texts."""
    return checked(kind_of(kind), _pairs("--set", texts))


def changed(rule: Rule, texts: Sequence[str]) -> Rule:
    """A declared rule with the parameters of `--set` in their place."""
    return replace(rule, parameters={**rule.parameters, **_pairs("--set", texts)})


def columns_of(texts: Sequence[str]) -> dict[str, str]:
    """Which column holds what, from `--column role=name` texts."""
    return _pairs("--column", texts)


def moment_us(option: str, text: str) -> int:
    """µs of a `--from` or `--to`; a time without zone is taken as UTC."""
    try:
        return tables.moment_us(text.strip())
    except ValueError as error:
        raise bad(option, text, "a time such as 2026-01-31T08:00:00+08:00 or a day") from error


def _pairs(option: str, texts: Sequence[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not name or not equals or not value:
            raise bad(option, text, "name=value")
        if name in pairs:
            raise bad(f"{option} {name}", "it twice", "it once")
        pairs[name] = value
    return pairs
