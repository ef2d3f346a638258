"""指标 / Figures: hazards cleared, in time and overdue; tasks and moves of a response.

Towns are compared at most; villages never: no league tables of villages.
"""

from __future__ import annotations

from typing import Final

from bihuan.figures.declared import (
    REAL,
    Cases,
    Count,
    Elapsed,
    Figure,
    Percentile,
    Ratio,
    Records,
    Sum,
    Where,
)

_KNOWN: Final = (
    "通行做法 [K]，以本县自定的口径为准 /"
    " general practice [K]; the county's own definition replaces it"
)
_SINCE: Final = "2026-01-01"
_SEED: Final = (
    "县报所说的检查、督办、整改、反馈 [S]；算法是建议 [K] /"
    " the seeds' own check, supervise, rectify and feed back [S]; the formula is [K]"
)
_PERCENT: Final = ("%", "%")
REAL_HAZARD: Final[Where] = (("state", "!=", "not_one"),)
CLOSED: Final[Where] = (*REAL, ("closed_us", "known", True))
CLEARED: Final[Where] = (*REAL_HAZARD, ("state", "=", "cleared"))

HAZARDS_FOUND = Figure(
    name="hazards_found",
    title=("发现隐患", "Hazards found"),
    unit=("处", "hazards"),
    definition=(
        "期内登记入台账的隐患；核实不属隐患的不计。小微企业园的隐患在内。",
        "Hazards entered in the ledger in the period; those found to be none never count. "
        "Micro-parks are among them.",
    ),
    version=1,
    source=_KNOWN,
    effective_from=_SINCE,
    over=Records("hazard"),
    measure=Count(where=REAL_HAZARD),
    rank_level="town",
    decimals=0,
)
HAZARDS_CLEARED = Figure(
    name="hazards_cleared",
    title=("隐患销号率", "Hazards cleared"),
    unit=_PERCENT,
    definition=(
        "分母：期内登记的隐患，核实不属隐患的除外；分子：其中经复查通过并销号的。"
        "复查通过而没有告知发现人、没有销号的不算。",
        "Whole: hazards entered in the period, but those found to be none. Part: those reviewed "
        "and cleared. One that passed review and was not cleared, its finder not told, is not.",
    ),
    version=1,
    source=_SEED,
    effective_from=_SINCE,
    over=Records("hazard"),
    measure=Ratio(part=CLEARED, whole=REAL_HAZARD),
    direction="higher",
    rank_level="town",
)
MAJOR_OPEN = Figure(
    name="major_hazards_open",
    title=("未销号重大隐患", "Major hazards not cleared"),
    unit=("处", "hazards"),
    definition=(
        "期末还没有销号的重大隐患；核实不属隐患的不计。",
        "Major hazards not cleared at the end of the period; those found to be none never count.",
    ),
    version=1,
    source=_KNOWN,
    effective_from=_SINCE,
    over=Records("hazard"),
    measure=Count(where=(("grade", "=", "major"), ("state", "not in", ("cleared", "not_one")))),
    at=None,
    period="point",
    direction="lower",
    decimals=0,
)
REPORTS_SOLVED = Figure(
    name="hazard_reports_solved",
    title=("隐患反映解决率", "Reported hazards solved"),
    unit=_PERCENT,
    definition=(
        "分母：期内群众反映并已办结的隐患；分子：其中发现人自己确认解决了的。"
        "未回复办结、上级决定办结的不算解决；并入和作废的不计。",
        "Whole: hazards that people reported in the period and that are closed. Part: those that "
        "the finder said are solved. Silence or a superior's ending is no solution; merged and "
        "void ones never count.",
    ),
    version=1,
    source=_SEED,
    effective_from=_SINCE,
    over=Cases(("report",)),
    measure=Ratio(part=(("outcome", "=", "confirmed"),), whole=CLOSED),
    direction="higher",
    is_public=True,
)
TASKS_CONFIRMED = Figure(
    name="response_tasks_confirmed",
    title=("响应任务确认率", "Response tasks confirmed"),
    unit=_PERCENT,
    definition=(
        "分母：期内应急响应派出的任务，上级决定不做的除外；分子：其中有人确认已做的。",
        "Whole: tasks of responses in the period, but those waived by a superior. Part: those "
        "that somebody confirmed.",
    ),
    version=1,
    source=_KNOWN,
    effective_from=_SINCE,
    over=Records("task"),
    measure=Ratio(part=(("state", "=", "confirmed"),), whole=(("state", "!=", "waived"),)),
    direction="higher",
)
TASK_TIME = Figure(
    name="response_task_minutes",
    title=("响应任务用时（中位）", "Minutes to a confirmed task, median"),
    unit=("分钟", "min"),
    definition=(
        "期内任务从派出到确认的时间的中位数（最近秩法）；没有确认的不在内，另见确认率。",
        "Median (nearest rank) of the time from a task's filing to its confirmation; unconfirmed "
        "ones are not among them: see the share confirmed.",
    ),
    version=1,
    source=_KNOWN,
    effective_from=_SINCE,
    over=Records("task"),
    measure=Percentile(Elapsed("opened_us", "at.confirm", "min"), 0.5),
    direction="lower",
)
PEOPLE_MOVED = Figure(
    name="people_moved",
    title=("转移人数", "People moved"),
    unit=("人次", "moves of people"),
    definition=(
        "期内应急响应中已转移（含已返回）的人次；同一人两次响应计两次。",
        "People moved in responses of the period, returned ones among them; who was moved in two "
        "responses counts twice.",
    ),
    version=1,
    source=_KNOWN,
    effective_from=_SINCE,
    over=Records("move"),
    measure=Sum("people", where=(("state", "in", ("moved", "returned")),)),
    decimals=0,
)
MOVES_REFUSED = Figure(
    name="moves_refused",
    title=("拒转户", "Homes that refused"),
    unit=("户", "homes"),
    definition=(
        "期末仍拒绝转移的户；再劝后已转移的不计。",
        "Homes that still refuse at the end of the period; one that moved when asked again never "
        "counts.",
    ),
    version=1,
    source=_KNOWN,
    effective_from=_SINCE,
    over=Records("move"),
    measure=Count(where=(("state", "=", "refused"),)),
    at=None,
    period="point",
    direction="lower",
    decimals=0,
)
FIGURES: Final = (
    HAZARDS_FOUND,
    HAZARDS_CLEARED,
    MAJOR_OPEN,
    REPORTS_SOLVED,
    TASKS_CONFIRMED,
    TASK_TIME,
    PEOPLE_MOVED,
    MOVES_REFUSED,
)
