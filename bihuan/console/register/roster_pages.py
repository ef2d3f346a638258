"""值班表 / Rosters: tonight in every area, a week of one roster, its gaps, calendar in and out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from bihuan.base.errors import BadInputError
from bihuan.base.time import CHINA, DAY_US, HOUR_US, datetime_of
from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.register import wording
from bihuan.console.register.cells import Names, Wanted
from bihuan.console.register.deeds import Deed, forms, posted, shown
from bihuan.console.register.moments import day, midnight_us, today
from bihuan.console.register.reach import Reach, inside, official_or_404
from bihuan.console.register.roster_deeds import making, roster_deeds
from bihuan.console.register.sheet import Cell, Listing, Sheet, Table
from bihuan.console.register.wording import word
from bihuan.console.visit import signed_in
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.models import Area, County
from bihuan.register.rosters.acts import people_of
from bihuan.register.rosters.ical import to_ical
from bihuan.register.rosters.models import Roster, RosterOverride, Swap
from bihuan.register.rosters.on_duty import Gap, gaps, shifts
from bihuan.register.rosters.pattern import Slot

TONIGHT_US = 14 * HOUR_US
WEEK = timedelta(days=7)
EXPORTED_US = 92 * DAY_US
MOST = 500


@dataclass(frozen=True, slots=True)
class Box:
    """One shift in a day of the week's view."""

    shift: str
    hours: str
    people: str
    is_gap: bool
    is_now: bool


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the week's view."""

    on: date
    word: str
    is_today: bool
    boxes: list[Box]


WEEKDAYS = (
    ("周一", "Mon"),
    ("周二", "Tue"),
    ("周三", "Wed"),
    ("周四", "Thu"),
    ("周五", "Fri"),
    ("周六", "Sat"),
    ("周日", "Sun"),
)


def rosters_of(reach: Reach) -> list[Roster]:
    """The rosters that this person may see, by area; a page shows so many."""
    return [one for _path, one in placed_rosters(reach)[:MOST]]


def placed_rosters(reach: Reach) -> list[tuple[str, Roster]]:
    """Every roster in reach that holds, with the path of its area, by that."""
    areas = Area.objects.using(MAIN).filter(inside(reach.areas()))
    paths = dict(areas.values_list("id", "path"))
    found = Roster.objects.using(MAIN).filter(area_id__in=paths)
    still = found.filter(Q(closed_us=None) | Q(closed_us__gt=reach.now_us))
    placed = [(paths[one.area_id], one) for one in still]
    return sorted(placed, key=lambda one: (one[0], one[1].id))


def roster_or_404(reach: Reach, roster_id: int) -> Roster:
    """The roster; a stranger cannot tell a foreign one from none."""
    found = Roster.objects.using(MAIN).filter(id=roster_id).first()
    area = Area.objects.using(MAIN).filter(id=found.area_id).first() if found else None
    paths = reach.areas()
    if found is None or area is None or not any(area.path.startswith(p) for p in paths):
        raise Http404
    return found


@signed_in
def rosters(request: HttpRequest) -> HttpResponse:
    """Tonight, area by area: who is on duty, until when, and where nobody is."""
    reach = official_or_404(request)
    if request.method == "POST":
        return posted(request, lambda: _tonight(request, reach), reach)
    page, _deeds = _tonight(request, reach)
    return shown(request, page)


def _tonight(request: HttpRequest, reach: Reach) -> tuple[Listing, list[Deed]]:
    found, rows = rosters_of(reach), Rows(MAIN)
    until_us = reach.now_us + TONIGHT_US
    slots = {one.id: shifts(rows, one, (reach.now_us, until_us)) for one in found}
    missing = [gap for one in found for gap in gaps(rows, one, (reach.now_us, until_us))]
    wanted = Wanted()
    wanted.areas = {one.area_id for one in found}
    wanted.people = {p for some in slots.values() for slot in some for p in slot.people}
    names = Names(wanted, masked=False)
    columns = (
        word(("值班表", "Roster")),
        word(("现在", "Now")),
        word(("接下来", "Next")),
        word(("区域", "Area")),
    )
    lines = [_line(one, slots[one.id], missing, names, reach.now_us) for one in found]
    empty = word(("还没有值班表：先建一张", "No roster yet: make the first"))
    page = Listing(word(("值班表", "Rosters")), Table("", columns, lines, empty))
    page.sub = word(("接下来 14 小时", "The next 14 hours"))
    if missing:
        said = word(("今晚有 {} 个班次无人值班", "Shifts with nobody tonight: {}"))
        page.bars = [("crit", said.format(len(missing)))]
    deeds = [making(reach)] if reach.may_keep_some("act") else []
    page.forms = forms(reach, deeds, request.path)
    return page, deeds


def _line(
    roster: Roster, slots: list[Slot], missing: list[Gap], names: Names, now_us: int
) -> list[Cell]:
    now = [slot for slot in slots if slot.from_us <= now_us < slot.until_us]
    later = [slot for slot in slots if slot.from_us > now_us]
    is_gap = any(gap.roster_id == roster.id and gap.from_us <= now_us for gap in missing)
    waking = word(("夜间叫应", "waking")) if roster.is_waking else ""
    sub = " · ".join(part for part in (wording.role(roster.role), waking) if part)
    return [
        Cell(roster.title, href=reverse("roster", args=[roster.id]), sub=sub),
        Cell(word(("无人值班", "Nobody")), tone="crit")
        if is_gap or not now
        else _shift_cell(now[0], names),
        _shift_cell(later[0], names) if later else Cell("—", tone="dim"),
        Cell(names.place(roster.area_id)),
    ]


def _shift_cell(slot: Slot, names: Names) -> Cell:
    if not slot.people:
        return Cell(word(("无人值班", "Nobody")), tone="crit", sub=_hours(slot))
    people = "、".join(names.official(person) for person in slot.people)
    return Cell(people, sub=f"{slot.shift} {_hours(slot)}")


def _hours(slot: Slot) -> str:
    from_, until = (f"{datetime_of(us).astimezone(CHINA):%H:%M}" for us in slot[:2])
    return f"{from_}–{until}"


@signed_in
def roster(request: HttpRequest, roster_id: int) -> HttpResponse:
    """One roster by weeks: its shifts and gaps, its exceptions and swaps, and its acts."""
    reach = Reach(request)
    found = roster_or_404(reach, roster_id)
    if request.method == "POST":
        return posted(request, lambda: _sheet(request, reach, found), reach)
    page, _deeds = _sheet(request, reach, found)
    return shown(request, page)


def _sheet(request: HttpRequest, reach: Reach, roster: Roster) -> tuple[Sheet, list[Deed]]:
    monday = week_of(request.GET.get("week", ""), reach.now_us)
    wanted = Wanted()
    wanted.areas.add(roster.area_id)
    names = Names(wanted, masked=False)
    here = reverse("roster", args=[roster.id])
    waking = ("夜间叫应：号码 30 天内要响过", "Waking: numbers must have rung within 30 days")
    page = Sheet(
        title=roster.title,
        kicker=wording.role(roster.role),
        crumbs=[(reverse("rosters"), word(("值班表", "Rosters")))],
        here=here,
        sub=[Cell(names.place(roster.area_id), icon="map-pin")],
    )
    if roster.is_waking:
        page.sub.append(Cell(word(waking), icon="bell"))
    missing = gaps(Rows(MAIN), roster, _week_us(monday))
    if missing:
        said = word(("这一周有 {} 个班次无人值班", "Shifts with nobody this week: {}"))
        page.bars = [("crit", said.format(len(missing)))]
    page.main = [_exceptions(roster, reach.now_us)]
    page.side = [_swaps(roster, reach.now_us)]
    page.week = week(roster, monday, reach.now_us)
    page.links = _links(here, monday)
    deeds = roster_deeds(reach, roster)
    page.forms = forms(reach, deeds, here)
    return page, deeds


def week_of(text: str, now_us: int) -> date:
    """The Monday of the week of a day; of this one without a day. 404 for what is no day."""
    try:
        on = day("week", text) if text else today(now_us)
    except BadInputError:
        raise Http404 from None
    return on - timedelta(days=on.weekday())


def _week_us(monday: date) -> tuple[int, int]:
    return midnight_us(monday), midnight_us(monday, 7)


def week(roster: Roster, monday: date, now_us: int) -> list[Day]:
    """Seven days with their shifts, each where it begins."""
    slots = shifts(Rows(MAIN), roster, _week_us(monday))
    people = People(keys(), {person for slot in slots for person in slot.people})
    found = []
    for n in range(7):
        on = monday + timedelta(days=n)
        boxes = [_box(slot, people, now_us) for slot in slots if today(slot.from_us) == on]
        found.append(Day(on, word(WEEKDAYS[n]), on == today(now_us), boxes))
    return found


def _box(slot: Slot, people: People, now_us: int) -> Box:
    named = "、".join(people.name(person) for person in slot.people)
    return Box(
        slot.shift,
        _hours(slot),
        named or word(("无人值班", "Nobody")),
        not slot.people,
        slot.from_us <= now_us < slot.until_us,
    )


def _links(here: str, monday: date) -> list[tuple[str, str]]:
    before, after = monday - WEEK, monday + WEEK
    return [
        (f"{here}?week={before}", word(("上一周", "Week before"))),
        (here, word(("本周", "This week"))),
        (f"{here}?week={after}", word(("下一周", "Week after"))),
        (f"{here}calendar.ics", word(("导出日历", "Calendar file"))),
    ]


def _exceptions(roster: Roster, now_us: int) -> Table:
    found = RosterOverride.objects.using(MAIN).filter(roster_id=roster.id, until_us__gt=now_us)
    covers = list(found.order_by("from_us", "id"))
    people = People(keys(), {p for one in covers for p in people_of(one.people)})
    rows = [
        [
            Cell(one.shift, sub=one.reason),
            Cell(us=one.from_us),
            Cell(us=one.until_us),
            Cell("、".join(people.name(p) for p in people_of(one.people)))
            if people_of(one.people)
            else Cell(word(("无人值班", "Nobody")), tone="crit"),
        ]
        for one in covers
    ]
    columns = (
        word(("班次", "Shift")),
        word(("起", "From")),
        word(("止", "Until")),
        word(("谁值", "Who")),
    )
    return Table(word(("替班与调整", "Exceptions")), columns, rows, word(("没有", "None")))


def _swaps(roster: Roster, now_us: int) -> Table:
    found = Swap.objects.using(MAIN).filter(roster_id=roster.id, until_us__gt=now_us)
    swaps = list(found.order_by("from_us", "id"))
    people = People(keys(), {p for one in swaps for p in (one.giver_id, one.taker_id)})
    states = {
        "asked": (("等答复", "Waits for an answer"), "warn"),
        "accepted": (("已同意", "Accepted"), "ok"),
        "declined": (("不同意", "Declined"), "mute"),
    }
    rows = [
        [
            Cell(f"{people.name(one.giver_id)} → {people.name(one.taker_id)}", sub=one.shift),
            Cell(word(states[one.state][0]), tone=states[one.state][1]),
            Cell(us=one.from_us),
        ]
        for one in swaps
    ]
    columns = (word(("谁换给谁", "Who to whom")), word(("状态", "State")), word(("起", "From")))
    return Table(word(("换班", "Swaps")), columns, rows, word(("没有", "None")))


@signed_in
def calendar(request: HttpRequest, roster_id: int) -> HttpResponse:
    """The roster's next three months as a calendar file."""
    reach = Reach(request)
    found = roster_or_404(reach, roster_id)
    slots = shifts(Rows(MAIN), found, (reach.now_us - DAY_US, reach.now_us + EXPORTED_US))
    people = People(keys(), {person for slot in slots for person in slot.people})
    mode = County.objects.values_list("mode", flat=True).first()
    marks = {"demo": word(("演示 ", "Demo ")), "drill": word(("演练 ", "Drill "))}
    content = to_ical(
        found, slots, people.name, mark=marks.get(mode or "", ""), now_us=clock().now_us()
    )
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="roster-{found.id}.ics"'
    return answer
