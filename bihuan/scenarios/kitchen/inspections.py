"""监督检查 / Inspections: off-site first, two inspectors, no repeat, the result public in time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bihuan.base import deadlines
from bihuan.base.legal_limits import GENERAL
from bihuan.base.time import DAY_US, datetime_of, us_of
from bihuan.register.scheme import Computed, Duty, Facts, Field, RecordAct, RecordType
from bihuan.scenarios.kitchen import grades
from bihuan.scenarios.kitchen.limits import limit, months_after, span_us
from bihuan.scenarios.kitchen.roles import MARKET

Fault = tuple[str, str, str]
ROUTINE: Final = ("routine", "full")  # a complaint or an accident waits for nothing


def _others(facts: Facts) -> Iterator[dict[str, object]]:
    for row in facts.related["subject.inspections"]:
        if row["id"] != facts.values["id"] and row["state"] in grades.DONE:
            yield dict(row)


def _done_us(row: dict[str, object]) -> int:
    at_us = row.get("at.conclude")
    return at_us if isinstance(at_us, int) else 0


def _may_begin(facts: Facts) -> list[Fault]:
    return list(_faults(facts))


def _faults(facts: Facts) -> Iterator[Fault]:
    values = facts.values
    if values["way"] != "on_site":
        return
    if not values["code"]:
        yield "code", "nothing", "the inspection code that the firm can scan"
    if values["cause"] not in ROUTINE:
        return
    since_us = facts.now_us - span_us("off_site_before", facts.now_us)
    looked = [row for row in _others(facts) if row["way"] == "off_site"]
    if not any(_done_us(row) >= since_us for row in looked):
        want = f"an off-site check in the last {limit('off_site_before'):g} days"
        yield "way", "on site first", want
    if values["office"] == "station":
        yield from _repeats(facts)


def _repeats(facts: Facts) -> Iterator[Fault]:
    """A lower office does not repeat a superior's visit within three months."""
    for row in _others(facts):
        is_visit = row["office"] == "county" and row["way"] == "on_site"
        if is_visit and facts.now_us < months_after(_done_us(row), "superior"):
            yield "office", f"{row['number']} of the county's", "three months after it"


def public_by(concluded_us: int) -> int:
    """20 working days after the result, µs."""
    amount = limit("public", concluded_us)
    return us_of(deadlines.due(datetime_of(concluded_us), amount, "working", GENERAL).at)


def _public_due(facts: Facts) -> int | None:
    concluded = facts.values.get("at.conclude")
    if facts.values["state"] != "concluded" or not isinstance(concluded, int):
        return None
    return public_by(concluded)


def _planned_due(facts: Facts) -> int | None:
    if facts.values["state"] != "planned":
        return None
    day_us = grades.midnight(facts.values["planned"])
    return None if day_us is None else day_us + DAY_US


def _grade(facts: Facts) -> str:
    return grades.visit_grade(facts.values)


_SCORE: Final = (
    Field(
        name="score",
        title=("得分（十分制）", "Score of ten"),
        kind="decimal",
        at_least=0,
        at_most=10,
        is_required=True,
        is_indexed=True,
    ),
    Field(
        name="key_failed",
        title=("关键项不合格数", "Key items failed"),
        kind="integer",
        at_least=0,
        is_required=True,
        is_indexed=True,
    ),
)


def _unset(field: Field) -> Field:
    return Field(
        name=field.name,
        title=field.title,
        kind=field.kind,
        at_least=field.at_least,
        at_most=field.at_most,
        is_indexed=True,
    )


INSPECTION: Final = RecordType(
    name="inspection",
    title=("监督检查", "Inspection"),
    subject="supplier",
    number="JC-{year}-{n:05}",
    fields=(
        Field(
            name="way",
            title=("方式", "Way"),
            kind="choice",
            choices=(
                ("off_site", ("非现场", "Off-site")),
                ("on_site", ("现场", "On site")),
            ),
            is_required=True,
            is_indexed=True,
        ),
        Field(
            name="cause",
            title=("事由", "Cause"),
            kind="choice",
            choices=(
                ("routine", ("日常", "Routine")),
                ("full", ("全项", "Full")),
                ("complaint", ("投诉举报", "Complaint")),
                ("accident", ("事故", "Accident")),
                ("follow_up", ("整改复查", "Follow-up")),
            ),
            is_required=True,
            is_indexed=True,
        ),
        Field(
            name="office",
            title=("检查单位", "Office"),
            kind="choice",
            choices=(
                ("station", ("市场监管所", "Market station")),
                ("county", ("市场监管局", "Market regulator")),
            ),
            is_required=True,
            is_indexed=True,
        ),
        Field(
            name="planned",
            title=("计划日期", "Planned"),
            kind="date",
            is_required=True,
            is_indexed=True,
        ),
        Field(name="code", title=("涉企检查码", "Inspection code"), kind="text", is_indexed=True),
        *(_unset(field) for field in _SCORE),
    ),
    states=(
        ("planned", ("待检查", "Planned")),
        ("under_way", ("检查中", "Under way")),
        ("concluded", ("待公开结果", "Result to be made public")),
        ("published", ("结果已公开", "Result public")),
        ("dropped", ("已取消", "Dropped")),
    ),
    computed=(
        Computed(name="grade", title=("动态等级", "Grade of this visit"), kind="text", of=_grade),
    ),
    acts=(
        RecordAct(
            name="begin",
            title=("开始检查", "Begin"),
            from_states=("planned",),
            to="under_way",
            roles=MARKET,
            check=_may_begin,
        ),
        # the second inspector signs too: one alone concludes nothing
        RecordAct(
            name="conclude",
            title=("检查结论", "Conclude"),
            from_states=("under_way",),
            to="concluded",
            roles=MARKET,
            fields=(
                *_SCORE,
                Field(
                    name="found", title=("检查情况", "Found"), kind="long_text", is_required=True
                ),
                Field(name="photo", title=("现场照片", "Photo"), kind="photo"),
            ),
            second=MARKET,
        ),
        RecordAct(
            name="publish",
            title=("公开结果", "Make it public"),
            from_states=("concluded",),
            to="published",
            roles=MARKET,
            fields=(Field(name="where", title=("公开处", "Where"), kind="text", is_required=True),),
        ),
        RecordAct(
            name="drop",
            title=("取消", "Drop"),
            from_states=("planned",),
            to="dropped",
            roles=MARKET,
            fields=(Field(name="why", title=("理由", "Why"), kind="text", is_required=True),),
        ),
    ),
    duties=(
        Duty(
            name="publish",
            title=("应公开结果", "To be made public"),
            at=_public_due,
            roles=MARKET,
        ),
        Duty(name="visit", title=("应检查", "To be visited"), at=_planned_due, roles=MARKET),
    ),
)
