"""建议 / Suggestion, 批示 / Instruction, 会议决定 / Decision: one table, three names.

交办 to a department, a reply classed A solved, B planned or C explained, the proposer's verdict.
A B reply is a promise and no end: the case stays in hand until the promised day and beyond, and
only A or C go to the check and to the proposer. Every limit is general practice [K] that the
county replaces; none of them is law.
"""

from __future__ import annotations

from bihuan.base.legal_limits import GENERAL
from bihuan.loop.everyday import HOLDERS, Desk, matter_acts
from bihuan.loop.playbook import STAYS, Act, ClockRule, Field, Limit, Playbook, Watch

_KNOWN = (
    "通行做法 [K]，以本县自定的为准 / general practice [K]; the county's own figure replaces it"
)
_SINCE = "2026-01-01"
_HERE = "各县通用，本县可自定 / every county until it sets its own"
DESK = Desk(
    intake=("proposals_office",),
    checkers=("proposals_office",),
    superiors=("county_leader",),
    reviewers=("county_leader",),
)
OFFICE = ("proposals_office",)
ABOVE = ("proposals_office", "county_leader")


def _days(count: int, unit: str = "working", most: int | None = None) -> Limit:
    return Limit(
        seconds=0,
        source=_KNOWN,
        effective_from=_SINCE,
        region=_HERE,
        days=count,
        unit="calendar" if unit == "calendar" else "working",
        rule=GENERAL,
        most_extension=most,
    )


_DAY = Limit(seconds=86_400, source=_KNOWN, effective_from=_SINCE, region=_HERE)


def _reply(name: str, title: tuple[str, str]) -> Act:
    return Act(
        name,
        ("in_progress",),
        "awaiting_check",
        HOLDERS,
        proof=("photo", "words", "file"),
        does="submit",
        meets=("act", "milestone"),
        starts=("check",),
        title=title,
    )


REPLIES = (
    _reply("reply_solved", ("答复 A 类：已解决", "Reply A: solved")),
    Act(
        "reply_planned",
        ("in_progress",),
        STAYS,
        HOLDERS,
        proof=("photo", "words", "file"),
        does="promise",
        meets=("act", "milestone"),
        starts=("milestone",),
        title=("答复 B 类：列入计划", "Reply B: planned"),
    ),
    _reply("reply_explained", ("答复 C 类：解释说明", "Reply C: explained")),
    Act(
        "verdict",
        ("in_progress",),
        STAYS,
        ("origin",),
        fields=(
            Field(
                "verdict",
                "choice",
                options=(
                    ("agree", ("同意这个计划", "I agree")),
                    ("disagree", ("不同意", "I do not")),
                ),
            ),
        ),
        title=("评价 B 类答复", "Judge the plan"),
    ),
)
CLOCKS = (
    ClockRule("accept", _days(5), watches=(Watch(1, 1, ABOVE),)),
    ClockRule("receive", _days(5), watches=(Watch(1, 1, OFFICE), Watch(2, 2, ABOVE))),
    # 3 months, at most 6: the months are counted as 30 days each
    ClockRule(
        "act",
        _days(90, "calendar", most=90),
        may_pause=True,
        watches=(Watch(0.8, 1, OFFICE), Watch(1, 2, ABOVE), Watch(1.5, 3, ABOVE)),
        again_s=7 * 86_400,
    ),
    # how long a promise is by default; each B reply names its own day
    ClockRule(
        "milestone",
        _days(365, "calendar"),
        watches=(Watch(0.9, 1, OFFICE), Watch(1, 2, ABOVE)),
        again_s=7 * 86_400,
    ),
    ClockRule("check", _days(10), watches=(Watch(1, 1, ABOVE),)),
    ClockRule("statement", _days(5), watches=(Watch(1, 1, ABOVE),)),
)


def _playbook(kind: str, title: tuple[str, str], *, is_open: bool) -> Playbook:
    return Playbook(
        scenario="suggestions",
        kind=kind,
        version=1,
        title=title,
        severity="minor",
        signals=(),
        acts=(*(act for act in matter_acts(DESK) if act.name != "submit"), *REPLIES),
        repeat=_DAY,
        late_after=_DAY,
        confirmation=_days(15),
        clocks=CLOCKS,
        begins="new",
        opening=("accept",),
        reopen_s=365 * 86_400,
        reports=True,
        is_open=is_open,
    )


SUGGESTION = _playbook("suggestion", ("建议", "Suggestion"), is_open=True)
INSTRUCTION = _playbook("instruction", ("批示", "Instruction"), is_open=False)
DECISION = _playbook("decision", ("会议决定", "Meeting decision"), is_open=False)
