"""Conditions of a figure, once as SQL and once as a plain function: both say the same.

What is not known fulfils `!=`, `not in` and `known False`, and no other op.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Final, NamedTuple

from bihuan.base.time import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from bihuan.figures.declared import END, AnyOf, Column, Condition, Elapsed, Where

UNIT_US: Final = {"s": SECOND_US, "min": MINUTE_US, "h": HOUR_US, "d": DAY_US}
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
Of = Callable[[Any], Any]  # a row → the value of a column
Test = Callable[[Any], bool]


class Clause(NamedTuple):
    """A piece of SQL and what its %s stand for."""

    sql: str
    params: tuple[Any, ...] = ()


class Sql:
    """How the columns of a table are written in SQL; times between two are µs.

    end_us  what `END` stands for
    """

    def __init__(self, table: str, end_us: int = 0) -> None:
        self._table, self._end_us = table, end_us

    def column(self, name: str) -> Clause:
        """One column; names come from a checked declaration."""
        if name == END:
            return Clause("CAST(%s AS BIGINT)", (self._end_us,))
        return Clause(f'{self._table}."{name}"')

    def elapsed(self, span: Elapsed) -> Clause:
        """From one column to another, in µs."""
        since, until = self.column(span.since), self.column(span.until)
        return Clause(f"({until.sql} - {since.sql})", (*until.params, *since.params))

    def of(self, column: str | Elapsed) -> Clause:
        """A column, or the time between two."""
        return self.elapsed(column) if isinstance(column, Elapsed) else self.column(column)

    def where(self, where: Where) -> Clause:
        """All of the conditions; TRUE where there is none."""
        return joined(" AND ", (self._one(one) for one in where)) or Clause("TRUE")

    def _one(self, one: Condition | AnyOf) -> Clause:
        if isinstance(one, AnyOf):
            found = joined(" OR ", (self.where(group) for group in one.groups))
            return Clause(f"({found.sql})", found.params) if found else Clause("FALSE")
        column, op, value = one
        left = self.of(column)
        if op == "known":
            return Clause(f"{left.sql} IS {'NOT ' if value else ''}NULL", left.params)
        if op in ("in", "not in"):
            return self._list(left, op, value)
        if isinstance(value, Column):
            right = self.column(value.name)
        else:
            times = UNIT_US[column.unit] if isinstance(column, Elapsed) else 1
            right = Clause("%s", (value if times == 1 else value * times,))  # type: ignore[operator]
        if op != "!=":
            return Clause(f"{left.sql} {op} {right.sql}", (*left.params, *right.params))
        unknown = f"{left.sql} IS NULL"
        if isinstance(value, Column):
            unknown += f" OR {right.sql} IS NULL"
            return Clause(
                f"({unknown} OR {left.sql} <> {right.sql})",
                (*left.params, *right.params, *left.params, *right.params),
            )
        sql = f"({unknown} OR {left.sql} <> {right.sql})"
        return Clause(sql, (*left.params, *left.params, *right.params))

    @staticmethod
    def _list(left: Clause, op: str, value: Any) -> Clause:
        marks = ", ".join(["%s"] * len(value))
        if op == "in":
            return Clause(f"{left.sql} IN ({marks})", (*left.params, *value))
        sql = f"({left.sql} IS NULL OR {left.sql} NOT IN ({marks}))"
        return Clause(sql, (*left.params, *left.params, *value))


def joined(between: str, clauses: Iterable[Clause]) -> Clause | None:
    """Several clauses as one; None where there is none."""
    found = list(clauses)
    if not found:
        return None
    return Clause(
        between.join(clause.sql for clause in found),
        tuple(param for clause in found for param in clause.params),
    )


def test_of(where: Where, of: Callable[[str], Of]) -> Test:
    """The same conditions over a row in memory. of: a column's name → how it is read."""
    tests = [_test(one, of) for one in where]
    if len(tests) == 1:
        return tests[0]
    return lambda row: all(test(row) for test in tests)


def reader(column: str | Elapsed, of: Callable[[str], Of]) -> Of:
    """How a column, or the time between two (µs), is read of a row in memory."""
    if not isinstance(column, Elapsed):
        return of(column)
    since, until = of(column.since), of(column.until)

    def read(row: Any) -> Any:
        first, last = since(row), until(row)
        if first is None or last is None:
            return None
        if isinstance(first, str):
            days = date.fromisoformat(last).toordinal() - date.fromisoformat(first).toordinal()
            return days * DAY_US
        return last - first

    return read


def _test(one: Condition | AnyOf, of: Callable[[str], Of]) -> Test:
    if isinstance(one, AnyOf):
        groups = [test_of(group, of) for group in one.groups]
        return lambda row: any(group(row) for group in groups)
    column, op, value = one
    read = reader(column, of)
    if op == "known":
        return lambda row: (read(row) is not None) == value
    if op in ("in", "not in"):
        wanted, is_in = frozenset(value), op == "in"  # type: ignore[arg-type]
        return lambda row: (read(row) in wanted) == is_in
    other: Of
    if isinstance(value, Column):
        other = of(value.name)
    else:
        times = UNIT_US[column.unit] if isinstance(column, Elapsed) else 1
        constant = value if times == 1 else value * times  # type: ignore[operator]

        def other(_row: Any) -> Any:
            return constant

    compare, unknown = _COMPARE[op], op == "!="

    def test(row: Any) -> bool:
        left, right = read(row), other(row)
        return unknown if left is None or right is None else compare(left, right)

    return test
