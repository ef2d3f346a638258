"""Arrival: measured and counted by the school; it lengthens or ends the time of what is there."""

from __future__ import annotations

import json

import pytest

from bihuan.register.records.models import Record
from bihuan.register.refusals import ForbiddenError, TakenError
from bihuan.scenarios.kitchen.tests.place import HOUR, MINUTE, Place
from bihuan.scenarios.kitchen.tests.test_batches import faults

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_arrival_is_said_once_by_the_school_and_is_the_receipt(place: Place) -> None:
    delivery = place.deliver(place.released())
    for who in ("driver", "officer", "rival", "stranger"):
        with pytest.raises(ForbiddenError):
            place.do(delivery, "arrive", who)
    asked = {"arrived", "arrived_core", "portions_arrived", "is_whole"}
    assert faults(lambda: place.do(delivery, "arrive", "receiver")) == asked
    place.clock.advance(minutes=20)
    place.arrive(delivery, 66.5, 238)
    assert place.row(delivery).state == "arrived"
    (receipt,) = Record.objects.filter(kind="receipt")
    said = json.loads(receipt.values)
    assert (said["delivery"], said["core"], said["portions"]) == (delivery, 66.5, 238)
    assert receipt.subject_id == place.school
    assert place.shown(delivery)["short"] == 2
    with pytest.raises(TakenError):
        place.arrive(delivery)
    place.do(delivery, "serve", "receiver")
    assert place.row(delivery).state == "served"


def test_arrival_at_60_keeps_two_hours_more_here_and_nowhere_else(place: Place) -> None:
    """Cooked at 0:00, arrived at 1:30 at 60 ℃: until 3:30 here, until 2:00 in the kitchen."""
    cooked_us = place.now_us
    batch = place.released()
    here, elsewhere = place.deliver(batch), place.deliver(batch)
    place.clock.advance(minutes=90)
    place.arrive(here, 60)
    assert place.shown(here)["eat_by"] == cooked_us + 3 * HOUR + 30 * MINUTE
    assert place.shown(elsewhere)["eat_by"] == cooked_us + 2 * HOUR
    assert place.shown(batch)["eat_by"] == cooked_us + 2 * HOUR
    assert place.shown(here)["is_arrived_beyond"] is False
    assert place.shown(elsewhere)["is_arrived_beyond"] is None


def test_arrival_below_60_ends_the_time_and_is_told_to_the_school_at_once(place: Place) -> None:
    """Cooked at 0:00, 65 ℃ at 1:00, again at 1:40; 59.9 ℃ at the school at 1:10: until 3:00."""
    cooked_us = place.now_us
    batch = place.released()
    delivery = place.deliver(batch)
    place.clock.advance(hours=1)
    place.check(batch, "hold", 65)
    place.clock.advance(minutes=10)
    place.arrive(delivery, 59.9)
    place.clock.advance(minutes=30)
    place.check(batch, "hold", 65)
    assert place.shown(batch)["eat_by"] == cooked_us + 3 * HOUR + 40 * MINUTE
    assert place.shown(delivery)["eat_by"] == cooked_us + 3 * HOUR
    assert place.shown(delivery)["is_arrived_beyond"] is True
    place.wait(minutes=1)
    assert [case.subject_id for case in place.cases("deviation")] == [place.school]
    assert "receiver" in place.told()
    place.clock.advance(minutes=80)
    assert faults(lambda: place.do(delivery, "serve", "receiver")) == {"eat_by"}
    place.do(delivery, "refuse", "receiver", reason="到校 59.9℃")
    assert place.row(delivery).state == "refused"


def test_chilled_food_that_arrives_warm_keeps_two_hours_from_its_last_proof(place: Place) -> None:
    """Proved at 6 ℃ at 0:50; 8 ℃ on arrival is a proof, 8.1 ℃ is none."""
    cooked_us = place.now_us
    batch = place.released(keeping="chilled")
    cold, warm = place.deliver(batch), place.deliver(batch)
    place.clock.advance(minutes=40)
    place.arrive(cold, 8)
    place.arrive(warm, 8.1)
    assert place.shown(cold)["eat_by"] == cooked_us + 24 * HOUR
    assert place.shown(warm)["eat_by"] == cooked_us + 2 * HOUR + 50 * MINUTE


def test_arrival_is_neither_in_the_future_nor_before_it_left_nor_more_than_was_sent(
    place: Place,
) -> None:
    delivery = place.deliver(place.released())
    left_us = place.now_us
    place.clock.advance(minutes=20)
    late = place.now_us + 6 * MINUTE
    assert faults(lambda: place.arrive(delivery, at_us=late)) == {"arrived"}
    assert faults(lambda: place.arrive(delivery, at_us=left_us - 1)) == {"arrived"}
    assert faults(lambda: place.arrive(delivery, portions=241)) == {"portions_arrived"}
    place.arrive(delivery, at_us=left_us)
