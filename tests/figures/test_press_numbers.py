"""Quantities: exact values in base units, qualifiers kept, what only looks like one refused."""

from __future__ import annotations

import pytest

from bihuan.figures.press.numbers import han_value, quantities
from bihuan.figures.press.page import flow

READ = [
    ("实现103.86亿元", "10386000000", "元", None),
    ("增加值33.8亿元，", "3380000000", "元", None),
    ("投资1,234.5万元", "12345000", "元", None),
    ("达2000余万元", "20000000", "元", "余"),
    ("田地3万余亩", "30000", "亩", "余"),
    ("耗资1亿多元", "100000000", "元", "多"),
    ("参与人数超500余人", "500", "人", "超余"),
    ("营收已超过5000万元", "50000000", "元", "超"),
    ("营收将破亿。", "100000000", None, "破"),
    ("收入超百亿元", "10000000000", "元", "超"),
    ("吸引近万名游客", "10000", "名", "近"),
    ("约1.5万户", "15000", "户", "约"),
    ("达到30%以上", "30", "%", "以上"),
    ("在2000人次左右", "2000", "人次", "左右"),
    ("控制在2.5%以内", "2.5", "%", "以内"),
    ("提高5.20个百分点", "5.2", "个百分点", None),
    ("面积4.9万平方米", "49000", "平方米", None),
    ("完成百分之十五", "15", "%", None),
    ("办理二十三件", "23", "件", None),
    ("新增三家企业", "3", "家", None),
    ("票价50元/人", "50", "元/人", None),
    ("服务2700万车主", "27000000", None, None),
    ("１２．５万吨", "125000", "吨", None),
    ("浓度22微克/立方米", "22", "微克/立方米", None),
]


@pytest.mark.parametrize(("text", "value", "unit", "qualifier"), READ)
def test_quantity_is_read_exactly(
    text: str, value: str, unit: str | None, qualifier: str | None
) -> None:
    (one,) = quantities(flow(text, [(0, len(text))]).text)
    assert (one.value, one.unit, one.qualifier) == (value, unit, qualifier)


NOT_READ = [
    "第39个教师节",
    "8月20日7时",
    "48岁的老人",
    "最高气温35℃",
    "3到4级",
    "10至15米",
    "拨打85001234",
    "大道88号",
    "4S店",
    "U10组",
    "长按5秒",
    "课程5天",
    "三大产业",
    "一对一服务",
    "十几年了",
    "千家万户",
    "数百人",
    "“六个决不发生”",
    "连续12年",
    "618直播",
    "6车道",
]


@pytest.mark.parametrize("text", NOT_READ)
def test_what_only_looks_like_a_quantity_is_none(text: str) -> None:
    assert quantities(text) == []


def test_number_broken_over_two_lines_is_one_number() -> None:
    page = "产量达12\n36.5万\n吨"
    (one,) = quantities(flow(page, [(0, len(page))]).text)
    assert (one.value, one.unit) == ("12365000", "吨")


def test_numbers_side_by_side_are_two() -> None:
    page = "12 36"
    assert flow(page, [(0, len(page))]).text.split() == ["12", "36"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十", 10),
        ("十五", 15),
        ("二十", 20),
        ("一百零五", 105),
        ("三千二百", 3200),
        ("二〇二四", 2024),
    ],
)
def test_chinese_numerals_have_their_value(text: str, value: int) -> None:
    assert han_value(text) == value


def test_chinese_numerals_out_of_order_are_no_number() -> None:
    assert han_value("十百") is None
