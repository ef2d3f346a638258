"""The founding figures: as series that others published, and as figures counted here.

116 estates, 119 meetings a month, 1,428 opinions, 1,392 solved; tied first; up one place. The
sentences are invented after them: 青禾 is no place.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec
import pytest

from bihuan.base.errors import BadInputError
from bihuan.figures.bulletins.published import PublishedSource
from bihuan.figures.bulletins.spoken import rank
from bihuan.figures.cube import compare
from bihuan.figures.declared import REAL, Cases, Count, Figure, Ratio, Records, Subjects
from bihuan.figures.installed import figure, install
from bihuan.figures.periods import parse
from bihuan.figures.published import entries
from bihuan.figures.published.acts import NewPage, Publisher, Statement
from bihuan.figures.published.models import PressProposal, PublishedValue, Series
from bihuan.figures.published.undetermined import Doubt, doubts, is_undetermined
from bihuan.figures.values import Book
from bihuan.register import schemes
from bihuan.register.entries import Actor, SubjectRegistered
from bihuan.register.records.entries import RecordOpened
from bihuan.register.scheme import Field, RecordType, Scheme, SubjectType
from tests.console.place import Place
from tests.figures.cases_told import BY, NAME, Told, scenario
from tests.figures.newspaper import PAPER, said, source

pytestmark = pytest.mark.django_db(databases="__all__")
ISSUED = "2026-02-25"
HALLS = """议事厅里话家常

本报讯（记者 甲乙） 据悉，青禾街道已有116个小区建有议事厅，平均每月召开三方议事会议119场次，
收集民情民意数1428个，协商解决问题1392个。
"""


@pytest.fixture
def press(place: Place) -> Publisher:
    return Publisher(place.clock, place.keys)


def by(place: Place) -> Actor:
    return Actor(person_id=place.person("command"), role="county_command", via="page")


def proposals(place: Place, press: Publisher) -> tuple[int, list[entries.Said]]:
    page = press.read(NewPage(place.people.county, PAPER, ISSUED, HALLS), by(place))
    rows = PressProposal.objects.filter(page_id=page).order_by("n")
    return page, [msgspec.json.decode(row.said, type=entries.Said) for row in rows]


def test_119_times_12_is_told_and_no_period_is_guessed(place: Place, press: Publisher) -> None:
    """No period is proposed for any of the four; the page says what the equality may mean."""
    page, found = proposals(place, press)
    assert [one.value for one in found] == ["116", "119", "1428", "1392"]
    assert [one.period for one in found] == [None] * 4
    assert doubts(found) == [Doubt(2, "119", 12, "1428")]
    html = place.client("command").get(f"/press/{page}/").content.decode()
    assert html.count("原文没有写明期间，程序不推定") == 4
    assert html.count("119 × 12 = 1428：可能是 12 期的合计，也可能只是巧合。") == 1
    assert 'value="confirm"' not in html, "without a period there is nothing to confirm as it is"
    english = place.client("command", "en").get(f"/press/{page}/").content.decode()
    assert "119 × 12 = 1428: it may be the total of 12 periods, or chance." in english


def test_a_number_without_a_period_stands_only_as_a_person_says(
    place: Place, press: Publisher
) -> None:
    """Refused without one; with the first day left open it stands, and no period quotes it."""
    page, found = proposals(place, press)
    with pytest.raises(BadInputError, match="period"):
        press.confirm(page, 3, Statement(found[2], source()), by(place))
    until = entries.Period(kind="cumulative", start=None, end=ISSUED)
    given = msgspec.structs.replace(found[2], scope="青禾街道", period=until)
    press.confirm(page, 3, Statement(given, source()), by(place))
    row, series = PublishedValue.objects.get(), Series.objects.get()
    assert (row.value, row.start, row.end) == ("1428", None, ISSUED)
    assert is_undetermined(given)
    quoted = PublishedSource()
    for period in ("2025", "2026", "2026-02", "2026-01..2026-02"):
        assert quoted.ask(f"published.{series.id}", "990100", period) is None
    html = place.client("command").get(f"/published/{series.id}/").content.decode()
    assert "累计 起始日未写明 — 2026-02-25" in html
    assert "未参与计算" not in html


@pytest.mark.parametrize(
    ("indicator", "average", "total", "times"),
    [
        ("平均每月召开会议", "119", "1428", 12),
        ("月均办结", "119", "714", 6),
        ("每季度走访", "30", "120", 4),
        ("每月召开会议", "119", "1427", None),
        ("召开会议", "119", "1428", None),
        ("每月召开会议", "0", "0", None),
    ],
)
def test_only_a_multiple_of_an_average_is_told(
    indicator: str, average: str, total: str, times: int | None
) -> None:
    rate = said(indicator=indicator, value=average, unit="场", growth=None, period=None)
    whole = said(indicator="收集意见", value=total, unit="个", growth=None, period=None)
    want = [] if times is None else [Doubt(1, average, times, total)]
    assert doubts([rate, whole]) == want


def test_a_total_whose_period_is_said_is_no_doubt() -> None:
    year = entries.Period(kind="single", start="2025-01-01", end="2025-12-31")
    rate = said(indicator="每月会议", value="119", growth=None, period=None)
    assert doubts([rate, said(indicator="意见", value="1428", growth=None, period=year)]) == []


def test_tied_first_and_up_one_place_stay_as_published(place: Place, press: Publisher) -> None:
    """Rank with its group, 并列 and places gained come through the series into the bulletin."""
    first = entries.Rank(place=1, group="五县（市）四区", ties=True, change=None)
    second = entries.Rank(place=2, group="五县（市）四区", ties=False, change=1)
    for name, place_of in (("有效诉求办理率", first), ("工业增加值增速", second)):
        given = said(indicator=name, value=None, unit=None, growth=None, rank=place_of)
        press.state(place.people.county, Statement(given, source()), by(place))
    shown = []
    for series in Series.objects.order_by("id"):
        told = PublishedSource().ask(f"published.{series.id}", "990100", "2026-01")
        assert told is not None
        shown.append((rank(told, "zh"), rank(told, "en")))
    assert shown == [
        ("居五县（市）四区并列第1位", "tied 1st of 五县（市）四区"),
        ("居五县（市）四区第2位，前进1位", "2nd of 五县（市）四区, up 1 place"),
    ]


# ---- the same, counted here: every number with a period of its own

ESTATE = SubjectType(
    name="estate",
    title=("小区", "Estate"),
    party=None,
    fields=(Field(name="has_hall", title=("有议事厅", "Has a hall"), kind="yes_no"),),
)
MEETING = RecordType(
    name="meeting",
    title=("议事会议", "Meeting"),
    subject=None,
    number="HY-{year}-{n:05}",
    fields=(Field(name="held_on", title=("日期", "Held on"), kind="date"),),
)


def made(name: str, **more: object) -> Figure:
    text: dict[str, object] = {
        "title": ("数", "n"), "unit": ("个", "n"), "definition": ("数。", "n."), "version": 1,
        "source": "a test", "effective_from": "2026-01-01", "decimals": 1,
    }  # fmt: skip
    return Figure(name=name, **{**text, **more})  # type: ignore[arg-type]  # its own fields


SOLVED = Ratio(part=(("outcome", "=", "confirmed"),), whole=REAL)
FIGURES = (
    made(
        "halls", over=Subjects("estate"), measure=Count((("has_hall", "=", True),)), at=None,
        period="point",
    ),
    made("meetings", over=Records("meeting"), measure=Count(), at="held_on"),
    made("opinions", over=Cases(("road",)), measure=Count(REAL)),
    made("solved", over=Cases(("road",)), measure=SOLVED, unit=("%", "%"), direction="higher"),
)  # fmt: skip


@pytest.fixture
def halls(told: Told) -> Iterator[Told]:
    scheme = Scheme(scenario=NAME, subjects=(ESTATE,), records=(MEETING,))
    schemes.install(scheme)
    install(scenario(*FIGURES, scheme=scheme))
    yield told
    schemes.forget(NAME)


def test_counted_here_each_number_says_its_period(halls: Told) -> None:
    """116 now, 119 in the month, 119 of 122 opinions solved in it: the year is another number."""
    for n in range(118):
        halls.say(
            SubjectRegistered(
                scenario=NAME, kind="estate", person_id=None, party_id=None, name=f"小区{n}",
                area_id=halls.willow, address=None, note=None, values={"has_hall": n < 116},
            )
        )  # fmt: skip
    for n in range(119 + 5):
        held = date(2026, 3, 1 + n % 28) if n < 119 else date(2026, 2, 1 + n % 28)
        halls.say(
            RecordOpened(
                scenario=NAME, kind="meeting", number=f"HY-2026-{n + 1:05}", year=2026, n=n + 1,
                subject_id=None, area_id=halls.willow, by=BY, sealed=None, is_draft=False,
                values={"held_on": held.isoformat()},
            )
        )  # fmt: skip
    for n in range(122):
        case = halls.opened(halls.willow)
        if n < 119:
            halls.closed(case)
    halls.follow()
    book, path = Book(halls.clock.now_us()), halls.path(halls.county)

    def told(name: str, period: str) -> tuple[float | None, ...]:
        return tuple(book.value(figure(f"{NAME}.{name}"), parse(period), path).told)

    assert told("halls", "2026-03")[0] == 116
    assert (told("meetings", "2026-03")[0], told("meetings", "2026")[0]) == (119, 124)
    assert told("opinions", "2026-03")[0] == 122
    assert told("solved", "2026-03")[1:] == (119, 122)
    assert compare().different == 0
