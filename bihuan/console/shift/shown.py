"""Log lines, handovers and reports as pages and API show them: texts opened, people named once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from bihuan.console.home import keys
from bihuan.console.people import People
from bihuan.console.shown import Reader, ShownCase, area_name
from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case
from bihuan.loop.shift.models import FlashReport, Handover, LogLine
from bihuan.register.models import Area


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of a log. corrected_by: the line that replaces it."""

    row: LogLine
    who: str
    text: str

    @property
    def was_late(self) -> bool:
        """Written more than ten minutes after it happened: the sheet says when."""
        return bool(self.row.written_us - self.row.at_us > 600_000_000)


@dataclass(frozen=True, slots=True)
class ShownHandover:
    """A handover. cases: what it carries; since: what was opened before it was taken over."""

    row: Handover
    place: str
    text: str
    remark: str
    giver: str
    taker: str
    cases: Sequence[ShownCase]
    since: Sequence[ShownCase]


@dataclass(frozen=True, slots=True)
class ShownReport:
    """A signed flash report."""

    row: FlashReport
    place: str
    text: str
    who: str


def lines(rows: Iterable[LogLine]) -> list[ShownLine]:
    """Log lines, each text opened."""
    rows = list(rows)
    people = People(keys(), (row.person_id for row in rows))
    return [ShownLine(row, people.name(row.person_id), keys().open(row.text) or "") for row in rows]


def handovers(rows: Iterable[Handover], now_us: int) -> list[ShownHandover]:
    """Handovers with the cases that they carry, read at once for all of them."""
    rows = list(rows)
    carried = {row.id: _ids(row.open_cases) for row in rows}
    since = {row.id: _ids(row.since or "[]") for row in rows}
    wanted = {case for ids in (*carried.values(), *since.values()) for case in ids}
    cases = Case.objects.using(MAIN).in_bulk(list(wanted)) if wanted else {}
    reader = Reader(list(cases.values()), keys(), now_us) if cases else None
    shown = {case.id: reader.show(case) for case in cases.values()} if reader else {}
    people = People(keys(), [p for row in rows for p in (row.offered_by, row.accepted_by)])
    places = _places(row.area_id for row in rows)
    return [
        ShownHandover(
            row=row,
            place=places.get(row.area_id, ""),
            text=keys().open(row.text) or "",
            remark=keys().open(row.remark) or "",
            giver=people.name(row.offered_by),
            taker=people.name(row.accepted_by) if row.accepted_by else "",
            cases=[shown[case] for case in carried[row.id] if case in shown],
            since=[shown[case] for case in since[row.id] if case in shown],
        )
        for row in rows
    ]


def reports(rows: Iterable[FlashReport]) -> list[ShownReport]:
    """Signed reports, each text opened."""
    rows = list(rows)
    people = People(keys(), (row.signed_by for row in rows))
    places = _places(int(row.area_path.rstrip(".").rsplit(".", 1)[-1]) for row in rows)
    return [
        ShownReport(
            row=row,
            place=places.get(int(row.area_path.rstrip(".").rsplit(".", 1)[-1]), ""),
            text=keys().open(row.text) or "",
            who=people.name(row.signed_by),
        )
        for row in rows
    ]


def _places(ids: Iterable[int]) -> dict[int, str]:
    wanted = set(ids)
    found = Area.objects.using(MAIN).in_bulk(list(wanted)) if wanted else {}
    return {area.id: area_name(area) for area in found.values()}


def _ids(said: str) -> list[int]:
    return msgspec.json.decode(said, type=list[int])
