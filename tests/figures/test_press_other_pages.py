"""Sentences and pages set otherwise than the founding ones, all invented; answers by hand."""

from __future__ import annotations

import pytest

from bihuan.figures.press.articles import articles
from bihuan.figures.press.read import read_press
from tests.figures.test_press_statistics import ISSUED, brief, said


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("每户最高不超过2万元。", [("每户最高", "20000", "元", "不超过")]),
        ("人均可支配收入分别为76543元和48921元。",
         [("人均可支配收入", "76543", "元", None), ("人均可支配收入", "48921", "元", None)]),
        ("共查处违法行为213起。", [("查处违法行为", "213", "起", None)]),
        ("报销比例提高到75%以上。", [("报销比例", "75", "%", "以上")]),
        ("全市综合得分98.2分。", [("综合得分", "98.2", "分", None)]),
        ("比赛历时45分钟，最小的8岁。", []),
        ("人均预期寿命达83.2岁。", [("人均预期寿命", "83.2", "岁", None)]),
        ("上半年，全市引进10亿元以上项目5个。", [("引进10亿元以上项目", "5", "个", None)]),
        ("今年上半年全市新增贷款超百亿元，达105.6亿元。",
         [("新增贷款", "10560000000", "元", None), ("新增贷款", "10000000000", "元", "超")]),
        ("为全市3.5万名60周岁以上老人体检。", [("60周岁以上老人体检", "35000", "名", None)]),
        ("共有来自28个村的560余名选手。",
         [("村", "28", "个", None), ("选手", "560", "名", "余")]),
        ("新建农村公路28公里。", [("新建农村公路", "28", "公里", None)]),
    ],
)  # fmt: skip
def test_number_has_its_words_unit_and_bound(
    sentence: str, wanted: list[tuple[object, ...]]
) -> None:
    assert [brief(one) for one in said(sentence)] == wanted


def test_what_is_done_by_now_is_no_plan() -> None:
    planned, done, share = said("全年计划新建充电桩1000个，目前已完成620个，占年度计划的62%。")
    assert [one["status"] for one in (planned, done, share)] == ["planned", "actual", "actual"]
    assert brief(done) == ("新建充电桩", "620", "个", None)
    assert planned["scope"] is None


def test_scope_may_be_what_was_named_before() -> None:
    (one,) = said("该项目总用地面积58.6亩。")
    assert (one["scope"], one["indicator"]) == ("该项目", "总用地面积")


def test_growth_beside_others_is_told_of_its_measure() -> None:
    first, lead = said("全市零售总额88.6亿元，同比增长7.4%，增速比全省平均高2.6个百分点。")
    assert first["growth"] == {"value": "7.4", "unit": "%", "basis": "yoy"}
    assert lead["growth"] == {"value": "2.6", "unit": "percentage_point", "basis": "other"}
    assert lead["indicator"] == "零售总额"
    (turned,) = said("规上工业企业利润总额同比由负转正，增长0.9%。")
    assert (turned["indicator"], turned["value"]) == ("规上工业企业利润总额", None)


def test_growth_since_the_end_of_last_year_is_not_on_the_year() -> None:
    firms, small = said("全市拥有高新企业356家、中小企业1568家，分别较去年底净增42家、213家。")
    assert firms["growth"] == {"value": "42", "unit": "家", "basis": "other"}
    assert small["growth"] == {"value": "213", "unit": "家", "basis": "other"}


@pytest.mark.parametrize(
    ("rank", "group"),
    [
        ("连续三年位居全市第一", "全市"),
        ("总量和增速均列全市第一", "全市"),
        ("位居青州五县（市）两区首位", "青州五县（市）两区"),
        ("增量居青州各县（市、区）第一", "青州各县（市、区）"),
    ],
)
def test_rank_in_other_words_stands_with_its_value(rank: str, group: str) -> None:
    (one,) = said(f"全市粮食总产量达12.35万吨，{rank}。")
    assert one["rank"] == {"place": 1, "group": group, "ties": False, "change": None}


PAGE = """2024年8月22日  星期四
要  闻
责任编辑：甲一禾  版式：乙二苗
2
上半年全县经济稳中向好
上半年全县经济稳中向好

   本报讯 （记者 丁四禾） 昨日，记
者从县统计局获悉，今年上半年，全县实
现地区生产总值56.78亿元，同比增
长５.６ %。

主要经济指标
指  标   单位   1—6月   同比±%
地区生产总值  亿元  56.78  5.6
一般公共预算收入  亿元  5.3  -3.4

村民家门口有了“管家”
■通讯员 戊五苗 记者 己六田
“现在下楼就行。”8月20日，石桥村村民庚大爷说。该村去年
投入36万元建成照料中心，目前服务老人120余名。

公  告
8月25日8:00石桥村停电，涉及用户326户。
特此公告。

天气预报
今天多云到晴，东南风3级，最高气温35℃，最低气温27℃。

▲8月15日，孩子们在学习救生。全镇共有210名学生参加。

辛七摄
"""


def test_page_with_headlines_above_loses_its_edges_table_and_shadow() -> None:
    found = [(one.type, one.headline) for one in articles(PAGE)]
    assert found == [
        ("news", "上半年全县经济稳中向好"),
        ("feature", "村民家门口有了“管家”"),
        ("notice", "公 告"),
        ("weather", None),
        ("photo", None),
    ]


def test_tables_and_notices_give_no_statistic() -> None:
    rows = [row for row in read_press(PAGE, ISSUED) if row["kind"] == "statistic"]
    assert [row["value"] for row in rows] == ["5678000000", "360000", "120", "210"]
