"""A book on paper: what a test writes into it is what the scenario's pure functions read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bihuan.base.time import us_of
from bihuan.loop.shows import Book, Measured, Row
from bihuan.register.scheme import Value

ELDER = 7


def at(text: str) -> int:
    """µs of a time of the county: `2026-03-04 15:10`."""
    return us_of(datetime.fromisoformat(f"{text}+08:00"))


class PaperBook(Book):
    """One reader's county; `now` is 19:30 of 4 March 2026 unless a test says."""

    def __init__(self) -> None:
        self._now_us = at("2026-03-04 19:30")
        self.kept: dict[str, list[dict[str, Value]]] = {}
        self.of_cases: list[dict[str, Value]] = []
        self.measured: dict[str, list[Measured]] = {}
        self.withdrawn = frozenset[str]()
        self.places: list[tuple[int, str, int | None]] = []

    @property
    def now_us(self) -> int:
        return self._now_us

    def turn_to(self, text: str) -> None:
        self._now_us = at(text)

    @property
    def language(self) -> str:
        return "zh"

    def write(self, kind: str, **values: Value) -> None:
        """A row; fields that are not said are not known, as everywhere."""
        empty = ("state", "came", "on", "times", "systolic_again", "diastolic_again")
        base: dict[str, Value] = dict.fromkeys(empty)
        mine = {"id": len(self.kept.get(kind, [])) + 1, "subject_id": ELDER, "opened_us": 0}
        self.kept.setdefault(kind, []).append({**base, **mine, **values})

    def read(self, channel: str, text: str, value: float, *, is_good: bool = True) -> None:
        self.measured.setdefault(channel, []).append(Measured(at(text), value, is_good))

    def row(self, row_id: int) -> Row | None:
        found = [one for rows in self.kept.values() for one in rows if one["id"] == row_id]
        return found[0] if found else None

    def rows(
        self,
        kind: str,
        *,
        subject_id: int | None = None,
        states: Sequence[str] = (),
        where: Mapping[str, Any] | None = None,
        since_us: int | None = None,
        until_us: int | None = None,
    ) -> Sequence[Row]:
        found = self.kept.get(kind, [])
        if subject_id is not None:
            found = [one for one in found if one["subject_id"] == subject_id]
        if states:
            found = [one for one in found if one["state"] in states]
        for name, wanted in (where or {}).items():
            found = [one for one in found if _is(one[name], wanted)]
        return [one for one in found if _whole(one["opened_us"]) >= (since_us or 0)]

    def case(self, case_id: int) -> Row | None:
        return next((one for one in self.of_cases if one["id"] == case_id), None)

    def cases(
        self,
        kinds: Sequence[str] = (),
        *,
        subject_id: int | None = None,
        is_open: bool | None = None,
        since_us: int | None = None,
        until_us: int | None = None,
    ) -> Sequence[Row]:
        found = [one for one in self.of_cases if _whole(one["opened_us"]) >= (since_us or 0)]
        if until_us is not None:
            found = [one for one in found if _whole(one["opened_us"]) < until_us]
        if is_open is not None:
            found = [one for one in found if (one["state"] != "closed") == is_open]
        return [one for one in found if not kinds or one["kind"] in kinds]

    def readings(
        self, subject_id: int, channel: str, since_us: int, until_us: int
    ) -> Sequence[Measured]:
        found = self.measured.get(channel, []) if subject_id == ELDER else []
        return sorted(one for one in found if since_us <= one.at_us < until_us)

    def stopped(self, subject_id: int) -> frozenset[str]:
        return self.withdrawn

    def area(self, area_id: int) -> str:
        return next((name for one, name, _ in self.places if one == area_id), "")

    def areas(self) -> Sequence[tuple[int, str, int | None]]:
        return self.places


def _is(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, tuple):
        return value is not None and bool(wanted[0] <= value <= wanted[1])
    return bool(value == wanted)


def _whole(value: Value) -> int:
    return value if isinstance(value, int) else 0
