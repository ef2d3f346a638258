"""What a measure is made of: parts that are gathered, and the value that they give together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from bihuan.figures.declared import (
    Count,
    Distinct,
    Elapsed,
    Figure,
    Mean,
    Measure,
    Most,
    Percentile,
    Quotient,
    Ratio,
    Sum,
    Where,
)
from bihuan.figures.where import UNIT_US


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to gather of the rows that fulfil `where`.

    n       how many rows              an int
    sum     a column added up          a number; of `Elapsed` in µs
    spread  a column's known values    sorted
    set     a column's known values    each once
    """

    what: Literal["n", "sum", "spread", "set"]
    column: str | Elapsed | None
    where: Where
    key: str = field(init=False, compare=False, repr=False)
    """The same for the same part, in every process; made once, since a page asks thousands."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", repr((self.what, self.column, self.where)))

    @property
    def is_additive(self) -> bool:
        return self.what in ("n", "sum")


class Told(NamedTuple):
    """A value with what it is made of. amount None: nothing to count, neither 0 nor 100 %."""

    amount: float | None
    top: float | None
    bottom: float | None


NOTHING = Told(None, None, None)


@lru_cache(maxsize=8_192)
def parts_of(measure: Measure) -> tuple[Part, ...]:
    """Everything that has to be gathered for a measure."""
    if isinstance(measure, Count):
        return (Part("n", None, measure.where),)
    if isinstance(measure, Distinct):
        return (Part("set", measure.column, measure.where),)
    if isinstance(measure, Ratio):
        return (_of_ratio(measure), Part("n", None, measure.whole))
    if isinstance(measure, Quotient):
        return (*parts_of(measure.top), *parts_of(measure.bottom))
    if isinstance(measure, Sum | Mean):
        return (Part("sum", measure.column, measure.where), _known(measure))
    return (Part("spread", measure.column, measure.where),)


def ids_where(measure: Measure) -> Where:
    """Which rows a value opens to: those of the part; of a quotient those of its top."""
    if isinstance(measure, Ratio):
        return (*measure.whole, *measure.part)
    if isinstance(measure, Quotient):
        return ids_where(measure.top)
    return measure.where


def whole_where(measure: Measure) -> Where:
    """Which rows stand below the line: of a share the whole; else the same as above it."""
    if isinstance(measure, Ratio):
        return measure.whole
    return ids_where(measure.bottom if isinstance(measure, Quotient) else measure)


def _of_ratio(measure: Ratio) -> Part:
    return Part("n", None, (*measure.whole, *measure.part))


def _known(measure: Sum | Mean) -> Part:
    if isinstance(measure.column, Elapsed):
        span = measure.column
        known: Where = ((span.since, "known", True), (span.until, "known", True))
    else:
        known = ((measure.column, "known", True),)
    return Part("n", None, (*measure.where, *known))


def value_of(figure: Figure, got: Callable[[Part], Any]) -> Told:
    """The figure's value in its unit, from its gathered parts."""
    told = _measured(figure.measure, got)
    if told.amount is None or figure.divide == 1:
        return told
    return told._replace(amount=told.amount / figure.divide)


def _measured(measure: Measure, got: Callable[[Part], Any]) -> Told:
    parts = parts_of(measure)
    if isinstance(measure, Quotient):
        top, bottom = _measured(measure.top, got), _measured(measure.bottom, got)
        return _share(top.amount, bottom.amount, measure.times)
    if isinstance(measure, Ratio):
        return _share(float(got(parts[0])), float(got(parts[1])), measure.times)
    if isinstance(measure, Count):
        n = float(got(parts[0]))
        return Told(n, n, None)
    if isinstance(measure, Distinct):
        n = float(len(got(parts[0])))
        return Told(n, n, None)
    if isinstance(measure, Sum | Mean):
        return _added(measure, got(parts[0]), int(got(parts[1])))
    return _of_spread(measure, got(parts[0]))


def _share(top: float | None, bottom: float | None, times: float) -> Told:
    if top is None or not bottom:
        return Told(None, top, bottom)
    return Told(top / bottom * times, top, bottom)


def _added(measure: Sum | Mean, total: float, n: int) -> Told:
    if not n:
        return Told(None, None, 0.0)
    amount = total / _scale(measure.column)
    return Told(amount if isinstance(measure, Sum) else amount / n, amount, float(n))


def _of_spread(measure: Percentile | Most, values: Sequence[float]) -> Told:
    n = len(values)
    if not n:
        return Told(None, None, 0.0)
    # a share such as 0.9 is not exact in binary: 0.9 × 10 must give the 9th, not the 10th
    k = n if isinstance(measure, Most) else max(1, math.ceil(round(measure.share * n, 9)))
    return Told(float(values[k - 1]) / _scale(measure.column), None, float(n))


def _scale(column: str | Elapsed) -> int:
    return UNIT_US[column.unit] if isinstance(column, Elapsed) else 1
