"""Registering and changing areas and zones: checked calls, each one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bihuan.base.errors import Fault, bad
from bihuan.base.time import rfc3339
from bihuan.journal.append import Appender
from bihuan.register.areas import checks, entries
from bihuan.register.areas.models import Zone, ZoneArea
from bihuan.register.areas.spans import spans_of
from bihuan.register.entries import Actor, AreaRegistered, Level
from bihuan.register.keyed import KeyedActs, once
from bihuan.register.models import Area


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArea:
    """An area to register. name: (zh, latin). schematic: its code is no national one."""

    code: str
    name: tuple[str, str]
    level: Level
    parent_id: int | None
    schematic: bool = False
    from_us: int = 0
    outline: Sequence[tuple[float, float]] = ()

    def entry(self, by: Actor | None) -> AreaRegistered:
        return AreaRegistered(
            code=self.code,
            name=self.name[0],
            latin=self.name[1],
            level=self.level,
            parent_id=self.parent_id,
            outline=[(float(x), float(y)) for x, y in self.outline],
            schematic=self.schematic,
            from_us=self.from_us,
            by=by,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShape:
    """What changes of an area; None = as before."""

    name: tuple[str, str] | None = None
    code: str | None = None
    level: Level | None = None
    parent_id: int | None = None
    schematic: bool | None = None
    why: str = ""


class AreaActs(KeyedActs):
    """Writes areas. at_us: from when on it is so; not in the future, not before the last change.

    Every call raises BadInputError with every bad field, and then nothing is written.
    by  who says it; stands in every entry and in the history
    """

    @once
    def register(self, new: NewArea) -> int:
        """Register an area; its id."""
        with self._lane() as lane:
            said = new.entry(self._by)
            checks.refuse(checks.registered_faults(lane.rows, said, lane.now_us))
            return lane.append(said).id()

    @once
    def change(self, area_id: int, at_us: int, new: NewShape) -> None:
        """Rename, recode, move under another parent, or change the level; any of them at once."""
        said = entries.AreaChanged(
            area_id=area_id,
            at_us=at_us,
            name=new.name[0] if new.name else None,
            latin=new.name[1] if new.name else None,
            code=new.code,
            schematic=new.schematic,
            level=new.level,
            parent_id=new.parent_id,
            why=new.why,
            by=self._by,
        )
        with self._lane() as lane:
            checks.refuse(checks.changed_faults(lane.rows, said, lane.now_us))
            lane.append(said)

    @once
    def merge(self, old_ids: Sequence[int], successor_id: int, at_us: int, why: str = "") -> None:
        """Areas end and lead to one other, an older one or one registered for it.

        What lay directly in them lies in that one. To end an area that nothing follows (a
        demolished building), merge it into its parent.
        """
        with self._lane() as lane:
            faults = [
                fault
                for old in old_ids
                for fault in checks.ended_faults(lane.rows, old, successor_id, at_us, lane.now_us)
            ]
            if not old_ids or len(set(old_ids)) != len(old_ids):
                faults.append(Fault("old_ids", str(list(old_ids)), "areas, each once"))
            if self._lies_between(lane, old_ids):
                faults.append(Fault("old_ids", str(list(old_ids)), "areas not in each other"))
            checks.refuse(faults)
            said = entries.AreaMerged(
                old_ids=list(old_ids),
                successor_id=successor_id,
                at_us=at_us,
                why=why,
                by=self._by,
            )
            lane.append(said)

    @once
    def split(
        self, old_id: int, heirs: Sequence[int], at_us: int, parts: Mapping[int, int], why: str = ""
    ) -> None:
        """An area ends, divided among heirs that are registered already.

        parts  area directly in the old one → its heir. The first heir takes what is not named,
               and stands for the old area wherever that is named.
        """
        with self._lane() as lane:
            faults = checks.split_faults(lane.rows, old_id, list(heirs), parts, at_us)
            for heir in heirs:
                faults += checks.ended_faults(lane.rows, old_id, heir, at_us, lane.now_us)
            checks.refuse(dict.fromkeys(faults))
            said = entries.AreaSplit(
                old_id=old_id,
                heirs=list(heirs),
                successor_id=heirs[0],
                parts=sorted(parts.items()),
                at_us=at_us,
                why=why,
                by=self._by,
            )
            lane.append(said)

    @once
    def zone(self, kind: str, name: tuple[str, str], from_us: int = 0) -> int:
        """Register a functional zone: a forest zone, a park, a school district; its id."""
        checks.refuse(checks.text_faults(kind=kind[:65], name=name[0]))
        said = entries.ZoneRegistered(
            kind=kind, name=name[0], latin=name[1], from_us=from_us, by=self._by
        )
        with self._lane() as lane:
            return lane.append(said).id()

    @once
    def rename_zone(self, zone_id: int, name: tuple[str, str], at_us: int) -> None:
        """Give a zone another name from a time on."""
        with self._lane() as lane:
            faults = checks.text_faults(name=name[0]) + _zone_faults(lane, zone_id, at_us)
            checks.refuse(faults)
            lane.append(
                entries.ZoneRenamed(
                    zone_id=zone_id, name=name[0], latin=name[1], at_us=at_us, by=self._by
                )
            )

    @once
    def end_zone(self, zone_id: int, at_us: int) -> None:
        """A zone is no more; its areas leave it."""
        with self._lane() as lane:
            faults = _zone_faults(lane, zone_id, at_us)
            for held in lane.rows.where(ZoneArea, zone_id=zone_id):
                if held.until_us is None and held.from_us >= at_us:
                    want = f"later than {rfc3339(held.from_us)}, when area {held.area_id} joined"
                    faults.append(Fault("at_us", rfc3339(at_us), want))
            checks.refuse(faults)
            lane.append(entries.ZoneEnded(zone_id=zone_id, at_us=at_us, by=self._by))

    @once
    def join_zone(self, zone_id: int, area_id: int, from_us: int) -> int:
        """Put an area, with everything in it, into a zone; the membership's id."""
        with self._lane() as lane:
            faults = _zone_faults(lane, zone_id, from_us)
            if not spans_of(lane.rows, area_id):
                faults.append(Fault("area_id", str(area_id), "a registered area"))
            for held in lane.rows.where(ZoneArea, zone_id=zone_id):
                if held.area_id == area_id and (held.until_us is None or held.until_us > from_us):
                    faults.append(Fault("area_id", str(area_id), "an area not in the zone then"))
            checks.refuse(faults)
            said = entries.ZoneJoined(
                zone_id=zone_id, area_id=area_id, from_us=from_us, by=self._by
            )
            return lane.append(said).id()

    @once
    def leave_zone(self, zone_area_id: int, until_us: int) -> None:
        """Take an area out of a zone, by the id that `join_zone` gave."""
        with self._lane() as lane:
            held = lane.rows.get(ZoneArea, zone_area_id)
            if held is None or held.until_us is not None:
                raise bad("zone_area_id", zone_area_id, "a membership that goes on")
            if until_us <= held.from_us:
                raise bad("until_us", rfc3339(until_us), f"later than {rfc3339(held.from_us)}")
            lane.append(entries.ZoneLeft(zone_area_id=zone_area_id, until_us=until_us, by=self._by))

    def _lies_between(self, lane: Appender, old_ids: Sequence[int]) -> bool:
        """Whether one of them lies in another: each is to end by itself."""
        areas = [lane.rows.get(Area, old) for old in old_ids]
        above = {
            int(part) for a in areas if a is not None for part in a.path.split(".")[:-2] if part
        }
        return not above.isdisjoint(old_ids)


def _zone_faults(lane: Appender, zone_id: int, at_us: int) -> list[Fault]:
    zone = lane.rows.get(Zone, zone_id)
    if zone is None or zone.until_us is not None:
        return [Fault("zone_id", str(zone_id), "a zone that goes on")]
    if at_us < zone.from_us:
        return [Fault("at_us", rfc3339(at_us), f"{rfc3339(zone.from_us)} or later")]
    return []
