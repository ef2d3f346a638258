"""Clocks that a law sets: amount, unit, how it is counted, and which article says so.

Configuration with sources, not law: a county's own figure replaces a row (`region`), and the
original is to be read again before a row is printed as law. Months and years, and periods that
count back from an event (notice of a hearing), are not in this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from bihuan.base.deadlines import Limit, StartRule, Unit

CIVIL_PROCEDURE = StartRule("民事诉讼法第八十五条；民法典第二百零一条、第二百零三条")
RECONSIDERATION = StartRule("行政复议法（2023）第八十八条；民事诉讼法第八十五条")
# Order 20 says working days; that the day of receipt is left out is general knowledge
MARKET_COMPLAINT = StartRule("市场监管总局令第20号；自次日起算为通行做法")
GENERAL = StartRule("通行做法，依民事诉讼法第八十五条")

Evidence = Literal["published", "general knowledge"]


@dataclass(frozen=True, slots=True)
class LegalLimit:
    """One clock of one law. evidence: a published text, or general knowledge to be confirmed."""

    key: str
    zh: str
    en: str
    limit: Limit
    source: str
    effective_from: date
    evidence: Evidence = "published"
    region: str = "CN"


def _reconsideration() -> tuple[LegalLimit, ...]:
    since = date(2024, 1, 1)

    def row(key: str, zh: str, en: str, length: tuple[int, Unit, int], article: str) -> LegalLimit:
        amount, unit, most = length
        limit = Limit(amount, unit, RECONSIDERATION, most_extension=most)
        return LegalLimit(f"reconsideration.{key}", zh, en, limit, f"行政复议法{article}", since)

    return (
        row("apply", "申请行政复议", "Apply", (60, "calendar", 0), "第二十条"),
        row("review", "审查申请", "Review the application", (5, "working", 0), "第三十条"),
        row("correction_notice", "通知补正", "Ask for correction", (5, "working", 0), "第三十一条"),
        row("correction", "补正申请", "Supply the correction", (10, "working", 0), "第三十一条"),
        row("forward", "发送申请书副本", "Forward the copy", (7, "working", 0), "第四十八条"),
        row("reply", "被申请人答复", "Reply", (10, "working", 0), "第四十八条"),
        row(
            "forward_simplified",
            "发送副本（简易）",
            "Forward the copy, simplified",
            (3, "working", 0),
            "第五十四条",
        ),
        row(
            "reply_simplified", "答复（简易）", "Reply, simplified", (5, "working", 0), "第五十四条"
        ),
        row("decide", "作出复议决定", "Decide", (60, "calendar", 30), "第六十二条"),
        row(
            "decide_simplified",
            "作出决定（简易）",
            "Decide, simplified",
            (30, "calendar", 0),
            "第六十二条",
        ),
        row("follow_up", "落实复议意见书", "Act on the opinion", (60, "calendar", 0), "第七十六条"),
    )


def _market() -> tuple[LegalLimit, ...]:
    since = date(2020, 1, 1)

    def row(key: str, zh: str, en: str, amount: int, most: int = 0) -> LegalLimit:
        limit = Limit(amount, "working", MARKET_COMPLAINT, most_extension=most)
        return LegalLimit(f"market.{key}", zh, en, limit, "市场监管总局令第20号", since)

    return (
        row("accept", "投诉受理", "Accept the complaint", 7),
        row("mediate", "调解", "Mediate", 45),
        row("ended_notice", "告知终止调解", "Tell that mediation ended", 7),
        row("check", "核查违法线索", "Check a report", 15, 15),
        row("informer", "告知实名举报人", "Tell the named informer", 5),
    )


_OTHERS = (
    LegalLimit(
        "catering.result_public",
        "监督检查结果公开",
        "Publish the inspection result",
        Limit(20, "working", GENERAL, most_extension=0),
        "市场监管总局令第49号",
        date(2022, 3, 15),
    ),
    LegalLimit(
        "subsistence.decide",
        "低保审核确认",
        "Decide on subsistence allowance",
        Limit(30, "working", GENERAL, most_extension=15),
        "低保审核确认办法（待核）",
        date(2021, 7, 1),
        "general knowledge",
    ),
)

LEGAL_LIMITS: dict[str, LegalLimit] = {
    row.key: row for row in (*_reconsideration(), *_market(), *_OTHERS)
}
"""key → the limit; every key once."""
