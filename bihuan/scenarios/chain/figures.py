"""指标 / Figures: what was appealed, tested, handled and signed; each with its whole in words.

A valid appeal is one whose clock to act was started: it passed the test, whatever came after. An
appeal that is hard stays in the whole; those found invalid are counted beside it, so that nobody
lifts the rate by declaring them so. What a superior publishes of us is taken over (`published`).
"""

from __future__ import annotations

from typing import Final

from bihuan.base.bilingual import also
from bihuan.figures.declared import (
    REAL,
    Cases,
    Count,
    Distinct,
    Elapsed,
    Figure,
    Mean,
    Over,
    Percentile,
    Ratio,
    Records,
    Where,
)

_KNOWN: Final = (
    "通行做法 [K]，以本县自定的口径为准 /"
    " general practice [K]; the county's own definition replaces it"
)
_TEXT: Final = "县报 2022-08-02 [S] / the county newspaper, 2022-08-02 [S]"
_SINCE: Final = "2026-01-01"
_TEXT_SINCE: Final = "2022-08-02"
CASES: Final = ("件", "cases")
VALID: Final[Where] = (*REAL, ("clock_act", "known", True))
DUE: Final[Where] = (*REAL, ("clock_act", "in", ("met", "missed")))
SOLVED: Final[Where] = (("outcome", "=", "confirmed"),)
APPEALS: Final[Over] = Cases(("appeal",))

VALID_RATE = Figure(
    name="valid_appeals_handled",
    title=("有效诉求办理率", "Valid appeals handled"),
    unit=("%", "%"),
    definition=(
        "分母：期内提出、通过真实性、必要性、迫切性审核，且已提交办理结果或办理时限已到的诉求；"
        "分子：其中企业自己确认解决了的。只答复、企业没有确认、未回复办结、上级决定办结的都不算办成；"
        "判为无效的不在分母里，另行计数；并入和作废的不计。",
        "Whole: appeals of the period that passed the test (real, necessary, urgent) and whose "
        "result was submitted or whose clock to act ran out. Part: those that the firm itself said "
        "are solved. A reply, silence of the firm or a superior's ending is no solution. What was "
        "found invalid stands beside it in a count of its own; merged and void ones never count.",
    ),
    version=1,
    source=also(
        _TEXT,
        "只有名称，没有算法；算法是建议 [K]",
        "named without a formula; ours is a proposal [K]",
    ),
    effective_from=_SINCE,
    over=APPEALS,
    measure=Ratio(part=SOLVED, whole=DUE),
    direction="higher",
    is_public=True,
)
IN_TIME = Figure(
    name="valid_appeals_in_time",
    title=("有效诉求按时办结率", "Valid appeals handled in time"),
    unit=("%", "%"),
    definition=(
        "分母同“有效诉求办理率”；分子：企业确认解决、且结果在办理时限内提交的。"
        "经批准暂停的时间（如等外地答复）不算在内。",
        "The whole of “valid appeals handled”; part: confirmed by the firm, and submitted within "
        "the clock to act. Time that a superior let stand still (waiting for another county) is "
        "left out.",
    ),
    version=1,
    source=_KNOWN,
    effective_from=_SINCE,
    over=APPEALS,
    measure=Ratio(part=(*SOLVED, ("clock_act", "=", "met")), whole=DUE),
    direction="higher",
)


def _count(name: str, title: tuple[str, str], definition: tuple[str, str], where: Where) -> Figure:
    return Figure(
        name=name,
        title=title,
        unit=CASES,
        definition=definition,
        version=1,
        source=_KNOWN,
        effective_from=_SINCE,
        over=APPEALS,
        measure=Count(where),
        decimals=0,
    )


COUNTS = (
    _count(
        "appeals",
        ("诉求", "Appeals"),
        ("期内提出的诉求，每条一件；并入和作废的不计。",
         "Appeals of the period, each once; merged and void ones never count."),
        REAL,
    ),
    _count(
        "appeals_valid",
        ("有效诉求", "Valid appeals"),
        ("期内提出、通过真实性、必要性、迫切性审核的诉求。",
         "Appeals of the period that passed the test: real, necessary, urgent."),
        VALID,
    ),
    _count(
        "appeals_invalid",
        ("判为无效的诉求", "Appeals found invalid"),
        ("期内提出、最后判为无效的诉求；与有效诉求办理率一起看。",
         "Appeals of the period that ended as not valid; to be read beside the rate."),
        (("outcome", "=", "declined"),),
    ),
    _count(
        "appeals_objected",
        ("判为无效后又重新审核的诉求", "Appeals opened again"),
        ("期内提出、办结或判为无效后又重新打开的诉求。",
         "Appeals of the period that were opened again after their end."),
        (*REAL, ("reopened", ">", 0)),
    ),
    _count(
        "appeals_not_solved",
        ("企业说没解决的诉求", "Not solved, says the firm"),
        ("期内提出、企业至少说过一次“没解决”的诉求。",
         "Appeals of the period of which the firm said “not solved” at least once."),
        (*VALID, ("refusals", ">", 0)),
    ),
)  # fmt: skip
HANDLING = Figure(
    name="appeal_handling_median",
    title=("有效诉求办理用时中位数", "Days to handle, median"),
    unit=("天", "days"),
    definition=(
        "期内提出的有效诉求，从提出到首次提交结果的日历天数的中位数；没有提交结果的不计入。",
        "Of valid appeals of the period, the median of days from filing to the first result; those "
        "without a result are left out.",
    ),
    version=1,
    source=_KNOWN,
    effective_from=_SINCE,
    over=APPEALS,
    measure=Percentile("handling_s", 0.5, VALID),
    divide=86_400,
    direction="lower",
)
LEG_DAYS = Figure(
    name="other_county_days",
    title=("外地环节平均用时", "Days of other counties"),
    unit=("天", "days"),
    definition=(
        "期内发起、对方已同意的外地环节，从发起到同意的平均日历天数；这些时间不是本县办理用时。",
        "Of requests to other counties of the period that they agreed to, the mean of days until "
        "then. None of this is time of our own.",
    ),
    version=1,
    source=_KNOWN,
    effective_from=_SINCE,
    over=Records("leg"),
    measure=Mean(Elapsed("opened_us", "at.agree", "d")),
    direction="lower",
)
UNKNOWN_STOCK = Figure(
    name="unknown_stock",
    title=("库存天数不明的物料占比", "Goods of unknown stock"),
    unit=("%", "%"),
    definition=(
        "期末在用的供应关系中，没有填库存可用天数的占比。不明就是不明，不当作零。",
        "Of supplies in use at the end of the period, those whose days of stock nobody gave. "
        "Unknown is unknown and never 0.",
    ),
    version=1,
    source=_KNOWN,
    effective_from=_SINCE,
    over=Records("supply"),
    measure=Ratio(part=(("days", "known", False),), whole=(("state", "=", "used"),)),
    at=None,
    period="point",
    direction="lower",
)
PASSES = Figure(
    name="passes_issued",
    title=("已发通行证", "Passes issued"),
    unit=("张", "passes"),
    definition=(
        "期内发出的车辆通行证，一车一证一线路各计一张；后来收回的也计。",
        "Passes issued in the period, one for each vehicle and route; revoked ones count too.",
    ),
    version=1,
    source=_KNOWN,
    effective_from=_SINCE,
    over=Records("pass"),
    measure=Count(),
    at="at.issue",
    decimals=0,
)
TIED_FIRST = Figure(
    name="tied_first",
    title=("并列第一的指标", "Indicators tied first"),
    unit=("个", "indicators"),
    definition=(
        "期内上级公布、我县位次为第 1 且并列的指标，同一指标计一次；位次照公布抄录，不自行计算。",
        "Indicators published in the period in which this county ranks first and tied, each once; "
        "ranks are taken over as published and never worked out.",
    ),
    version=1,
    source=also(
        _TEXT, "2022年上半年两项指标并列第一", "two indicators tied first in the first half of 2022"
    ),
    effective_from=_TEXT_SINCE,
    over=Records("published"),
    measure=Distinct("indicator", (("rank", "=", 1), ("tied", "=", True))),
    at="released",
    period="cumulative",
    decimals=0,
)
NEEDS = Figure(
    name="needs_published",
    title=("对接会发布采购需求的企业", "Firms with published needs"),
    unit=("家", "firms"),
    definition=(
        "期内在对接会上经本企业同意公布采购需求的企业，一家计一次，公布几条都计一家。",
        "Firms that let at least one purchase need be published at a meeting in the period, each "
        "once however many needs.",
    ),
    version=1,
    source=also(_TEXT, "2022年6月18日12家企业发布需求", "12 firms published needs on 18 June 2022"),
    effective_from=_TEXT_SINCE,
    over=Records("need"),
    measure=Distinct("party_id", (("state", "=", "public"),)),
    at="at.publish",
    decimals=0,
)
SUPPLIERS = Figure(
    name="suppliers_at_meetings",
    title=("到会对接的供应企业", "Suppliers at meetings"),
    unit=("家", "firms"),
    definition=(
        "期内登记到会对接的供应企业，一家计一次。",
        "Suppliers written down as taking part in meetings in the period, each once.",
    ),
    version=1,
    source=also(_TEXT, "2022年6月18日34家供应商", "34 suppliers on 18 June 2022"),
    effective_from=_TEXT_SINCE,
    over=Records("offer"),
    measure=Distinct("party_id"),
    decimals=0,
)
PAIRS = Figure(
    name="new_pairs_signed",
    title=("新签约合作", "New pairs signed"),
    unit=("对", "pairs"),
    definition=(
        "期内新建立合作并签了合同的企业对；洽谈和意向不计。",
        "New pairs of firms with a signed contract in the period; talks and intents never count.",
    ),
    version=1,
    source=also(_TEXT, "2022年6月18日新签两对", "two new pairs of firms signed on 18 June 2022"),
    effective_from=_TEXT_SINCE,
    over=Records("signing"),
    measure=Count((("stage", "=", "contract"), ("is_new", "=", True))),
    at="on",
    decimals=0,
)
FIGURES = (
    VALID_RATE,
    IN_TIME,
    *COUNTS,
    HANDLING,
    LEG_DAYS,
    UNKNOWN_STOCK,
    PASSES,
    TIED_FIRST,
    NEEDS,
    SUPPLIERS,
    PAIRS,
)
