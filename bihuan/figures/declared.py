"""What a scenario declares of its figures: tables of frozen rows, no code.

A figure says what it counts (`over`), which of those (conditions), how (`measure`), and when one
counts (`at`). Ids, sum and recompute are made from these same conditions. Words are (zh, en).

A condition is (column, op, value); several in one tuple all hold. `AnyOf` holds where one does.
Ops: = != < <= > >= in, not in, known (value True or False). What is not known fulfils `!=` and
`not in` and `known False`, and no other op. A value may be a `Column`: compared with another one.
Columns of cases: `CASE_COLUMNS`; of typed rows: `bihuan.figures.check.row_columns`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Words = tuple[str, str]
Op = Literal["=", "!=", "<", "<=", ">", ">=", "in", "not in", "known"]
Direction = Literal["higher", "lower", "none"]
PeriodKind = Literal["single", "cumulative", "point"]
Areas = Literal["then", "now"]
ColumnKind = Literal["text", "number", "time", "date", "yes_no"]

# how a column of a case is read; times are µs UTC, *_s whole seconds, None while not known
CASE_COLUMNS: Final[Mapping[str, ColumnKind]] = {
    "kind": "text",
    "playbook": "text",  # `scenario.kind@version`
    "severity": "text",  # critical, major, minor …: as the playbook says
    "cause": "text",  # signal, finding, matter
    "state": "text",
    "outcome": "text",  # None while it is open
    "area_id": "number",
    "subject_id": "number",
    "opened_us": "time",
    "answered_us": "time",  # the first act of a person: taken, accepted, assigned …
    "acted_us": "time",  # the first result shown, with its proof
    "closed_us": "time",
    "response_s": "number",  # from opening to answered_us
    "handling_s": "number",  # from opening to acted_us
    "whole_s": "number",  # from opening to the end
    "signals": "number",  # how many came together in it
    "reopened": "number",  # how often it was opened again after its end
    "refusals": "number",  # how often the origin said "not solved"
    "confirmations": "number",  # how often the origin said "solved"
    "times_asked": "number",  # how often the origin was asked
    "level": "number",  # the highest level of supervision it ever had, 0 to 3
    "returns": "number",  # how often it, or a part of it, was returned by a unit
    "is_late": "yes_no",  # reported too late to count as fresh
    # what became of its clocks of a kind: missed where one ever was, however late it was met; else
    # met where one was; else running (a suspended one too), else stopped; None = it had none
    "clock_answer": "text",
    "clock_accept": "text",
    "clock_receive": "text",
    "clock_progress": "text",
    "clock_act": "text",
    "clock_report": "text",
    "clock_check": "text",
}


@dataclass(frozen=True, slots=True)
class Column:
    """Another column as the value of a condition: ("eaten_us", "<=", Column("eat_by_us"))."""

    name: str


END: Final = "@end"


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Time from one column to another, in seconds, minutes, hours or days (decimal).

    Not known where one of them is not known. Both are times, or both are dates (then in days).
    until may be `END` in a point figure over cases: the end of the period, or now while it is open.
    """

    since: str
    until: str
    unit: Literal["s", "min", "h", "d"] = "h"


Scalar = str | int | float | bool | None
Condition = tuple["str | Elapsed", Op, "Scalar | Column | tuple[str, ...] | tuple[int, ...]"]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds where at least one of these groups of conditions holds as a whole."""

    groups: tuple[tuple[Condition, ...], ...]


Where = tuple[Condition | AnyOf, ...]

# a case that was merged counts in the one that it joined; one that was void never was
REAL: Final[Where] = (("outcome", "not in", ("merged", "void")),)


@dataclass(frozen=True, slots=True)
class Cases:
    """The scenario's cases. kinds: of these playbooks; () = of all."""

    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subjects:
    """Subjects of one type of the scenario's scheme. Two that are one party are counted once
    only by `Distinct("party_id")`."""

    type: str


@dataclass(frozen=True, slots=True)
class Records:
    """Records of one type of the scenario's scheme; drafts and erased rows never count."""

    type: str


Over = Cases | Subjects | Records


@dataclass(frozen=True, slots=True)
class Count:
    """How many."""

    where: Where = ()


@dataclass(frozen=True, slots=True)
class Distinct:
    """How many different values of a column: firms, not their rows.

    `party_id` is the party behind the row's subject; parties that were found to be one are one.
    """

    column: str
    where: Where = ()


@dataclass(frozen=True, slots=True)
class Sum:
    """A column added up; rows without the value add nothing. None where no row has it."""

    column: str | Elapsed
    where: Where = ()


@dataclass(frozen=True, slots=True)
class Mean:
    """A column's mean over the rows that have it."""

    column: str | Elapsed
    where: Where = ()


@dataclass(frozen=True, slots=True)
class Percentile:
    """The value that a share of the rows does not exceed: 0.5 = median, 0.9 = p90.

    By the nearest rank: the k-th smallest of n, k = ⌈share × n⌉; always a value that occurred.
    """

    column: str | Elapsed
    share: float
    where: Where = ()


@dataclass(frozen=True, slots=True)
class Most:
    """The largest value of a column."""

    column: str | Elapsed
    where: Where = ()


@dataclass(frozen=True, slots=True)
class Ratio:
    """part ÷ whole, × times. What counts in `part` fulfils `whole` too, always.

    An empty whole has no value: neither 0 % nor 100 %.
    """

    part: Where
    whole: Where = ()
    times: float = 100.0


@dataclass(frozen=True, slots=True)
class Quotient:
    """One measure by another: tax ÷ mu. A bottom of nothing has no value."""

    top: Count | Distinct | Sum
    bottom: Count | Distinct | Sum
    times: float = 1.0


Measure = Count | Distinct | Sum | Mean | Percentile | Most | Ratio | Quotient


@dataclass(frozen=True, slots=True)
class Target:
    """What the figure should reach from a day on, and who says so. region: for whom it holds."""

    amount: float
    source: str
    effective_from: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure (指标) with its definition (口径).

    name       unique in the scenario; the figure is `SCENARIO.NAME`
    unit       of the value as shown: ("%", "%"), ("件", "cases"), ("分钟", "min")
    divide     the measured value is divided by this to get the unit: 60 shows seconds as minutes
    decimals   how many are shown; the value itself is never rounded
    definition what is counted, by what, when, and what is left out, in whole sentences
    version    a new number for a changed definition: values of two versions are never compared
    source     who says that it is counted so: "general practice [K]; …", a rule "[L]", a text "[S]"
    at         the time or date column that puts a row into a period; a `point` figure has none
    lives      of a `point` figure: the columns from and until which a row stands, until unknown =
               still. Cases: ("opened_us", "closed_us"). Typed rows have () and count as they
               stand: what they were on a day is read from the trail of their changes
    period     single (a month by itself), cumulative (from 1 January), point (as of the end)
    areas      whether a row counts where it was (then) or where that place belongs now
    direction  which is better; "none" where neither is
    is_public  may stand on public pages and exports: counts under `fewest` are not shown there
    rank_level areas of this level are ranked, in one group for each parent; None = never
               ranked. Never village or below: no league tables of villages
    official   key of the series that others published, shown beside and never computed with
    """

    name: str
    title: Words
    unit: Words
    definition: Words
    version: int
    source: str
    effective_from: str
    over: Over
    measure: Measure
    at: str | None = "opened_us"
    lives: tuple[str, str] | tuple[()] = ()
    period: PeriodKind = "single"
    areas: Areas = "then"
    direction: Direction = "none"
    divide: float = 1.0
    decimals: int = 1
    is_public: bool = False
    fewest: int = 5
    rank_level: Literal["county", "town"] | None = None
    targets: tuple[Target, ...] = ()
    official: str | None = None
