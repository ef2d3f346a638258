"""限值 / Critical limits: each a version with its source, its first day and its region.

A county's own figure is one more row with a later `effective_from`. What was judged is judged by
the version that held at its time: a new row changes no old record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from bihuan.base.errors import bad
from bihuan.base.time import CHINA, HOUR_US, MINUTE_US, datetime_of

KNOWN: Final = (
    "通行做法 [K]，以本县自定的为准 / general practice [K]; the county's own figure replaces it"
)
NATIONAL: Final = "GB 31654-2021 [V secondary]"
DELIVERY: Final = (
    "餐饮服务食品安全操作规范（2018）[V] / catering food safety operating code 2018 [V]"
)
SCHOOLS: Final = "学校供餐标准，2025-12-01 起 [V] / school catering standard, from 2025-12-01 [V]"
GRADES: Final = "餐饮服务食品安全监督量化分级 [V] / quantified grading of catering [V]"
ORDER_49: Final = "市场监管总局令第49号 [V] / SAMR Order 49 [V]"
HERE: Final = "各县通用，本县可自定 / every county until it sets its own"
_2019, _2022, _2026 = date(2018, 10, 1), date(2022, 2, 22), date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Critical:
    """One version of a limit. unit: Cel, g, min, h, d, mg/L, or 1 for a score or a count."""

    name: str
    amount: float
    unit: str
    source: str
    effective_from: date
    version: int = 1
    region: str = HERE


LIMITS: Final = (
    Critical("cook_core", 70, "Cel", NATIONAL, _2022),
    Critical("reheat_core", 70, "Cel", NATIONAL, _2022),
    Critical("hot_hold", 60, "Cel", DELIVERY, _2019),
    Critical("chilled", 8, "Cel", DELIVERY, _2019),
    Critical("hot_life", 4, "h", DELIVERY, _2019),
    Critical("chilled_life", 24, "h", DELIVERY, _2019),
    Critical("exposure", 2, "h", NATIONAL, _2022),
    Critical("middle", 21, "Cel", KNOWN, _2026),
    Critical("cool_first", 2, "h", KNOWN, _2026),
    Critical("cool_second", 2, "h", KNOWN, _2026),
    Critical("sample", 125, "g", DELIVERY, _2019),
    Critical("sample_kept", 48, "h", DELIVERY, _2019),
    Critical("packing", 60, "min", SCHOOLS, date(2025, 12, 1)),
    Critical("sample_taken", 60, "min", KNOWN, _2026),
    Critical("ahead", 30, "min", KNOWN, _2026),
    Critical("room", 25, "Cel", KNOWN, _2026),
    # one value to its last digit for so long, said so often: no live probe
    Critical("still", 120, "min", KNOWN, _2026),
    Critical("still_count", 60, "1", KNOWN, _2026),
    Critical(
        "public",
        20,
        "d",
        "结果20个工作日内公开 [V] / result public within 20 working days [V]",
        _2019,
    ),
    Critical(
        "full_inspection",
        730,
        "d",
        "至少每两年覆盖全部项目一次 [V] / in full at least every two years [V]",
        _2019,
    ),
    Critical(
        "superior",
        3,
        "months",
        ("上级查过的，3个月内不重复查 [V] / no repeat of a superior's check in 3 months [V]"),
        _2019,
    ),
    Critical(
        "off_site_before",
        30,
        "d",
        ("先非现场：2025年涉企检查有关规定 [K] / off-site first: 2025 rules on inspections [K]"),
        _2026,
    ),
    Critical("look_at_lead", 24, "h", KNOWN, _2026),
    Critical("excellent", 9.0, "1", GRADES, _2019),
    Critical("good", 7.5, "1", GRADES, _2019),
    Critical("fair", 6.0, "1", GRADES, _2019),
    Critical("key_items", 2, "1", GRADES, _2019),
    Critical("new_kitchen", 3, "months", GRADES, _2019),
    Critical("after_accident", 6, "months", GRADES, _2019),
    Critical("steam_temperature", 100, "Cel", KNOWN, _2026),
    Critical("steam_time", 10, "min", KNOWN, _2026),
    Critical("infrared_temperature", 120, "Cel", KNOWN, _2026),
    Critical("infrared_time", 10, "min", KNOWN, _2026),
    Critical("machine_temperature", 85, "Cel", KNOWN, _2026),
    Critical("machine_time", 40 / 60, "min", KNOWN, _2026),
    Critical("chlorine_strength", 250, "mg/L", KNOWN, _2026),
    Critical("chlorine_time", 5, "min", KNOWN, _2026),
)
_US: Final = {"h": HOUR_US, "min": MINUTE_US, "d": 24 * HOUR_US}


def held(name: str, at_us: int | None = None, among: tuple[Critical, ...] = LIMITS) -> Critical:
    """The version of a limit that holds at a time (µs); the first one before any, newest for None.

    Raises BadInputError for a name that there is not.
    """
    versions = sorted(
        (one for one in among if one.name == name), key=lambda one: one.effective_from
    )
    if not versions:
        raise bad("limit", name, " | ".join(sorted({one.name for one in among})))
    if at_us is None:
        return versions[-1]
    day = datetime_of(at_us).astimezone(CHINA).date()
    return next((one for one in reversed(versions) if one.effective_from <= day), versions[0])


def limit(name: str, at_us: int | None = None) -> float:
    """The amount of a limit, in its own unit."""
    return held(name, at_us).amount


def span_us(name: str, at_us: int | None = None) -> int:
    """A limit that is a time, in µs; raises KeyError for months, which have no fixed length."""
    found = held(name, at_us)
    return round(found.amount * _US[found.unit])


def months_after(at_us: int, name: str) -> int:
    """The same day so many months later (the month's last where it has none), in µs."""
    at = datetime_of(at_us).astimezone(CHINA)
    total = at.month - 1 + int(held(name, at_us).amount)
    year, month = at.year + total // 12, total % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - date(year, month, 1)).days
    later = at.replace(year=year, month=month, day=min(at.day, last))
    return at_us + round((later - at).total_seconds() * 1_000_000)


def said(name: str, at_us: int | None = None) -> str:
    """A limit as a CCP record quotes it: `cook_core 70 Cel v1`."""
    found = held(name, at_us)
    return f"{name} {found.amount:g} {found.unit} v{found.version}"
