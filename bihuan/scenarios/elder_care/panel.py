"""What a case and an elder show besides: the last fix with its age, signs, the band."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bihuan.base.time import DAY_US
from bihuan.loop.shows import Book, Panel, Row
from bihuan.scenarios.elder_care.limits import HIGH, HIGH_DAYS, PER_HDOP
from bihuan.scenarios.elder_care.looks import (
    Fix,
    Sign,
    age,
    clock,
    day_begins,
    last_fix,
    sign,
    worn,
)
from bihuan.scenarios.elder_care.records_band import NOT_120
from bihuan.scenarios.elder_care.records_health import HANDOVER, cuff_mmhg

STALE_US = 30 * 60 * 1_000_000  # an older fix is shown as old
SIGNS = (
    ("heart_rate", ("心率", "Heart rate"), ("次/分", "bpm")),
    ("systolic", ("收缩压", "Systolic"), ("mmHg", "mmHg")),
    ("diastolic", ("舒张压", "Diastolic"), ("mmHg", "mmHg")),
    ("spo2", ("血氧", "Oxygen saturation"), ("%", "%")),
)
# somebody may have to be found; where nobody is looked for nobody is shown on a map
SEARCHED = ("sos", "vitals", "wandering", "band_lost")
MAY_NEED_120 = ("sos", "vitals", "wandering", "unusual")


def about(
    book: Book, elder_id: int, *, is_searched: bool = False, is_rescue: bool = False
) -> Mapping[str, Any]:
    """Signs and band of an elder, and where he may be; pairs are (zh, en).

    What was withdrawn is not shown any more, with what was kept before; where a life may be at
    stake the last place of before is, and says so (PIPL 13(4): rescue needs no consent).
    """
    stopped = book.stopped(elder_id)
    is_placed = is_searched and (is_rescue or "position" not in stopped)
    fix = last_fix(book, elder_id) if is_placed else None
    shown = () if "vitals" in stopped else SIGNS
    signs = [_shown_sign(title, unit, sign(book, elder_id, name)) for name, title, unit in shown]
    held = worn(book, elder_id, book.now_us - 7 * DAY_US, book.now_us + 1)
    visits = book.rows("visit", subject_id=elder_id, where={"met": True})
    called = book.rows("handover", subject_id=elder_id, since_us=book.now_us - DAY_US)
    return {
        "called_120": _shown_call(called[-1]) if called else None,
        "is_searched": is_searched,
        "fix": None if fix is None else _shown_fix(fix),
        "signs": [one for one in signs if one is not None],
        "battery": held.battery,
        "heard": None if held.heard_us is None else age(book.now_us - held.heard_us),
        "stopped": sorted(stopped & {"vitals", "position"}),
        "is_worn_today": held.worn_us is not None and held.worn_us >= day_begins(book.now_us),
        "visited_us": visits[-1]["seen"] if visits else None,
        "high_days": high_days(book, elder_id),
        "is_high_often": high_days(book, elder_id) >= HIGH_DAYS,
    }


def case_facts(book: Book, case_id: int) -> Mapping[str, Any]:
    """As `about`, of the elder of a case; where he was last, only where he is looked for.

    A case that is closed shows nothing of today: whoever helped then has no part in it now.
    """
    case = book.case(case_id)
    subject_id = None if case is None else case["subject_id"]
    if case is None or not isinstance(subject_id, int):
        return {}
    kind = case["kind"]
    is_rescue = kind in MAY_NEED_120
    not_120 = NOT_120 if is_rescue else None
    if case.get("state") == "closed":
        return {"is_over": True, "not_120": not_120}
    found = about(book, subject_id, is_searched=kind in SEARCHED, is_rescue=is_rescue)
    return {**found, "not_120": not_120}


def issued(book: Book, row_id: int) -> Mapping[str, Any]:
    """An issue of a band: whether the elder's data come, else its key is to be tried."""
    row = book.row(row_id)
    subject_id = None if row is None else row["subject_id"]
    if row is None or not isinstance(subject_id, int):
        return {}
    handed = row["handed"]
    since_us = book.now_us - 7 * DAY_US
    if isinstance(handed, int):
        since_us = max(since_us, handed)
    heard = worn(book, subject_id, since_us, book.now_us + 1).heard_us
    return {
        "device": row["device"],
        "heard": None if heard is None else age(book.now_us - heard),
        "is_worn": row["state"] == "worn",
        "is_staff": bool(book.areas()),  # a relative has no area: the page of devices is not theirs
    }


def high_days(book: Book, elder_id: int) -> int:
    """On how many days a cuff said 140/90 or more; 0 where the pressures are not opened."""
    days = set()
    for one in book.rows("measurement", subject_id=elder_id):
        found, taken = cuff_mmhg(one), one["taken"]
        if found is None or not isinstance(taken, int):
            continue
        if found[0] >= HIGH.systolic_mmhg or found[1] >= HIGH.diastolic_mmhg:
            days.add(day_begins(taken))
    return len(days)


def _shown_call(call: Row) -> Mapping[str, Any]:
    states = dict(HANDOVER.states)
    return {"called": call["called"], "state": states.get(str(call["state"]), ("", ""))}


def _shown_fix(fix: Fix) -> Mapping[str, Any]:
    spread = None if fix.spread_m is None else max(round(fix.spread_m), 1)
    return {
        "place": f"{fix.lat:.5f}, {fix.lon:.5f}",
        "at": clock(fix.at_us),
        "at_us": fix.at_us,
        "age": age(fix.age_us),
        "is_old": fix.age_us > STALE_US,
        "spread_m": spread,
        "n": fix.n_fixes,
        "satellites": fix.satellites,
        "hdop": None if fix.hdop is None else f"{fix.hdop:.1f}",
        "accuracy": _accuracy(fix),
        "without": None if fix.without_us is None else clock(fix.without_us),
    }


def _accuracy(fix: Fix) -> Mapping[str, Any]:
    """Metres as told, else worked out of the HDOP and marked so, else None: not known."""
    if fix.accuracy_m is not None:
        return {"m": max(math.ceil(fix.accuracy_m), 1), "is_told": True}
    if fix.hdop is not None:
        return {"m": max(math.ceil(fix.hdop * PER_HDOP.metres), 1), "is_told": False}
    return {"m": None, "is_told": False}


def _shown_sign(
    title: tuple[str, str], unit: tuple[str, str], found: Sign | None
) -> Mapping[str, Any] | None:
    if found is None:
        return None
    own = found.usual
    return {
        "title": title,
        "unit": unit,
        "value": f"{found.value:g}",
        "age": age(found.age_us),
        "usual": None if own is None else f"{own.low:.0f}–{own.high:.0f}",
        "is_off": own is not None and not own.low <= found.value <= own.high,
    }


PANELS = (
    *(
        Panel(on="case", kind=kind, title=("手环最近情况", "The band lately"), facts=case_facts)
        for kind in (*SEARCHED, "band", "unusual")
    ),
    Panel(
        on="record",
        kind="issue",
        title=("手环有没有数据", "Do its data come"),
        facts=issued,
        template="issue.html",
    ),
    Panel(on="subject", kind="elder", title=("手环最近情况", "The band lately"), facts=about),
)
