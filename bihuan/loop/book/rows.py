"""Rows and cases as a scenario's pure functions read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from bihuan.journal.rows import Rows
from bihuan.loop.book.done import Done
from bihuan.loop.cases.sealed import hidden_in, is_hidden
from bihuan.loop.models import Case
from bihuan.register.records.facts import facts_of, values_of
from bihuan.register.records.models import Record
from bihuan.register.records.rows import Row, read, type_of
from bihuan.register.scheme import Value

_CASE: Final = (
    "id", "kind", "state", "outcome", "area_id", "subject_id", "row_id", "owner_id", "opened_us",
    "answered_us", "closed_us", "severity",
)  # fmt: skip
MINE: Final = "mine."
WHO: Final = "who."
PICKED: Final = "picked."
DONE_AT: Final = "at."


class Reader(NamedTuple):
    """Who reads a row, and when (µs).

    ids    every id under which the person is known
    names  whoever is known by these ids and acted at an area, as this reader may see their names
    """

    now_us: int
    ids: Callable[[], frozenset[int]]
    names: Callable[[int | None, list[int]], str]


class RowView(Mapping[str, Value]):
    """One row; its computed fields are worked out when they are looked at.

    name    full where the row was opened or is the reader's own or a relative's, masked elsewhere
    opened  the sealed values, where they were opened; else they are None
    """

    def __init__(
        self, rows: Rows, row: Row, name: str, opened: Mapping[str, Value], reader: Reader
    ) -> None:
        self._rows, self._row, self._reader = rows, row, reader
        self._computed = {one.name: one for one in type_of(row).computed}
        self._values: dict[str, Value] = {
            **values_of(row),
            **opened,
            "name": name,
            "kind": row.kind,
            "is_draft": isinstance(row, Record) and row.is_draft,
            "person_id": getattr(row, "person_id", None),
            "party_id": getattr(row, "party_id", None),
            "ended_us": getattr(row, "ended_us", None),
        }

    def __getitem__(self, name: str) -> Value:
        if name.startswith(MINE):  # asked for by name alone: no list of fields holds it
            return not self._reader.ids().isdisjoint(self._by(name.removeprefix(MINE)))
        if name.startswith(WHO):
            return self._reader.names(self._row.area_id, self._by(name.removeprefix(WHO)))
        if name not in self._values and name in self._computed:
            facts = facts_of(self._rows, self._row, self._reader.now_us)
            self._values |= {one: made.of(facts) for one, made in self._computed.items()}
        return self._values[name]

    def _by(self, act: str) -> list[int]:
        """The ids of who did an act, the first of them first."""
        return list(read(self._row.done).get(act, {"by": ()})["by"])

    def __iter__(self) -> Iterator[str]:
        return iter({**self._values, **self._computed})

    def __len__(self) -> int:
        return len({**self._values, **self._computed})


class CaseView(Mapping[str, Value]):
    """One case; who did what of it is read when it is asked for, by name alone.

    `acted_us` is when what was done was reported.
    """

    def __init__(self, case: Case, done: Done, reader: Reader) -> None:
        self._case, self._done, self._reader = case, done, reader
        self._values: dict[str, Value] = {name: getattr(case, name) for name in _CASE}
        self._values |= {"number": str(case.id), "acted_us": case.reported_us}

    def __getitem__(self, name: str) -> Value:
        if name.startswith(WHO):
            line = self._done.line(self._case, name.removeprefix(WHO))
            by_id = None if line is None else line.person_id
            if line is None or by_id is None:
                return ""
            if is_hidden(hidden_in(self._case), by_id, line.role):
                return ""
            return self._reader.names(self._case.area_id, [by_id])
        if name.startswith(DONE_AT):
            line = self._done.line(self._case, name.removeprefix(DONE_AT))
            return None if line is None else line.at_us
        if name.startswith(PICKED):
            return self._done.picked(self._case, name.removeprefix(PICKED))
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
