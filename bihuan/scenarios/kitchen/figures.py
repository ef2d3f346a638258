"""指标 / Figures: those that the founding text tells, made so that they open to what is counted.

The text's own values (15 kitchens, B or better 80 %, A from none to two, 37 million meals in three
years) are its own and stand in the README; what is shown here is counted here.
"""

from __future__ import annotations

from typing import Final

from bihuan.figures.declared import (
    REAL,
    Cases,
    Condition,
    Count,
    Elapsed,
    Figure,
    Percentile,
    Ratio,
    Records,
    Subjects,
    Sum,
    Target,
    Where,
)

TEXT: Final = (
    "县报 2022-08-02 [S]；口径是建议 [K] /"
    " founding text 001 (2022-08-02) [S]; the definition is a proposal [K]"
)
PROPOSED: Final = (
    "通行做法 [K]，以本县自定的口径为准 /"
    " general practice [K]; the county's own definition replaces it"
)
SINCE: Final = "2026-01-01"
_HERE: Final = "各县通用，本县可自定 / every county until it sets its own"
SHARE, UNITS, MEALS = ("%", "%"), ("家", "kitchens"), ("份", "meals")
_SERVING: Final[Condition] = ("state", "=", "open")
_CENTRAL: Final[Where] = (_SERVING, ("is_central", "=", True))


def _of_kitchens(
    name: str,
    title: tuple[str, str],
    definition: tuple[str, str],
    condition: Condition | None = None,
    *,
    is_share: bool = True,
    target: Target | None = None,
) -> Figure:
    """A figure of the central kitchens as they stand at the end of a period."""
    part: Where = _CENTRAL if condition is None else (*_CENTRAL, condition)
    return Figure(
        name=name,
        title=title,
        unit=SHARE if is_share else UNITS,
        definition=definition,
        version=1,
        source=TEXT,
        effective_from=SINCE,
        over=Subjects("supplier"),
        measure=Ratio(part, _CENTRAL) if is_share else Count(part),
        at=None,
        period="point",
        direction="higher",
        decimals=1 if is_share else 0,
        is_public=True,
        fewest=1,  # kitchens are firms, and their grades hang on their own doors
        targets=() if target is None else (target,),
    )


KITCHENS: Final = (
    _of_kitchens(
        "kitchens",
        ("中央厨房家数", "Central kitchens"),
        (
            "期末在供餐、登记为中央厨房的集体用餐配送单位数，停业的不计。",
            "Suppliers registered as central kitchens and serving at the end of the period.",
        ),
        is_share=False,
    ),
    _of_kitchens(
        "rebuilt",
        ("改造完成率", "Rebuilt"),
        (
            "期末在供餐的中央厨房中，已完成改造的占比。",
            "Of the central kitchens that serve, those that were rebuilt.",
        ),
        ("is_rebuilt", "=", True),
    ),
    _of_kitchens(
        "smart",
        ("智慧阳光厨房覆盖率", "Smart open kitchens"),
        (
            "期末在供餐的中央厨房中，建成智慧阳光厨房的占比。",
            "Of the central kitchens that serve, those with a smart open kitchen.",
        ),
        ("is_smart", "=", True),
    ),
    _of_kitchens(
        "on_ccp",
        ("CCP智控上线率", "On CCP control"),
        (
            "期末在供餐的中央厨房中，已上线 CCP 智控的占比。",
            "Of the central kitchens that serve, those on CCP control.",
        ),
        ("on_ccp", "=", True),
    ),
    _of_kitchens(
        "b_or_better",
        ("量化等级B级及以上占比", "Grade B or better"),
        (
            "期末在供餐的中央厨房中，年度量化等级为 A 或 B 的占比；"
            "未评级的留在分母里。量化等级不是风险等级。",
            "Of the central kitchens that serve, those whose annual quantified grade is A or B;"
            " one without a grade stays in the whole. It is not the risk grade.",
        ),
        ("quant_grade", "in", ("A", "B")),
        target=Target(
            80,
            ("县报 2022-08-02：B级及以上占80% [S] / founding text 001: B or better 80 % [S]"),
            SINCE,
            _HERE,
        ),
    ),
    _of_kitchens(
        "a_grade",
        ("量化等级A级家数", "Kitchens of grade A"),
        (
            "期末在供餐、年度量化等级为 A 的中央厨房数。",
            "Central kitchens that serve and whose annual quantified grade is A.",
        ),
        ("quant_grade", "=", "A"),
        is_share=False,
    ),
)
MEALS_RECEIVED: Final = Figure(
    name="meals",
    title=("供餐份数", "Meals"),
    unit=MEALS,
    definition=(
        "学校（用餐点）在收餐记录里点收的份数之和，按到达时间计；发出未收的不计。",
        "Portions that schools counted in when they came; what was sent and not received is none.",
    ),
    version=1,
    source=TEXT,
    effective_from=SINCE,
    over=Records("receipt"),
    measure=Sum("portions"),
    at="arrived",
    decimals=0,
    is_public=True,
)


def _of_cases(  # noqa: PLR0913 - as above
    name: str,
    title: tuple[str, str],
    unit: tuple[str, str],
    definition: tuple[str, str],
    measure: Count | Ratio | Percentile,
    *,
    kind: str = "deviation",
    divide: float = 1.0,
) -> Figure:
    return Figure(
        name=name,
        title=title,
        unit=unit,
        definition=definition,
        version=1,
        source=PROPOSED,
        effective_from=SINCE,
        over=Cases((kind,)),
        measure=measure,
        direction="none" if isinstance(measure, Count) else "higher",
        divide=divide,
        decimals=0 if isinstance(measure, Count) else 1,
    )


DEVIATIONS: Final = (
    _of_cases(
        "deviations",
        ("偏离数", "Deviations"),
        ("件", "cases"),
        (
            "期内发生的偏离事件数，误报也在内：报得多不等于管得差。",
            "Deviations opened, false alarms among them: many reports are no bad management.",
        ),
        Count(REAL),
    ),
    _of_cases(
        "answered_in_time",
        ("偏离按时应答率", "Deviations answered in time"),
        SHARE,
        (
            "期内偏离中，应答时限内有人处置的占比；时限未到的不计。",
            "Of the deviations whose time to answer is over or met, those met.",
        ),
        Ratio(
            (*REAL, ("clock_answer", "=", "met")),
            (*REAL, ("clock_answer", "in", ("met", "missed"))),
        ),
    ),
    _of_cases(
        "corrected_in_time",
        ("偏离按时纠正率", "Deviations put right in time"),
        SHARE,
        (
            "期内偏离中，办理时限内提交纠偏结果的占比；误报关闭的不计。",
            "Of the deviations whose time to act is over or met, those met; false alarms are none.",
        ),
        Ratio(
            (*REAL, ("clock_act", "=", "met")),
            (*REAL, ("clock_act", "in", ("met", "missed"))),
        ),
    ),
)
SCHOOLS_REACHED: Final = Figure(
    name="school_reached",
    title=("停用通知应答时长（九成）", "Schools reached (nine of ten)"),
    unit=("分钟", "min"),
    definition=(
        "期内停用、召回通知从发出到学校（或代为确认）应答的时长，九成不超过此值；未应答的不计。",
        "Minutes from a hold or recall notice to its answer that nine of ten do not exceed;"
        " what nobody answered has no time.",
    ),
    version=1,
    source=PROPOSED,
    effective_from=SINCE,
    over=Cases(("school_notice",)),
    measure=Percentile("response_s", 0.9, REAL),
    direction="lower",
    divide=60,
)


def _of_records(  # noqa: PLR0913 - as above
    name: str,
    title: tuple[str, str],
    definition: tuple[str, str],
    type_: str,
    at: str,
    measure: Ratio | Percentile,
    *,
    unit: tuple[str, str] = SHARE,
) -> Figure:
    return Figure(
        name=name,
        title=title,
        unit=unit,
        definition=definition,
        version=1,
        source=PROPOSED,
        effective_from=SINCE,
        over=Records(type_),
        measure=measure,
        at=at,
        direction="none",
    )


RECORDS: Final = (
    _of_records(
        "zero_days",
        ("日管控零报告占比", "Daily papers with nothing found"),
        (
            "期内已签日管控中发现问题数为 0 的占比；零报告不证明安全。",
            "Of the signed daily papers, those that found nothing; a zero proves no safety.",
        ),
        "daily",
        "starts",
        Ratio((("found", "=", 0),)),
    ),
    _of_records(
        "leads_not_so",
        ("摄像头线索误识别率", "Camera leads that were not so"),
        (
            "期内已核实的摄像头线索中，现场核实为识别有误的占比。",
            "Of the camera leads that somebody looked at, those that were not so.",
        ),
        "lead",
        "at",
        Ratio((("state", "=", "not_so"),), (("state", "in", ("so", "not_so")),)),
    ),
    _of_records(
        "days_to_public",
        ("检查结果公开时长（九成）", "Days until a result is public (nine of ten)"),
        (
            "从检查结论到公开结果的自然日，九成不超过此值；未公开的不计。时限是 20 个工作日。",
            "Calendar days from conclusion to publication that nine of ten do not exceed; what is"
            " not public has none. The limit is 20 working days.",
        ),
        "inspection",
        "at.conclude",
        Percentile(Elapsed("at.conclude", "at.publish", "d"), 0.9),
        unit=("天", "d"),
    ),
)
FIGURES: Final = (*KITCHENS, MEALS_RECEIVED, *DEVIATIONS, SCHOOLS_REACHED, *RECORDS)
