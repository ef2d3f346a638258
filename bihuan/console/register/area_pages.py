"""区域 / Areas: the tree with search, one area with its history, and its acts."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from bihuan.base.errors import BadInputError, Fault
from bihuan.console.access.cursor import page_shown
from bihuan.console.home import clock
from bihuan.console.register import wording, zone_deeds
from bihuan.console.register.cells import NOTHING, Names, Wanted
from bihuan.console.register.choosing import found_ids
from bihuan.console.register.controls import control
from bihuan.console.register.deeds import Deed, forms, posted, shown
from bihuan.console.register.moments import day, midnight_us
from bihuan.console.register.printed import code_link
from bihuan.console.register.reach import Reach, inside, official_or_404, path_of
from bihuan.console.register.sheet import Cell, Fact, Listing, Sheet, Table
from bihuan.console.register.told import lines_of
from bihuan.console.register.wording import word
from bihuan.console.shown import area_name
from bihuan.console.shows import panels, sheets
from bihuan.console.visit import signed_in, whole_or_404
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.areas.acts import AreaActs, NewArea, NewShape
from bihuan.register.areas.code_list import import_codes
from bihuan.register.areas.models import AreaSpan, Zone, ZoneArea
from bihuan.register.areas.spans import area_at, path_at
from bihuan.register.models import Area, Post
from bihuan.register.records.acts import By
from bihuan.register.scheme import Field

PER_PAGE = 200
MOST_POSTS = 50
SEARCH = Field(name="q", title=("名称、拼音首字母或代码", "Name, initials or code"), kind="text")
NAME = Field(name="name", title=("名称", "Name"), kind="text", is_required=True)
LATIN = Field(name="latin", title=("英文名", "Name in English"), kind="text")
CODE = Field(name="code", title=("代码", "Code"), kind="text", is_required=True)
LEVEL = Field(
    name="level", title=("层级", "Level"), kind="choice", choices=wording.LEVELS, is_required=True
)
PARENT = Field(name="parent", title=("在哪里", "Lies in"), kind="area")
OWN_CODE = Field(
    name="schematic",
    title=("自编代码（非国家代码）", "A code of our own"),
    kind="yes_no",
    is_required=True,
)
SINCE = Field(name="since", title=("从何时起", "Since"), kind="time", is_required=True)
WHY = Field(name="why", title=("依据", "On what grounds"), kind="text")
INTO = Field(name="into", title=("并入", "Merged into"), kind="area", is_required=True)
CODES = Field(
    name="codes",
    title=("区划代码表，一行一个", "Codes, one a line"),
    kind="long_text",
    is_required=True,
    want=("990101102203 石桥村", "990101102203 name"),
)
_LINE = re.compile(r"(\d{12})[\s,，\t]+(\S.*)")


def areas_of(reach: Reach) -> QuerySet[Area]:
    """The areas that this person may look at: those of the posts, or all where areas are kept."""
    paths = [""] if reach.keeps_areas and reach.office else reach.areas()
    return Area.objects.using(MAIN).filter(inside(paths))


def area_or_404(reach: Reach, area_id: int) -> Area:
    """The area; a stranger cannot tell a foreign one from none."""
    found = areas_of(reach).filter(id=area_id).first()
    if found is None:
        raise Http404
    return found


@signed_in
def areas(request: HttpRequest) -> HttpResponse:
    """The tree, one step at a time, or what a search finds."""
    reach = official_or_404(request)
    if request.method == "POST":
        return posted(request, lambda: _tree(request, reach), reach)
    page, _deeds = _tree(request, reach)
    return shown(request, page)


def _tree(request: HttpRequest, reach: Reach) -> tuple[Listing, list[Deed]]:
    query, in_ = request.GET.get("q", "").strip(), request.GET.get("in", "")
    seen = areas_of(reach).filter(until_us=None)
    page = Listing(word(("区域", "Areas")), Table("", (), [], ""))
    if query:
        found = seen.filter(
            Q(id__in=found_ids(reach, query, ("area",)))
            | Q(code__startswith=query)
            | Q(name__contains=query)
        )
    elif in_:
        parent = area_or_404(reach, whole_or_404(in_))
        found = seen.filter(parent_id=parent.id)
        page.crumbs = _crumbs(parent)
        page.title = area_name(parent)
        page.links = [(reverse("area", args=[parent.id]), word(("打开", "Open")))]
    else:
        paths = [""] if reach.office else reach.areas()
        tops = Q(parent_id=None) if "" in paths else Q(path__in=paths)
        found = seen.filter(tops)
    rows, page.more = page_shown(request, found, "areas", PER_PAGE, {"q": query, "in": in_})
    page.table = _table(list(rows))
    one = control(reach, SEARCH, query)
    one.name = "q"
    page.filters, page.is_filtered = [one], True
    deeds = new_areas(reach, in_) if reach.keeps_areas else []
    page.forms = forms(reach, deeds, request.get_full_path())
    return page, deeds


def _table(rows: list[Area]) -> Table:
    children = dict.fromkeys((one.id for one in rows), 0)
    below = Area.objects.using(MAIN).filter(parent_id__in=children, until_us=None)
    for parent in below.values_list("parent_id", flat=True):
        if parent is not None:
            children[parent] += 1
    wanted = Wanted()
    wanted.areas = {one.parent_id for one in rows if one.parent_id is not None}
    names = Names(wanted, masked=False)
    lines = [
        [
            Cell(area_name(one), href=reverse("area", args=[one.id])),
            Cell(wording.coded(wording.LEVELS, one.level)),
            Cell(one.code, sub=word(("自编", "own")) if one.schematic else "", is_code=True),
            Cell(names.place(one.parent_id)) if one.parent_id else NOTHING,
            Cell(
                word(("下级 {} 个", "{} below")).format(children[one.id]),
                href=f"{reverse('areas')}?in={one.id}",
            )
            if children[one.id]
            else Cell(),
        ]
        for one in sorted(rows, key=lambda one: one.code)
    ]
    columns = (
        word(("名称", "Name")),
        word(("层级", "Level")),
        word(("代码", "Code")),
        word(("在哪里", "Lies in")),
        word(("下级", "Below")),
    )
    return Table("", columns, lines, word(("没有找到区域", "No area found")))


def _crumbs(area: Area) -> list[tuple[str, str]]:
    ids = [int(part) for part in area.path.split(".") if part][:-1]
    above = Area.objects.using(MAIN).in_bulk(ids)
    first = (reverse("areas"), word(("区域", "Areas")))
    steps = [(f"{reverse('areas')}?in={i}", area_name(above[i])) for i in ids if i in above]
    return [first, *steps]


def new_areas(reach: Reach, in_: str) -> list[Deed]:
    """Registering an area, or a whole list of codes."""

    def register(by: By, said: dict[str, Any]) -> int:
        acts = AreaActs(clock(), reach.actor(path_of(said["parent"])))
        new = NewArea(
            code=said["code"],
            name=(said["name"], said["latin"] or said["name"]),
            level=said["level"],
            parent_id=said["parent"],
            schematic=said["schematic"],
            from_us=said["since"],
        )
        return acts.keyed(by.key).register(new)

    def bring(_by: By, said: dict[str, Any]) -> None:
        by = reach.actor("")
        import_codes(_codes(said["codes"]), said["since"], clock(), by)

    held = {"parent": in_ or None, "since": reach.now_us, "schematic": False}
    fields = (NAME, LATIN, CODE, LEVEL, PARENT, OWN_CODE, SINCE)
    new = Deed(
        "register",
        ("登记区域", "Register an area"),
        register,
        fields,
        held=held,
        icon="map-pin",
        is_main=True,
        leads_to="/areas/{}/",
    )
    codes = Deed(
        "codes",
        ("导入区划代码", "Import codes"),
        bring,
        (CODES, SINCE),
        held={"since": reach.now_us},
        icon="file-text",
    )
    return [new, codes, *zone_deeds.for_the_county(reach)] if reach.keeps_everything else [new]


def _codes(text: str) -> dict[str, str]:
    """code → name. Raises BadInputError with every line that is none."""
    found, faults = {}, []
    for n, line in enumerate(text.splitlines(), start=1):
        match = _LINE.fullmatch(line.strip())
        if match is not None:
            found[match[1]] = match[2].strip()
        elif line.strip():
            faults.append(Fault(f"codes.{n}", line.strip(), word(CODES.want or ("", ""))))
    if faults:
        raise BadInputError(*faults)
    return found


@signed_in
def area(request: HttpRequest, area_id: int) -> HttpResponse:
    """One area: what it is, what it was on a date, what lies in it, who answers for it."""
    reach = Reach(request)
    found = area_or_404(reach, area_id)
    if request.method == "POST":
        return posted(request, lambda: _sheet(request, reach, found), reach)
    page, _deeds = _sheet(request, reach, found)
    return shown(request, page, 422 if page.on_word == "?" else 200)


def _sheet(request: HttpRequest, reach: Reach, area: Area) -> tuple[Sheet, list[Deed]]:
    ended = area.until_us is not None
    page = Sheet(
        title=area_name(area),
        kicker=wording.coded(wording.LEVELS, area.level),
        crumbs=_crumbs(area),
        here=reverse("area", args=[area.id]),
        state=Cell(word(("已并入别处", "Merged")), tone="mute") if ended else None,
        sub=[Cell(area.code, is_code=True)],
    )
    page.facts = _facts(request, page, area)
    children = Area.objects.using(MAIN).filter(parent_id=area.id, until_us=None)
    inside_ = _table(list(children.order_by("code")[:PER_PAGE]))
    title = word(("下级区域", "Areas in it"))
    page.main = [Table(title, inside_.columns, inside_.rows, word(("没有下级", "None")))]
    page.side = [_posts(area, reach.now_us), _zones(area)]
    page.history = lines_of(Area, area.id)
    page.panels = panels.of_area(request, reach, area)
    page.links = [*sheets.area_links(reach, area), code_link("area", area.id)]
    deeds = deeds_of(reach, area) if reach.keeps_areas and not ended else []
    page.forms = forms(reach, deeds, page.here)
    return page, deeds


def _facts(request: HttpRequest, page: Sheet, area: Area) -> list[Fact]:
    wanted = Wanted()
    wanted.areas = {one for one in (area.id, area.parent_id, area.successor_id) if one}
    then = None
    page.on = request.GET.get("on", "")
    if page.on:
        try:
            until_us = midnight_us(day("on", page.on), 1) - 1
        except BadInputError:
            page.on_word = "?"
        else:
            then = area_at(Rows(MAIN), area.id, until_us)
            path = path_at(Rows(MAIN), area.id, until_us) or ""
            wanted.areas |= {int(part) for part in path.split(".") if part}
            gone = word(("那天还没有这个区域", "There was no such area on that day"))
            page.on_word = then.name if then is not None else gone
    names = Names(wanted, masked=False)
    was = {} if then is None else _cells(then, names)
    now = _cells(area, names)
    if area.successor_id:
        href = reverse("area", args=[area.successor_id])
        now["successor_id"] = Cell(names.place(area.successor_id), href=href)
    return [
        Fact(wording.named(wording.COLUMNS, name), cell, was.get(name))
        for name, cell in now.items()
    ]


def _cells(area: Area | AreaSpan, names: Names) -> dict[str, Cell]:
    """An area's own columns, as it is or as it was."""
    return {
        "name": Cell(area.name),
        "latin": Cell(area.latin),
        "code": Cell(area.code, is_code=True),
        "level": Cell(wording.coded(wording.LEVELS, area.level)),
        "parent_id": Cell(names.place(area.parent_id)) if area.parent_id else NOTHING,
    }


def _posts(area: Area, now_us: int) -> Table:
    is_now = Q(from_us__lte=now_us) & (Q(until_us=None) | Q(until_us__gt=now_us))
    held = list(Post.objects.using(MAIN).filter(is_now, area_id=area.id)[:MOST_POSTS])
    wanted = Wanted()
    wanted.people = {one.person_id for one in held}
    names = Names(wanted, masked=False)
    rows = [
        [
            Cell(names.official(one.person_id), href=reverse("party", args=[one.person_id])),
            Cell(wording.role(one.role), sub=word(("负责人", "head")) if one.is_head else ""),
        ]
        for one in held
    ]
    columns = (word(("姓名", "Name")), word(("岗位", "Post")))
    return Table(
        word(("谁负责这里", "Who answers here")), columns, rows, word(("没有岗位", "No post"))
    )


def _zones(area: Area) -> Table:
    inside_ = ZoneArea.objects.using(MAIN).filter(area_id=area.id, until_us=None)
    zones = Zone.objects.using(MAIN).filter(id__in=inside_.values("zone_id"), until_us=None)
    rows = [[Cell(word((one.name, one.latin or one.name))), Cell(one.kind)] for one in zones]
    columns = (word(("功能区", "Zone")), word(("类别", "Kind")))
    return Table(word(("功能区", "Zones")), columns, rows, word(("不在任何功能区", "In none")))


def deeds_of(reach: Reach, area: Area) -> list[Deed]:
    """Changing an area, or merging it into another."""
    if not (reach.office == "system" or reach.may_keep(area.path)):
        return []
    acts = AreaActs(clock(), reach.actor(area.path))

    def change(by: By, said: dict[str, Any]) -> None:
        shape = NewShape(
            name=(said["name"], said["latin"] or said["name"]),
            code=said["code"] if said["code"] != area.code else None,
            level=said["level"] if said["level"] != area.level else None,
            parent_id=said["parent"] if said["parent"] != area.parent_id else None,
            why=said["why"] or "",
        )
        acts.keyed(by.key).change(area.id, said["since"], shape)

    held = {
        "name": area.name,
        "latin": area.latin,
        "code": area.code,
        "level": area.level,
        "parent": area.parent_id,
        "since": reach.now_us,
    }
    fields = (NAME, LATIN, CODE, LEVEL, PARENT, SINCE, WHY)
    return [
        Deed("change", ("更名、改代码、改隶属", "Change"), change, fields, held=held),
        _merging(reach, area, acts),
        *zone_deeds.of_area(reach, area),
    ]


def _merging(reach: Reach, area: Area, acts: AreaActs) -> Deed:
    def merge(by: By, said: dict[str, Any]) -> None:
        reach.actor(path_of(said["into"]))
        given = said["into"], said["since"], said["why"] or ""
        acts.keyed(by.key).merge([area.id], *given)

    return Deed(
        "merge",
        ("并入别的区域", "Merge into another"),
        merge,
        (INTO, SINCE, WHY),
        held={"since": reach.now_us},
        icon="arrow-up-right",
        note=word(
            (
                "并入后编号不变，原来的对象、岗位和事件都跟过去",
                "It keeps its id; its subjects, posts and cases follow",
            )
        ),
    )
