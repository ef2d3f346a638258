"""Figures over typed rows: the rows of one type as they are, or as they were at a time.

What a row was is read from the trail of its changes. Sealed fields are never read.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import msgspec

from bihuan.figures.declared import Over, Records, Where
from bihuan.figures.groups import date_of
from bihuan.figures.parts import Part
from bihuan.figures.periods import Window
from bihuan.figures.where import Of, reader, test_of
from bihuan.journal.storage import MAIN
from bihuan.register.models import Subject
from bihuan.register.parties.models import Party
from bihuan.register.records.models import Record, RowChange

_FIXED: Final = ("id", "state", "area_id", "subject_id", "opened_us", "changed_us")
_OF_SUBJECT: Final = (
    *("id", "state", "area_id", "opened_us", "changed_us", "ended_us", "person_id", "party_id"),
    *("values", "done"),
)
_decode = msgspec.json.Decoder().decode
_PARTS: Final = 900  # values in one statement


class Row(NamedTuple):
    """One typed row. held: every column that a figure may use, by name."""

    id: int
    area_id: int
    held: Mapping[str, Any]


def rows_of(scenario: str, over: Over, at_us: int | None = None) -> list[Row]:
    """The rows of a type; at_us: as they stood then, those not yet there left out."""
    assert not hasattr(over, "kinds")
    with _uncollected():
        return _rows_of(scenario, over, at_us)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for garbage: 100,000 rows are none, and each look goes through them all."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _rows_of(scenario: str, over: Over, at_us: int | None) -> list[Row]:
    found = _records(scenario, over.type) if isinstance(over, Records) else None
    if found is None:
        found = _subjects(scenario, getattr(over, "type", ""))
    if at_us is None:
        return list(found.values())
    _as_then(found, at_us)
    return [row for row in found.values() if row.held["opened_us"] <= at_us]


def _subjects(scenario: str, kind: str) -> dict[int, Row]:
    stored = Subject.objects.using(MAIN).filter(scenario=scenario, kind=kind).order_by("id")
    survivors = _survivors()
    found = {}
    read = stored.values_list(*_OF_SUBJECT)  # no objects: a county has 100,000 elders
    for row, state, area, opened, changed, ended, person, firm, values, done in read.iterator():
        party = person if person is not None else firm
        held = {
            "id": row, "state": state, "area_id": area, "opened_us": opened, "changed_us": changed,
            "subject_id": row, "party_id": survivors.get(party or 0, party), "ended_us": ended,
        }  # fmt: skip
        found[row] = Row(row, area, _whole(held, values, done))
    return found


def _records(scenario: str, kind: str) -> dict[int, Row]:
    wanted = Record.objects.using(MAIN).filter(
        scenario=scenario, kind=kind, is_draft=False, is_erased=False
    )
    stored = list(wanted.order_by("id").values_list(*_FIXED, "values", "done").iterator())
    named = _FIXED.index("subject_id")
    subjects = _named_subjects({row[named] for row in stored if row[named] is not None})
    found = {}
    for *fixed, values, done in stored:
        held = dict(zip(_FIXED, fixed, strict=True))
        subject = subjects.get(held["subject_id"] or 0)
        held["party_id"] = None if subject is None else subject.held["party_id"]
        if subject is not None:
            held |= {f"subject.{name}": value for name, value in subject.held.items()}
        found[held["id"]] = Row(held["id"], held["area_id"], _whole(held, values, done))
    return found


def _named_subjects(ids: set[int]) -> dict[int, Row]:
    kinds = set()
    wanted = sorted(ids)
    for at in range(0, len(wanted), _PARTS):
        some = Subject.objects.using(MAIN).filter(id__in=wanted[at : at + _PARTS])
        kinds |= set(some.values_list("scenario", "kind").distinct())
    found: dict[int, Row] = {}
    for scenario, kind in sorted(kinds):
        found |= _subjects(scenario, kind)
    return found


def _survivors() -> dict[int, int]:
    """Parties that were found to be another one → that one."""
    merged = Party.objects.using(MAIN).filter(survivor_id__isnull=False)
    return {one: other for one, other in merged.values_list("id", "survivor_id") if other}


def _whole(held: dict[str, Any], values: str, done: str) -> dict[str, Any]:
    held |= _decode(values)
    if done != "{}":
        for act, said in _decode(done).items():
            held[f"at.{act}"] = said["us"]
    return held


def _as_then(found: dict[int, Row], at_us: int) -> None:
    """Take back what changed since: newest first, each change gives what stood before it."""
    later = [key for key, row in found.items() if row.held["changed_us"] > at_us]
    for at in range(0, len(later), _PARTS):
        trail = RowChange.objects.using(MAIN).filter(
            row_id__in=later[at : at + _PARTS], at_us__gt=at_us
        )
        for change in trail.order_by("-id"):
            row = found[change.row_id]
            held = {**row.held, **_decode(change.before)}
            held["state"] = change.from_state
            held["area_id"] = _decode(change.extra).get("area_before", held["area_id"])
            found[row.id] = row._replace(held=held, area_id=held["area_id"])
    for key in later:
        held = {
            name: None if _is_later(name, value, at_us) else value
            for name, value in found[key].held.items()
        }
        found[key] = found[key]._replace(held=held)


def _is_later(name: str, value: Any, at_us: int) -> bool:
    is_act = name.startswith("at.") or name == "ended_us"
    return is_act and isinstance(value, int) and value > at_us


def column_of(name: str) -> Of:
    """How a column is read; a field that was never filled is not known."""

    def read(row: Row) -> Any:
        return row.held.get(name)

    return read


def test_row(where: Where) -> Callable[[Row], bool]:
    """The conditions over a typed row."""
    return test_of(where, column_of)


def in_window(at: str, window: Window) -> Callable[[Row], bool]:
    """Whether a row's time or date lies in a window."""
    read = column_of(at)
    first, last = date_of(window.start_us).isoformat(), date_of(window.end_us).isoformat()

    def test(row: Row) -> bool:
        value = read(row)
        if isinstance(value, str):
            return first <= value < last
        return value is not None and window.start_us <= value < window.end_us

    return test


def gathered(part: Part, rows: list[Row]) -> Iterator[tuple[int, Any]]:
    """(area, what the row adds to a part), for every row that adds something."""
    test = test_row(part.where)
    if part.column is None:
        yield from ((row.area_id, 1) for row in rows if test(row))
        return
    read = reader(part.column, column_of)
    for row in rows:
        if test(row) and (value := read(row)) is not None:
            yield row.area_id, value
