"""The draft of a flash report: sentences from what is recorded of a case, and nothing else.

What is not recorded is left as a blank to fill in (`____`), never guessed. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from bihuan.base.time import CHINA, datetime_of

Language = Literal["zh", "en"]
BLANK: Final = "____"
STAGES: Final = {
    "first": ("首报", "first report"),
    "follow_up": ("续报", "follow-up report"),
    "final": ("终报", "final report"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that happened: when (µs), and the words for it in the reader's language."""

    at_us: int
    words: str


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What is recorded of a case, in the reader's language. None = not recorded.

    mark  演示 or 演练, "" where it is live
    """

    number: str
    n: int
    stage: str
    kind: str
    place: str
    opened_us: int
    state: str
    owner: str | None
    origin: str | None = None
    mark: str = ""
    done: Sequence[Said] = field(default=())
    harm: str | None = None
    next_step: str | None = None
    unit: str | None = None
    reporter: str | None = None


def draft(facts: CaseFacts, now_us: int, language: Language = "zh") -> str:
    """The text of a report that a person then edits and signs."""
    return _zh(facts, now_us) if language == "zh" else _en(facts, now_us)


def _zh(facts: CaseFacts, now_us: int) -> str:
    done = [f"  {_clock(said.at_us)} {said.words}" for said in facts.done] or [f"  {BLANK}"]
    lines = [
        f"{facts.mark}信息快报（{STAGES[facts.stage][0]}，第{facts.n}期）",
        f"编号：{facts.number}",
        f"时间：{_day(facts.opened_us)}",
        f"地点：{facts.place}",
        f"事件：{facts.kind}",
        f"反映人：{facts.origin or BLANK}",
        f"人员伤亡和损失：{facts.harm or BLANK}",
        "经过和已采取的措施：",
        *done,
        f"当前状态：{facts.state}（截至{_day(now_us)}）",
        f"处置负责人：{facts.owner or '尚无人承办'}",
        f"下一步：{facts.next_step or BLANK}",
        f"报送单位：{facts.unit or BLANK}　报送人：{facts.reporter or BLANK}",
    ]
    return "\n".join(lines)


def _en(facts: CaseFacts, now_us: int) -> str:
    done = [f"  {_clock(said.at_us)} {said.words}" for said in facts.done] or [f"  {BLANK}"]
    lines = [
        f"{facts.mark}Flash report ({STAGES[facts.stage][1]}, no. {facts.n})",
        f"Number: {facts.number}",
        f"Time: {_day(facts.opened_us)}",
        f"Place: {facts.place}",
        f"Event: {facts.kind}",
        f"Origin: {facts.origin or BLANK}",
        f"People harmed, losses: {facts.harm or BLANK}",
        "What happened and what was done:",
        *done,
        f"State: {facts.state} (as of {_day(now_us)})",
        f"Handled by: {facts.owner or 'nobody yet'}",
        f"Next: {facts.next_step or BLANK}",
        f"Unit: {facts.unit or BLANK}  Reported by: {facts.reporter or BLANK}",
    ]
    return "\n".join(lines)


def _clock(at_us: int) -> str:
    return datetime_of(at_us).astimezone(CHINA).strftime("%H:%M")


def _day(at_us: int) -> str:
    return datetime_of(at_us).astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
