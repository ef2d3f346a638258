"""办理流程 / Playbooks: a reported hazard, a listed or overdue one, a gauge, an official warning,
a task or a move of a response that is not done.

Handler and checker differ everywhere. The limits are proposals: [K] general practice, [L] another
place's; the county replaces them and none is printed as law.
"""

from __future__ import annotations

from typing import Final

from bihuan.base.legal_limits import GENERAL
from bihuan.loop.everyday import Desk, matter_acts
from bihuan.loop.playbook import STAYS, Act, ClockRule, LadderStep, Limit, Playbook, Watch
from bihuan.scenarios.hazard.rules import CALLING

_KNOWN: Final = (
    "通行做法 [K]，以本县自定的为准 / general practice [K]; the county's own figure replaces it"
)
_AWAKE: Final = (
    "5分钟内叫醒 [L，长治]；待本县确认 /"
    " awake within 5 minutes [L, Changzhi]; flagged for the owner to confirm"
)
_REVIEW: Final = (
    "到期或申请后10日内复查 [L，湖北] / review within 10 days of deadline or application [L, Hubei]"
)
_SINCE: Final = "2026-01-01"
_HERE: Final = "各县通用，本县可自定 / every county until it sets its own"
DUTY: Final = ("village_duty", "town_duty", "county_command")
ABOVE: Final = ("safety_office", "county_command")
DESK: Final = Desk(
    intake=("safety_office", "town_duty"),
    checkers=("safety_office", "town_duty", "county_command"),
    superiors=ABOVE,
    reviewers=("county_command",),
)


def _seconds(count: int, source: str = _KNOWN) -> Limit:
    return Limit(seconds=count, source=source, effective_from=_SINCE, region=_HERE)


def _days(count: int, source: str = _KNOWN, most: int | None = None) -> Limit:
    return Limit(
        seconds=0, source=source, effective_from=_SINCE, region=_HERE, days=count,
        unit="calendar", rule=GENERAL, most_extension=most,
    )  # fmt: skip


HAZARD = Playbook(
    scenario="hazard",
    kind="report",
    version=1,
    title=("隐患反映", "Reported hazard"),
    severity="major",
    signals=(),
    acts=matter_acts(DESK),
    repeat=_seconds(86_400),
    late_after=_seconds(86_400),
    confirmation=_days(7),
    clocks=(
        ClockRule("accept", _days(1), watches=(Watch(1, 1, ABOVE),)),
        ClockRule("receive", _days(1), watches=(Watch(1, 1, DESK.intake), Watch(2, 2, ABOVE))),
        ClockRule(
            "act", _days(30, most=30), may_pause=True,
            watches=(Watch(0.8, 1, DESK.intake), Watch(1, 2, ABOVE), Watch(1.5, 3, ABOVE)),
        ),
        ClockRule("check", _days(10, _REVIEW), watches=(Watch(1, 2, ABOVE),)),
        ClockRule("statement", _days(5), watches=(Watch(1, 1, ABOVE),)),
    ),
    begins="new",
    opening=("accept",),
    reopen_s=365 * 86_400,
    reports=True,
    is_open=True,
)  # fmt: skip


def _acts(who: tuple[str, ...], checkers: tuple[str, ...], *, needs_photo: bool) -> tuple[Act, ...]:
    """Take, say how it goes, show what was done; somebody else looks at it and closes."""
    open_ = ("awaiting_answer", "in_progress", "awaiting_check")
    return (
        Act("take", ("awaiting_answer",), "in_progress", who),
        Act("progress", ("in_progress",), "in_progress", who),
        Act(
            "submit", ("in_progress",), "awaiting_check", who,
            proof=("photo",) if needs_photo else ("photo", "words"),
            meets=("progress",), starts=("check",),
        ),
        Act("send_back", ("awaiting_check",), "in_progress", checkers, not_by=("owner",),
            meets=("check",), starts=("progress",)),
        Act("close", ("awaiting_check",), "closed", checkers, not_by=("owner",),
            outcome="not_applicable", title=("核查通过，办结", "Pass and close")),
        Act("false_alarm", ("awaiting_answer", "in_progress"), "closed", who),
        Act("note", open_, STAYS, (*who, *checkers)),
        Act("attach", open_, STAYS, (*who, *checkers)),
        Act("supervise", open_, STAYS, checkers, not_by=("owner",)),
        Act("lift", open_, STAYS, checkers, not_by=("owner",)),
    )  # fmt: skip


_CHECK = ClockRule("check", _seconds(86_400), watches=(Watch(1, 1, ABOVE),))


def _step(
    title: tuple[str, str], roles: tuple[str, ...], wait_s: int, source: str = _KNOWN
) -> LadderStep:
    return LadderStep(title=title, roles=roles, wait=_seconds(wait_s, source))


# 挂牌督办 and what was not done in time: the keeper answers, the town and the county see to it
SUPERVISED = Playbook(
    scenario="hazard",
    kind="supervised",
    version=1,
    title=("隐患督办", "Supervised hazard"),
    severity="major",
    signals=("hazard_listed", "hazard_overdue", "review_overdue", "check_missed"),
    ladder=(
        _step(("责任人与村", "Keeper and village"), ("site_keeper", "village_duty"), 7_200),
        _step(("镇（街道）", "Town"), ("town_duty",), 7_200),
        _step(("安监与县", "Safety office and county"), ABOVE, 7_200),
    ),
    acts=_acts(("site_keeper", *DUTY), (*ABOVE, "town_duty"), needs_photo=False),
    answer=_seconds(21_600),
    progress=_seconds(7 * 86_400),
    clocks=(_CHECK,),
    repeat=_seconds(86_400),
    late_after=_seconds(86_400),
)
GAUGE = Playbook(
    scenario="hazard",
    kind="gauge",
    version=1,
    title=("监测告警", "Gauge alert"),
    severity="critical",
    signals=tuple(rule.id for rule in CALLING),
    ladder=(
        _step(("管护人与村", "Keeper and village"), ("site_keeper", "village_duty"), 300),
        _step(("镇（街道）", "Town"), ("town_duty",), 300),
        _step(("县指挥中心", "County command"), ("county_command",), 300),
    ),
    acts=_acts(("site_keeper", *DUTY), ("town_duty", *ABOVE), needs_photo=True),
    answer=_seconds(300),
    progress=_seconds(3_600),
    clocks=(_CHECK,),
    repeat=_seconds(600),
    late_after=_seconds(900),
)
# everybody at once: calling one level after the other has cost lives
WARNING = Playbook(
    scenario="hazard",
    kind="warning",
    version=1,
    title=("预警信号", "Official warning"),
    severity="critical",
    signals=("warning",),
    ladder=(
        _step(
            ("县值班与防指，单镇预警加该镇", "County, flood command; a single town"),
            ("town_duty", "county_command", "flood_command"), 300, _AWAKE,
        ),
    ),
    acts=(
        Act("take", ("awaiting_answer",), "in_progress", ("town_duty", "county_command",
            "flood_command")),
        Act("progress", ("in_progress",), "in_progress", ("town_duty", "county_command",
            "flood_command"), title=("记录响应决定和进展", "Record decision and progress")),
        Act("close", ("in_progress",), "closed", ("town_duty", "county_command",
            "flood_command"), outcome="not_applicable",
            title=("响应已结束或不启动", "Response over, or none")),
        Act("note", ("awaiting_answer", "in_progress"), STAYS, (*DUTY, "flood_command")),
        Act("attach", ("awaiting_answer", "in_progress"), STAYS, (*DUTY, "flood_command")),
    ),
    answer=_seconds(300, _AWAKE),
    progress=_seconds(7_200),
    repeat=_seconds(300, _AWAKE),
    late_after=_seconds(600),
)  # fmt: skip
RESPONSE = Playbook(
    scenario="hazard",
    kind="response",
    version=1,
    title=("响应未落实", "Response not carried out"),
    severity="critical",
    signals=("task_overdue", "move_overdue", "move_refused", "call_out_failed"),
    ladder=(
        _step(("村与镇（街道）", "Village and town"), ("village_duty", "town_duty"), 300),
        _step(("县指挥中心", "County command"), ("county_command", "flood_command"), 300),
    ),
    acts=_acts(DUTY, ("town_duty", *ABOVE, "flood_command"), needs_photo=False),
    answer=_seconds(300),
    progress=_seconds(1_800),
    clocks=(_CHECK,),
    repeat=_seconds(600),
    late_after=_seconds(900),
)
PLAYBOOKS: Final = (HAZARD, SUPERVISED, GAUGE, WARNING, RESPONSE)
