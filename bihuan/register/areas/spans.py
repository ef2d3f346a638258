"""Areas on any date: what one was, where it lay, what lay in it. Read through `Rows` only."""

from __future__ import annotations

from collections.abc import Iterator

from bihuan.base.errors import bad
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.areas.models import AreaSpan, ZoneArea
from bihuan.register.models import Area

_DEEPEST = 64  # a longer chain is a broken invariant, not a county


def spans_of(rows: Rows, area_id: int) -> list[AreaSpan]:
    """Everything an area has been, oldest first."""
    found = rows.where(AreaSpan, area_id=area_id)
    return sorted(found, key=lambda span: (span.from_us, span.id))


def area_at(rows: Rows, area_id: int, at_us: int) -> AreaSpan | None:
    """The area as it was at a time; None before it began. A merged one says `is_led`."""
    for span in reversed(spans_of(rows, area_id)):
        if span.from_us <= at_us and (span.until_us is None or at_us < span.until_us):
            return span
    return None


def path_at(rows: Rows, area_id: int, at_us: int) -> str | None:
    """Ids from the county down to the area at a time, a dot after each; None before it began.

    A merged area lies in its successor. Raises BadInputError for a chain without an end.
    """
    found: list[int] = []
    above: int | None = area_id
    while above is not None:
        span = area_at(rows, above, at_us)
        if span is None:
            return None
        if above in found or len(found) > _DEEPEST:
            raise bad("area_id", area_id, "an area that does not lie in itself")
        found.append(above)
        above = span.parent_id
    return "".join(f"{identity}." for identity in reversed(found))


def path_now(rows: Rows, area_id: int) -> str:
    """The path as it is now: who answers for an area, also one that has since been merged."""
    area = rows.get(Area, area_id)
    if area is None:
        raise bad("area_id", area_id, "a registered area")
    return area.path


def path_today(path: str) -> str:
    """Where an area lies today whose path was kept in a row: a merged one under its successor."""
    number = path.rstrip(".").rpartition(".")[2]
    found = Area.objects.using(MAIN).filter(id=int(number)) if number.isdigit() else None
    today = found.values_list("path", flat=True).first() if found is not None else None
    return today or path


def current(rows: Rows, area_id: int) -> int:
    """The area that stands for this one now: itself, or what it was merged into, to the last."""
    area = rows.get(Area, area_id)
    while area is not None and area.successor_id is not None:
        area = rows.get(Area, area.successor_id)
    if area is None:
        raise bad("area_id", area_id, "a registered area")
    return int(area.id)


def children_at(rows: Rows, area_id: int, at_us: int) -> list[int]:
    """Areas directly in this one at a time; not those that were merged into it."""
    return sorted(
        span.area_id
        for span in rows.where(AreaSpan, parent_id=area_id)
        if not span.is_led
        and span.from_us <= at_us
        and (span.until_us is None or at_us < span.until_us)
    )


def below(rows: Rows, area_id: int) -> Iterator[int]:
    """Every area that lies in this one now, merged ones too, nearest first; itself is not named.

    Raises BadInputError where areas lie in each other: such an entry parks.
    """
    seen, waiting = {area_id}, [area_id]
    while waiting:
        inside = [
            span.area_id
            for parent in waiting
            for span in rows.where(AreaSpan, parent_id=parent)
            if span.until_us is None
        ]
        if not seen.isdisjoint(inside):
            raise bad("area_id", area_id, "an area that does not lie in itself")
        seen.update(inside)
        yield from inside
        waiting = inside


def zones_at(rows: Rows, area_id: int, at_us: int) -> list[int]:
    """Zones to which an area belonged at a time, by itself or by an area in which it lay."""
    path = path_at(rows, area_id, at_us) or ""
    found = {
        held.zone_id
        for part in path.split(".")
        if part
        for held in rows.where(ZoneArea, area_id=int(part))
        if held.from_us <= at_us and (held.until_us is None or at_us < held.until_us)
    }
    return sorted(found)
