"""供餐单位、生产线、控制点、学校: who cooks, on what, what is measured, who eats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final

from bihuan.base.time import CHINA, us_of
from bihuan.register.scheme import (
    Computed,
    Duty,
    Facts,
    Field,
    RecordAct,
    Relation,
    SubjectType,
    Value,
)
from bihuan.scenarios.kitchen.grades import NOT_GRADED, annual_grade, annual_mean
from bihuan.scenarios.kitchen.limits import span_us
from bihuan.scenarios.kitchen.roles import DIRECTOR, MANAGER, MARKET, OFFICER, REGULATOR
from bihuan.scenarios.kitchen.routines import OWN
from bihuan.scenarios.kitchen.times import moment

# risk (风险等级, A lowest to D highest) is another scale than the grade (量化等级, A best)
RISKS: Final = (
    ("risk_a", ("风险 A（最低）", "Risk A (lowest)")),
    ("risk_b", ("风险 B", "Risk B")),
    ("risk_c", ("风险 C", "Risk C")),
    ("risk_d", ("风险 D（最高）", "Risk D (highest)")),
)


def _full_due(facts: Facts) -> int | None:
    """A full inspection at least every two years, from the last one or the registration."""
    done = [
        row["at.conclude"]
        for row in facts.related["inspections"]
        if row["cause"] == "full" and row["state"] in ("concluded", "published")
    ]
    since = max((us for us in done if isinstance(us, int)), default=facts.values["opened_us"])
    return since + span_us("full_inspection", since) if isinstance(since, int) else None


def _grade(facts: Facts) -> str:
    return annual_grade(facts.values, facts.related["inspections"], _accidents(facts), facts.now_us)


def _mean(facts: Facts) -> float | None:
    return annual_mean(facts.related["inspections"], facts.now_us)


def _is_by_the_rule(facts: Facts) -> tuple[tuple[str, str, str], ...]:
    """The grade that is issued is the one that the rule gives, never another."""
    said, found = facts.values["quant_grade"], _grade(facts)
    if said == found or (said == "none" and found == NOT_GRADED):
        return ()
    return (("quant_grade", str(said), f"{found}, by the mean of twelve months"),)


def _accidents(facts: Facts) -> Sequence[object]:
    return [row["on"] for row in facts.related["accidents"]]


def _own(name: str, zh: str, en: str) -> Relation:
    return Relation(name=f"{name}s", title=(zh, en), to=name, by="subject")


_QUANT = Field(
    name="quant_grade",
    title=("年度量化等级（已评定）", "Annual quantified grade, as issued"),
    kind="choice",
    choices=(
        ("A", ("A 级（优秀）", "A (excellent)")),
        ("B", ("B 级（良好）", "B (good)")),
        ("C", ("C 级（一般）", "C (fair)")),
        ("none", ("不评级", "Not graded")),
    ),
    is_indexed=True,
)
SUPPLIER = SubjectType(
    name="supplier",
    title=("集体用餐配送单位", "Group-meal supplier"),
    party="legal_entity",
    loops=("deviation", "recall", "paper", "camera_lead", "complaint"),
    fields=(
        Field(
            name="licence",
            title=("食品经营许可证号", "Licence"),
            kind="text",
            pattern=r"JY[0-9]{14}",
            want=("JY加14位数字", "JY and 14 digits"),
            is_required=True,
            is_indexed=True,
        ),
        Field(
            name="licensed_on",
            title=("许可日期", "Licensed on"),
            kind="date",
            is_required=True,
            is_indexed=True,
        ),
        Field(
            name="is_central",
            title=("中央厨房", "Central kitchen"),
            kind="yes_no",
            is_required=True,
            is_indexed=True,
        ),
        Field(name="is_rebuilt", title=("已完成改造", "Rebuilt"), kind="yes_no", is_indexed=True),
        Field(
            name="is_smart",
            title=("智慧阳光厨房", "Smart open kitchen"),
            kind="yes_no",
            is_indexed=True,
        ),
        Field(
            name="on_ccp",
            title=("已上线 CCP智控", "On CCP control"),
            kind="yes_no",
            is_indexed=True,
        ),
        _QUANT,
        Field(
            name="risk",
            title=("风险等级", "Risk grade"),
            kind="choice",
            choices=RISKS,
            is_indexed=True,
        ),
    ),
    relations=(
        Relation(name="batches", title=("批次", "Batches"), to="batch", by="subject"),
        _own("sample", "留样", "Samples"),
        _own("disinfection", "消毒", "Disinfections"),
        _own("complaint", "投诉登记", "Complaints"),
        _own("accident", "食品安全事故", "Accidents"),
        _own("lead", "摄像头线索", "Camera leads"),
        _own("inspection", "监督检查", "Inspections"),
        *OWN,
    ),
    computed=(
        Computed(
            name="grade",
            title=("按12个月均分应评", "Grade by the mean of 12 months"),
            kind="text",
            of=_grade,
        ),
        Computed(
            name="mean", title=("近12个月均分", "Mean of 12 months"), kind="decimal", of=_mean
        ),
    ),
    states=(("open", ("供餐", "Serving")), ("shut", ("停业", "Shut"))),
    acts=(
        RecordAct(
            name="set_risk",
            title=("评定风险等级", "Set the risk grade"),
            from_states=("open", "shut"),
            to=None,
            roles=(REGULATOR,),
            fields=(
                Field(
                    name="risk",
                    title=("风险等级", "Risk grade"),
                    kind="choice",
                    choices=RISKS,
                    is_required=True,
                    is_indexed=True,
                ),
                Field(name="basis", title=("依据", "Basis"), kind="long_text", is_required=True),
            ),
        ),
        RecordAct(
            name="issue_grade",
            title=("评定年度量化等级", "Issue the annual grade"),
            from_states=("open", "shut"),
            to=None,
            roles=(REGULATOR,),
            fields=(replace(_QUANT, is_required=True),),
            check=_is_by_the_rule,
        ),
        RecordAct(
            name="shut",
            title=("停业", "Shut"),
            from_states=("open",),
            to="shut",
            roles=(MANAGER, REGULATOR),
        ),
        RecordAct(
            name="reopen",
            title=("恢复供餐", "Resume"),
            from_states=("shut",),
            to="open",
            roles=(REGULATOR,),
        ),
    ),
    duties=(
        Duty(
            name="full_inspection",
            title=("应全项检查", "Full inspection due"),
            at=_full_due,
            roles=MARKET,
        ),
    ),
)
_SUPPLIER = Field(
    name="supplier",
    title=("供餐单位", "Supplier"),
    kind="subject",
    of="supplier",
    is_required=True,
    is_indexed=True,
)
LINE = SubjectType(
    name="line",
    title=("生产线", "Production line"),
    party=None,
    loops=("deviation", "recall", "paper", "camera_lead"),
    fields=(
        _SUPPLIER,
        Field(name="makes", title=("做什么", "Makes"), kind="text"),
    ),
)


def calibrated_until(probe: Mapping[str, Value]) -> int | None:
    """The end (µs) of the last day on which a calibration holds; None = none is known."""
    text = probe.get("calibrated_until")
    if not isinstance(text, str):
        return None
    after = date.fromisoformat(text) + timedelta(days=1)
    return us_of(datetime.combine(after, time(0), CHINA))


def _calibration_due(facts: Facts) -> int | None:
    if facts.values["state"] == "retired":
        return None
    known = calibrated_until(facts.values)
    return known if known is not None else moment(facts.values["opened_us"])


_UNTIL = Field(
    name="calibrated_until",
    title=("校准有效期至", "Calibrated until"),
    kind="date",
    is_required=True,
    is_indexed=True,
)
_ON = Field(
    name="calibrated_on", title=("校准日期", "Calibrated on"), kind="date", is_required=True
)
_ERROR = Field(
    name="error",
    title=("示值误差", "Error shown"),
    kind="decimal",
    unit="Cel",
    at_least=-10,
    at_most=10,
    is_required=True,
)


def _holds(facts: Facts) -> tuple[tuple[str, str, str], ...]:
    on, until = facts.values["calibrated_on"], facts.values["calibrated_until"]
    if isinstance(on, str) and isinstance(until, str) and until <= on:
        return (("calibrated_until", until, f"after {on}, the day of the calibration"),)
    return ()


_POINT_ACTS = (
    RecordAct(
        name="calibrate",
        title=("登记校准", "Note a calibration"),
        from_states=("in_use",),
        to=None,
        roles=(OFFICER, DIRECTOR),
        fields=(
            _ON,
            _UNTIL,
            _ERROR,
            Field(
                name="certificate",
                title=("证书编号", "Certificate"),
                kind="text",
                is_required=True,
            ),
        ),
        check=_holds,
    ),
    RecordAct(
        name="retire",
        title=("停用", "Retire"),
        from_states=("in_use",),
        to="retired",
        roles=(OFFICER, DIRECTOR),
    ),
)


def _point(name: str, zh: str, en: str) -> SubjectType:
    """A control point with a probe of its own, which is calibrated; a kind for each use."""
    return SubjectType(
        name=name,
        title=(zh, en),
        party=None,
        loops=("deviation", "paper"),
        fields=(
            _SUPPLIER,
            Field(name="line", title=("生产线", "Line"), kind="subject", of="line"),
            Field(
                name="instrument",
                title=("仪器编号", "Instrument"),
                kind="text",
                is_required=True,
                is_indexed=True,
            ),
            Field(name="is_handheld", title=("手持", "Handheld"), kind="yes_no"),
            *(_optional(one) for one in (_ON, _UNTIL, _ERROR)),
        ),
        acts=_POINT_ACTS,
        duties=(
            Duty(
                name="calibration",
                title=("应校准", "Calibration due"),
                at=_calibration_due,
                roles=(OFFICER, DIRECTOR),
                raises="calibration_due",
            ),
        ),
        states=(("in_use", ("在用", "In use")), ("retired", ("停用", "Retired"))),
    )


def _optional(field: Field) -> Field:
    return replace(field, is_required=False)


CORE_PROBE = _point("core_probe", "中心温度探针", "Core probe")
HOT_BOX = _point("hot_box", "热藏柜（箱）", "Hot box")
COLD_STORE = _point("cold_store", "冷藏库（柜）", "Cold store")
CHILLER = _point("chiller", "速冷柜", "Blast chiller")
SPECIAL_ROOM = _point("special_room", "专间", "Special room")
POINTS: Final = (CORE_PROBE, HOT_BOX, COLD_STORE, CHILLER, SPECIAL_ROOM)
SCHOOL = SubjectType(
    name="school",
    title=("学校（用餐点）", "School (where it is eaten)"),
    party=None,
    loops=("school_notice", "school_lifted", "complaint"),
    fields=(
        Field(
            name="pupils",
            title=("用餐人数", "Who eats here"),
            kind="integer",
            at_least=1,
            is_required=True,
        ),
        Field(
            name="has_microwave",
            title=("盒饭微波加热设备", "Microwave for boxed meals"),
            kind="yes_no",
            is_indexed=True,
        ),
    ),
    relations=(
        Relation(name="deliveries", title=("来餐", "Deliveries"), to="delivery", by="subject"),
    ),
)
