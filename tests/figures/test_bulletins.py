"""A bulletin's words: numbers bound to figures, claims borne by series, marks kept."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.base.errors import BadInputError
from bihuan.figures.bulletins import check, spoken, text, units
from bihuan.figures.bulletins.entries import Point, Told, ToldGrowth, ToldRank
from bihuan.figures.bulletins.periods import days_of, period_words
from bihuan.figures.press.vocabulary import UNITS
from tests.figures.told_figures import KEY, bound, points, told

HAN = re.compile(r"[\u4e00-\u9fff]")

# ---- numbers in words


@pytest.mark.parametrize(
    ("value", "unit", "qualifier", "zh", "en"),
    [
        ("98.5", ("%", "%"), None, "98.5%", "98.5%"),
        ("17656000000", ("元", "yuan"), None, "176.56亿元", "17,656,000,000 yuan"),
        ("37000000", ("份", "meals"), "超", "超3700万份", "more than 37,000,000 meals"),
        ("37000000", ("份", "meals"), "余", "3700余万份", "more than 37,000,000 meals"),
        ("10", ("个", "bands"), "多", "10多个", "more than 10 bands"),
        ("412", ("家", "firms"), "近", "近412家", "nearly 412 firms"),
        ("900", ("场", "trainings"), "以上", "900场以上", "at least 900 trainings"),
        ("0.07", ("", ""), None, "0.07", "0.07"),
        ("-12000", ("元", "yuan"), None, "-1.2万元", "-12,000 yuan"),
    ],
)
def test_number_is_exact_and_its_qualifier_stays(
    value: str, unit: tuple[str, str], qualifier: str | None, zh: str, en: str
) -> None:
    says = told(value=value, unit=unit, qualifier=qualifier)
    assert spoken.amount(says, "zh") == zh
    assert spoken.amount(says, "en") == en


def test_provisional_number_is_marked_wherever_it_stands() -> None:
    says = told(is_provisional=True)
    assert spoken.amount(says, "zh") == "98.5%（初步）"
    assert spoken.amount(says, "en") == "98.5% (provisional)"


def test_missing_number_is_no_zero() -> None:
    assert spoken.amount(told(value=None), "zh") == "无数据"


@pytest.mark.parametrize(
    ("value", "unit", "basis", "zh", "en"),
    [
        ("6.1", "%", "yoy", "同比增长6.1%", "up 6.1% year on year"),
        ("-0.5", "%", "period_on_period", "环比下降0.5%", "down 0.5% on the previous period"),
        (
            "2",
            "percentage_point",
            "yoy",
            "同比提高2个百分点",
            "up 2 percentage points year on year",
        ),
        ("0", "%", "yoy", "同比持平", "unchanged year on year"),
    ],
)
def test_growth_says_percent_apart_from_points(
    value: str, unit: str, basis: str, zh: str, en: str
) -> None:
    says = told(growth=ToldGrowth(value=value, unit=unit, basis=basis))
    assert spoken.growth(says, "zh") == zh
    assert spoken.growth(says, "en") == en


def test_rank_keeps_its_group_and_ties() -> None:
    says = told(rank=ToldRank(place=2, group=("五县（市）四区", "nine counties"), ties=True))
    assert spoken.rank(says, "zh") == "居五县（市）四区并列第2位"
    assert spoken.rank(says, "en") == "tied 2nd of nine counties"


@pytest.mark.parametrize(
    ("change", "published", "zh", "en"),
    [
        (1, True, "居五县（市）四区第2位，前进1位", "2nd of nine counties, up 1 place"),
        (
            -2, False, "居五县（市）四区第2位，较上期后退2位",
            "2nd of nine counties, down 2 places on the previous period",
        ),
        (0, False, "居五县（市）四区第2位", "2nd of nine counties"),
        (None, True, "居五县（市）四区第2位", "2nd of nine counties"),
    ],
)  # fmt: skip
def test_rank_says_how_far_it_moved(change: int | None, published: bool, zh: str, en: str) -> None:
    place = ToldRank(
        place=2, group=("五县（市）四区", "nine counties"), ties=False, change=change
    )  # fmt: skip
    says = told(rank=place, is_published=published)
    assert spoken.rank(says, "zh") == zh
    assert spoken.rank(says, "en") == en


@pytest.mark.parametrize(
    ("value", "unit", "qualifier", "en"),
    [
        ("17656000000", "元", None, "17,656,000,000 yuan"),
        ("176.56", "亿元", None, "17,656,000,000 yuan"),
        ("3.2", "万人", "余", "more than 32,000 people"),
        ("2", "万元", "不超过", "at most 20,000 yuan"),
        ("95.6", "分", "不低于", "at least 95.6 points"),
        ("412", "家", None, "412"),
        ("1.2", "万家", None, "12,000"),
        ("8000", "元/平方米", None, "8,000 yuan/m²"),
        ("3050.9", "亩", None, "3,050.9 mu"),
        ("98.5", "%", None, "98.5%"),
        ("7", "畚箕", None, "7 畚箕"),
        ("7", "min", None, "7 min"),
    ],
)
def test_english_takes_the_unit_into_its_own_words(
    value: str, unit: str, qualifier: str | None, en: str
) -> None:
    """万 and 亿 go into the number, counting words go; what nobody knows stays as printed."""
    says = told(value=value, unit=(unit, unit), qualifier=qualifier)
    assert spoken.amount(says, "en") == en


def test_every_unit_that_the_reader_knows_has_english() -> None:
    assert [unit for unit in UNITS if HAN.search(units.english(unit)[1])] == []
    assert units.label("亿元") == "100,000,000 yuan"


@pytest.mark.parametrize(
    ("period", "zh", "en"),
    [
        ("2026-07", "2026年7月", "July 2026"),
        ("2026-01..2026-06", "2026年1至6月", "January to June 2026"),
        ("2026", "2026年", "2026"),
        ("2026-02-03", "2026年2月3日", "3 February 2026"),
        ("2025-12..2026-01", "2025年12月1日至2026年1月31日", "1 December 2025 to 31 January 2026"),
    ],
)
def test_period_in_words(period: str, zh: str, en: str) -> None:
    assert period_words(period) == (zh, en)


@pytest.mark.parametrize("period", ["2026-13", "26-01", "2026-02-30", "soon"])
def test_period_that_is_none_is_refused(period: str) -> None:
    with pytest.raises(BadInputError, match="period"):
        days_of(period)


# ---- numbers stay bound


def test_editor_changes_words_and_numbers_stay() -> None:
    before = f"二月按时应答率为{KEY}。"
    chips = text.as_chips(before, bound(), "zh")
    assert chips == "二月按时应答率为⟦1|98.5%⟧。"
    after, faults = text.from_chips("本月⟦1|98.5%⟧按时应答。", before, bound(), "zh")
    assert faults == []
    assert after == f"本月{KEY}按时应答。"


def test_changed_number_is_refused() -> None:
    _after, faults = text.from_chips("为⟦1|99.9%⟧。", f"为{KEY}。", bound(), "zh")
    assert [(fault.got, fault.want[:5]) for fault in faults] == [("99.9%", "98.5%")]


@pytest.mark.parametrize("edited", ["⟦2|98.5%⟧", "⟦1 98.5%⟧", "⟦1|98.5%", "{broken"])
def test_broken_mark_is_refused(edited: str) -> None:
    assert text.from_chips(edited, KEY, bound(), "zh")[1]


@given(
    st.text(alphabet="一二县为，。 ab", max_size=60), st.text(alphabet="率达，。\n xy", max_size=60)
)
def test_words_around_a_chip_come_back_as_written(left: str, right: str) -> None:
    shown = text.as_chips(KEY, bound(), "zh")
    after, faults = text.from_chips(f"{left}{shown}{right}", KEY, bound(), "zh")
    assert (after, faults) == (f"{left}{KEY}{right}", [])


@pytest.mark.parametrize(
    "words",
    [
        "按时应答率为98.5%。",
        "共办结200件。",
        "新增３家企业。",
        "达到百分之九十八。",
        "增长6.1个百分点。",
        "Answered: 98.5%.",
        "Some 200 cases.",
        "2026家企业。",
        "In all, 2000 cases.",
        "A rise of 2026.5 yuan.",
    ],
)
def test_number_bound_to_nothing_is_refused(words: str) -> None:
    assert check.loose(words)


@pytest.mark.parametrize(
    "words",
    [
        "2026年2月，全县情况如下。",
        "1至7月，继续向好。",
        "截至2月28日。",
        "第3期简报。",
        "In February 2026, as of 28 Feb.",
        "Answered in time, Qinghe, 2026: good.",
        "From 1 December 2025 to 31 January 2026.",
        f"为{KEY}。",
        "一方面，继续推进。",
    ],
)
def test_date_or_bound_number_is_no_loose_number(words: str) -> None:
    assert check.loose(words) == []


@pytest.mark.parametrize("words", ["他说：“好。”", "主任表示，“很好”。", 'He said, "fine".'])
def test_quotation_is_refused(words: str) -> None:
    faults = check.faults_of(words, {}, "zh")
    assert any("quotation" in fault.want for fault in faults)


# ---- claims need their series

HIGHEST = (f"按时应答率{KEY}，创历史新高。", f"A record high of {KEY}.", f"{KEY}，为有史以来最高。")


@pytest.mark.parametrize("words", HIGHEST)
def test_claim_that_the_series_bears_is_kept_with_its_periods(words: str) -> None:
    line = points("91", "95", "97.2", "96", "98.5")
    claims, faults = check.claims_of(words, bound(line=line), "zh")
    assert faults == []
    assert [(one.first, one.last, one.periods) for one in claims] == [("2025-10", "2026-01", 4)]


@pytest.mark.parametrize("words", HIGHEST)
@pytest.mark.parametrize(
    ("says", "line"),
    [
        (told(), []),
        (told(), points("91", "95")),
        (told(), points("91", "98.5", "97.2", "96", "98.5")),
        (told(), points("91", "99", "97.2", "96", "98.5")),
        (told(), points("91", "95", "97.2", "96", "98.5", exact=False)),
        (told(is_provisional=True), points("91", "95", "97.2", "96", "98.5")),
        (told(qualifier="超"), points("91", "95", "97.2", "96", "98.5")),
    ],
    ids=["none", "short", "tied", "beaten", "inexact", "provisional", "about"],
)
def test_claim_without_a_series_that_bears_it_is_refused(
    words: str, says: Told, line: list[Point]
) -> None:
    assert check.claims_of(words, bound(says, line), "zh")[1]


def test_lowest_ever_looks_the_other_way() -> None:
    line = points("91", "95", "97.2", "96", "98.5")
    assert check.claims_of(f"{KEY}，创历史新低。", bound(line=line), "zh")[1]
    low = told(value="80")
    assert not check.claims_of(f"{KEY}，创历史新低。", bound(low, line), "zh")[1]
