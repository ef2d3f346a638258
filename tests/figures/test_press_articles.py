"""A page is separated into its articles as its reader would separate it."""

from __future__ import annotations

from bihuan.figures.press.articles import Article, articles
from bihuan.figures.press.page import undoubled
from tests.figures.pages import BRIDGE, CARE, HARVEST, SCHOOL, WEATHER, column, page


def words(text: str, article: Article) -> str:
    return "".join("".join(text[start:end].split()) for start, end in article.body)


def test_page_with_headlines_under_their_text_gives_each_its_own() -> None:
    text = page(
        "■记者 甲一禾",
        column(HARVEST, 14),
        "秋收工作稳步推进",
        "■记 者 乙二禾\n通讯员 丙 青",
        column(CARE, 16),
        "养老服务再提升",
    )
    first, second = articles(text)
    assert (first.headline, first.byline) == ("秋收工作稳步推进", "记者 甲一禾")
    assert (second.headline, second.byline) == ("养老服务再提升", "记者 乙二禾 通讯员 丙青")
    assert words(text, first) == "".join(HARVEST.split())
    assert (first.type, first.is_complete) == ("news", True)


def test_page_with_headlines_above_their_text_gives_each_its_own() -> None:
    text = page("秋收工作稳步推进", column(HARVEST, 14), "养老服务再提升", column(CARE, 16))
    assert [one.headline for one in articles(text)] == ["秋收工作稳步推进", "养老服务再提升"]


def test_interleaved_article_is_joined_across_the_one_between() -> None:
    long = (
        "本报讯 昨天下午，青禾县召开秋收工作推进会，部署下一步工作。会议要求各镇街道抓紧抢收，"
        "确保颗粒归仓，并做好晾晒和储运，同时安排好下一季播种的种子和肥料，不误农时。"
    )
    set_long = column(long, 14).split("\n")
    head, tail = "\n".join(set_long[:3]), "\n".join(set_long[3:])
    text = page(head, "■记者 乙二禾", column(CARE, 18), "养老服务再提升", tail, "秋收推进会召开")
    found = articles(text)
    assert len(found) == 2
    assert words(text, found[0]) == "".join(long.split())
    assert words(text, found[1]) == "".join(CARE.split())
    assert found[0].is_complete
    assert found[1].headline == "养老服务再提升"


def test_paragraph_torn_at_a_column_end_stays_in_its_article() -> None:
    rows = column(HARVEST, 14).split("\n")
    for cut in range(1, len(rows)):
        text = page("\n".join(rows[:cut]), "\n".join(rows[cut:]), "秋收工作稳步推进")
        (only,) = articles(text)
        assert words(text, only) == "".join(HARVEST.split()), cut
        assert only.headline == "秋收工作稳步推进"


def test_jump_line_marks_the_article_incomplete_and_is_not_body() -> None:
    broken = HARVEST.split("，增速")[0] + "，"
    text = page(column(broken, 14), "秋收推进", "（下转2版）", "■记者 乙二禾", column(CARE, 16))
    first, second = articles(text)
    assert not first.is_complete
    assert second.is_complete
    assert "下转" not in words(text, first)


def test_jump_line_within_the_last_line_is_cut_off() -> None:
    text = page(column(HARVEST, 14)[:-1] + "，（下转3版）", "秋收推进")
    (only,) = articles(text)
    assert not only.is_complete
    assert "下转" not in words(text, only)


def test_article_from_another_page_is_incomplete() -> None:
    text = page("（上接1版）", column("各镇街道要抓紧抢收，确保颗粒归仓，不误农时。", 14))
    (only,) = articles(text)
    assert not only.is_complete


def test_article_that_breaks_off_is_incomplete() -> None:
    (only,) = articles(page(column(HARVEST[:-1], 14)))
    assert not only.is_complete


def test_caption_is_a_photo_with_its_photographer() -> None:
    text = page("青禾湖大桥\n即将通车", column(BRIDGE, 13), "■摄影 丁 三 戊四禾")
    (only,) = articles(text)
    assert (only.type, only.headline, only.byline) == (
        "photo",
        "青禾湖大桥即将通车",
        "摄影 丁三 戊四禾",
    )


def test_author_without_a_role_signs_a_commentary() -> None:
    text = page("■己禾声", column("丰收来之不易。全县上下应当珍惜每一粒粮食。", 14), "颗粒归仓")
    (only,) = articles(text)
    assert (only.type, only.byline) == ("commentary", "己禾声")


COMMENT = "丰收来之不易。全县上下应当珍惜每一粒粮食，把节约落实到餐桌上。"


def test_bylines_piled_up_go_to_the_kinds_of_article_they_sign() -> None:
    text = page(
        "■记者 甲一禾",
        column(HARVEST, 14),
        "秋收稳步推进",
        "■记者 乙二禾",
        "■己禾声",
        column(CARE, 16),
        "养老服务再提升",
        column(COMMENT, 20),
        "颗粒归仓",
    )
    assert [(one.type, one.byline) for one in articles(text)] == [
        ("news", "记者 甲一禾"),
        ("news", "记者 乙二禾"),
        ("commentary", "己禾声"),
    ]


def test_author_between_two_articles_signs_the_one_that_is_no_report() -> None:
    report = (column(HARVEST, 14), "秋收稳步推进")
    comment = (column(COMMENT, 20), "颗粒归仓")
    after = articles(page(*report, "■己禾声", *comment))
    before = articles(page(*comment, "■己禾声", *report))
    assert [one.byline for one in after] == [None, "己禾声"]
    assert [one.byline for one in before] == ["己禾声", None]


def test_byline_printed_right_under_a_headline_goes_with_it() -> None:
    text = page(
        column(HARVEST, 14), "秋收稳步推进\n■记者 甲一禾", column(CARE, 16), "养老服务再提升"
    )
    assert [one.byline for one in articles(text)] == ["记者 甲一禾", None]


def test_mark_of_byte_order_and_windows_line_ends_are_no_text() -> None:
    plain = page("■记者 甲一禾", column(HARVEST, 14), "秋收稳步推进")
    (only,) = articles("\ufeff" + plain.replace("\n", "\r\n"))
    assert (only.headline, only.byline) == ("秋收稳步推进", "记者 甲一禾")


def test_advertisement_takes_its_name_and_slogan_but_not_the_headline_before() -> None:
    text = page(column(HARVEST, 14), "秋收工作稳步推进", *SCHOOL, "■记者 乙二禾", column(CARE, 16))
    first, advert, second = articles(text)
    assert first.headline == "秋收工作稳步推进"
    assert advert.type == "advertisement"
    assert words(text, advert).startswith("青禾县驾驶学校")
    assert second.byline == "记者 乙二禾"


def test_weather_box_is_weather() -> None:
    found = articles(page(column(HARVEST, 14), "秋收推进", WEATHER))
    assert [one.type for one in found] == ["news", "weather"]


def test_report_about_the_weather_is_news() -> None:
    report = "本报讯 今天白天最高气温将达38℃，县气象台提醒市民多云转晴时注意防晒，午后有阵雨。"
    assert [one.type for one in articles(page(column(report, 14)))] == ["news"]


def test_notice_is_told_from_news() -> None:
    text = page("青禾县资产经营公司招租公告", "门面房三间，面积120平方米，年租金5万元起。")
    assert [one.type for one in articles(text)] == ["notice"]


def test_page_furniture_belongs_to_nobody() -> None:
    text = page("2024年8月22日 星期四 责任编辑：庚禾", column(HARVEST, 14), "秋收推进")
    (only,) = articles(text)
    assert only.headline == "秋收推进"


def test_headline_glued_under_its_text_is_cut_off() -> None:
    text = page(column(HARVEST, 14) + "\n秋收工作\n稳步推进", "■记者 乙二禾", column(CARE, 16))
    first, _second = articles(text)
    assert first.headline == "秋收工作稳步推进"
    assert words(text, first) == "".join(HARVEST.split())


def test_headline_glued_over_its_text_is_cut_off() -> None:
    text = page("养老再提升\n" + column(CARE, 16), "大桥将通车\n" + column(BRIDGE, 16))
    assert [one.headline for one in articles(text)] == ["养老再提升", "大桥将通车"]


def test_doubled_headline_is_printed_once() -> None:
    assert undoubled("青禾湖畔青禾湖畔 稻浪千重稻浪千重") == "青禾湖畔 稻浪千重"
    assert undoubled("喜迎喜迎““丰收节丰收节””大幕大幕") == "喜迎“丰收节”大幕"


def test_word_made_of_pairs_is_left_alone() -> None:
    assert undoubled("轰轰烈烈") == "轰轰烈烈"
    assert undoubled("天天向上 步步高") == "天天向上 步步高"
