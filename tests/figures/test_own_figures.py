"""The county's own figures in a bulletin: as the engine gives them, provisional until published."""

from __future__ import annotations

import pytest

from bihuan.figures import acts
from bihuan.figures.bulletins.own import OwnFigures
from bihuan.figures.bulletins.source import Asked
from bihuan.figures.bulletins.spoken import amount
from bihuan.figures.cube import Figures
from bihuan.figures.installed import installed
from bihuan.register.entries import Actor
from bihuan.register.rights import for_user
from tests.console.place import Place

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def figures(place: Place) -> OwnFigures:
    place.reported()
    keeper = Figures(200)
    while keeper.run_once():
        pass
    return OwnFigures(place.clock.now_us)


def opened() -> str:
    """The id of a built-in figure over SOS cases that is in whole percent or a count."""
    return next(name for name in installed() if "answered_in_time" in name)


def test_open_period_is_provisional_and_opens_to_its_parts(figures: OwnFigures) -> None:
    told = figures.ask(opened(), "990100", "2026-03")
    assert told is not None
    assert (told.value, told.numerator, told.denominator) == ("100", "1", "1")
    assert told.is_provisional
    assert amount(told, "zh") == "100%（初步）"
    assert told.href.startswith(f"/figures/{opened()}/?period=2026-03&area=")
    assert "未发布" in told.source[0]


def test_published_period_is_final_and_says_its_version(place: Place, figures: OwnFigures) -> None:
    place.wall.advance(hours=24 * 40)
    by = Actor(person_id=place.person("command"), role="county_command", via="page")
    mine = for_user(place.person("command"), place.clock.now_us())
    acts.lock(place.clock, by, mine, ("elder_care", "2026-03", ""))
    told = figures.ask(opened(), "990100", "2026-03")
    assert told is not None
    assert not told.is_provisional
    assert "已发布第 1 版" in told.source[0]


def test_no_zero_is_invented_before_the_journal_began(figures: OwnFigures) -> None:
    assert figures.series(opened(), "990100", "2026-03") == []  # the month had begun before it

    assert figures.ask(opened(), "990100", "2026-02") is None
    assert figures.offered("990100", "2026-02") == []
    told = figures.ask(opened(), "990100", "2026-03")
    assert told is not None
    assert "records since 2026-03-02" in told.source[1]


def test_nothing_counted_is_no_number(figures: OwnFigures) -> None:
    told = figures.ask(opened(), "990100", "2026-04")
    assert told is not None
    assert told.value is None
    assert amount(told, "en") == "no data"


@pytest.mark.parametrize(
    ("figure", "area", "period"),
    [
        ("nobody.knows", "990100", "2026-03"),
        ("", "1", "2026-03"),
        ("", "990100", "2026-01..2026-03"),
    ],
)
def test_what_is_not_known_is_not_answered(
    figures: OwnFigures, figure: str, area: str, period: str
) -> None:
    assert figures.ask(figure or opened(), area, period) is None


def test_few_cases_below_the_county_stay_hidden(figures: OwnFigures) -> None:
    told = figures.ask(opened(), "990100008", "2026-03")  # one SOS: fewer than five
    assert told is not None
    assert (told.value, told.denominator) == (None, None)


def test_pages_ask_the_county_s_own_figures(place: Place, figures: OwnFigures) -> None:
    assert Asked().told(opened(), "990100", "2026-03") is not None
