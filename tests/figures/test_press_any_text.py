"""Whatever the text: no crash, offsets within it, and every digit proposed stands there."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.figures.press.read import read_press
from tests.figures.pages import BRIDGE, CARE, HARVEST, SCHOOL, WEATHER, column, page

ISSUED = date(2024, 8, 22)
Row = dict[str, Any]

_FRAGMENTS = """
本报讯 昨天 近日， 今年1至7月， 去年 截至目前， 自5月以来， 全县 青禾镇 实现 共有 累计 预计 计划
达产后 产值 企业 超 近 约 余 多 以上 左右 万 亿 元 家 个 % 个百分点 同比增长 环比下降 分别 高于 列
并列 第一 第二位 前进一位 的 和 、 ， 。 ； ： “ ” （ ） ■记者 ■摄影 （下转2版） （上接1版） 地址：
热线：85001234 ℃ 多云 晴 阵雨 12 3.5 1,200 0 103.86 2024年 8月 20日 十五 两 三 一 ９ Ａ a Z - ~ 至
"""
FRAGMENTS = st.sampled_from([*_FRAGMENTS.split(), "\n", "\n\n", " "])
PROSE = st.lists(FRAGMENTS, max_size=60).map("".join)
DAYS = st.dates()


def check(text: str, issued: date = ISSUED) -> None:
    """The promises that hold for any text."""
    rows: list[Row] = list(read_press(text, issued))
    names = [row["id"] for row in rows if row["kind"] == "article"]
    assert len(set(names)) == len(names)
    for row in rows:
        if row["kind"] == "article":
            assert all(0 <= start < end <= len(text) for start, end in row["body"])
            continue
        start, end = row["source"]
        assert 0 <= start < end <= len(text)
        assert row["article"] in names
        assert row["value"] is not None or row["growth"] or row["rank"]
        covered = text[start:end]
        for number in (row["value"], (row["growth"] or {}).get("value")):
            assert number is None or stands(number, covered)


def stands(number: str, covered: str) -> bool:
    """Whether the number's digits stand in the text, as digits or as Chinese numerals."""
    plain = "".join(str(int(char)) if char.isdecimal() else char for char in covered)
    plain = "".join(char for char in plain if not char.isspace() and char != ",")
    digits = number.lstrip("-").replace(".", "").strip("0")
    is_there = digits in plain.replace(".", "")
    return is_there or any(char in "〇零一二两三四五六七八九十百千万亿" for char in covered)


@given(PROSE, DAYS)
@settings(max_examples=400, deadline=None)
def test_reading_never_fails_on_what_looks_like_news(text: str, issued: date) -> None:
    check(text, issued)


@given(st.text(max_size=300), DAYS)
@settings(max_examples=300, deadline=None)
def test_reading_never_fails_on_any_characters(text: str, issued: date) -> None:
    check(text, issued)


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_reading_never_fails_on_junk_bytes(junk: bytes) -> None:
    check(junk.decode("latin-1"))
    check(junk.decode("utf-8", errors="replace"))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_page_cut_anywhere_still_keeps_its_promises(data: st.DataObject) -> None:
    text = page(column(HARVEST, 13), "秋收", *SCHOOL, column(CARE, 16), "养老", BRIDGE, WEATHER)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2)))
    check(text[cuts[0] : cuts[1]])


@pytest.mark.parametrize(
    "text", ["", "\n", " ", "\x00", "\ufeff", "。", "12", "\r\n\r\n", "■", "第"]
)
def test_almost_nothing_gives_almost_nothing(text: str) -> None:
    assert [row for row in read_press(text, ISSUED) if row["kind"] == "statistic"] == []


def test_english_page_gives_no_county_statistic() -> None:
    text = "The county grew 6.1% to 17.6 billion yuan in 2022.\nIt ranked second, up one place."
    rows = [row for row in read_press(text, ISSUED) if row["kind"] == "statistic"]
    assert all(row["growth"] is None and row["rank"] is None for row in rows)
    check(text)


HUGE = {
    "one long line": "产值12亿元，" * 20_000,
    "digits": "1" * 200_000,
    "chinese digits": "一" * 200_000,
    "no punctuation": "产值" * 100_000,
    "one letter a line": "产\n" * 60_000,
    "blank lines": "\n" * 200_000,
    "bylines": "■记者 甲一禾\n\n" * 3_000,
    "headlines": "秋收工作稳步推进\n\n" * 3_000,
    "headlines between two": f"{HARVEST}\n\n" + "秋收工作稳步推进\n\n" * 3_000 + CARE,
    "many articles": "本报讯 全县产值12亿元。\n\n秋收\n\n" * 3_000,
    "many broken articles": "产值12亿元，\n\n■记者 甲一禾\n\n" * 3_000,
    "lists": "粮食、" * 60_000,
    "quotes": "“" * 100_000,
}


@pytest.mark.parametrize("name", HUGE)
def test_huge_text_is_read_in_bounded_time(name: str) -> None:
    began = time.process_time()
    rows = sum(1 for _row in read_press(HUGE[name], ISSUED))
    assert rows >= 0
    assert time.process_time() - began < 20, "reading must grow with the text, not with its square"
