"""Whole days of the past are added up once, and again as soon as their month is touched."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.base.time import CHINA, DAY_US, us_of
from bihuan.figures import gather, kept
from bihuan.figures.cube import make_current
from bihuan.figures.declared import Cases
from bihuan.figures.gather import Reader
from bihuan.figures.groups import cubed, known_groups
from bihuan.figures.installed import Installed, installed
from bihuan.figures.models import Touch
from bihuan.figures.periods import Window
from bihuan.journal.storage import MAIN
from tests.figures.cases_told import NAME, Told

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]


def day(text: str) -> int:
    return us_of(datetime.fromisoformat(text).replace(tzinfo=CHINA))


def mine() -> list[Installed]:
    return [
        one
        for one in installed().values()
        if one.scenario == NAME and isinstance(one.figure.over, Cases) and cubed(one)
    ]


def told_by(reader: Reader, window: Window) -> dict[str, object]:
    """Every figure of the window as plain numbers."""
    return {
        one.id: {
            part: {path: as_plain(value) for path, value in lot.items()}
            for part, lot in reader.lots(one, window).items()
        }
        for one in mine()
    }


def as_plain(value: object) -> object:
    return value if not isinstance(value, list) else sorted(n for held in value for n in held)


def anew(window: Window) -> dict[str, object]:
    """The same with nothing kept from before."""
    kept.forget()
    return told_by(Reader(), window)


def reads(monkeypatch: pytest.MonkeyPatch) -> list[Window]:
    """The windows that are read from the facts from now on."""
    seen: list[Window] = []
    real = gather._read

    def counted(group: object, window: Window) -> object:
        seen.append(window)
        return real(group, window)  # type: ignore[arg-type]

    monkeypatch.setattr(gather, "_read", counted)
    return seen


def test_days_are_read_once_until_their_month_is_touched(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [told.opened(area) for area in (told.willow, told.bridge, told.shore)]
    told.clock.advance(minutes=5)
    told.taken(cases[0])
    told.follow()
    began = told.clock.now_us()
    month = Window(began - began % DAY_US - 8 * 3_600_000_000, began + DAY_US)
    told.clock.advance(days=40)
    window = Window(month.start_us, month.end_us + 12_345)
    first = told_by(Reader(), window)
    seen = reads(monkeypatch)
    assert told_by(Reader(), window) == first
    days, rest = kept.split(window)
    assert days is not None
    assert set(seen) == set(rest)  # the part of a day alone
    told.closed(cases[1], "no_reply")  # of a case of that month: what it adds is another thing
    told.follow()
    seen.clear()
    later = told_by(Reader(), window)
    assert days in seen
    assert later != first
    assert later == anew(window)


def test_change_that_leaves_the_months_sum_is_seen_in_a_part_of_it(told: Told) -> None:
    """Early in the month one case more is closed without a reply, late in it one less."""
    early = told.opened(told.willow)
    told.clock.advance(days=6)
    late = told.opened(told.willow)
    told.closed(late, "no_reply")
    told.follow()
    cut = Window(day("2026-03-01T00:00"), day("2026-03-05T10:00"))
    whole = Window(day("2026-03-01T00:00"), day("2026-04-01T00:00"))
    assert cut.start_us <= told.clock.now_us() - 6 * DAY_US < cut.end_us - DAY_US // 2
    before, month = told_by(Reader(), cut), told_by(Reader(), whole)
    told.closed(early, "no_reply")
    told.closed(late, "void")
    told.follow()
    assert told_by(Reader(), cut) != before
    assert told_by(Reader(), cut) == anew(cut)
    assert told_by(Reader(), whole) == anew(whole)
    assert month.keys() == before.keys()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    steps=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(0, 50)), max_size=9)
)
def test_whatever_happens_kept_days_say_what_a_new_count_says(
    told: Told, steps: list[tuple[int, int, int]]
) -> None:
    """The county goes on from one example to the next."""
    places = (told.willow, told.bridge, told.shore)
    cases = [told.opened(place) for place in places]
    start = told.clock.now_us() - 40 * DAY_US
    for what, which, hours in steps:
        told.clock.advance(hours=hours)
        case = cases[which % len(cases)]
        if what < 3:
            cases.append(told.opened(places[which % 3]))
        elif what == 3:
            told.taken(case)
        elif what == 4:
            told.missed(case)
        else:
            told.closed(case, ("no_reply", "void", "confirmed")[which % 3])
            cases.remove(case)
            cases.append(told.opened(places[which % 3]))
        told.follow(3)
        window = Window(start + which * DAY_US // 3, told.clock.now_us() - hours * 1_800_000_000)
        if window.start_us < window.end_us:
            assert told_by(Reader(), window) == anew(window)


def test_cells_made_anew_touch_their_months(told: Told) -> None:
    told.opened(told.willow)
    told.follow()
    before = dict(Touch.objects.using(MAIN).values_list("id", "position"))
    assert before
    assert {one.split("|")[0] for one in before} <= set(known_groups())
    told.clock.advance(days=1)
    told.opened(told.willow)
    told.follow()
    with connections[MAIN].cursor() as cursor:
        cursor.execute("UPDATE figures_layout SET parts = ''")
    make_current()
    after = dict(Touch.objects.using(MAIN).values_list("id", "position"))
    assert after.keys() == before.keys()
    assert all(after[one] > before[one] for one in before)


@pytest.mark.parametrize(
    ("start", "end", "days", "rest"),
    [
        ("2026-03-01T00:00", "2026-03-05T10:00", ("2026-03-01T00:00", "2026-03-05T00:00"), 1),
        ("2026-03-01T00:00", "2026-03-05T00:00", ("2026-03-01T00:00", "2026-03-05T00:00"), 0),
        ("2026-03-01T00:01", "2026-03-05T10:00", ("2026-03-02T00:00", "2026-03-05T00:00"), 2),
        ("2026-03-01T00:01", "2026-03-02T23:00", ("2026-03-02T00:00", "2026-03-02T00:00"), 0),
        ("2026-03-01T06:00", "2026-03-01T09:00", ("2026-03-02T00:00", "2026-03-01T00:00"), 0),
    ],
)
def test_window_is_split_at_midnight_in_china(
    start: str, end: str, days: tuple[str, str], rest: int
) -> None:
    window = Window(day(start), day(end))
    whole, around = kept.split(window)
    first, last = (day(one) for one in days)
    if first >= last:
        assert (whole, around) == (None, [window])
        return
    assert whole == Window(first, last)
    assert len(around) == rest
    assert sum(one.end_us - one.start_us for one in around) == (
        window.end_us - window.start_us - (last - first)
    )
