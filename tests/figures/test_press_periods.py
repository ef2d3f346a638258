"""When a number holds, against an issue of 22 August 2024 (worked by hand)."""

from __future__ import annotations

from datetime import date

import pytest

from bihuan.figures.press.carry import Said, period_at
from bihuan.figures.press.periods import mentions

ISSUED = date(2024, 8, 22)
SAID = [
    ("今年1至7月，产值", "cumulative 2024-01-01 2024-07-31"),
    ("1-6月，产值", "cumulative 2024-01-01 2024-06-30"),
    ("今年上半年，产值", "cumulative 2024-01-01 2024-06-30"),
    ("下半年，产值", "cumulative 2024-07-01 2024-12-31"),
    ("前三季度产值", "cumulative 2024-01-01 2024-09-30"),
    ("一季度产值", "single 2024-01-01 2024-03-31"),
    ("2023年四季度产值", "single 2023-10-01 2023-12-31"),
    ("2021年，产值", "single 2021-01-01 2021-12-31"),
    ("去年，产值", "single 2023-01-01 2023-12-31"),
    ("今年产值", "single 2024-01-01 2024-08-22"),
    ("今年累计产值", "cumulative 2024-01-01 2024-08-22"),
    ("今年以来，产值", "since 2024-01-01 2024-08-22"),
    ("去年以来，产值", "since 2023-01-01 2024-08-22"),
    ("6月单月产值", "single 2024-06-01 2024-06-30"),
    ("11月，产值", "single 2023-11-01 2023-11-30"),
    ("预计10月产值", "single 2024-10-01 2024-10-31"),
    ("去年12月产值", "single 2023-12-01 2023-12-31"),
    ("自5月以来产值", "since 2024-05-01 2024-08-22"),
    ("5月份到现在，产值", "since 2024-05-01 2024-08-22"),
    ("从3月15日起，产值", "since 2024-03-15 2024-08-22"),
    ("8月18日，产值", "single 2024-08-18 2024-08-18"),
    ("8月15日至20日，产值", "single 2024-08-15 2024-08-20"),
    ("昨天，产值", "single 2024-08-21 2024-08-21"),
    ("上月产值", "single 2024-07-01 2024-07-31"),
    ("目前产值", "point 2024-08-22 2024-08-22"),
    ("截至目前，产值", "point 2024-08-22 2024-08-22"),
    ("截至7月底，产值", "point 2024-07-31 2024-07-31"),
    ("截至2023年底，产值", "point 2023-12-31 2023-12-31"),
    ("截至目前，完成", "cumulative None 2024-08-22"),
    ("自6月开业以来，截至7月，产值", "since 2024-06-01 2024-07-31"),
    ("三年来，产值", "cumulative None 2024-08-22"),
    ("今年夏天，产值", "single None None"),
    ("达产后产值", None),
    ("近年来，产值", None),
    ("较去年，产值", None),
    ("较一季度产值", None),
]


@pytest.mark.parametrize(("text", "said"), SAID)
def test_words_give_their_period(text: str, said: str | None) -> None:
    period = period_at(text, len(text), mentions(text, ISSUED), Said())
    shown = f"{period.kind} {period.start} {period.end}" if period else None
    assert shown == said


@pytest.mark.parametrize("text", ["13月，产值", "2月30日，产值", "0月产值", "9至7月产值"])
def test_days_that_do_not_exist_say_nothing(text: str) -> None:
    assert all(one.period is None for one in mentions(text, ISSUED) if "月" in text[: one.end])


@pytest.mark.parametrize("issued", [date.min, date.max, date(2024, 2, 29)])
def test_edges_of_the_calendar_do_not_fail(issued: date) -> None:
    for text, _said in SAID:
        mentions(text, issued)
