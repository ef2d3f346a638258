"""Areas 区域: by code, each under its parent's code; a file may bring both at once."""

from __future__ import annotations

from typing import Any, Final

from bihuan.base.errors import BadInputError, Fault
from bihuan.journal.storage import MAIN
from bihuan.register.areas import checks
from bihuan.register.areas.acts import AreaActs, NewArea, NewShape
from bihuan.register.areas.codes import LEVELS, RANKS, code_faults
from bihuan.register.imports.kinds import Asking, Kind, Said, Step, Work, declare, nothing
from bihuan.register.imports.times import day_us
from bihuan.register.models import Area
from bihuan.register.scheme import Field

_WORDS: Final = {
    "county": ("县", "County"),
    "town": ("镇（街道）", "Town"),
    "village": ("村（社区）", "Village"),
    "natural_village": ("自然村", "Natural village"),
    "estate": ("小区", "Estate"),
    "building": ("楼栋", "Building"),
    "stairwell": ("单元", "Stairwell"),
}
FIELDS: Final = (
    Field(name="code", title=("区划代码", "Code"), kind="text", is_required=True),
    Field(name="name", title=("名称", "Name"), kind="text", is_required=True),
    Field(name="latin", title=("英文名", "English name"), kind="text"),
    Field(
        name="level",
        title=("级别", "Level"),
        kind="choice",
        choices=tuple((level, _WORDS[level]) for level in LEVELS),
        is_required=True,
    ),
    Field(name="parent_code", title=("上级代码", "Parent code"), kind="text"),
    Field(name="schematic", title=("自编代码", "Own code"), kind="yes_no"),
    Field(name="from", title=("起始日期", "Since"), kind="date"),
)


def order(work: Work, rows: list[Said]) -> list[tuple[int, list[Fault]]]:
    """Parents before children; a ring of parents is a fault of each of its rows."""
    parents = {str(said["code"]): _parent(said) for said in rows}
    levels = {str(said["code"]): str(said["level"]) for said in rows}
    for said in rows:
        work.pending[f"area:{said['code']}"] = "own" if said.get("schematic") is True else ""
    found = []
    for said in rows:
        code, above, chain = str(said["code"]), _parent(said), list[str]()
        while above is not None and above in parents and above not in chain and above != code:
            chain.append(above)
            above = parents[above]
        faults = []
        if above == code:
            ring = " > ".join([code, *chain, code])
            faults.append(Fault("parent_code", ring, "areas not in themselves"))
        parent = _parent(said)
        if parent in levels and RANKS[levels[parent]] > RANKS[levels[code]]:
            want = f"an area in which a {levels[code]} can lie"
            faults.append(Fault("parent_code", f"a {levels[parent]}", want))
        found.append((len(chain), faults))
    return found


def step(work: Work, said: Said) -> Step:
    """A new area, or a new name, parent or level from now on."""
    key = f"area:{said['code']}"
    area = Area.objects.using(MAIN).filter(code=said["code"], until_us=None).first()
    parent = _parent_id(work, said)
    from_us = day_us(said.get("from"))
    if area is None:
        new = NewArea(
            code=str(said["code"]),
            name=(str(said["name"]), str(said.get("latin") or "")),
            level=said["level"],  # type: ignore[arg-type]  # a choice of LEVELS
            parent_id=parent,
            schematic=said.get("schematic") is True,
            from_us=from_us or 0,
        )
        if work.is_dry:
            checks.refuse(_new_faults(work, new, _parent(said)))
        return Step("new", key, lambda: AreaActs(work.clock, work.by).register(new))
    work.must_lie(area.path, "code", area.code)
    shape = _changes(area, said, parent)
    if not shape:
        return Step("same", key, nothing)
    at_us = work.clock.now_us() if from_us is None else from_us
    acts = AreaActs(work.clock, work.by)
    return Step("changed", key, lambda: acts.change(area.id, at_us, NewShape(**shape)))


def _parent_id(work: Work, said: Said) -> int | None:
    """The registered parent; None for a county, and for one that the file itself brings."""
    code = _parent(said)
    if code is None:
        work.must_be_whole("parent_code")
        return None
    is_here = Area.objects.using(MAIN).filter(code=code, until_us=None).exists()
    if not is_here and work.is_dry and f"area:{code}" in work.pending:
        return None
    return work.area(said, "parent_code")


def _new_faults(work: Work, new: NewArea, parent_code: str | None) -> list[Fault]:
    if parent_code is None or new.parent_id is not None:
        return checks.registered_faults(work.rows, new.entry(work.by), work.clock.now_us())
    above = (parent_code, work.pending[f"area:{parent_code}"] == "own")
    faults = checks.text_faults(name=new.name[0])
    faults += code_faults(new.code, new.level, above, new.schematic)
    return faults + checks.taken_faults(work.rows, new.code, None, new.from_us)


def _changes(area: Area, said: Said, parent: int | None) -> dict[str, Any]:
    shape: dict[str, Any] = {}
    latin = said.get("latin", area.latin) or ""
    if (said["name"], latin) != (area.name, area.latin):
        shape["name"] = (said["name"], latin)
    if said["level"] != area.level:
        shape["level"] = said["level"]
    if parent is not None and parent != area.parent_id:
        if f"{area.id}." in _path(parent):
            got = f"{area.code} lies above {said['parent_code']}"
            raise BadInputError(Fault("parent_code", got, "areas not in themselves"))
        shape["parent_id"] = parent
    return shape


def _path(area_id: int) -> str:
    return str(Area.objects.using(MAIN).values_list("path", flat=True).get(pk=area_id))


def _parent(said: Said) -> str | None:
    got = said.get("parent_code")
    return None if got is None else str(got)


def rows(asking: Asking) -> Any:
    """Every standing area that who asks may take out."""
    found = Area.objects.using(MAIN).filter(until_us=None).order_by("path")
    codes = dict(Area.objects.using(MAIN).values_list("id", "code"))
    allowed = asking.paths("register")
    for area in found.iterator():
        if allowed is not None and not any(area.path.startswith(path) for path in allowed):
            continue
        yield {
            "code": area.code,
            "name": area.name,
            "latin": area.latin,
            "level": area.level,
            "parent_code": codes.get(area.parent_id) if area.parent_id else None,
            "schematic": area.schematic,
        }


AREAS = declare(
    Kind(
        name="areas",
        title=("区域", "Areas"),
        fields=FIELDS,
        step=step,
        rows=rows,
        order=order,
        meaning=(
            "现行的区域，各计一次；合并撤销的不列",
            "Areas that stand now, each once; merged ones are left out",
        ),
        words={"code": ("代码", "统计用区划代码"), "parent_code": ("上级区划代码",)},
        named={"parent_id": "parent_code", "from_us": "from", "at_us": "from"},
    )
)
