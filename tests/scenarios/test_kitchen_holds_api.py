"""A batch on hold again after a lift, over the API in an empty county: the school hears of it."""

from __future__ import annotations

import pytest

from bihuan.loop.models import Case, Delivery
from tests.scenarios.test_kitchen_api import Empty, empty, released, set_up

__all__ = ["empty"]
pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_a_new_hold_after_a_lift_is_told_again_and_takes_the_lift_notice_back(
    empty: Empty,
) -> None:
    """Twice on hold: the first notice answered and closed, the lift not answered by anybody."""
    who, things = empty.who, set_up(empty)
    batch, other = released(empty, things), released(empty, things)
    deliveries = [_sent(empty, things, one) for one in (batch, other)]
    for one in (batch, other):
        who["worker"].row(one, "stop")
    empty.wait(1)
    first, second = _notices(empty, "school_notice", "awaiting_answer")
    who["receiver"].case(first, "take")
    who["receiver"].row(deliveries[0], "acknowledge", portions_left=240, portions_eaten=0)
    who["receiver"].case(first, "correct", told="none_eaten", text="未开餐")
    who["driver"].case(first, "verify", text="已点清")
    for one in (batch, other):
        who["director"].row(one, "resume", reason="复测 66℃")
    empty.wait(1)
    lifts = _notices(empty, "school_lifted", "awaiting_answer")
    assert len(lifts) == 2, "one for each delivery"
    assert not _notices(empty, "school_notice", "awaiting_answer"), "nobody is told both at once"
    assert Case.objects.get(id=second).merged_into == lifts[1]
    calls = Delivery.objects.filter(case_id=second).count()
    empty.wait(2)
    who["worker"].row(batch, "stop")
    empty.wait(1)
    again = max(_notices(empty, "school_notice", "awaiting_answer"))
    assert again not in (first, second), "the first one was closed"
    assert _called(again) == {who["receiver"].person_id, who["driver"].person_id}
    assert _notices(empty, "school_lifted", "awaiting_answer") == [lifts[1]], "the other stands"
    assert _notices(empty, "school_lifted", "closed") == [lifts[0]]
    over = Case.objects.get(id=lifts[0])
    assert (over.outcome, over.merged_into) == ("merged", again)
    assert Case.objects.get(id=again).signals == 1, "a lift is no second hold"
    before = Delivery.objects.filter(case_id=lifts[0]).count()
    empty.wait(15)
    assert Delivery.objects.filter(case_id=second).count() == calls, "a lifted hold rings no more"
    assert Delivery.objects.filter(case_id=lifts[0]).count() == before, "nobody is told any more"
    who["receiver"].case(lifts[0], "known", 409, text="知道了")
    who["receiver"].row(deliveries[0], "serve", 422)
    who["receiver"].row(deliveries[0], "known_lifted", 422)


def test_a_new_hold_calls_anew_where_the_lift_ended_a_notice_in_hand(empty: Empty) -> None:
    who, things = empty.who, set_up(empty)
    batch = released(empty, things)
    _sent(empty, things, batch)
    who["worker"].row(batch, "stop")
    empty.wait(1)
    (notice,) = _notices(empty, "school_notice", "awaiting_answer")
    who["receiver"].case(notice, "take")
    who["receiver"].case(notice, "correct", told="none_eaten", text="未开餐")
    who["director"].row(batch, "resume", reason="复测 66℃")
    empty.wait(1)
    (lift,) = _notices(empty, "school_lifted", "awaiting_answer")
    assert _notices(empty, "school_notice", "closed") == [notice], "what it said is no longer so"
    who["receiver"].case(lift, "take")
    newest = Delivery.objects.latest("id").id
    who["worker"].row(batch, "stop")
    empty.wait(1)
    (again,) = _notices(empty, "school_notice", "awaiting_answer")
    assert _called(again, newest) == {who["receiver"].person_id, who["driver"].person_id}
    assert _notices(empty, "school_lifted", "closed") == [lift], "taken, and no longer so"


def _sent(empty: Empty, things: dict[str, int], batch: int) -> int:
    said = {"_subject": things["school"], "batch": batch, "portions": 240, "left": empty.now}
    return int(empty.who["driver"].file("delivery", **said, vehicle="演A0001", is_enclosed=True))


def _called(case_id: int, after: int = 0) -> set[int]:
    """Who was called about a case since a message."""
    found = Delivery.objects.filter(case_id=case_id, purpose="call", id__gt=after)
    return set(found.values_list("person_id", flat=True))


def _notices(empty: Empty, kind: str, state: str) -> list[int]:
    """Cases of a kind that the school sees, oldest first."""
    seen = empty.who["receiver"].get("cases")["cases"]
    return sorted(one["id"] for one in seen if (one["kind"], one["state"]) == (kind, state))
