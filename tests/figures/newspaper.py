"""An invented page of an invented paper, and statements made from it. All of it is invented."""

from __future__ import annotations

from bihuan.figures.published import entries

PAPER, ISSUED = "青禾日报（虚构）", "2026-02-25"
PAGE = """1月规上工业平稳开局

本报讯（记者 甲乙） 记者从县统计局了解到，1月，青禾县实现规上工业增加值3.38亿元，
同比增长6.1%，增速居全市五县（市）四区并列第二，较上月前进一位。
截至1月末，青禾县共有规上企业412家，吸纳就业3.2万余人。

今日天气：晴到多云，最高气温9℃，最低气温1℃，偏北风3级，相对湿度60%。
"""


def said(**changed: object) -> entries.Said:
    """3.38亿元 in January, as the page prints it; changed in these fields."""
    told: dict[str, object] = {
        "indicator": "规上工业增加值",
        "scope": "青禾县",
        "period": entries.Period(kind="single", start="2026-01-01", end="2026-01-31"),
        "value": "338000000",
        "unit": "元",
        "qualifier": None,
        "growth": entries.Growth(value="6.1", unit="%", basis="yoy"),
        "rank": None,
        "status": "actual",
    }
    return entries.Said(**{**told, **changed})  # type: ignore[arg-type]  # fields of Said


def source(**changed: object) -> entries.Source:
    """A yearbook, also invented."""
    told: dict[str, object] = {
        "kind": "sheet",
        "paper": "青禾统计月报（虚构）",
        "issued": "2026-02-20",
    }
    return entries.Source(**{**told, **changed})  # type: ignore[arg-type]  # fields of Source
