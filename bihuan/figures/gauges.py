"""How the platform itself stands now: call-outs answered, rosters held, devices heard, journal lag.

No cases are counted here, so these have no periods and no areas but those of the reader's rights.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from django.db.models import Exists, OuterRef

from bihuan.base.time import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from bihuan.figures.declared import Words
from bihuan.figures.projectors import FOLLOWER
from bihuan.journal.follow import facts_position
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.journal.read import last_position
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.callout.models import CallOut, CallOutPerson
from bihuan.loop.callout.rights import CALL_OUT
from bihuan.register.devices.models import SeriesHealth
from bihuan.register.models import Area, Device, Subject
from bihuan.register.rights import Rights, areas_under
from bihuan.register.rosters.models import Roster
from bihuan.register.rosters.on_duty import gaps

HEARD_US: Final = 2 * HOUR_US
CURVE_MIN: Final = (1, 3, 5, 10)
MOST_PEOPLE: Final = 20_000


class Gauge(NamedTuple):
    """A value of now with its definition, in zh and en."""

    title: Words
    text: Words
    definition: Words


def gauges(mine: Rights, now_us: int) -> list[Gauge]:
    """Those that the reader may see; a stranger sees none."""
    if mine.is_stranger:
        return []
    paths = sorted({path for _role, path in mine.held})
    areas = {
        area
        for area, path in Area.objects.using(MAIN).values_list("id", "path")
        if any(path.startswith(above) for above in paths)
    }
    found = [*_call_outs(mine, now_us), *_rosters(areas, now_us), *_devices(areas, now_us)]
    return [*found, lag(now_us)] if areas else []


def _call_outs(mine: Rights, now_us: int) -> Iterator[Gauge]:
    paths = mine.paths(CALL_OUT, "see")
    wanted = CallOut.objects.using(MAIN).filter(mode="live", ordered_us__gte=now_us - 30 * DAY_US)
    orders = list(wanted.filter(area_id__in=areas_under(paths)).values_list("id", flat=True))
    if not orders:
        return
    people = CallOutPerson.objects.using(MAIN).filter(
        call_out_id__in=orders, called_us__isnull=False
    )
    times = list(people.values_list("called_us", "confirmed_us")[:MOST_PEOPLE])
    shares = []
    for minutes in CURVE_MIN:
        limit_us = minutes * MINUTE_US
        done = sum(sure is not None and sure - (called or 0) <= limit_us for called, sure in times)
        shares.append((minutes, 100 * done / len(times) if times else None))
    known = [(m, s) for m, s in shares if s is not None]
    yield Gauge(
        ("叫应应答曲线（近30天）", "Call-out answers (30 days)"),
        (
            "，".join(f"{m}分钟 {s:.0f}%" for m, s in known) or "无数据",
            ", ".join(f"{m} min {s:.0f}%" for m, s in known) or "nothing to count",
        ),
        (
            "正式叫应中，从第一次呼叫到本人确认，在几分钟内确认的人占已呼叫的人的比例；演练不计。",
            "Of people called in live call-outs, the share that confirmed within so many minutes "
            "of the first call. Drills are left out.",
        ),
    )


def _rosters(areas: set[int], now_us: int) -> Iterator[Gauge]:
    rows = Rows(MAIN)
    held = [r for r in Roster.objects.using(MAIN).filter(closed_us=None) if r.area_id in areas]
    if not held:
        return
    empty = sum(bool(gaps(rows, roster, (now_us, now_us + DAY_US))) for roster in held)
    full = len(held) - empty
    yield Gauge(
        ("值班表有人（今后24小时）", "Rosters held (next 24 h)"),
        (f"{full} / {len(held)}", f"{full} / {len(held)}"),
        (
            "今后24小时每一班都有人的值班表数，比全部在用的值班表数。",
            "Rosters with somebody on every shift of the next 24 hours, of all rosters in use.",
        ),
    )


def _devices(areas: set[int], now_us: int) -> Iterator[Gauge]:
    # from the devices to their subjects: a county has many more subjects than devices
    mine = Subject.objects.using(MAIN).filter(
        id=OuterRef("subject_id"), ended_us=None, area_id__in=areas
    )
    devices = Device.objects.using(MAIN).filter(Exists(mine), subject_id__isnull=False)
    total = devices.count()
    if not total:
        return
    heard = SeriesHealth.objects.using(MAIN).filter(last_us__gte=now_us - HEARD_US)
    online = devices.filter(id__in=heard.values("device_id")).count()
    yield Gauge(
        ("设备在线", "Devices online"),
        (f"{online} / {total}", f"{online} / {total}"),
        (
            "已绑定对象的设备中，近2小时有数据到达的；没有数据不等于正常。",
            "Of devices bound to a subject, those heard within 2 hours. Silence is not “fine”.",
        ),
    )


def lag(now_us: int) -> Gauge:
    """How far the figures are behind the journal."""
    behind = last_position(FACTS_LANE) - facts_position(FOLLOWER)
    first = Entry.objects.using(MAIN).filter(lane=FACTS_LANE, position__gt=facts_position(FOLLOWER))
    at_us = first.order_by("position").values_list("recorded_us", flat=True).first()
    seconds = 0 if at_us is None else max(0, now_us - at_us) // SECOND_US
    return Gauge(
        ("指标落后于日志", "Figures behind the journal"),
        (f"{behind} 条，{seconds} 秒", f"{behind} entries, {seconds} s"),
        (
            "日志中还没有计入指标的条数，和其中最早一条到现在的秒数。",
            "Entries of the journal not yet counted here, and seconds since the first of them.",
        ),
    )
