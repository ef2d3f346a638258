"""Figures that every playbook has without a declaration, by what its table can tell.

The definitions are general practice [K]; a county's own replace them by another declaration.
"""

from __future__ import annotations

from typing import Final

from bihuan.figures.declared import (
    END,
    REAL,
    AnyOf,
    Cases,
    Column,
    Count,
    Elapsed,
    Figure,
    Most,
    Percentile,
    Ratio,
    Where,
    Words,
)
from bihuan.loop.playbook import Playbook

SOURCE: Final = (
    "通行做法 [K]，以本县自定的口径为准 /"
    " general practice [K]; the county's own definition replaces it"
)
SINCE: Final = "2026-01-01"
PERCENT: Final[Words] = ("%", "%")
CASES_UNIT: Final[Words] = ("件", "cases")
MINUTES: Final[Words] = ("分钟", "min")
HOURS: Final[Words] = ("小时", "h")
DAYS: Final[Words] = ("天", "days")
OPENED: Final[Words] = ("期内立为事件的", "Of cases opened in the period,")
LEFT_OUT: Final[Words] = ("并入和作废的不计。", "Merged and void cases never count.")
NOT_FALSE: Final[Where] = (
    *REAL,
    ("outcome", "not in", ("merged", "void", "false_alarm", "declined")),
)
ANSWERED: Final = AnyOf(((("confirmations", ">", 0),), (("refusals", ">", 0),)))
UNTOUCHED: Final[Where] = (
    *REAL,
    AnyOf(((("answered_us", "known", False),), (("answered_us", ">", Column(END)),))),
)
ENDED_ONCE: Final = AnyOf(((("outcome", "known", True),), (("reopened", ">", 0),)))


def builtin(playbook: Playbook) -> list[Figure]:
    """The built-in figures of one playbook, named `KIND_…`."""
    return [*_in_time(playbook), *_ends(playbook), *_origin(playbook), *_waits(playbook)]


def _figure(playbook: Playbook, name: str, title: Words, said: Words, **more: object) -> Figure:
    return Figure(
        name=f"{playbook.kind}_{name}"[:48],
        title=(f"{playbook.title[0]}：{title[0]}", f"{playbook.title[1]}: {title[1]}"),
        definition=(said[0] + LEFT_OUT[0], f"{said[1]} {LEFT_OUT[1]}"),
        version=1,
        source=SOURCE,
        effective_from=SINCE,
        over=Cases((playbook.kind,)),
        **{"unit": PERCENT, **more},  # type: ignore[arg-type]  # names of Figure's own fields
    )


_CLOCKS: Final = (
    ("answer", "answered_in_time", ("按时应答率", "answered in time"), ("应答", "to answer")),
    ("accept", "accepted_in_time", ("按时受理率", "accepted in time"), ("受理", "to accept")),
    ("progress", "progress_in_time", ("按时处置率", "acted in time"), ("处置", "to show progress")),
    ("act", "acted_in_time", ("按时办理率", "acted in time"), ("办理", "to act")),
)


def _in_time(playbook: Playbook) -> list[Figure]:
    found = [
        _figure(
            playbook, "count", ("事件数", "cases"),
            ("期内立为事件的件数。", "Cases opened in the period."),
            unit=CASES_UNIT, decimals=0, measure=Count(REAL), rank_level=None,
        )
    ]  # fmt: skip
    for clock, name, title, limit in _CLOCKS:
        if playbook.clock(clock) is None:
            continue
        said = (
            f"期内立为事件的，{limit[0]}时限全部守住的占比；曾超时一次即为超时，时限未到的不计入分母。",
            f"{OPENED[1]} those that kept every limit {limit[1]}; one missed once is missed. Cases "
            "whose clock still runs are left out.",
        )
        column = f"clock_{clock}"
        ratio = Ratio(
            part=((column, "=", "met"),), whole=(*REAL, (column, "in", ("met", "missed")))
        )
        found.append(
            _figure(
                playbook, name, title, said, measure=ratio, direction="higher", rank_level="town",
                is_public=True,
            )
        )  # fmt: skip
    return found


def _ends(playbook: Playbook) -> list[Figure]:
    handled = Ratio(
        part=(("outcome", "in", ("confirmed", "decided", "not_applicable")),), whole=NOT_FALSE
    )
    silent = Ratio(
        part=(("outcome", "=", "no_reply"),), whole=(*NOT_FALSE, ("outcome", "known", True))
    )
    again = Ratio(part=(("reopened", ">", 0),), whole=(*REAL, ENDED_ONCE))
    found = [
        _figure(
            playbook, "handled", ("办结率", "handling rate"),
            ("期内立为事件的，已办结的占比；未回复办结不算办结，误报和不予受理的不计。",
             f"{OPENED[1]} those closed. One closed without a reply is not counted as solved; "
             "false alarms and declined ones are left out."),
            measure=handled, direction="higher", is_public=True, rank_level="town",
        ),
        _figure(
            playbook, "no_reply", ("未回复办结占比", "closed without a reply"),
            ("期内结束的，反映人始终没有回复、由上级签字结束的占比。",
             "Of cases that ended in the period, those that a superior signed because the origin "
             "never replied."),
            measure=silent, at="closed_us", direction="lower",
        ),
        _figure(
            playbook, "reopened", ("重新办理率", "reopened"),
            ("期内立为事件的，结束过的当中又重新办理的占比。",
             f"{OPENED[1]} of those that ever ended, the share that was opened again."),
            measure=again, direction="lower",
        ),
    ]  # fmt: skip
    if any(act.verb == "false_alarm" for act in playbook.acts):
        found.append(_false_alarms(playbook))
    return found


def _false_alarms(playbook: Playbook) -> Figure:
    false = Ratio(
        part=(("outcome", "=", "false_alarm"),), whole=(*REAL, ("outcome", "known", True))
    )
    return _figure(
        playbook, "false_alarms", ("误报率", "false-alarm rate"),
        ("期内结束的，以误报关闭的占比。",
         "Of cases that ended in the period, those closed as a false alarm."),
        measure=false, at="closed_us", direction="lower",
    )  # fmt: skip


def _origin(playbook: Playbook) -> list[Figure]:
    asked: Where = (*REAL, ("outcome", "in", ("confirmed", "no_reply", "decided")))
    confirmed = Ratio(part=(("outcome", "=", "confirmed"),), whole=asked)
    refused = Ratio(part=(("refusals", ">", 0),), whole=(*REAL, ANSWERED))
    content = Ratio(part=(("confirmations", ">", 0), ("refusals", "=", 0)), whole=(*REAL, ANSWERED))
    return [
        _figure(
            playbook, "confirmed", ("反映人确认率", "confirmed by the origin"),
            ("期内结束且问过反映人的，反映人确认解决的占比；未回复办结和上级决定办结的在分母中。",
             "Of cases that ended in the period and whose origin was asked, those that the origin "
             "confirmed. No reply and a superior's decision stay in the whole."),
            measure=confirmed, at="closed_us", direction="higher", is_public=True,
        ),
        _figure(
            playbook, "refused", ("反映人不认可率", "refused by the origin"),
            ("期内立为事件、反映人答复过的，至少一次答“没解决”的占比。",
             f"{OPENED[1]} of those that the origin answered, the share with at least one “not "
             "solved”."),
            measure=refused, direction="lower",
        ),
        _figure(
            playbook, "content", ("满意率", "satisfaction"),
            ("期内立为事件、反映人答复过的，一次即答“解决了”的占比；只看反映人自己的话，没有答复的不计。",
             f"{OPENED[1]} of those that the origin answered, the share solved when first asked. "
             "Only the origin's own word counts; who did not answer is left out."),
            measure=content, direction="higher", is_public=True,
        ),
    ]  # fmt: skip


_FIRST: Final[Words] = (
    "期内立为事件的，从立为事件到第一次有人处理所用的时间，",
    "From the opening of a case to the first act of a person,",
)


def _waits(playbook: Playbook) -> list[Figure]:
    is_fast = playbook.clock("answer") is not None
    unit, divide = (MINUTES, 60.0) if is_fast else (HOURS, 3_600.0)
    age_unit, age = (HOURS, "h") if is_fast else (DAYS, "d")
    open_for = Elapsed("opened_us", END, "h" if age == "h" else "d")
    response: dict[str, object] = {"unit": unit, "divide": divide, "direction": "lower"}
    point: dict[str, object] = {
        "at": None, "period": "point", "lives": ("opened_us", "closed_us"), "direction": "lower",
    }  # fmt: skip
    return [
        _figure(
            playbook, "response_median", ("首次响应中位数", "first response, median"),
            (f"{_FIRST[0]}取中位数；还没有人处理的不计。",
             f"{_FIRST[1]} the median; cases nobody has touched yet are left out."),
            measure=Percentile("response_s", 0.5, REAL), **response,
        ),
        _figure(
            playbook, "response_p90", ("首次响应90分位", "first response, 90th percentile"),
            (f"{_FIRST[0]}取第90百分位；还没有人处理的不计。",
             f"{_FIRST[1]} the 90th percentile; cases nobody has touched yet are left out."),
            measure=Percentile("response_s", 0.9, REAL), **response,
        ),
        _figure(
            playbook, "backlog", ("在办件数", "backlog"),
            ("期末还没有结束的件数。", "Cases not ended at the end of the period."),
            unit=CASES_UNIT, decimals=0, measure=Count(REAL), **point,
        ),
        _figure(
            playbook, "backlog_age", ("在办时长中位数", "age of the backlog, median"),
            ("期末还没有结束的，自立为事件起经过的时间，取中位数。",
             "Of cases not ended at the end of the period, the median time since opening."),
            unit=age_unit, measure=Percentile(open_for, 0.5, REAL), **point,
        ),
        _figure(
            playbook, "longest_wait", ("最长等待", "longest wait"),
            ("期末还没有人处理的，等待时间最长的一件。",
             "Of cases that nobody has touched at the end of the period, the longest wait."),
            unit=age_unit, measure=Most(open_for, UNTOUCHED), **point,
        ),
    ]  # fmt: skip
