"""What must hold before an area changes, at every date from then on. Pure over `Rows`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bihuan.base.errors import BadInputError, Fault
from bihuan.base.time import rfc3339
from bihuan.journal.rows import Rows
from bihuan.register.areas.codes import NATIONAL, RANKS, code_faults
from bihuan.register.areas.entries import AreaChanged
from bihuan.register.areas.models import AreaSpan
from bihuan.register.areas.spans import area_at, spans_of
from bihuan.register.entries import AreaRegistered
from bihuan.register.models import Area


def refuse(faults: Iterable[Fault]) -> None:
    """Raise BadInputError with every fault; nothing where there is none."""
    found = list(faults)
    if found:
        raise BadInputError(*found)


def text_faults(**texts: str) -> list[Fault]:
    """Names of 1 to 64 characters, without NUL: no database takes it as text."""
    return [
        Fault(field, text or "nothing", "1 to 64 characters")
        for field, text in texts.items()
        if not text.strip() or len(text) > 64 or "\0" in text
    ]


def registered_faults(rows: Rows, said: AreaRegistered, now_us: int) -> list[Fault]:
    """What is wrong with a new area; empty = nothing."""
    faults = text_faults(name=said.name)
    faults += _not_later(said.from_us, now_us, "from_us")
    faults += parent_faults(rows, said.parent_id, said.level, said.from_us)
    if said.parent_id is None and said.level in NATIONAL[1:] and not said.schematic:
        faults.append(Fault("parent_id", "none", f"the area in which a {said.level} lies"))
    if not faults:
        parent = _code_of(rows, said.parent_id)
        faults += code_faults(said.code, said.level, parent, said.schematic)
    return faults + taken_faults(rows, said.code, None, said.from_us)


def changed_faults(rows: Rows, said: AreaChanged, now_us: int) -> list[Fault]:
    """What is wrong with a change; a code is checked where it or the level is new.

    An area that only moves keeps its code: the national list follows months after the merger.
    """
    area = rows.get(Area, said.area_id)
    if area is None:
        return [Fault("area_id", str(said.area_id), "a registered area")]
    faults = text_faults(name=said.name) if said.name is not None else []
    faults += when_faults(rows, said.area_id, said.at_us, now_us)
    level = said.level or area.level
    if said.parent_id is not None:
        faults += parent_faults(rows, said.parent_id, level, said.at_us)
        faults += cycle_faults(rows, said.area_id, said.parent_id, said.at_us)
    if said.code is not None or said.level is not None or said.schematic is not None:
        parent_id = area.parent_id if said.parent_id is None else said.parent_id
        code = area.code if said.code is None else said.code
        schematic = area.schematic if said.schematic is None else said.schematic
        faults += code_faults(code, level, _code_of(rows, parent_id), schematic)
        faults += taken_faults(rows, code, said.area_id, said.at_us)
    if said.level is not None:
        faults += _level_faults(rows, said, area.parent_id)
    return faults


def ended_faults(
    rows: Rows, old_id: int, successor_id: int, at_us: int, now_us: int
) -> list[Fault]:
    """What stands against an area leading to another from a time on."""
    old = rows.get(Area, old_id)
    if old is None:
        return [Fault("old_id", str(old_id), "a registered area")]
    if old_id == successor_id:
        return [Fault("successor_id", str(successor_id), "another area")]
    faults = when_faults(rows, old_id, at_us, now_us)
    faults += parent_faults(rows, successor_id, old.level, at_us, "successor_id")
    faults += cycle_faults(rows, old_id, successor_id, at_us)
    for span in rows.where(AreaSpan, parent_id=old_id):
        last_us = max(span.from_us, span.until_us or 0)
        if last_us > at_us:
            want = f"{rfc3339(last_us)} or later, when the area {span.area_id} in it changed"
            faults.append(Fault("at_us", rfc3339(at_us), want))
    return faults


def when_faults(rows: Rows, area_id: int, at_us: int, now_us: int) -> list[Fault]:
    """A change is of an area that stands, not before its last one, and not in the future."""
    last = spans_of(rows, area_id)[-1]
    if last.is_led:
        return [Fault("area_id", str(area_id), f"an area that is not merged into {last.parent_id}")]
    faults = _not_later(at_us, now_us, "at_us")
    if at_us < last.from_us:
        want = f"{rfc3339(last.from_us)} or later, when it last changed"
        faults.append(Fault("at_us", rfc3339(at_us), want))
    return faults


def parent_faults(
    rows: Rows, parent_id: int | None, level: str, at_us: int, field: str = "parent_id"
) -> list[Fault]:
    """The area above stands from that time to now, and is at no time of a lower level."""
    if parent_id is None:
        return []
    spans = spans_of(rows, parent_id)
    if not spans or area_at(rows, parent_id, at_us) is None:
        return [Fault(field, str(parent_id), f"an area registered as of {rfc3339(at_us)}")]
    if spans[-1].is_led:
        got, want = f"{parent_id}, merged", f"an area that stands: {spans[-1].parent_id}"
        return [Fault(field, got, want)]
    lower = [s.level for s in _from(spans, at_us) if RANKS[s.level] > RANKS[level]]
    return [Fault(field, f"a {lower[0]}", f"an area in which a {level} can lie")] if lower else []


def cycle_faults(rows: Rows, area_id: int, parent_id: int, at_us: int) -> list[Fault]:
    """The new parent lies at no time from then on in the area itself."""
    fault = Fault("parent_id", str(parent_id), f"an area that does not lie in {area_id}")
    reached, waiting = {parent_id}, [parent_id]
    moments = {at_us}
    while waiting:
        for span in _from(spans_of(rows, waiting.pop()), at_us):
            moments.add(max(span.from_us, at_us))
            if span.parent_id is not None and span.parent_id not in reached:
                reached.add(span.parent_id)
                waiting.append(span.parent_id)
    if area_id not in reached:
        return []
    return [fault] if any(_lies_in(rows, parent_id, area_id, at) for at in moments) else []


def taken_faults(rows: Rows, code: str, area_id: int | None, at_us: int) -> list[Fault]:
    """No other area has this code at any time from then on."""
    others = [s for s in rows.where(AreaSpan, code=code) if s.area_id != area_id and not s.is_led]
    taken = [s for s in _from(others, at_us) if s.until_us != s.from_us]
    return [Fault("code", code, "a code that is not taken")] if taken else []


def split_faults(
    rows: Rows, old_id: int, heirs: list[int], parts: Mapping[int, int], at_us: int
) -> list[Fault]:
    """Every part lies directly in the old area and goes to an heir that may hold it."""
    faults = []
    if len(set(heirs)) != len(heirs) or not heirs:
        faults.append(Fault("heirs", ", ".join(map(str, heirs)) or "none", "areas, each once"))
    for child, heir in parts.items():
        span = area_at(rows, child, at_us)
        if span is None or span.is_led or span.parent_id != old_id:
            faults.append(Fault("parts", str(child), f"an area directly in {old_id} at that time"))
        elif heir not in heirs:
            faults.append(Fault("parts", f"{child} to {heir}", "one of the heirs"))
        else:
            faults += parent_faults(rows, heir, span.level, at_us, "parts")
    return faults


def _lies_in(rows: Rows, area_id: int, in_id: int, at_us: int) -> bool:
    above: int | None = area_id
    while above is not None and above != in_id:
        span = area_at(rows, above, at_us)
        above = None if span is None else span.parent_id
    return above == in_id


def _level_faults(rows: Rows, said: AreaChanged, parent_id: int | None) -> list[Fault]:
    assert said.level is not None
    faults = []
    if said.parent_id is None:
        faults += parent_faults(rows, parent_id, said.level, said.at_us, "level")
    inside = _from(rows.where(AreaSpan, parent_id=said.area_id), said.at_us)
    higher = [s for s in inside if not s.is_led and RANKS[s.level] < RANKS[said.level]]
    if higher:
        want = f"a level that can hold a {higher[0].level}"
        faults.append(Fault("level", said.level, want))
    return faults


def _not_later(at_us: int, now_us: int, field: str) -> list[Fault]:
    if at_us <= now_us:
        return []
    return [Fault(field, rfc3339(at_us), f"{rfc3339(now_us)} or before: say it on the day")]


def _from(spans: Iterable[AreaSpan], at_us: int) -> list[AreaSpan]:
    return [span for span in spans if span.until_us is None or span.until_us > at_us]


def _code_of(rows: Rows, area_id: int | None) -> tuple[str, bool] | None:
    area = None if area_id is None else rows.get(Area, area_id)
    return None if area is None else (area.code, area.schematic)
