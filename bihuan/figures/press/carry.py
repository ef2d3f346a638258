"""The period of a number: the words before it, or what earlier sentences leave to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bihuan.figures.press.periods import Mention, Period

_ANAPHOR = re.compile(r"会上|本次|此次|当天|当日|活动现场|仪式上|签约仪式")
_FLOW = re.compile(
    r"新增|新设|新建|新引进|引进|注册|完成|开展|举办|签约|签订|落地|发放|办结|受理|化解|查处|整治|培训|销售|"
    r"实现|接待|组织|吸纳|惠及|救助|带动|兑现|累计|收集|解决"
)
_STOCK = re.compile(r"共有|现有|拥有|设有|建有|入驻|(?<![没所])有(?!效|关)")
_CLAUSE = re.compile(r"[，。；：！？\n]")


@dataclass(slots=True)
class Said:
    """What earlier sentences of the article leave to the next one.

    event    the day last named: 会上 and 本次 mean it, in any later paragraph
    since    今年以来 in the sentence before; period, scope: of its last statistic
    """

    event: Period | None = None
    since: Period | None = None
    period: Period | None = None
    scope: str | None = None

    def new_paragraph(self) -> None:
        self.since = self.period = self.scope = None


def clause_start(text: str, at: int) -> int:
    """Where the clause before a position begins."""
    return max((match.end() for match in _CLAUSE.finditer(text, 0, at)), default=0)


def period_at(
    text: str, at: int, times: list[Mention], said: Said, status: str = "actual"
) -> Period | None:
    """The nearest words before position `at` that say when; else what the sentence before leaves.

    A capacity holds at no time said of the building: 2025年底竣工，达产后年产值20亿元.
    """
    before = [time for time in times if time.end <= at]
    cut = clause_start(text, at)
    if status == "at_capacity":
        before = [time for time in before if time.start >= cut]
        return before[-1].period if before else None
    clause = text[cut:at]
    if not before:
        return _carried(text, clause, said)
    time = before[-1]
    if time.period and time.is_until:
        return _until(time.period, text[time.end : at], before, clause, said)
    if time.period and time.is_year and "累计" in text[time.end : at]:
        return replace(time.period, kind="cumulative")
    return time.period


def _until(
    point: Period, between: str, before: list[Mention], clause: str, said: Said
) -> Period | None:
    """截至: the end of what accumulates, from 自…以来 or no said day; of a stock, the moment."""
    since = [one.period for one in before if one.period and one.period.kind == "since"]
    if since:
        return Period("since", since[-1].start, point.end)
    if not _FLOW.search(clause) and "累计" not in between:
        return point
    if _STOCK.search(clause) and "累计" not in clause:
        return point
    if said.since:
        return Period("since", said.since.start, point.end)
    return Period("cumulative", None, point.end)


def _carried(text: str, clause: str, said: Said) -> Period | None:
    if _ANAPHOR.search(text):
        return said.event
    if "累计" not in clause:
        return said.period
    return replace(said.period or Period("", None, None), kind="cumulative")
