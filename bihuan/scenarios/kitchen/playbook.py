"""偏离 / Deviation: the kitchen is called first; the regulator when it is not put right in time.

Deviation, corrective action, what becomes of the food, and a verifier who is another person. 召回:
the schools that have it are called, and the people above the kitchen. 投诉: a matter of days.
Every clock is general practice [K] that the county replaces; none of them is law.
"""

from __future__ import annotations

from typing import Final

from bihuan.base.legal_limits import GENERAL
from bihuan.loop.everyday import Desk, matter_acts
from bihuan.loop.playbook import STAYS, Act, ClockRule, Field, LadderStep, Limit, Playbook, Watch
from bihuan.register.scheme import Facts
from bihuan.scenarios.kitchen.batch_times import LIVE
from bihuan.scenarios.kitchen.limits import HERE, KNOWN
from bihuan.scenarios.kitchen.roles import (
    DIRECTOR,
    DRIVER,
    HEADS,
    KITCHEN,
    MANAGER,
    MARKET,
    OFFICER,
    RECEIVER,
    REGULATOR,
    SAFETY,
    STATION,
    WORKER,
)
from bihuan.scenarios.kitchen.rules import RULES
from bihuan.scenarios.kitchen.times import HOT

SINCE: Final = "2026-01-01"
BATCH_SIGNALS: Final = (
    "eat_by_soon",
    "eat_by",
    "core_low",
    "check_beyond",
    "no_sample",
    "packed_late",
    "cooling_slow",
    "not_reheated",
)
CAMERA_SIGNALS: Final = ("no_hat", "no_mask", "smoking", "bare_chest", "other")
PAPER_SIGNALS: Final = ("no_daily", "no_weekly", "no_monthly", "calibration_due", "lead_unseen")


def _for(seconds: int) -> Limit:
    return Limit(seconds=seconds, source=KNOWN, effective_from=SINCE, region=HERE)


def _days(count: int, most: int | None = None) -> Limit:
    return Limit(
        seconds=0,
        source=KNOWN,
        effective_from=SINCE,
        region=HERE,
        days=count,
        unit="working",
        rule=GENERAL,
        most_extension=most,
    )


def _step(zh: str, en: str, roles: tuple[str, ...], seconds: int) -> LadderStep:
    return LadderStep(title=(zh, en), roles=roles, wait=_for(seconds))


DISPOSITION: Final = Field(
    "disposition",
    "choice",
    options=(
        ("no_food", ("未涉及食品", "No food concerned")),
        ("safe", ("经测温可用", "Measured and safe")),
        ("rework", ("重新加热", "Cooked again")),
        ("held", ("暂停使用", "On hold")),
        ("discarded", ("废弃", "Discarded")),
    ),
    title=("食品处置", "What becomes of the food"),
)
TOLD: Final = Field(
    "told",
    "choice",
    options=(
        ("none_eaten", ("未食用", "None was eaten")),
        ("some_eaten", ("部分已食用", "Some was eaten")),
        ("all_eaten", ("已全部食用", "All was eaten")),
    ),
    title=("食用情况", "Was it eaten"),
)
VERIFIED: Final = "not_applicable"  # the outcome of `verify`: nobody outside is asked
HERE_ROLES: Final = (*KITCHEN, RECEIVER, DRIVER)
ANYBODY: Final = (*HERE_ROLES, *MARKET)
HOT_RULES: Final = tuple(rule.id for rule in RULES if rule.subjects == ("hot_box",))
OPEN: Final = ("awaiting_answer", "in_progress", "awaiting_check")


def _handled(roles: tuple[str, ...], field: Field, verifiers: tuple[str, ...]) -> tuple[Act, ...]:
    """Taken, put right with what became of the food, and verified by somebody else."""
    return (
        Act("take", ("awaiting_answer",), "in_progress", roles),
        Act("progress", ("in_progress",), "in_progress", roles),
        Act(
            "correct",
            ("in_progress",),
            "awaiting_check",
            roles,
            proof=("photo", "words"),
            does="submit",
            fields=(field,),
            meets=("progress", "act"),
            starts=("check",),
            title=("纠偏完成", "Put right"),
        ),
        Act(
            "verify",
            ("awaiting_check",),
            "closed",
            verifiers,
            not_by=("owner",),
            does="close",
            title=("验证通过", "Verified"),
        ),
        Act(
            "send_back",
            ("awaiting_check",),
            "in_progress",
            verifiers,
            not_by=("owner",),
            meets=("check",),
            starts=("progress",),
        ),
        Act("note", OPEN, STAYS, (*roles, *verifiers)),
        Act("supervise", OPEN, STAYS, MARKET, not_by=("owner",)),
        Act("lift", OPEN, STAYS, MARKET, not_by=("owner",)),
    )


def at_stake(facts: Facts, rule: str) -> bool:
    """A hot box that is empty after lunch may grow cold or be switched off, and calls nobody.

    What a cold store, a chiller or a special room says always matters.
    """
    if rule not in HOT_RULES:
        return True
    return any(
        row["state"] in LIVE and row["keeping"] == HOT for row in facts.related["supplier.batches"]
    )


_CHECK = ClockRule("check", _for(7_200), watches=(Watch(1, 1, (DIRECTOR, STATION)),))
_UNCORRECTED = ClockRule("act", _for(3_600), watches=(Watch(1, 2, MARKET),), again_s=3_600)
DEVIATION = Playbook(
    scenario="kitchen",
    kind="deviation",
    version=1,
    title=("偏离", "Deviation"),
    severity="major",
    signals=(*(rule.id for rule in RULES), *BATCH_SIGNALS),
    at_stake=at_stake,
    ladder=(
        _step("厨房", "Kitchen", (OFFICER, WORKER, RECEIVER), 600),
        _step("厨房负责人", "Heads of the kitchen", (*HEADS, DRIVER), 600),
        _step("市场监管所", "Market station", (STATION,), 900),
        _step("市场监管局", "Market regulator", (REGULATOR,), 900),
    ),
    acts=(
        *_handled(ANYBODY, DISPOSITION, (DIRECTOR, MANAGER, *MARKET)),
        Act("false_alarm", ("awaiting_answer", "in_progress"), "closed", (*SAFETY, RECEIVER)),
    ),
    answer=_for(600),
    progress=_for(1_800),
    clocks=(_UNCORRECTED, _CHECK),
    opening=("answer", "act"),
    repeat=_for(900),
    late_after=_for(900),
    per_row=True,
)
RECALL = Playbook(
    scenario="kitchen",
    kind="recall",
    version=1,
    title=("召回", "Recall"),
    severity="critical",
    signals=("recall",),
    ladder=(
        _step("厨房与监管所", "Kitchen and station", (*SAFETY, STATION), 300),
        _step("市场监管局", "Market regulator", (REGULATOR,), 300),
    ),
    acts=_handled((*SAFETY, *MARKET), DISPOSITION, MARKET),
    answer=_for(300),
    progress=_for(1_800),
    clocks=(_UNCORRECTED, _CHECK),
    opening=("answer", "act"),
    repeat=_for(300),
    late_after=_for(900),
    per_row=True,
)
SCHOOL_NOTICE = Playbook(
    scenario="kitchen",
    kind="school_notice",
    version=1,
    title=("停用通知", "Do not serve"),
    severity="critical",
    signals=("school_hold", "school_recall"),
    ladder=(
        _step("学校与配送员", "School and driver", (RECEIVER, DRIVER), 300),
        _step("市场监管所", "Market station", (STATION,), 300),
        _step("市场监管局", "Market regulator", (REGULATOR,), 300),
    ),
    acts=_handled((RECEIVER, DRIVER, *MARKET), TOLD, (DRIVER, *MARKET)),
    answer=_for(300),
    progress=_for(900),
    clocks=(_UNCORRECTED, _CHECK),
    opening=("answer", "act"),
    repeat=_for(300),
    late_after=_for(900),
    per_row=True,
    supersedes=("school_lifted",),
)
# whom the hold reached hears by the same way that it is over; a kind of its own, so that no message
# about food that may be served says "do not serve". A new hold ends it: nobody goes on calling that
# it may be served
SCHOOL_LIFTED = Playbook(
    scenario="kitchen",
    kind="school_lifted",
    version=1,
    title=("恢复供餐通知", "Hold lifted: it may be served"),
    severity="major",
    signals=("school_lifted",),
    ladder=(
        _step("学校与配送员", "School and driver", (RECEIVER, DRIVER), 600),
        _step("市场监管所", "Market station", (STATION,), 600),
    ),
    acts=(
        Act("take", ("awaiting_answer",), "in_progress", (RECEIVER, DRIVER, *MARKET)),
        Act("progress", ("in_progress",), "in_progress", (RECEIVER, DRIVER, *MARKET)),
        Act(
            "known",
            ("awaiting_answer", "in_progress"),
            "closed",
            (RECEIVER, DRIVER, *MARKET),
            does="close",
            meets=("answer", "progress"),
            title=("学校已知悉", "The school knows"),
        ),
        Act("note", ("awaiting_answer", "in_progress"), STAYS, (RECEIVER, DRIVER, *MARKET)),
    ),
    answer=_for(600),
    progress=_for(1_800),
    repeat=_for(3_600),
    late_after=_for(900),
    per_row=True,
    supersedes=("school_notice",),
)
PAPER = Playbook(
    scenario="kitchen",
    kind="paper",
    version=1,
    title=("管理事项", "Paper due"),
    severity="minor",
    signals=PAPER_SIGNALS,
    ladder=(
        _step("食品安全员", "Food-safety officer", (OFFICER,), 86_400),
        _step("厨房负责人", "Heads of the kitchen", HEADS, 86_400),
        _step("市场监管所", "Market station", (STATION,), 86_400),
    ),
    acts=_handled(
        SAFETY,
        Field(
            "done",
            "choice",
            options=(("done", ("已补", "Done")), ("not_needed", ("不需要", "Not needed"))),
            title=("办理情况", "Done"),
        ),
        (*HEADS, *MARKET),
    ),
    answer=_for(86_400),
    progress=_for(259_200),
    clocks=(
        ClockRule("act", _for(259_200), watches=(Watch(1, 1, (STATION,)),)),
        ClockRule("check", _for(259_200), watches=(Watch(1, 1, (STATION,)),)),
    ),
    opening=("answer", "act"),
    repeat=_for(86_400),
    late_after=_for(86_400),
)
# what a camera says is a lead: the kitchen looks and puts it right; nobody above it is called
LEAD = Playbook(
    scenario="kitchen",
    kind="camera_lead",
    version=1,
    title=("摄像头线索（不作处罚依据）", "Camera lead (no proof of anything)"),
    severity="minor",
    signals=CAMERA_SIGNALS,
    ladder=(
        _step("食品安全员", "Food-safety officer", (OFFICER,), 86_400),
        _step("厨房负责人", "Heads of the kitchen", HEADS, 86_400),
    ),
    acts=(
        *_handled(
            SAFETY,
            Field(
                "found",
                "choice",
                options=(
                    ("so", ("属实，已纠正", "It was so: put right")),
                    ("not_so", ("识别有误", "It was not so")),
                ),
                title=("现场所见", "Found on the spot"),
            ),
            HEADS,
        ),
        Act("false_alarm", ("awaiting_answer", "in_progress"), "closed", SAFETY),
    ),
    answer=_for(86_400),
    progress=_for(86_400),
    clocks=(
        ClockRule("act", _for(172_800), watches=(Watch(1, 1, HEADS),)),
        ClockRule("check", _for(172_800), watches=(Watch(1, 1, HEADS),)),
    ),
    opening=("answer", "act"),
    repeat=_for(86_400),
    late_after=_for(86_400),
)
DESK = Desk(
    intake=MARKET,
    checkers=MARKET,
    superiors=(REGULATOR,),
    reviewers=(REGULATOR,),
)
COMPLAINT = Playbook(
    scenario="kitchen",
    kind="complaint",
    version=1,
    title=("供餐投诉", "Complaint about a meal"),
    severity="major",
    signals=(),
    acts=matter_acts(DESK),
    repeat=_for(86_400),
    late_after=_for(86_400),
    confirmation=_days(15),
    clocks=(
        ClockRule("accept", _days(7), watches=(Watch(1, 1, (REGULATOR,)),)),
        ClockRule("receive", _days(2), watches=(Watch(1, 1, MARKET),)),
        ClockRule("act", _days(15, most=15), may_pause=True, watches=(Watch(1, 2, (REGULATOR,)),)),
        ClockRule("check", _days(5), watches=(Watch(1, 1, (REGULATOR,)),)),
        ClockRule("statement", _days(5), watches=(Watch(1, 1, (REGULATOR,)),)),
    ),
    begins="new",
    opening=("accept",),
    reopen_s=180 * 86_400,
    reports=True,
    is_open=True,
)
PLAYBOOKS: Final = (DEVIATION, RECALL, SCHOOL_NOTICE, SCHOOL_LIFTED, PAPER, LEAD, COMPLAINT)
