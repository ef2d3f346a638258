"""Area entries become rows: the area as it is now, its spans, boundaries and zones."""

from __future__ import annotations

import msgspec
import shapely

from bihuan.base.errors import bad
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.register.areas import entries
from bihuan.register.areas.models import AreaBoundary, AreaSpan, Zone, ZoneArea
from bihuan.register.areas.spans import below, children_at, spans_of
from bihuan.register.entries import AreaRegistered
from bihuan.register.history.book import Book
from bihuan.register.models import Area

_KEPT = ("code", "name", "latin", "level", "parent_id", "schematic")


@projects(AreaRegistered)
def area_registered(rows: Rows, entry: Recorded[AreaRegistered]) -> None:
    said, identity = entry.payload, entry.id()
    above = ""
    if said.parent_id is not None:
        parent = rows.get(Area, said.parent_id)
        if parent is None:
            raise bad("parent_id", said.parent_id, "a registered area")
        above = parent.path
    Book(rows, entry, said.from_us).registered(
        Area,
        id=identity,
        code=said.code,
        name=said.name,
        latin=said.latin,
        level=said.level,
        parent_id=said.parent_id,
        path=f"{above}{identity}.",
        outline=msgspec.json.encode(said.outline).decode(),
        schematic=said.schematic,
    )
    kept = {name: getattr(said, name) for name in _KEPT}
    rows.new(AreaSpan, id=identity, area_id=identity, from_us=said.from_us, **kept)


class _Spans:
    """The changes of one entry to areas: each closes the open span and begins the next."""

    def __init__(self, rows: Rows, entry: Recorded[entries.AreaChanged] | _Ending) -> None:
        self._rows, self._entry = rows, entry
        self._at_us = entry.payload.at_us
        self._book = Book(rows, entry, self._at_us)
        self._n = 0

    def change(self, area_id: int, **fields: object) -> None:
        """From now on these columns; the path of everything in it follows."""
        self._begin(area_id, is_led=False, **fields)
        self._book.change(Area, area_id, **fields)
        self._repath(area_id)

    def lead(self, old_id: int, successor_id: int, parts: dict[int, int]) -> None:
        """The area ends; parts: where what lay directly in it goes, else to the successor."""
        for child in children_at(self._rows, old_id, self._at_us):
            self.change(child, parent_id=parts.get(child, successor_id))
        self._begin(old_id, is_led=True, parent_id=successor_id)
        self._book.change(Area, old_id, until_us=self._at_us, successor_id=successor_id)
        self._repath(old_id)

    def _begin(self, area_id: int, **fields: object) -> None:
        last = spans_of(self._rows, area_id)[-1]
        if last.until_us is not None or last.is_led or self._at_us < last.from_us:
            raise bad("at_us", self._at_us, f"a time from {last.from_us} on, of an area not merged")
        self._rows.change(AreaSpan, last.id).until_us = self._at_us
        columns = {name: getattr(last, name) for name in _KEPT} | fields
        self._rows.new(
            AreaSpan,
            id=self._entry.id(self._n),
            area_id=area_id,
            from_us=self._at_us,
            **columns,
        )
        self._n += 1

    def _repath(self, area_id: int) -> None:
        for identity in (area_id, *below(self._rows, area_id)):
            area = self._rows.change(Area, identity)
            above = area.parent_id if area.successor_id is None else area.successor_id
            parent = None if above is None else self._rows.get(Area, above)
            area.path = f"{parent.path if parent is not None else ''}{identity}."


@projects(entries.AreaChanged)
def area_changed(rows: Rows, entry: Recorded[entries.AreaChanged]) -> None:
    said = entry.payload
    new = {name: getattr(said, name) for name in _KEPT if getattr(said, name) is not None}
    _Spans(rows, entry).change(said.area_id, **new)


@projects(entries.AreaMerged)
def area_merged(rows: Rows, entry: Recorded[entries.AreaMerged]) -> None:
    spans = _Spans(rows, entry)
    for old in entry.payload.old_ids:
        spans.lead(old, entry.payload.successor_id, {})


@projects(entries.AreaSplit)
def area_split(rows: Rows, entry: Recorded[entries.AreaSplit]) -> None:
    said = entry.payload
    _Spans(rows, entry).lead(said.old_id, said.successor_id, dict(said.parts))


_Ending = Recorded[entries.AreaMerged] | Recorded[entries.AreaSplit]


@projects(entries.AreaBounded)
def area_bounded(rows: Rows, entry: Recorded[entries.AreaBounded]) -> None:
    """A second boundary from the same day on takes the first one's place: its span is empty."""
    said = entry.payload
    if rows.get(Area, said.area_id) is None:
        raise bad("area_id", said.area_id, "a registered area")
    held = [b for b in rows.where(AreaBoundary, area_id=said.area_id) if b.until_us is None]
    for old in held:
        rows.change(AreaBoundary, old.id).until_us = said.at_us
    west, south, east, north = shapely.from_wkb(said.wkb).bounds
    rows.new(
        AreaBoundary,
        id=entry.id(),
        area_id=said.area_id,
        wkb=said.wkb,
        datum=said.datum,
        source=said.source,
        west=west,
        south=south,
        east=east,
        north=north,
        from_us=said.at_us,
    )
    before = held[-1].id if held else None
    Book(rows, entry, said.at_us).note("area", said.area_id, "boundary", before, entry.id())


@projects(entries.ZoneRegistered)
def zone_registered(rows: Rows, entry: Recorded[entries.ZoneRegistered]) -> None:
    said = entry.payload
    Book(rows, entry, said.from_us).registered(
        Zone,
        id=entry.id(),
        kind=said.kind,
        name=said.name,
        latin=said.latin,
        from_us=said.from_us,
    )


@projects(entries.ZoneRenamed)
def zone_renamed(rows: Rows, entry: Recorded[entries.ZoneRenamed]) -> None:
    said = entry.payload
    Book(rows, entry, said.at_us).change(Zone, said.zone_id, name=said.name, latin=said.latin)


@projects(entries.ZoneEnded)
def zone_ended(rows: Rows, entry: Recorded[entries.ZoneEnded]) -> None:
    said = entry.payload
    book = Book(rows, entry, said.at_us)
    book.change(Zone, said.zone_id, until_us=said.at_us)
    for held in rows.where(ZoneArea, zone_id=said.zone_id):
        if held.until_us is None or held.until_us > said.at_us:
            book.change(ZoneArea, held.id, until_us=said.at_us)


@projects(entries.ZoneJoined)
def zone_joined(rows: Rows, entry: Recorded[entries.ZoneJoined]) -> None:
    said = entry.payload
    Book(rows, entry, said.from_us).registered(
        ZoneArea,
        id=entry.id(),
        zone_id=said.zone_id,
        area_id=said.area_id,
        from_us=said.from_us,
    )


@projects(entries.ZoneLeft)
def zone_left(rows: Rows, entry: Recorded[entries.ZoneLeft]) -> None:
    said = entry.payload
    Book(rows, entry, said.until_us).change(ZoneArea, said.zone_area_id, until_us=said.until_us)
