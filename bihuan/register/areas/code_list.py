"""A national code list in: what is new is registered, what is called otherwise is renamed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bihuan.base.errors import BadInputError, Fault
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.rows import Rows
from bihuan.register.areas import checks
from bihuan.register.areas.acts import NewArea
from bihuan.register.areas.codes import RANKS, national_level, parent_code
from bihuan.register.areas.entries import AreaChanged
from bihuan.register.areas.models import AreaSpan
from bihuan.register.entries import Actor
from bihuan.register.models import Area


@dataclass(frozen=True, slots=True)
class CodesImported:
    """What a list changed. ids: of every area that it names, by code.

    missing  codes of areas within the list's counties that stand here and not in the list: they
             were merged or recoded, and a person says which (`AreaActs.merge`, `.change`)
    """

    ids: dict[str, int]
    added: list[str]
    renamed: list[str]
    missing: list[str]


def import_codes(
    names: Mapping[str, str], at_us: int, clock: Clock, by: Actor | None = None
) -> CodesImported:
    """Register a county's list, code → Chinese name, in one transaction; a rerun changes nothing.

    at_us  from when on the list holds: since when new areas are, and renamed ones have their name
    Raises BadInputError with every bad code, and then nothing is written.
    """
    checks.refuse(
        Fault(f"code {code}", code, "12 digits of a county, town or village")
        for code in names
        if national_level(code) is None
    )
    order = sorted(names, key=lambda code: (RANKS[str(national_level(code))], code))
    with Appender(FACTS_LANE, clock) as lane:
        found = CodesImported({}, [], [], [])
        faults: list[Fault] = []
        for code in order:
            said = _Line(code, names[code], at_us)
            try:
                _take(lane, said, found, by)
            except BadInputError as error:
                faults += [Fault(f"code {code}: {f.field}", f.got, f.want) for f in error.faults]
        checks.refuse(faults)
        counties = {code[:6] for code in names}
        standing = Area.objects.filter(until_us=None, schematic=False).values_list("code", "level")
        found.missing.extend(
            code
            for code, level in standing.order_by("code")
            if code[:6] in counties and national_level(code) == level and code not in names
        )
        return found


@dataclass(frozen=True, slots=True)
class _Line:
    code: str
    name: str
    at_us: int


def _take(lane: Appender, line: _Line, found: CodesImported, by: Actor | None) -> None:
    area = _standing(lane.rows, line.code)
    if area is None:
        above = parent_code(line.code)
        parent = None if above is None else _standing(lane.rows, above)
        level = national_level(line.code)
        assert level is not None, "codes were checked before"
        said = NewArea(
            code=line.code,
            name=(line.name, ""),
            level=level,
            parent_id=parent.id if parent is not None else None,
            from_us=line.at_us,
        ).entry(by)
        checks.refuse(checks.registered_faults(lane.rows, said, lane.now_us))
        found.ids[line.code] = lane.append(said).id()
        found.added.append(line.code)
        return
    found.ids[line.code] = area.id
    if area.name != line.name:
        renamed = AreaChanged(area_id=area.id, at_us=line.at_us, name=line.name, latin="", by=by)
        checks.refuse(checks.changed_faults(lane.rows, renamed, lane.now_us))
        lane.append(renamed)
        found.renamed.append(line.code)


def _standing(rows: Rows, code: str) -> Area | None:
    spans = [s for s in rows.where(AreaSpan, code=code) if s.until_us is None and not s.is_led]
    return rows.get(Area, spans[0].area_id) if spans else None
