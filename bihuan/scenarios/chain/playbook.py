"""诉求 / Appeal: tested, put to the firm's named liaison, answered, and judged by the firm alone.

The desk tests whether an appeal is real, necessary and urgent (真实性、必要性、迫切性). What passes
is valid and stays so, however hard it is. Only the leader of the task team may find one invalid,
says which of the three it failed and what the firm can do instead; the firm may object, and it is
tested anew. A reply is no solution: the firm says whether it is solved. Every limit is general
practice [K] that the county replaces.
"""

from __future__ import annotations

from dataclasses import replace

from bihuan.base.legal_limits import GENERAL
from bihuan.loop.everyday import Desk, matter_acts
from bihuan.loop.playbook import Act, ClockRule, Field, Limit, Playbook, Watch

_KNOWN = (
    "通行做法 [K]，以本县自定的为准 / general practice [K]; the county's own figure replaces it"
)
_SINCE = "2026-01-01"
_HERE = "各县通用，本县可自定 / every county until it sets its own"
CLERKS, LEADERS = ("chain_clerk",), ("chain_leader",)
DESK = Desk(
    intake=CLERKS,
    checkers=("chain_clerk", "chain_leader"),
    superiors=LEADERS,
    reviewers=LEADERS,
)


def _days(count: int, most: int | None = None) -> Limit:
    return Limit(
        seconds=0,
        source=_KNOWN,
        effective_from=_SINCE,
        region=_HERE,
        days=count,
        unit="working",
        rule=GENERAL,
        most_extension=most,
    )


def _hours(count: int) -> Limit:
    return Limit(seconds=count * 3600, source=_KNOWN, effective_from=_SINCE, region=_HERE)


def _passed(name: str, title: tuple[str, str], said: tuple[str, str]) -> Field:
    return Field(name, "choice", options=(("yes", said),), title=title)


TESTS = (
    _passed("real", ("真实性", "Is it real"), ("属实", "Real")),
    _passed("necessary", ("必要性", "Is it necessary"), ("有必要", "Necessary")),
    _passed("urgent", ("迫切性", "Is it urgent"), ("迫切", "Urgent")),
)
FAILED = Field(
    "failed",
    "choice",
    options=(
        ("not_real", ("不属实", "Not real")),
        ("not_necessary", ("没有必要", "Not necessary")),
        ("not_urgent", ("不迫切", "Not urgent")),
    ),
    title=("没通过哪一项", "Which test it failed"),
)
TESTED = (
    Act(
        "find_valid",
        ("new",),
        "accepted",
        CLERKS,
        does="accept",
        fields=TESTS,
        meets=("accept",),
        starts=("act",),
        title=("有效诉求，受理", "Valid: accept"),
    ),
    Act(
        "find_pressing",
        ("new",),
        "accepted",
        CLERKS,
        does="accept",
        fields=TESTS,
        meets=("accept",),
        starts=("act", "report"),
        title=("有效且将断料，加急受理", "Valid and about to run out: accept at once"),
    ),
    Act(
        "find_invalid",
        ("new",),
        "closed",
        LEADERS,
        does="decline",
        fields=(FAILED,),
        meets=("accept",),
        outcome="declined",
        title=("无效诉求，不予受理", "Not valid: decline"),
    ),
    Act(
        "object",
        ("closed",),
        "new",
        ("origin", "family"),
        does="reopen",
        starts=("accept",),
        title=("有异议，请重新审核", "Object: test it again"),
    ),
)
CLOCKS = (
    ClockRule("accept", _days(1), watches=(Watch(1, 1, LEADERS),)),
    ClockRule("receive", _days(1), watches=(Watch(1, 1, CLERKS), Watch(2, 2, LEADERS))),
    # another county's part is not ours: meanwhile the leader may let this clock stand still
    ClockRule(
        "act",
        _days(5, most=10),
        may_pause=True,
        watches=(Watch(0.8, 1, CLERKS), Watch(1, 2, LEADERS), Watch(1.5, 3, LEADERS)),
    ),
    # of what is about to run out, the firm hears the first news within a day, holidays or not
    ClockRule("report", _hours(24), watches=(Watch(0.5, 1, CLERKS), Watch(1, 2, LEADERS))),
    ClockRule("check", _days(2), watches=(Watch(1, 1, LEADERS),)),
    ClockRule("statement", _days(5), watches=(Watch(1, 1, LEADERS),)),
)
ACTS = (
    *TESTED,
    *(
        replace(act, meets=(*act.meets, "report")) if act.name in ("progress", "submit") else act
        for act in matter_acts(DESK)
        if act.name not in ("accept", "decline")
    ),
)
APPEAL = Playbook(
    scenario="chain",
    kind="appeal",
    version=1,
    title=("诉求", "Appeal"),
    severity="major",
    signals=("appeal",),
    acts=ACTS,
    repeat=_hours(24),
    late_after=_hours(24),
    confirmation=_days(3),
    clocks=CLOCKS,
    begins="new",
    opening=("accept",),
    reopen_s=30 * 86_400,
    per_row=True,
)
