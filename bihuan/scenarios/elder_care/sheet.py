"""Papers to print and sign: an elder's month, the notice that a band does not replace 120."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bihuan.base.time import DAY_US
from bihuan.loop.shows import Book, Sheet
from bihuan.scenarios.elder_care.daily import CAME, WAYS
from bihuan.scenarios.elder_care.looks import day_begins
from bihuan.scenarios.elder_care.panel import high_days
from bihuan.scenarios.elder_care.records_band import NOT_120
from bihuan.scenarios.elder_care.records_health import cuff_mmhg

OUTCOMES = {
    "confirmed": ("家属确认已解决", "Confirmed"),
    "false_alarm": ("误报", "False alarm"),
    "no_reply": ("未回复办结", "No reply"),
    "decided": ("上级决定办结", "Decided"),
    "not_applicable": ("已处理", "Done"),
    None: ("还在处置", "In hand"),
}
KINDS = {
    "sos": ("呼救", "SOS"),
    "vitals": ("体征异常", "Vital signs"),
    "wandering": ("走失风险", "Wandering"),
    "band_lost": ("手环失联", "Band not heard from"),
    "band": ("手环提醒", "Band to look after"),
    "unusual": ("偏离常态", "Off the own usual"),
}


def month(book: Book, elder_id: int, period: tuple[int, int] | None) -> Mapping[str, Any]:
    """An elder's month: days worn and heard, who came, what was called for, cuff pressures.

    Days that are still to come, and those without a band, are in no number; a day without data is
    a day not heard.
    """
    assert period is not None, "a sheet of a month"
    begins, ends = period
    until = min(ends, book.now_us)
    days = _days_with(book, elder_id, begins, until)
    heard = {day_begins(one.at_us) for one in book.readings(elder_id, "link", begins, until)}
    pulse = [one for one in book.readings(elder_id, "heart_rate", begins, until) if one.is_good]
    worn_on = {day_begins(one.at_us) for one in pulse}
    cases = book.cases(subject_id=elder_id, since_us=begins, until_us=ends)
    visits = book.rows("visit", subject_id=elder_id, where={"seen": (begins, ends)})
    cuffs = book.rows("measurement", subject_id=elder_id, where={"taken": (begins, ends)})
    return {
        "elder": book.row(elder_id),
        "days": len(days | heard | worn_on),
        "heard": len(heard | worn_on),
        "worn": len(worn_on),
        "cases": [
            {
                "opened_us": one["opened_us"],
                "kind": KINDS.get(str(one["kind"]), ("其他", "Other")),
                "outcome": OUTCOMES.get(_text(one["outcome"]), ("其他", "Other")),
                "response_min": _minutes(one["opened_us"], one["answered_us"]),
            }
            for one in cases
        ],
        "visits": [
            {
                "seen": one["seen"],
                "came": CAME.get(str(one["came"]), ("工作人员", "Staff")),
                "way": WAYS.get(str(one["way"]), ("", "")),
                "is_met": one["met"] is True,
            }
            for one in visits
        ],
        "cuffs": [
            {"taken": one["taken"], "mmhg": None if (c := cuff_mmhg(one)) is None else c}
            for one in cuffs
        ],
        "high_days": high_days(book, elder_id),
    }


def _days_with(book: Book, elder_id: int, begins: int, until: int) -> set[int]:
    """Days on which a band was with the elder by its papers; without any paper, every day."""
    issues = book.rows("issue", subject_id=elder_id)
    spans = [
        (handed, back if isinstance(back := one.get("at.take_back"), int) else until)
        for one in issues
        if isinstance(handed := one["handed"], int)
    ] or [(begins, until)]
    days = range(day_begins(begins), until, DAY_US)
    return {
        day
        for day in days
        if any(from_us < day + DAY_US and day < to_us for from_us, to_us in spans)
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _minutes(since_us: object, until_us: object) -> int | None:
    if not isinstance(since_us, int) or not isinstance(until_us, int):
        return None
    return -(-(until_us - since_us) // 60_000_000)


def told(book: Book, elder_id: int, _period: tuple[int, int] | None) -> Mapping[str, Any]:
    """The service notice to be signed."""
    return {"elder": book.row(elder_id), "not_120": NOT_120}


SHEETS = (
    Sheet(
        name="month",
        on="subject",
        kind="elder",
        title=("老人月度情况单", "An elder's month"),
        facts=month,
        template="month.html",
        per="month",
        opens=True,
        roles=("village_duty", "town_duty", "doctor"),
    ),
    Sheet(
        name="service_notice",
        on="subject",
        kind="elder",
        title=("智能手环服务告知书", "Service notice of the band"),
        facts=told,
        template="service_notice.html",
        roles=("village_duty", "town_duty"),
    ),
)
