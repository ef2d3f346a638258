"""A rebuild brings the same rows back; what differs is named; nothing is decided anew."""

from __future__ import annotations

import pytest
from django.db import connections

from bihuan.base.time import MovableClock
from bihuan.journal.append import Appender
from bihuan.journal.follow import catch_up
from bihuan.journal.models import FACTS_LANE, Offset, Parked
from bihuan.journal.readings import append_readings
from bihuan.journal.rebuild import check, swap
from bihuan.journal.storage import reading_lanes
from tests.journal.test_readings import reading
from tests.journal.town import (
    HOUSES,
    LATEST,
    STREETS,
    HouseBuilt,
    HouseGone,
    HouseRepaired,
    StreetNamed,
    Town,
)

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def build(clock: MovableClock) -> int:
    """Three houses in two streets, one of them gone, two repairs; the first house's id."""
    with Appender(FACTS_LANE, clock) as lane:
        lane.append(StreetNamed(name="河街", notes={"width_m": 4}))
        first = lane.append(HouseBuilt(street="河街", case_id=77, owner=b"\x00\xff")).id()
    with Appender(FACTS_LANE, clock) as lane:
        second = lane.append(HouseBuilt(street="河街")).id()
        lane.append(HouseBuilt(street="山街"))
        lane.append(HouseRepaired(case_id=77, house=first, hours=2))
    clock.advance(minutes=1)
    with Appender(FACTS_LANE, clock) as lane:
        lane.append(HouseRepaired(case_id=77, house=first, hours=5))
        lane.append(HouseGone(house=second))
    return first


def execute(sql: str, *values: object) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(sql, values)  # type: ignore[arg-type]


def test_rebuild_of_an_untouched_town_is_equal(town: Town, clock: MovableClock) -> None:
    first = build(clock)
    house = HOUSES.get(pk=first)
    assert (house.repairs, house.warmth, bytes(house.owner)) == (2, 5 / 3, b"\x00\xff")
    assert STREETS.get(pk="河街").houses == 1
    found = check(town)
    assert str(found) == "equal"
    assert {t.table: t.equal for t in found.tables}["test_house"] == 2
    assert {t.table: t.equal for t in found.tables}["test_street"] == 2


@pytest.mark.parametrize(
    ("sql", "table", "columns"),
    [
        ("UPDATE test_house SET repairs = 3 WHERE repairs = 2", "test_house", ("repairs",)),
        ("UPDATE test_house SET warmth = NULL WHERE repairs = 2", "test_house", ("warmth",)),
        ("DELETE FROM test_house WHERE repairs = 2", "test_house", ()),
        ("INSERT INTO test_street (name, houses) VALUES ('zz', 1)", "test_street", ()),
    ],
)
def test_rebuild_names_the_row_that_differs(
    town: Town, clock: MovableClock, sql: str, table: str, columns: tuple[str, ...]
) -> None:
    build(clock)
    execute(sql)
    found = check(town)
    assert str(found) == "different: 1"
    (wrong,) = [t for t in found.tables if t.different]
    assert wrong.table == table
    assert wrong.first is not None
    assert wrong.first.columns == columns


def test_swap_puts_the_rebuilt_rows_in_place(town: Town, clock: MovableClock) -> None:
    build(clock)
    execute("UPDATE test_house SET repairs = 9")
    execute("DELETE FROM test_street")
    assert swap(town).different == 4  # two houses changed, two streets missing
    assert str(check(town)) == "equal"
    assert sorted(STREETS.values_list("houses", flat=True)) == [1, 1]
    with Appender(FACTS_LANE, clock) as lane:  # and the county goes on
        lane.append(HouseBuilt(street="河街"))
    assert str(check(town)) == "equal"


def test_a_failing_projector_parks_its_case_and_no_other(town: Town, clock: MovableClock) -> None:
    first = build(clock)
    with Appender(FACTS_LANE, clock) as lane:
        lane.append(HouseRepaired(case_id=77, house=first, hours=1, fails_after=True))
        lane.append(HouseRepaired(case_id=77, house=first, hours=1))
        lane.append(HouseRepaired(case_id=78, house=first, hours=9))
    house = HOUSES.get(pk=first)
    # the failed repair left nothing, the one behind it waits, another case goes on
    assert (house.repairs, house.street, house.warmth) == (3, "河街", 3.0)
    assert not STREETS.filter(pk="half done").exists()
    assert list(Parked.objects.order_by("id").values_list("stream", "reason")) == [
        (77, "ValueError: the roof fell in"),
        (77, "waits behind a parked entry of the same case"),
    ]
    assert str(check(town)) == "equal"


def test_an_entry_that_names_no_row_parks(town: Town, clock: MovableClock) -> None:
    with Appender(FACTS_LANE, clock) as lane:
        lane.append(HouseRepaired(case_id=5, house=123, hours=1))
    assert Parked.objects.get().stream == 5
    assert str(check(town)) == "equal"


def test_batches_are_projected_once_and_rebuilt_to_the_live_offset(
    town: Town, clock: MovableClock
) -> None:
    for value in (70, 71):
        append_readings(
            [reading(s, value=float(value + s)) for s in range(1, 21)], seen0=1, clock=clock
        )
    done = sum(catch_up("test latest", lane, limit=1) for lane in reading_lanes())
    assert done == 4  # the first batch of each lane; the second waits
    assert LATEST.get(pk="3:heart_rate").reading == 73.0
    assert str(check(town)) == "equal"
    assert {t.table: t.equal for t in check(town).tables}["test_latest"] == 20
    assert sum(catch_up("test latest", lane) for lane in reading_lanes()) == 4
    assert LATEST.get(pk="3:heart_rate").reading == 74.0
    assert str(check(town)) == "equal"
    assert Offset.objects.count() == 4
    execute("UPDATE test_latest SET reading = 0 WHERE id = '3:heart_rate'")
    assert check(town).different == 1
    swap(town)
    assert LATEST.get(pk="3:heart_rate").reading == 74.0
    assert Offset.objects.count() == 4
