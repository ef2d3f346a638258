"""What a device measured stops a release and a meal, as an entry by hand does."""

from __future__ import annotations

import pytest

from bihuan.scenarios.kitchen.tests.place import MINUTE, Place
from bihuan.scenarios.kitchen.tests.test_batches import faults
from bihuan.scenarios.kitchen.tests.test_matched import AIR, CORE, measured, point

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
SAID = {"corrective": "箱内探头已换，三盒实测 66℃", "reason": "箱内探头松脱"}


def packed(place: Place) -> int:
    batch = place.batch()
    place.sample(batch)
    place.clock.advance(minutes=10)
    place.do(batch, "pack", "worker")
    return batch


def test_core_that_the_probe_never_measured_is_released_by_no_signature(place: Place) -> None:
    """82 ℃ was typed; the probe itself never said more than 68.5 ℃."""
    start_us, batch = place.now_us, packed(place)
    measured(place, place.probe, CORE, start_us, 55, 68.5, 68)
    assert faults(lambda: place.do(batch, "release", "officer")) == {"core"}
    assert faults(lambda: place.do(batch, "release_deviating", "officer", **SAID)) == {"core"}
    again_us = place.now_us
    place.check(batch, "cook", 74)
    place.clock.advance(minutes=6)
    measured(place, place.probe, CORE, again_us, 60, 75, 74)
    place.do(batch, "release", "officer")
    assert place.row(batch).state == "released"


def test_box_that_fell_ends_the_time_of_what_was_written_down_as_hot(place: Place) -> None:
    """Its box stood below 60 ℃ from 08:20: over at 10:00, whatever was entered at 09:00."""
    box = point(place, "hot_box", "一号箱", place.line)
    start_us, batch = place.now_us, packed(place)
    measured(place, box, CORE, start_us + 20 * MINUTE, *(59.0,) * 10)
    place.clock.advance(minutes=50)
    place.check(batch, "hold", 70)
    place.clock.advance(minutes=59)
    place.do(batch, "stop", "worker")
    place.clock.advance(minutes=2)  # 10:01
    assert place.shown(batch)["left"] == 59, "by the entries alone there is an hour left"
    assert faults(lambda: place.do(batch, "resume", "director", reason="看着没事")) == {"eat_by"}
    place.do(batch, "release_deviating", "officer", **SAID)
    assert place.row(batch).state == "held", "one person alone overrules no device"
    place.confirm("manager")
    assert place.row(batch).state == "released"


def test_school_serves_nothing_whose_time_a_device_ended(place: Place) -> None:
    """Sent at 08:30 from a box that fell at 08:20; 70 ℃ is entered at 09:00, so 11:00 by hand."""
    box = point(place, "hot_box", "一号箱", place.line)
    start_us, batch = place.now_us, packed(place)
    place.clock.advance(minutes=20)
    place.do(batch, "release", "officer")
    delivery = place.deliver(batch)
    place.clock.advance(minutes=30)
    place.receive(delivery)
    place.check(batch, "hold", 70)
    place.clock.advance(minutes=61)  # 10:01
    assert place.shown(delivery)["eat_by"] > place.now_us, "by the entries alone it may be served"
    measured(place, box, CORE, start_us + 20 * MINUTE, *(59.0,) * 10)
    assert faults(lambda: place.do(delivery, "serve", "receiver")) == {"eat_by"}
    assert place.row(delivery).state == "sent"


def test_device_that_says_nothing_against_it_stops_nobody(place: Place) -> None:
    """One odd reading is none, a box of another line is another's, air is no core."""
    other = place.thing("line", "二号线", "officer", supplier=place.supplier)
    mine, beside = (
        point(place, "hot_box", "一号箱", place.line),
        point(place, "hot_box", "二", other),
    )
    start_us, batch = place.now_us, packed(place)
    measured(place, mine, CORE, start_us + 10 * MINUTE, 66, 66, 20, 66, 66)
    measured(place, beside, CORE, start_us + 10 * MINUTE, *(20.0,) * 20)
    measured(place, mine, AIR, start_us + 10 * MINUTE, *(20.0,) * 20)
    place.clock.advance(minutes=20)
    place.do(batch, "release", "officer")
    delivery = place.deliver(batch)
    place.receive(delivery)
    place.do(delivery, "serve", "receiver")
    assert place.row(delivery).state == "served"
