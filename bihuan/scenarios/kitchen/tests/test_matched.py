"""Readings of devices belong to a batch by line, step and time; the worse of the two counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bihuan.journal.readings import NewReading, append_readings, seen0_now
from bihuan.loop.book.county import CountyBook
from bihuan.loop.book.seen import Seen
from bihuan.loop.models import Case
from bihuan.register.models import Area
from bihuan.scenarios.kitchen.shows import board, haccp, label
from bihuan.scenarios.kitchen.still import stands_still
from bihuan.scenarios.kitchen.tests.place import HOUR, MINUTE, Place

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
AIR, CORE = "air_temperature", "core_temperature"


def point(place: Place, kind: str, name: str, line: int | None = None) -> int:
    values = {"supplier": place.supplier, "instrument": f"D-{name}", "line": line}
    return place.thing(kind, name, "officer", **values)


def measured(
    place: Place, subject: int, channel: str, start_us: int, *values: float, every_min: int = 1
) -> None:
    """Readings of a device from a moment on, a step apart, as they come in."""
    rows = [
        NewReading(
            subject=subject,
            device=subject + 1,
            binding=subject + 2,
            channel=channel,
            unit="Cel",
            event_us=start_us + n * every_min * MINUTE,
            value=value,
            quality=0,
            arrival_us=place.now_us,
        )
        for n, value in enumerate(values)
    ]
    append_readings(rows, seen0=seen0_now(), clock=place.clock)


def sheet(place: Place, batch: int) -> Mapping[str, Any]:
    """What the sheet says to the kitchen's own officer, who sees no school's papers."""
    return haccp(book(place), batch, None)


def book(place: Place) -> CountyBook:
    path = Area.objects.get(id=place.areas["kitchen"]).path
    seen = Seen("kitchen", (path,), frozenset(), Case.objects.none())
    return CountyBook(seen, place.now_us, "zh")


def told(place: Place, batch: int) -> list[tuple[str, int, float | None, float | None, Any]]:
    found = [line["of"] for line in sheet(place, batch)["devices"]]
    return [(one.step[0], one.count, one.least, one.most, one.is_beyond) for one in found]


def test_readings_belong_to_a_batch_by_line_step_and_time(place: Place) -> None:
    """Packed at 08:10, all of it left at 08:30: what the box of its line says in between."""
    other = place.thing("line", "二号线", "officer", supplier=place.supplier)
    mine, shared = point(place, "hot_box", "一号箱", place.line), point(place, "hot_box", "公用箱")
    beside = point(place, "hot_box", "二号箱", other)
    start_us, batch = place.now_us, place.batch()
    place.sample(batch)
    assert told(place, batch) == [], "nothing is in a box before it is packed"
    place.clock.advance(minutes=10)
    place.do(batch, "pack", "worker")
    place.do(batch, "release", "officer")
    place.clock.advance(minutes=20)
    place.deliver(batch)
    place.clock.advance(minutes=20)
    hot = [*(20.0,) * 10, *(66.0, 65.0) * 10, *(20.0,) * 20]  # empty before and after
    measured(place, mine, CORE, start_us, *hot)
    measured(place, beside, CORE, start_us, *(30.0,) * 50)
    measured(place, shared, AIR, start_us, *(30.0,) * 50)  # air is none of a box's core
    assert told(place, batch) == [("热藏", 20, 65.0, 66.0, False)]
    assert sheet(place, batch)["is_shortened"] is False


def test_a_box_that_stays_cold_shortens_what_was_entered_and_one_odd_reading_does_not(
    place: Place,
) -> None:
    """70 ℃ written down at 09:00; the box fell below 60 ℃ at 08:20: two hours from cooking."""
    box, start_us = point(place, "hot_box", "一号箱", place.line), place.now_us
    batch = place.batch(for_schools=False)
    place.do(batch, "pack", "worker")
    place.clock.advance(hours=1)
    place.check(batch, "hold", 70)
    measured(place, box, CORE, start_us + MINUTE, *(66.0,) * 9, 40.0, *(66.0,) * 9)
    before = sheet(place, batch)
    assert before["by_us"] == before["entered_us"] == start_us + 3 * HOUR
    measured(place, box, CORE, start_us + 20 * MINUTE, *(59.9,) * 6)
    after = sheet(place, batch)
    assert told(place, batch) == [("热藏", 25, 40.0, 66.0, True)]
    assert (after["entered_us"], after["by_us"]) == (start_us + 3 * HOUR, start_us + 2 * HOUR)
    assert after["is_shortened"] is True
    assert place.shown(batch)["eat_by"] == start_us + 3 * HOUR, "entries are never changed"


def test_a_hot_reading_of_a_device_proves_no_longer_time(place: Place) -> None:
    box, start_us = point(place, "hot_box", "一号箱", place.line), place.now_us
    batch = place.batch(for_schools=False)
    place.do(batch, "pack", "worker")
    place.clock.advance(hours=1)
    measured(place, box, CORE, start_us + MINUTE, *(75.0,) * 50)
    assert sheet(place, batch)["by_us"] == start_us + 2 * HOUR


def test_a_core_that_the_probe_never_measured_is_not_proved(place: Place) -> None:
    """82 ℃ was typed; within five minutes the probe itself never said more than 68.5 ℃."""
    batch, start_us = place.batch(), place.now_us
    place.clock.advance(minutes=6)
    measured(place, place.probe, CORE, start_us - 2 * MINUTE, 20, 55, 68.5, 68, 40)
    assert told(place, batch) == [("烹饪", 5, 20, 68.5, True)]
    found = sheet(place, batch)
    assert found["by_us"] is None
    assert found["entered_us"] == start_us + 2 * HOUR
    place.clock.advance(minutes=10)
    again_us = place.now_us
    place.check(batch, "cook", 74)
    place.clock.advance(minutes=6)
    measured(place, place.probe, CORE, again_us, 60, 75, 74)
    assert told(place, batch)[1] == ("烹饪", 3, 60, 75, False)
    assert sheet(place, batch)["by_us"] == again_us + 2 * HOUR


def test_a_store_is_judged_by_its_air_after_the_door_and_a_chiller_by_the_curve(
    place: Place,
) -> None:
    chiller, store = point(place, "chiller", "速冷柜"), point(place, "cold_store", "冷藏库")
    start_us, batch = place.now_us, place.batch(keeping="chilled")
    # 61 ℃ at 10 minutes, 21 ℃ two hours and a minute later: a minute too slow
    measured(place, chiller, CORE, start_us, 3, 61, every_min=10)
    place.clock.advance(hours=2, minutes=20)
    measured(place, chiller, CORE, start_us + 131 * MINUTE, 21, 12)
    place.check(batch, "chill", 7)
    cold_us = place.now_us
    place.clock.advance(minutes=40)
    measured(place, store, AIR, cold_us, *(4.0,) * 5, *(12.0,) * 18, *(5.0,) * 5)
    assert told(place, batch) == [("冷至8℃", 4, 3, 61, True), ("冷藏", 28, 4, 12, False)]
    place.clock.advance(minutes=40)
    measured(place, store, AIR, cold_us + 30 * MINUTE, *(8.1,) * 21)
    assert told(place, batch)[1] == ("冷藏", 49, 4, 12, True)
    assert sheet(place, batch)["is_shortened"] is False, "air is never taken for core"


def test_board_and_label_say_the_worse_of_entries_and_devices(place: Place) -> None:
    """Entered until 11:00, by the box until 10:00: at 10:30 the board says that it is over."""
    box, start_us = point(place, "hot_box", "一号箱", place.line), place.now_us
    batch = place.batch(for_schools=False)
    place.do(batch, "pack", "worker")
    place.clock.advance(hours=1)
    place.check(batch, "hold", 70)
    place.clock.advance(minutes=1)
    before = label(book(place), batch, None)
    assert before["latest_us"] == start_us + 4 * HOUR
    measured(place, box, CORE, start_us + 20 * MINUTE, *(59.9,) * 6)
    assert label(book(place), batch, None)["latest_us"] == start_us + 2 * HOUR
    place.clock.advance(minutes=89)
    found = board(book(place))
    assert [(one["by_us"], one["tone"]) for one in found["lines"]] == [
        (start_us + 2 * HOUR, "crit")
    ]
    assert (found["over"], found["soon"]) == (1, 0)


def test_a_store_whose_probe_stands_still_is_told_and_bears_nothing_out(place: Place) -> None:
    """121 readings of 4.2 ℃ a minute apart; one that moves by a tenth is told of nothing."""
    stuck, alive = (point(place, "cold_store", name) for name in ("一号库", "二号库"))
    box = point(place, "hot_box", "空箱")
    batch = place.batch(keeping="chilled")
    place.clock.advance(minutes=10)
    place.check(batch, "chill", 6)
    start_us = place.now_us
    place.clock.advance(minutes=121)
    measured(place, stuck, AIR, start_us + MINUTE, *(4.2,) * 121)
    measured(place, alive, AIR, start_us + MINUTE, *(4.2, 4.3) * 60)
    measured(place, box, CORE, start_us + MINUTE, *(21.0,) * 121)
    said = stands_still("cold_store")(book(place), stuck)
    assert said is not None
    assert "一号库" in said[0]
    assert "4.2 ℃" in said[1]
    assert stands_still("cold_store")(book(place), alive) is None
    assert stands_still("hot_box")(book(place), box) is None, "nothing is in it"
    devices = {line["of"].point: line["of"] for line in sheet(place, batch)["devices"]}
    assert (devices["一号库"].is_still, devices["一号库"].is_beyond) == (True, None)
    assert (devices["二号库"].is_still, devices["二号库"].is_beyond) == (False, False)
