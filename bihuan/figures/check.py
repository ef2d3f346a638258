"""Whether declared figures can be counted: every fault with file and key, before any process runs.

Columns of typed rows: the declared fields (not sealed; no long text, place, photo or choices),
`id`, `state`, `area_id`, `subject_id`, `party_id`, `opened_us`, `changed_us`, `ended_us` (of a
subject), `at.ACT` (when that act was last done) and, of a record, `subject.COLUMN`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, get_args

from bihuan.base.errors import Fault
from bihuan.figures.declared import (
    CASE_COLUMNS,
    END,
    AnyOf,
    Cases,
    Column,
    ColumnKind,
    Count,
    Distinct,
    Elapsed,
    Figure,
    Mean,
    Most,
    Op,
    Over,
    Percentile,
    Quotient,
    Ratio,
    Subjects,
    Sum,
)
from bihuan.register.scheme import RecordType, Scheme, SubjectType

ROW_COLUMNS: Final[Mapping[str, ColumnKind]] = {
    "id": "number",
    "state": "text",
    "area_id": "number",
    "subject_id": "number",
    "party_id": "number",
    "opened_us": "time",
    "changed_us": "time",
}
_OF_FIELD: Final[Mapping[str, ColumnKind]] = {
    "text": "text",
    "choice": "text",
    "integer": "number",
    "decimal": "number",
    "yes_no": "yes_no",
    "date": "date",
    "time": "time",
    "area": "number",
    "party": "number",
    "subject": "number",
    "record": "number",
}
_VALUES: Final[Mapping[ColumnKind, tuple[type, ...]]] = {
    "text": (str,),
    "number": (int, float),
    "time": (int,),
    "date": (str,),
    "yes_no": (bool,),
}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")
_LIVES_OF_CASES: Final = ("opened_us", "closed_us")
_Found = Iterator[tuple[str, str, str]]
_Type = SubjectType | RecordType


def faults_of(
    scenario: str, declared: Sequence[object], scheme: Scheme | None, kinds: Sequence[str]
) -> list[Fault]:
    """Every fault of a scenario's figures; [] = they can be counted. kinds: of its playbooks."""
    file, found = f"{scenario}/figures.py", list[Fault]()
    names = [one.name for one in declared if isinstance(one, Figure)]
    for n, one in enumerate(declared):
        if not isinstance(one, Figure):
            found.append(Fault(f"{file}: figures[{n}]", type(one).__name__, "a Figure"))
            continue
        check = _Check(one, scheme, kinds)
        found += [Fault(f"{file}: {one.name}.{key}", *told) for key, *told in check.all()]
    found += [
        Fault(f"{file}: {name}", "twice", "each name once")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    return found


def columns_of(over: Over, scheme: Scheme | None) -> dict[str, ColumnKind] | None:
    """The columns that a figure may use; None where the type is not declared."""
    if isinstance(over, Cases):
        return dict(CASE_COLUMNS)
    declared = type_of(over, scheme)
    if declared is None:
        return None
    found = row_columns(declared)
    if isinstance(declared, RecordType) and declared.subject is not None and scheme is not None:
        subject = type_of(Subjects(declared.subject), scheme)
        if subject is not None:
            found |= {f"subject.{name}": kind for name, kind in row_columns(subject).items()}
    return found


def type_of(over: Over, scheme: Scheme | None) -> _Type | None:
    """The declared type of typed rows."""
    if scheme is None or isinstance(over, Cases):
        return None
    declared: Sequence[_Type] = scheme.subjects if isinstance(over, Subjects) else scheme.records
    return next((one for one in declared if one.name == over.type), None)


def row_columns(declared: _Type) -> dict[str, ColumnKind]:
    """Columns of one type."""
    found = dict(ROW_COLUMNS)
    if isinstance(declared, SubjectType):
        found["ended_us"] = "time"
    for act in declared.acts:
        found[f"at.{act.name}"] = "time"
    for field in declared.fields:
        if not field.is_sealed and field.kind in _OF_FIELD:
            found[field.name] = _OF_FIELD[field.kind]
    return found


class _Check:
    def __init__(self, figure: Figure, scheme: Scheme | None, kinds: Sequence[str]) -> None:
        self._figure, self._scheme, self._kinds = figure, scheme, kinds
        self._columns: dict[str, ColumnKind] = {}

    def all(self) -> _Found:
        yield from self._said()
        yield from self._choices()
        over = self._figure.over
        if not isinstance(over, get_args(Over)):
            yield "over", type(over).__name__, "Cases, Subjects or Records"
            return
        columns = columns_of(over, self._scheme)
        if columns is None:
            yield "over", getattr(over, "type", "?"), "a type of the scenario's scheme"
            return
        self._columns = columns
        for kind in over.kinds if isinstance(over, Cases) else ():
            if kind not in self._kinds:
                yield "over.kinds", kind, "a kind of the scenario's playbooks"
        yield from self._measure("measure", self._figure.measure)
        yield from self._when()

    def _said(self) -> _Found:
        one = self._figure
        if not _NAME.fullmatch(one.name):
            yield "name", one.name, "small letters, digits and _, at most 48"
        for key, words in (
            ("title", one.title),
            ("unit", one.unit),
            ("definition", one.definition),
        ):
            if len(words) != 2 or not all(isinstance(w, str) and w.strip() for w in words):
                yield key, str(words), "words in zh and en"
        if not one.source.strip():
            yield "source", "nothing", "who says that it is counted so"
        if one.version < 1:
            yield "version", str(one.version), "at least 1"
        yield from _day("effective_from", one.effective_from)
        for target in one.targets:
            yield from _day("targets.effective_from", target.effective_from)
            if not target.source.strip() or not target.region.strip():
                yield "targets", str(target.amount), "a source and a region"

    def _choices(self) -> _Found:
        one = self._figure
        for key, got, want in (
            ("direction", one.direction, ("higher", "lower", "none")),
            ("period", one.period, ("single", "cumulative", "point")),
            ("areas", one.areas, ("then", "now")),
            ("rank_level", one.rank_level, (None, "county", "town")),
        ):
            if got not in want:
                yield key, str(got), " | ".join(map(str, want))
        if not one.divide > 0:
            yield "divide", str(one.divide), "more than 0"
        if not 0 <= one.decimals <= 6:
            yield "decimals", str(one.decimals), "0 to 6"
        if one.fewest < 1:
            yield "fewest", str(one.fewest), "at least 1"
        if one.targets and one.direction == "none":
            yield "targets", "a target", "a direction: which side of it is better"

    def _when(self) -> _Found:
        one = self._figure
        if one.period == "point":
            want = _LIVES_OF_CASES if isinstance(one.over, Cases) else ()
            if one.lives != want:
                yield "lives", str(one.lives), str(want)
            return
        if one.lives:
            yield "lives", str(one.lives), "(): it belongs to a point figure"
        kind = self._columns.get(one.at or "")
        if kind not in ("time", "date"):
            yield "at", str(one.at), "a column that is a time or a date"

    def _measure(self, key: str, measure: Any) -> _Found:
        if isinstance(measure, Ratio):
            yield from self._where(f"{key}.part", measure.part)
            yield from self._where(f"{key}.whole", measure.whole)
            if not measure.part:
                yield f"{key}.part", "no condition", "what of the whole is counted"
        elif isinstance(measure, Quotient):
            sides: tuple[tuple[str, object], ...] = (
                ("top", measure.top),
                ("bottom", measure.bottom),
            )
            for side, part in sides:
                if isinstance(part, Count | Distinct | Sum):
                    yield from self._single(f"{key}.{side}", part)
                else:
                    yield f"{key}.{side}", type(part).__name__, "Count, Distinct or Sum"
        else:
            yield from self._single(key, measure)

    def _single(self, key: str, measure: Any) -> _Found:
        if not isinstance(measure, Count | Distinct | Sum | Mean | Percentile | Most):
            yield key, type(measure).__name__, "a measure"
            return
        yield from self._where(f"{key}.where", measure.where)
        if isinstance(measure, Distinct):
            if measure.column not in self._columns:
                yield f"{key}.column", measure.column, self._known()
        elif not isinstance(measure, Count):
            yield from self._number(f"{key}.column", measure.column)
        if isinstance(measure, Percentile) and not 0 < measure.share < 1:
            yield f"{key}.share", str(measure.share), "between 0 and 1"

    def _number(self, key: str, column: str | Elapsed) -> _Found:
        if isinstance(column, Elapsed):
            yield from self._elapsed(key, column)
        elif column not in self._columns:
            yield key, column, self._known()
        elif self._columns[column] != "number":
            yield key, f"{column}: {self._columns[column]}", "a column that is a number"

    def _elapsed(self, key: str, column: Elapsed) -> _Found:
        if column.until == END:
            is_point = self._figure.period == "point" and isinstance(self._figure.over, Cases)
            if not is_point or self._columns.get(column.since) != "time":
                yield key, f"{column.since} to {END}", "a time, in a point figure over cases"
            return
        kinds = [self._columns.get(name) for name in (column.since, column.until)]
        if kinds not in (["time", "time"], ["date", "date"]):
            yield key, f"{column.since} to {column.until}", "two times, or two dates"
        elif column.unit not in ("s", "min", "h", "d"):
            yield key, column.unit, "s | min | h | d"
        elif kinds[0] == "date" and column.unit != "d":
            yield key, column.unit, "d: dates have no hours"

    def _where(self, key: str, where: Any) -> _Found:
        if not isinstance(where, tuple):
            yield key, type(where).__name__, "a tuple of conditions"
            return
        for n, condition in enumerate(where):
            at = f"{key}[{n}]"
            if isinstance(condition, AnyOf):
                if len(condition.groups) < 2:
                    yield at, str(len(condition.groups)), "at least two groups"
                for m, group in enumerate(condition.groups):
                    yield from self._where(f"{at}.groups[{m}]", group)
            elif not isinstance(condition, tuple) or len(condition) != 3:
                yield at, str(condition), "(column, op, value)"
            else:
                yield from self._condition(at, *condition)

    def _condition(self, key: str, column: Any, op: Any, value: Any) -> _Found:
        if op not in get_args(Op):
            yield key, str(op), " | ".join(get_args(Op))
            return
        if isinstance(column, Elapsed):
            yield from self._elapsed(key, column)
            kind: ColumnKind = "number"
        elif column not in self._columns:
            yield key, str(column), self._known()
            return
        else:
            kind = self._columns[column]
        if isinstance(value, Column):
            is_end = value.name == END and self._figure.period == "point"
            other = "time" if is_end else self._columns.get(value.name)
            if other != kind or op in ("in", "not in", "known"):
                yield key, f"{value.name}: {other}", f"a column that is a {kind}, and no list"
            return
        yield from _value(key, kind, op, value)

    def _known(self) -> str:
        return f"one of {', '.join(sorted(self._columns))}"


def _value(key: str, kind: ColumnKind, op: str, value: Any) -> _Found:
    if op == "known":
        if not isinstance(value, bool):
            yield key, str(value), "known True or known False"
        return
    is_list = op in ("in", "not in")
    if is_list and (not isinstance(value, tuple) or not value):
        yield key, str(value), "a tuple of values, at least one"
        return
    for one in value if is_list else (value,):
        is_flag = isinstance(one, bool) and kind != "yes_no"
        if one is None or is_flag or not isinstance(one, _VALUES[kind]):
            want = "known False for what is not known" if one is None else f"a {kind}"
            yield key, str(one), want
        elif kind == "date":
            yield from _day(key, str(one))


def _day(key: str, text: str) -> _Found:
    try:
        date.fromisoformat(text)
    except (TypeError, ValueError):
        yield key, str(text), "a date such as 2026-01-01"
