"""What lane 0 says about areas after they are registered. at_us: from when on it is so."""

from __future__ import annotations

from bihuan.journal.payloads import Payload, entry_type
from bihuan.register.entries import Actor, Level


@entry_type("area.changed.v1")
class AreaChanged(Payload, frozen=True, kw_only=True):
    """A new name, code, level or parent; None = as before."""

    area_id: int
    at_us: int
    name: str | None = None
    latin: str | None = None
    code: str | None = None
    schematic: bool | None = None
    level: Level | None = None
    parent_id: int | None = None
    why: str = ""
    by: Actor | None = None


@entry_type("area.merged.v1")
class AreaMerged(Payload, frozen=True, kw_only=True):
    """Areas end and lead to one other; what was directly in them is then in that one."""

    old_ids: list[int]
    successor_id: int
    at_us: int
    why: str = ""
    by: Actor | None = None


@entry_type("area.split.v1")
class AreaSplit(Payload, frozen=True, kw_only=True):
    """An area ends and is divided. successor_id: the heir of whatever parts do not name.

    parts: (area directly in the old one, heir in which it is from now on)
    """

    old_id: int
    heirs: list[int]
    successor_id: int
    parts: list[tuple[int, int]]
    at_us: int
    why: str = ""
    by: Actor | None = None


@entry_type("area.bounded.v1")
class AreaBounded(Payload, frozen=True, kw_only=True):
    """wkb: polygon or multipolygon in WGS-84; datum: in which it was received."""

    area_id: int
    wkb: bytes
    datum: str
    source: str
    at_us: int
    by: Actor | None = None


@entry_type("zone.registered.v1")
class ZoneRegistered(Payload, frozen=True, kw_only=True):
    kind: str
    name: str
    latin: str
    from_us: int
    by: Actor | None = None


@entry_type("zone.renamed.v1")
class ZoneRenamed(Payload, frozen=True, kw_only=True):
    zone_id: int
    name: str
    latin: str
    at_us: int
    by: Actor | None = None


@entry_type("zone.ended.v1")
class ZoneEnded(Payload, frozen=True, kw_only=True):
    """It is no more; the areas that were in it leave it."""

    zone_id: int
    at_us: int
    by: Actor | None = None


@entry_type("zone.joined.v1")
class ZoneJoined(Payload, frozen=True, kw_only=True):
    zone_id: int
    area_id: int
    from_us: int
    by: Actor | None = None


@entry_type("zone.left.v1")
class ZoneLeft(Payload, frozen=True, kw_only=True):
    """zone_area_id: the membership that ends."""

    zone_area_id: int
    until_us: int
    by: Actor | None = None
