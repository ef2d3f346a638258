"""What others published: proposed with its characters, confirmed by a person, never recomputed."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.base.errors import BadInputError
from bihuan.figures.published import entries, identity
from bihuan.figures.published.acts import NewPage, Publisher, Statement, proposed
from bihuan.figures.published.models import PressPage, PressProposal, PublishedValue, Series
from bihuan.loop.act import ForbiddenError, TakenError
from bihuan.register.entries import Actor
from bihuan.register.imports.export import Exporter, Wanted
from bihuan.register.imports.models import Staged
from bihuan.register.imports.publish import Publisher as SheetPublisher
from bihuan.register.imports.publish import publish
from bihuan.register.imports.staging import Desk as Sheets
from bihuan.register.imports.staging import counts_of, faults_of
from bihuan.register.rights import for_user
from tests.console.place import Place
from tests.figures.newspaper import ISSUED, PAGE, PAPER, said, source
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(databases="__all__")
HEAD = "指标,范围,期间类型,起,止,数值,单位,增幅（原文）,增幅基期,来源,发布日期,修订,修订原因\n"


@pytest.fixture
def press(place: Place) -> Publisher:
    return Publisher(place.clock, place.keys)


def by(place: Place, role: str = "command") -> Actor:
    return Actor(person_id=place.person(role), role="county_command", via="page")


def read(place: Place, press: Publisher, text: str = PAGE) -> int:
    return press.read(NewPage(place.people.county, PAPER, ISSUED, text), by(place))


def first(page_id: int, n: int = 1) -> entries.Said:
    row = PressProposal.objects.get(page_id=page_id, n=n)
    return msgspec.json.decode(row.said, type=entries.Said)


def as_is(page_id: int, n: int = 1, **changed: object) -> Statement:
    return Statement(msgspec.structs.replace(first(page_id, n), **changed), source())


def test_each_field_of_a_proposal_points_at_its_characters() -> None:
    _articles, found = proposed(PAGE, date.fromisoformat(ISSUED))
    shown = {
        name: ["".join(PAGE[start:end].split()) for start, end in spans]
        for name, spans in found[0].fields.items()
    }
    assert shown["indicator"] == ["规上工业增加值"]
    assert shown["value"] == ["3.38亿元"]
    assert shown["scope"] == ["青禾县"]
    assert shown["period"] == ["1月"]
    assert shown["growth"] == ["6.1%"]
    assert "并列第二" in shown["rank"][0]


@given(st.text(alphabet="1月青禾县规上工业增加值3.8亿元，同比长%。 \n下转第2版", max_size=200))
def test_characters_of_a_field_lie_within_the_page(text: str) -> None:
    _articles, found = proposed(text, date.fromisoformat(ISSUED))
    for one in found:
        for spans in one.fields.values():
            assert all(0 <= start < end <= len(text) for start, end in spans)


def test_confirmed_proposal_becomes_a_published_value_with_its_source(
    place: Place, press: Publisher
) -> None:
    page_id = read(place, press)
    value_id = press.confirm(page_id, 1, as_is(page_id), by(place))
    value = PublishedValue.objects.get(id=value_id)
    series = Series.objects.get(id=value.series_id)
    assert (series.indicator, series.scope, series.period_kind) == (
        "规上工业增加值",
        "青禾县",
        "single",
    )
    assert (value.value, value.unit, value.growth_value, value.growth_basis) == (
        "338000000",
        "元",
        "6.1",
        "yoy",
    )
    assert (value.rank_place, value.rank_ties, value.rank_change) == (2, True, 1)
    assert (value.paper, value.issued, value.page_id) == (PAPER, ISSUED, page_id)
    assert "3.38亿元" in PAGE[value.source_start : value.source_end]
    row = PressProposal.objects.get(page_id=page_id, n=1)
    assert (row.verdict, row.value_id) == ("confirmed", value_id)
    assert row.decided_by == place.person("command")
    assert differences() == []


def test_correction_says_which_fields_and_keeps_what_was_proposed(
    place: Place, press: Publisher
) -> None:
    page_id = read(place, press)
    press.confirm(page_id, 1, as_is(page_id, indicator="工业增加值（规上）"), by(place))
    row = PressProposal.objects.get(page_id=page_id, n=1)
    assert (row.verdict, row.changed) == ("corrected", '["indicator"]')
    assert first(page_id).indicator == "规上工业增加值"
    value = PublishedValue.objects.get()
    assert value.entered == '["indicator"]'  # these words stand nowhere in the article


def test_number_that_the_article_does_not_print_is_refused(place: Place, press: Publisher) -> None:
    page_id = read(place, press)
    with pytest.raises(BadInputError, match="value: got 339000000, want a number that the article"):
        press.confirm(page_id, 1, as_is(page_id, value="339000000"), by(place))
    assert not PublishedValue.objects.exists()
    assert PressProposal.objects.get(page_id=page_id, n=1).verdict is None


def test_second_person_to_decide_is_told_who_was_first(place: Place, press: Publisher) -> None:
    page_id = read(place, press)
    press.reject(page_id, 2, "与本县统计无关", by(place))
    with pytest.raises(TakenError) as taken:
        press.confirm(page_id, 2, as_is(page_id, 2), by(place))
    assert taken.value.by == place.person("command")
    assert PressProposal.objects.get(page_id=page_id, n=2).reason == "与本县统计无关"


def test_rejection_without_a_reason_is_refused(place: Place, press: Publisher) -> None:
    page_id = read(place, press)
    with pytest.raises(BadInputError, match="reason"):
        press.reject(page_id, 1, "  ", by(place))


def test_same_page_read_again_is_the_same_page(place: Place, press: Publisher) -> None:
    assert read(place, press) == read(place, press)
    assert PressPage.objects.count() == 1


def test_text_of_a_page_is_sealed(place: Place, press: Publisher) -> None:
    page = PressPage.objects.get(id=read(place, press))
    assert "青禾县".encode() not in bytes(page.text)
    assert place.keys.open(page.text) == PAGE


@pytest.mark.parametrize(
    ("paper", "issued", "text", "field"),
    [
        ("", ISSUED, PAGE, "paper"),
        (PAPER, "2099-01-01", PAGE, "issued"),
        (PAPER, "25.2.2026", PAGE, "issued"),
        (PAPER, ISSUED, " \n", "text"),
        (PAPER, ISSUED, "a\0b", "text"),
        (PAPER, ISSUED, "字" * 200_001, "text"),
    ],
)
def test_page_that_cannot_be_read_is_refused(
    place: Place, press: Publisher, paper: str, issued: str, text: str, field: str
) -> None:
    with pytest.raises(BadInputError, match=field):
        press.read(NewPage(place.people.county, paper, issued, text), by(place))


def test_added_statistic_needs_words_that_the_page_prints(place: Place, press: Publisher) -> None:
    page_id = read(place, press)
    given = Statement(said(indicator="规上企业", value="412", unit="家", growth=None), source())
    value_id = press.add(page_id, "规上企业412家", given, by(place))
    value = PublishedValue.objects.get(id=value_id)
    assert PAGE[value.source_start : value.source_end] == "规上企业412家"
    with pytest.raises(BadInputError, match="quote"):
        press.add(page_id, "规上企业500家", given, by(place))


@pytest.mark.parametrize("role", ["town", "village", "family", "stranger"])
def test_who_may_not_edit_figures_is_refused(place: Place, press: Publisher, role: str) -> None:
    page_id = read(place, press)
    county = place.people.county
    for do in (
        lambda: press.read(NewPage(county, PAPER, ISSUED, "另一版"), by(place, role)),
        lambda: press.confirm(page_id, 1, as_is(page_id), by(place, role)),
        lambda: press.reject(page_id, 1, "不要", by(place, role)),
        lambda: press.state(county, Statement(said(), source()), by(place, role)),
    ):
        with pytest.raises(ForbiddenError):
            do()
    assert not PublishedValue.objects.exists()


def test_other_value_for_the_same_period_is_refused_until_it_revises(
    place: Place, press: Publisher
) -> None:
    county = place.people.county
    old = press.state(county, Statement(said(value="925", growth=None), source()), by(place))
    later = Statement(said(value="883", growth=None), source(issued="2026-02-28"))
    with pytest.raises(BadInputError, match="revises"):
        press.state(county, later, by(place))
    with pytest.raises(BadInputError, match="reason"):
        press.state(county, later._replace(revises=True), by(place))
    new = press.state(county, later._replace(revises=True, reason="口径调整"), by(place))
    was = PublishedValue.objects.get(id=old)
    assert (was.value, was.superseded_by) == ("925", new)
    assert PublishedValue.objects.get(id=new).reason == "口径调整"
    assert differences() == []


def test_published_growth_is_kept_even_where_the_levels_say_otherwise(
    place: Place, press: Publisher
) -> None:
    """103.86 ÷ 1.176 = 88.3 is not the 92.5 published a year before: nothing is recomputed."""
    county = place.people.county
    half = {"indicator": "农村电商网络零售额"}
    for year, value, growth in (("2022", "9250000000", None), ("2023", "10386000000", "17.6")):
        period = entries.Period(kind="cumulative", start=f"{year}-01-01", end=f"{year}-06-30")
        grown = entries.Growth(value=growth, unit="%", basis="yoy") if growth else None
        whole = said(**half, period=period, value=value, growth=grown)
        press.state(county, Statement(whole, source()), by(place))
    found = PublishedValue.objects.order_by("end")
    assert [(row.value, row.growth_value) for row in found] == [
        ("9250000000", None),
        ("10386000000", "17.6"),
    ]


def test_month_and_cumulation_are_two_series(place: Place, press: Publisher) -> None:
    county = place.people.county
    press.state(county, Statement(said(), source()), by(place))
    half = entries.Period(kind="cumulative", start="2026-01-01", end="2026-01-31")
    press.state(county, Statement(said(period=half), source()), by(place))
    assert Series.objects.count() == 2


def test_growth_alone_stands_beside_a_value_of_the_same_period(
    place: Place, press: Publisher
) -> None:
    county = place.people.county
    press.state(county, Statement(said(growth=None), source()), by(place))
    alone = said(value=None, unit=None)
    press.state(county, Statement(alone, source(paper="另一报（虚构）")), by(place))
    assert Series.objects.count() == 1
    assert all(row.stands for row in PublishedValue.objects.all())


def test_exact_and_inexact_number_do_not_agree() -> None:
    row = PublishedValue(value="37000000", unit="份", qualifier=None, status="actual")
    row.is_provisional = False
    same = said(value="37000000", unit="份", growth=None)
    assert not identity.disagrees(row, same)
    assert identity.disagrees(row, msgspec.structs.replace(same, qualifier="超"))


def test_another_unit_is_refused(place: Place, press: Publisher) -> None:
    county = place.people.county
    press.state(county, Statement(said(growth=None), source()), by(place))
    other = said(
        growth=None, unit="美元", period=entries.Period(kind="single", start=None, end="2026-02-28")
    )
    with pytest.raises(BadInputError, match="unit: got 美元"):
        press.state(county, Statement(other, source()), by(place))


def test_withdrawn_value_stays_in_the_history(place: Place, press: Publisher) -> None:
    value_id = press.state(place.people.county, Statement(said(), source()), by(place))
    press.withdraw(value_id, "录错", by(place))
    row = PublishedValue.objects.get(id=value_id)
    assert not row.stands
    assert (row.withdrawn_reason, row.withdrawn_by) == ("录错", place.person("command"))
    with pytest.raises(BadInputError, match="stands"):
        press.withdraw(value_id, "再来", by(place))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"indicator": " "}, "indicator"),
        ({"scope": None}, "scope"),
        ({"period": None}, "period"),
        ({"period": entries.Period(kind="single", start="2026-02-01", end="2026-01-31")}, "start"),
        ({"period": entries.Period(kind="single", start=None, end=None)}, "end"),
        ({"value": "3.38亿"}, "value"),
        ({"value": "1e9"}, "value"),
        ({"value": None, "growth": None}, "value"),
        ({"growth": entries.Growth(value="NaN", unit="%", basis=None)}, "growth"),
        ({"rank": entries.Rank(place=0, group=None, ties=False, change=None)}, "rank"),
    ],
)
def test_statement_with_a_bad_field_is_refused(changed: dict[str, object], field: str) -> None:
    assert field in [fault.field for fault in identity.faults_of(said(**changed))]


def staged(place: Place, rows: str) -> int:
    mine = for_user(place.person("command"), place.clock.now_us())
    desk = Sheets(place.clock, place.keys, by(place), mine)
    return desk.stage("published", "series.csv", (HEAD + rows).encode(), {}).id


def brought(place: Place, staged_id: int, which: str = "all") -> None:
    mine = for_user(place.person("command"), place.clock.now_us())
    publish(staged_id, which, place.clock, by(place), mine)  # type: ignore[arg-type]  # all or good
    SheetPublisher(place.clock, place.keys, lambda _s: None).run()


ROW = "规上工业增加值,青禾县,单期,2026-01-01,2026-01-31,338000000,元,6.1,同比,月报,2026-02-20,,\n"


def test_sheet_brings_values_once_however_often_it_is_sent(place: Place) -> None:
    one = staged(place, ROW)
    assert counts_of(Staged.objects.get(id=one))["new"] == 1
    brought(place, one)
    again = staged(place, ROW)
    held = Staged.objects.get(id=again)
    assert counts_of(held)["same"] == 1, faults_of(held, place.keys)
    value = PublishedValue.objects.get()
    assert (value.value, value.source_kind, value.growth_value) == ("338000000", "sheet", "6.1")
    assert differences() == []


def test_sheet_names_the_cell_of_every_fault(place: Place) -> None:
    bad_rows = ROW.replace("338000000", "3.38亿") + ROW.replace("2026-02-20", "2099-01-01")
    held = Staged.objects.get(id=staged(place, bad_rows))
    faults = {(fault.row, fault.field) for fault in faults_of(held, place.keys)}
    assert {(2, "value"), (3, "issued")} <= faults


def test_export_reads_back_and_says_that_nothing_was_recomputed(
    place: Place, press: Publisher
) -> None:
    press.state(place.people.county, Statement(said(qualifier="超"), source()), by(place))
    mine = for_user(place.person("command"), place.clock.now_us())
    made = Exporter(place.clock, place.keys, by(place), mine).export(Wanted("published", "csv"))
    text = made.content.decode("utf-8-sig")
    assert "不重新计算" in text
    assert "业务数据，非统计数据" in text
    assert "演示" in text
    assert "超" in text
    stranger = for_user(place.person("stranger"), place.clock.now_us())
    desk = Exporter(place.clock, place.keys, by(place), stranger)
    with pytest.raises(PermissionError):
        desk.export(Wanted("published", "csv"))
