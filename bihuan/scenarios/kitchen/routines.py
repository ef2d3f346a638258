"""日管控、周排查、月调度: papers that fill themselves and are signed; "nothing found" is kept too.

A draft counts what stands in the records of its period. It never says that all is well: who signs
says what was looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from bihuan.base.time import CHINA, us_of
from bihuan.register.scheme import Facts, Field, RecordType, Relation, Routine, Value
from bihuan.scenarios.kitchen import times
from bihuan.scenarios.kitchen.batch_times import STOPS
from bihuan.scenarios.kitchen.roles import DIRECTOR, MANAGER, OFFICER

Row = Mapping[str, Value]


def _span(facts: Facts) -> tuple[int, int]:
    """First and after-last moment of the period, µs."""
    starts, ends = (
        date.fromisoformat(str(facts.values[name])) for name in ("period_starts", "period_ends")
    )
    return _midnight(starts), _midnight(ends + timedelta(days=1))


def _midnight(on: date) -> int:
    return us_of(datetime.combine(on, time(0), CHINA))


def _within(facts: Facts, relation: str, at: str) -> list[Row]:
    first_us, after_us = _span(facts)
    return list(_between(facts.related[relation], at, first_us, after_us))


def _between(rows: Sequence[Row], at: str, first_us: int, after_us: int) -> Iterator[Row]:
    for row in rows:
        at_us = row.get(at)
        if isinstance(at_us, int) and first_us <= at_us < after_us:
            yield row


def deviations(facts: Facts) -> int:
    """Entries beyond their limit in the period, and batches whose core was too cold at first."""
    batches = {row["id"]: row for row in facts.related["batches"]}
    beyond = [
        row
        for row in _within(facts, "checks", "at")
        if times.is_deviation(row, batches.get(row["batch"]))
    ]
    cold = [
        row
        for row in _within(facts, "batches", "cooked")
        if times.is_deviation({"at": row["cooked"], "core": row["core"], "step": "cook"}, None)
    ]
    return len(beyond) + len(cold)


def _counts(facts: Facts) -> dict[str, Value]:
    return {
        "batches": len(_within(facts, "batches", "cooked")),
        "entries": len(_within(facts, "checks", "at")),
        "samples": len(_within(facts, "samples", "taken")),
        "disinfections": len(_within(facts, "disinfections", "at")),
        "found": deviations(facts),
    }


def daily(facts: Facts) -> Mapping[str, Value]:
    """A day's paper: a day on which nothing was found is a paper with a zero."""
    return {"starts": facts.values["period_starts"], **_counts(facts)}


def weekly(facts: Facts) -> Mapping[str, Value]:
    """A week's paper counts its days' papers too."""
    papers = _days(facts, "dailies")
    return {
        "starts": facts.values["period_starts"],
        "papers": len(papers),
        "stopped": len(
            {row["id"] for act in STOPS for row in _within(facts, "batches", f"at.{act}")}
        ),
        **_counts(facts),
    }


def monthly(facts: Facts) -> Mapping[str, Value]:
    """A month's paper counts its weeks' papers; the minutes are written by who signs."""
    return {
        "starts": facts.values["period_starts"],
        "papers": len(_days(facts, "weeklies")),
        "complaints": len(_within(facts, "complaints", "opened_us")),
        **_counts(facts),
    }


def _days(facts: Facts, relation: str) -> list[Row]:
    first, last = str(facts.values["period_starts"]), str(facts.values["period_ends"])
    return [row for row in facts.related[relation] if first <= str(row["starts"]) <= last]


def _count(name: str, zh: str, en: str, *, is_required: bool = True) -> Field:
    return Field(
        name=name,
        title=(zh, en),
        kind="integer",
        at_least=0,
        is_required=is_required,
        is_indexed=True,
    )


_COUNTS: Final = (
    Field(name="starts", title=("日期", "From"), kind="date", is_required=True, is_indexed=True),
    _count("batches", "批次数", "Batches"),
    _count("entries", "控制点记录数", "CCP entries"),
    _count("samples", "留样数", "Samples"),
    _count("disinfections", "消毒数", "Disinfections"),
    _count("found", "发现问题数（没有填 0）", "Found (0 = nothing)"),
)
# a draft leaves it empty: it is said by who signs
_LOOKED: Final = Field(
    name="looked",
    title=("查了什么、怎么整改", "What was looked at and put right"),
    kind="long_text",
    is_required=True,
)
DAILY: Final = RecordType(
    name="daily",
    title=("日管控", "Daily control"),
    subject="supplier",
    number="RG-{year}-{n:05}",
    fields=(*_COUNTS, _LOOKED),
)
WEEKLY: Final = RecordType(
    name="weekly",
    title=("周排查", "Weekly check"),
    subject="supplier",
    number="ZP-{year}-{n:05}",
    fields=(
        *_COUNTS,
        _count("papers", "日管控份数", "Daily papers"),
        _count("stopped", "暂停使用批次", "Batches held"),
        _LOOKED,
    ),
)
MONTHLY: Final = RecordType(
    name="monthly",
    title=("月调度", "Monthly review"),
    subject="supplier",
    number="YD-{year}-{n:04}",
    fields=(
        *_COUNTS,
        _count("papers", "周排查份数", "Weekly papers"),
        _count("complaints", "投诉数", "Complaints"),
        Field(
            name="minutes",
            title=("会议纪要：情况与决定", "Minutes: found and decided"),
            kind="long_text",
            is_required=True,
        ),
    ),
)
OWN: Final = (
    Relation(name="checks", title=("控制点记录", "CCP entries"), to="check", by="subject"),
    Relation(name="dailies", title=("日管控", "Daily control"), to="daily", by="subject"),
    Relation(name="weeklies", title=("周排查", "Weekly checks"), to="weekly", by="subject"),
    Relation(name="monthlies", title=("月调度", "Monthly reviews"), to="monthly", by="subject"),
)
ROUTINES: Final = (
    Routine(
        name="daily",
        title=("日管控", "Daily control"),
        record="daily",
        subject="supplier",
        per="day",
        by="18:00",
        days="calendar",
        roles=(OFFICER,),
        raises="no_daily",
        draft=daily,
    ),
    Routine(
        name="weekly",
        title=("周排查", "Weekly check"),
        record="weekly",
        subject="supplier",
        per="week",
        by="19:00",
        days="working",
        roles=(DIRECTOR,),
        raises="no_weekly",
        draft=weekly,
    ),
    Routine(
        name="monthly",
        title=("月调度", "Monthly review"),
        record="monthly",
        subject="supplier",
        per="month",
        by="20:00",
        days="working",
        roles=(MANAGER,),
        raises="no_monthly",
        draft=monthly,
    ),
)
