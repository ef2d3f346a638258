"""Each rule of proposing a statistic, on sentences about the invented 青禾县.

The expected answers follow from the labelling rules in press_labels/README.md, by hand.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bihuan.figures.press.read import read_press
from tests.figures.pages import CARE, HARVEST, SCHOOL, WEATHER, column, page

ISSUED = date(2024, 8, 22)
Row = dict[str, Any]


def read(text: str, issued: date = ISSUED) -> list[Row]:
    return [row for row in read_press(text, issued) if row["kind"] == "statistic"]


def said(sentence: str) -> list[Row]:
    """The statistics of one sentence, set in a narrow column of a news report."""
    return read(page(column(f"本报讯 {sentence}", 15)))


def brief(row: Row) -> tuple[object, ...]:
    return row["indicator"], row["value"], row["unit"], row["qualifier"]


def test_value_growth_and_rank_of_one_measure_are_one_statistic() -> None:
    (one,) = read(page(column(HARVEST, 14), "秋收工作稳步推进"))
    assert brief(one) == ("粮食总产量", "68000", "吨", None)
    assert one["period"] == {"kind": "cumulative", "start": "2024-01-01", "end": "2024-06-30"}
    assert one["scope"] == "全县"
    assert one["growth"] == {"value": "3.2", "unit": "%", "basis": "yoy"}
    assert one["rank"] == {"place": 2, "group": "青州市五县二区", "ties": False, "change": 1}
    assert one["status"] == "actual"


def test_statistic_has_exactly_the_keys_of_the_interface() -> None:
    (one,) = read(page(column(HARVEST, 14)))
    assert set(one) == {
        *("kind", "article", "source", "indicator", "value", "unit", "qualifier"),
        *("period", "scope", "growth", "rank", "status"),
    }


def test_stock_is_a_point_and_what_accumulates_is_not() -> None:
    homes, beds, paid = read(page(column(CARE, 16)))
    assert brief(homes) == ("养老机构", "18", "家", None)
    assert brief(beds) == ("床位", "2300", "张", "余")
    assert homes["period"] == {"kind": "point", "start": "2024-08-22", "end": "2024-08-22"}
    assert paid["period"]["start"] == "2024-01-01"
    assert brief(paid)[1:] == ("15600000", "元", None)


def test_percent_and_percentage_points_stay_apart() -> None:
    rate, ahead = said("一季度，全县优良率为93.5%，同比上升4.2个百分点，高于全省平均1.1个百分点。")
    assert rate["growth"] == {"value": "4.2", "unit": "percentage_point", "basis": "yoy"}
    assert (ahead["value"], ahead["growth"]["basis"]) == (None, "other")
    assert ahead["growth"]["value"] == "1.1"


def test_falling_is_negative_and_month_on_month_is_no_year_on_year() -> None:
    (one,) = said("6月，全县用电量3.6亿千瓦时，环比下降2.3%。")
    assert one["growth"] == {"value": "-2.3", "unit": "%", "basis": "period_on_period"}


def test_growth_without_a_value_has_no_value() -> None:
    (one,) = said("去年，全县水果出口额同比增长达到30%以上。")
    assert brief(one) == ("水果出口额", None, None, "以上")
    assert one["growth"] == {"value": "30", "unit": "%", "basis": "yoy"}


def test_inexact_growth_never_joins_an_exact_value() -> None:
    exact, inexact = said("截至7月底，全县新设企业3215家，较去年同期增长近20%。")
    assert (exact["value"], exact["qualifier"], exact["growth"]) == ("3215", None, None)
    assert (inexact["value"], inexact["qualifier"]) == (None, "近")
    assert inexact["growth"]["value"] == "20"


def test_growths_said_with_fenbie_go_each_to_its_own() -> None:
    first, second = said(
        "一季度，我县实现税收32.5亿元、旅游收入18.7亿元，同比分别增长6.1%和8.2%，"
        "增速分别列全市第三位和第二位。"
    )
    assert (first["growth"]["value"], first["rank"]["place"]) == ("6.1", 3)
    assert (second["growth"]["value"], second["rank"]["place"]) == ("8.2", 2)


def test_values_said_with_fenbie_go_each_to_its_own() -> None:
    rows = said("去年，水稻、油菜分别为12万吨和3万吨。")
    assert [brief(row)[:2] for row in rows] == [("水稻", "120000"), ("油菜", "30000")]


def test_two_indicators_tied_first_are_two_ranks_without_a_value() -> None:
    rows = said("上半年，我县通达指数、“一事通”办理率2个指标在青州市五县二区均并列第一。")
    assert [row["indicator"] for row in rows] == ["通达指数", "“一事通”办理率"]
    for row in rows:
        assert row["value"] is None
        assert row["rank"] == {
            "place": 1,
            "group": "青州市五县二区",
            "ties": True,
            "change": None,
        }


def test_rank_that_fell_changes_negatively() -> None:
    (one,) = said("7月，全县投资同比增长3.2%，列全市第7位，较上月后退2位。")
    assert one["rank"] == {"place": 7, "group": "全市", "ties": False, "change": -2}


@pytest.mark.parametrize("words", ["第一时间赶到", "第一方阵", "第十五次党代会", "第一书记"])
def test_what_is_first_in_name_only_is_no_rank(words: str) -> None:
    assert said(f"全县居全省{words}。") == []


def test_noun_after_the_number_is_the_indicator() -> None:
    rows = said("青禾镇已有116个小区建有议事厅，平均每月召开议事会议119场次。")
    assert [row["indicator"] for row in rows] == ["小区建有议事厅", "平均每月召开议事会议"]
    assert [row["scope"] for row in rows] == ["青禾镇", "青禾镇"]


def test_number_within_a_modifier_does_not_hide_the_next() -> None:
    firms, land = said("今年1至7月，我县直接收回105家企业的2564.1亩闲置土地。")
    assert brief(firms)[1:3] == ("105", "家")
    assert brief(land) == ("直接收回闲置土地", "2564.1", "亩", None)


def test_list_of_counts_gives_each_its_noun() -> None:
    rows = said("全县有12个镇街道、85个行政村和36个社区。")
    assert [brief(row)[:2] for row in rows] == [
        ("镇街道", "12"),
        ("行政村", "85"),
        ("社区", "36"),
    ]


def test_from_and_to_are_two_years_of_one_measure() -> None:
    rows = said("该村集体收入从2020年的68万元增长到去年的215万元。")
    assert [row["value"] for row in rows] == ["680000", "2150000"]
    assert [row["period"]["start"] for row in rows] == ["2020-01-01", "2023-01-01"]
    assert rows[0]["indicator"] == rows[1]["indicator"]


STATUS = [
    ("项目已完成投资5亿元。", "actual"),
    ("计划建设厂房2栋。", "planned"),
    ("本次活动签订投资协议，总投资额超1.6亿元。", "planned"),
    ("总建筑面积4.9万平方米，预计今年9月竣工。", "planned"),
    ("两家公司预计10月营收将破亿元。", "forecast"),
    ("达产后预计年产值超6亿元。", "at_capacity"),
]


@pytest.mark.parametrize(("sentence", "status"), STATUS)
def test_status_is_what_the_words_say(sentence: str, status: str) -> None:
    (one,) = said(sentence)
    assert one["status"] == status


def test_agreed_projects_are_counted_as_done_their_money_is_not() -> None:
    count, money = said("本次签约仪式共签订投资协议项目10个，总投资额超1.6亿元。")
    assert (count["status"], money["status"]) == ("actual", "planned")


def test_meeting_takes_the_day_that_the_article_named() -> None:
    rows = said("6月18日，我县召开对接会。会上，12家企业发布采购需求。")
    assert rows[0]["period"] == {"kind": "single", "start": "2024-06-18", "end": "2024-06-18"}


def test_nothing_said_is_null() -> None:
    (one,) = said("运动会设28项比赛。")
    assert (one["period"], one["growth"], one["rank"], one["qualifier"]) == (None,) * 4


def test_same_measure_said_again_keeps_its_unit() -> None:
    first, second = said("两家公司营收已超过5000万元，预计10月营收将破亿。")
    assert (first["unit"], second["unit"], second["value"]) == ("元", "元", "100000000")


def test_advertisement_weather_and_notice_give_no_statistic() -> None:
    notice = ("招租公告", "门面房三间，面积120平方米，年租金5万元起。")
    assert read(page(*SCHOOL, WEATHER)) == []
    assert read(page(*notice)) == []


def test_source_covers_the_number_across_broken_lines() -> None:
    text = page(column(HARVEST, 7))
    (one,) = read(text)
    shown = "".join(text[slice(*one["source"])].split())
    assert shown.startswith("粮食总产量达6.8万吨")
    assert shown.endswith("前进一位")


def test_reading_twice_gives_the_same() -> None:
    text = page(column(HARVEST, 14), "秋收推进", column(CARE, 16), "养老", WEATHER)
    assert list(read_press(text, ISSUED)) == list(read_press(text, ISSUED))


def test_column_width_changes_nothing_but_offsets() -> None:
    def told(width: int) -> list[Row]:
        rows = read(page(column(HARVEST, width), "秋收推进", column(CARE, width), "养老"))
        return [{key: row[key] for key in row if key != "source"} for row in rows]

    wanted = told(14)
    assert len(wanted) == 4
    for width in (8, 11, 17, 23, 40):
        assert told(width) == wanted, width


def test_share_of_a_whole_does_not_take_the_growth_of_the_measure() -> None:
    value, share = said("去年，园区完成产值14.17亿元，占全县工业总产值的64.35%，同比增长72.8%。")
    assert value["growth"] == {"value": "72.8", "unit": "%", "basis": "yoy"}
    assert (share["value"], share["growth"]) == ("64.35", None)


def test_words_on_prices_between_value_and_growth_do_not_part_them() -> None:
    (one,) = said("上半年，全县实现生产总值235.79亿元，按可比价格计算，同比增长6.1%。")
    assert one["growth"]["value"] == "6.1"


def test_another_measure_between_keeps_its_growth_to_itself() -> None:
    first, *rest = said("7月，全县优良率为93.5%，细颗粒物浓度为每立方米二二微克，同比下降8.3%。")
    assert first["growth"] is None
    assert all(row["value"] is None for row in rest)


def test_fall_that_narrows_is_a_gain() -> None:
    fall, gain = said("上半年，采矿业增加值同比下降4.5%，降幅较一季度收窄16.3个百分点。")
    assert fall["growth"]["value"] == "-4.5"
    assert gain["growth"] == {"value": "16.3", "unit": "percentage_point", "basis": "other"}


def test_names_said_with_fenbie_share_a_list_of_growths() -> None:
    rows = said("去年，水果、蔬菜产量分别增长37.0%、16.4%。")
    assert [(row["indicator"], row["growth"]["value"]) for row in rows] == [
        ("水果", "37"),
        ("蔬菜产量", "16.4"),
    ]


def test_points_said_once_for_two_numbers_are_points_twice() -> None:
    rows = said("上半年，全县税收同比增长1.3%，增速较一季度和1至5月分别提高15.5和2.2个百分点。")
    assert [row["growth"]["unit"] for row in rows] == ["%", "percentage_point", "percentage_point"]


def test_measure_ranked_in_two_groups_has_two_ranks() -> None:
    first, second = said("去年，全县实际利用外资4.8亿美元，列全省第二、青州第一。")
    assert (first["value"], first["rank"]["group"]) == ("480000000", "全省")
    assert (second["value"], second["rank"]["group"]) == (None, "青州")
    assert second["indicator"] == first["indicator"]


@pytest.mark.parametrize("word", ["签约", "预约", "附近"])
def test_qualifier_within_a_word_is_none(word: str) -> None:
    (one,) = said(f"全县{word}60个项目。")
    assert (one["value"], one["qualifier"]) == ("60", None)


def test_price_of_a_thing_is_named_by_its_sum() -> None:
    (one,) = said("总投资21亿元的青禾储运站开工。")
    assert brief(one) == ("总投资", "2100000000", "元", None)


def test_one_of_a_club_is_no_count() -> None:
    assert said("青禾县是首批扩权的17个强县之一。") == []


def test_money_already_in_is_not_planned_because_the_works_are() -> None:
    (one,) = said("该项目已到位资金1.7亿元，计划于2025年10月竣工。")
    assert one["status"] == "actual"
    assert one["scope"] == "该项目"


def test_source_within_a_torn_article_keeps_to_the_number() -> None:
    long = (
        "本报讯 昨天下午，青禾县召开秋收工作推进会，部署下一步工作。会议要求各镇街道抓紧抢收，"
        "确保颗粒归仓。今年上半年，全县粮食总产量继续保持平稳增长的好势头并且首次达到6.8万吨。"
    )
    rows = column(long, 14).split("\n")
    text = page("\n".join(rows[:6]), "■记者 乙二禾", column(CARE, 18), "养老", "\n".join(rows[6:]))
    found = [row for row in read(text) if row["value"] == "68000"]
    shown = [text[slice(*row["source"])] for row in found]
    assert len(shown) == 1
    assert "养老" not in shown[0]
    assert "6.8" in shown[0]


def test_lists_of_values_and_growths_pair_in_order() -> None:
    rows = said(
        "去年，粮油、水产和花木分别实现产值6.3亿元、1.7亿元和2.1亿元，增长3.9%、2.5%和1.3%。"
    )
    assert [(row["indicator"], row["value"], row["growth"]["value"]) for row in rows] == [
        ("粮油产值", "630000000", "3.9"),
        ("水产产值", "170000000", "2.5"),
        ("花木产值", "210000000", "1.3"),
    ]


def test_average_growth_over_years_is_neither_kind_of_basis() -> None:
    *_values, growth = said("全县生产总值从497.8亿元增加到779亿元，年均增长7.3%。")
    assert growth["growth"] == {"value": "7.3", "unit": "%", "basis": "other"}


@pytest.mark.parametrize(
    ("sentence", "scope", "indicator"),
    [
        ("青禾县文旅部门忙个不停，龙舟项目吸引了12个行业系统。", "龙舟项目", "吸引行业系统"),
        ("青禾县承办了全省第三届农民运动会，共设28项比赛。", "全省第三届农民运动会", "比赛"),
        ("沙渚镇办了球赛；石桥的木偶小镇，凭借老手艺，先后举办13场演出。", "石桥的木偶小镇", None),
        ("沙渚镇办了文化节，全年接待游客30万人。", "沙渚镇", "接待游客"),
    ],
)
def test_whose_number_it_is(sentence: str, scope: str, indicator: str | None) -> None:
    """Who does it, what was held, who leans on what; else the last place, as before."""
    (row,) = said(sentence)
    assert row["scope"] == scope
    assert indicator is None or row["indicator"] == indicator


@pytest.mark.parametrize(
    ("sentence", "indicator"),
    [
        ("活动吸引了全县30多支职工队伍踊跃参与。", "活动吸引职工队伍"),
        ("全县有30支志愿队伍积极参与巡查。", "志愿队伍积极参与巡查"),
    ],
)
def test_what_those_counted_do_is_no_part_of_the_noun(sentence: str, indicator: str) -> None:
    """Only after a verb that brings them: 吸引, 组织; else the words stay as printed."""
    (row,) = said(sentence)
    assert row["indicator"] == indicator


def test_another_matter_takes_no_period_from_the_sentence_before() -> None:
    first = "1月，青禾县新增企业20家。"
    (_one, other) = said(first + "值得关注的是，龙舟项目吸引了12个行业系统。")
    assert other["period"] is None
    (_one, same) = said(first + "其中，石桥镇新增企业8家。")
    assert same["period"] == {"kind": "single", "start": "2024-01-01", "end": "2024-01-31"}
