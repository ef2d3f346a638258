"""Hold in one tap, recall by two people with a substitute meal, every school reached."""

from __future__ import annotations

import pytest

from bihuan.base.errors import BadInputError
from bihuan.loop.acting import ForbiddenError as NotAllowedError
from bihuan.loop.models import CaseClock
from bihuan.register.records.models import Proposal
from bihuan.register.refusals import ForbiddenError, TakenError
from bihuan.scenarios.kitchen.tests.place import Place
from bihuan.scenarios.kitchen.tests.test_batches import faults

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
REASON = {"reason": "冷链失效，装车时 12.4℃", "substitute": "面包、牛奶 240 份，11:20 送到"}


def test_hold_is_one_tap_and_the_school_may_not_serve(place: Place) -> None:
    batch = place.released()
    delivery = place.deliver(batch)
    place.receive(delivery)
    place.do(batch, "stop", "worker")
    place.wait(minutes=1)
    assert place.told() == {"receiver", "driver"}
    (notice,) = place.cases("school_notice")
    assert (notice.subject_id, notice.severity) == (place.school, "critical")
    assert "batch" in faults(lambda: place.do(delivery, "serve", "receiver"))
    place.do(delivery, "acknowledge", "receiver", portions_left=240, portions_eaten=0)
    assert place.shown(delivery)["is_reached"] is True
    with pytest.raises(ForbiddenError):
        place.do(batch, "resume", "worker", reason="看着没事")
    place.do(batch, "resume", "director", reason="复测 66℃")
    place.do(delivery, "serve", "receiver")
    assert place.row(delivery).state == "served"
    assert place.due(batch, "eat_by") is None, "served everywhere: nothing falls due"


def test_lifting_a_hold_is_told_to_those_whom_the_hold_reached_and_to_nobody_else(
    place: Place,
) -> None:
    batch = place.released()
    delivery, sent_back = place.deliver(batch), place.deliver(batch)
    place.receive(delivery)
    place.do(sent_back, "refuse", "receiver", reason="箱子破了")
    assert faults(lambda: place.do(delivery, "known_lifted", "receiver")) == {"batch"}
    place.do(batch, "stop", "worker")
    place.wait(minutes=1)
    assert place.told() == {"receiver", "driver"}
    assert place.shown(delivery)["knows_lift"] is None, "nothing is lifted yet"
    (hold,) = place.cases("school_notice")
    place.world.do("take", place.people["receiver"], hold.id)
    place.do(batch, "resume", "director", reason="复测 66℃")
    assert place.shown(batch)["schools_lifted"] == 0
    later = place.deliver(batch)
    place.wait(minutes=1)
    assert place.told() == {"receiver", "driver"}, "by the way of the hold"
    (lifted,) = place.cases("school_lifted")
    assert (lifted.subject_id, lifted.state) == (place.school, "awaiting_answer")
    assert place.due(later, "lifted") is None, "it left after the hold was over"
    assert place.due(sent_back, "lifted") is None, "it is not there any more"
    for who in ("stranger", "rival", "worker"):
        with pytest.raises(NotAllowedError):
            place.world.do("known", place.people[who], lifted.id, text="知道了")
        with pytest.raises(ForbiddenError):
            place.do(delivery, "known_lifted", who)
    place.do(delivery, "known_lifted", "receiver")
    place.world.do("known", place.people["receiver"], lifted.id, text="已通知食堂开餐")
    lifted.refresh_from_db()
    assert lifted.state == "closed"
    assert place.shown(delivery)["knows_lift"] is True
    assert place.shown(batch)["schools_lifted"] == 1
    place.do(batch, "stop", "worker")
    assert place.shown(batch)["is_lifted"] is False, "held again: nothing is lifted"
    assert place.due(delivery, "lifted") is None


def test_a_lift_that_nobody_at_the_school_answers_reaches_the_station(place: Place) -> None:
    batch = place.released()
    delivery = place.deliver(batch)
    place.do(batch, "stop", "worker")
    place.do(batch, "release_deviating", "officer", corrective="复测 66℃", reason="误报")
    place.wait(minutes=1)
    assert place.cases("school_lifted") == [], "one person alone lifts no hold"
    place.confirm("director")
    place.wait(minutes=1)
    place.told()
    place.wait(minutes=10)
    assert "station" in place.told()
    place.receive(delivery)
    place.do(delivery, "serve", "receiver")
    assert place.due(delivery, "lifted") is None, "who serves it knows"


def test_recall_wants_a_reason_a_meal_and_a_second_person(place: Place) -> None:
    batch = place.released()
    delivery = place.deliver(batch)
    assert faults(lambda: place.do(batch, "recall", "officer")) == {"reason", "substitute"}
    place.do(batch, "recall", "officer", **REASON)
    assert place.row(batch).state == "released", "5,000 lunches are not stopped by one person"
    with pytest.raises(ForbiddenError):
        place.confirm("officer")
    with pytest.raises(ForbiddenError):
        place.confirm("rival")
    place.confirm("director")
    assert place.row(batch).state == "recalled"
    place.wait(minutes=1)
    assert {"receiver", "driver", "station", "officer", "director", "manager"} <= place.told()
    assert [case.subject_id for case in place.cases("recall")] == [place.supplier]
    assert place.shown(delivery)["is_reached"] is False
    counted = place.shown(batch)
    assert (counted["schools_told"], counted["schools"]) == (0, 1)
    with pytest.raises(ForbiddenError):
        place.do(delivery, "acknowledge", "driver", portions_left=240, portions_eaten=0)
    said = {"portions_left": 200, "portions_eaten": 40, "spoke_with": "李老师"}
    place.do(delivery, "by_phone", "driver", **said)
    assert place.shown(delivery)["is_reached"] is True
    assert place.due(delivery, "recall") is None
    assert place.shown(batch)["schools_told"] == 1
    assert faults(lambda: place.do(delivery, "serve", "receiver")) >= {"batch"}
    place.do(batch, "discard", "officer", discarded_portions=200, way="销毁")
    assert place.row(batch).state == "discarded"


def test_a_recall_that_nobody_confirms_lapses_after_an_hour(place: Place) -> None:
    batch = place.released()
    place.do(batch, "recall", "officer", **REASON)
    place.wait(minutes=61)
    with pytest.raises(TakenError):
        place.ledger.confirm(Proposal.objects.get().id, place.by("director"))
    assert place.row(batch).state == "released"


def test_chilled_food_is_served_only_after_a_proved_reheating_at_the_school(place: Place) -> None:
    batch = place.released(keeping="chilled")
    delivery = place.deliver(batch)
    place.receive(delivery, core=6)
    assert faults(lambda: place.do(delivery, "serve", "receiver")) == {"reheat"}
    said = {"delivery": delivery, "at": place.now_us, "core": 69.9, "appliance": "microwave"}
    place.file("reheat", "receiver", said, place.school)
    assert faults(lambda: place.do(delivery, "serve", "receiver")) == {"reheat"}
    place.file("reheat", "receiver", {**said, "core": 70}, place.school)
    assert place.shown(delivery)["is_reached"] is False
    place.do(delivery, "serve", "receiver")
    assert place.shown(delivery)["is_reheated"] is True


def test_food_past_its_time_or_never_received_is_not_served(place: Place) -> None:
    batch = place.released()
    delivery = place.deliver(batch)
    assert faults(lambda: place.do(delivery, "serve", "receiver")) == {"receipt"}
    place.receive(delivery)
    place.clock.advance(hours=2)
    assert faults(lambda: place.do(delivery, "serve", "receiver")) == {"eat_by"}
    for who in ("stranger", "worker", "rival"):
        with pytest.raises(ForbiddenError):
            place.do(delivery, "serve", who)
    with pytest.raises(BadInputError):
        place.receive(delivery, portions=-1)


def test_chilled_food_not_proved_hot_by_its_time_opens_a_case_at_the_school(place: Place) -> None:
    batch = place.released(keeping="chilled")
    place.deliver(batch)
    place.wait(hours=25)
    assert place.school in {case.subject_id for case in place.cases("deviation")}


def test_deviation_is_put_right_with_what_became_of_the_food_and_verified_by_another(
    place: Place,
) -> None:
    batch = place.batch(core=60)
    place.wait(seconds=30)
    assert place.told() == {"officer", "worker"}, "first the kitchen, nobody else"
    place.wait(minutes=10)
    assert place.told() == {"director", "manager"}
    place.wait(minutes=10)
    assert place.told() == {"station"}, "the regulator, when nobody takes it"
    (case,) = place.cases("deviation")
    place.world.do("take", place.people["officer"], case.id)
    with pytest.raises(BadInputError):
        place.world.do("correct", place.people["officer"], case.id, text="已重新加热")
    place.check(batch, "cook", 78)
    said = {"disposition": "rework"}
    place.world.do("correct", place.people["officer"], case.id, fields=said, text="重新加热到 78℃")
    for who in ("officer", "stranger"):
        with pytest.raises(NotAllowedError):
            place.world.do("verify", place.people[who], case.id)
    place.world.do("verify", place.people["director"], case.id, text="查看记录属实")
    case.refresh_from_db()
    assert case.state == "closed"


def test_a_deviation_not_put_right_within_the_hour_is_told_to_the_regulator(place: Place) -> None:
    place.batch(core=60)
    place.wait(seconds=30)
    (case,) = place.cases("deviation")
    place.world.do("take", place.people["officer"], case.id)
    place.told()
    for _half in range(2):
        place.wait(minutes=20)
        place.world.do("progress", place.people["officer"], case.id)
    assert place.told().isdisjoint({"station", "regulator", "second"})
    place.wait(minutes=21)
    assert {"station"} <= place.told()
    case.refresh_from_db()
    assert case.level == 2
    act = CaseClock.objects.get(case_id=case.id, kind="act")
    assert act.due_us - case.opened_us == 3_600_000_000


def test_who_stopped_a_batch_does_not_alone_let_it_go_on(place: Place) -> None:
    batch = place.released()
    place.do(batch, "stop", "director")
    with pytest.raises(ForbiddenError):
        place.do(batch, "resume", "director", reason="看错了")
    assert place.row(batch).state == "held"
    place.do(batch, "resume", "manager", reason="复测 66℃")
    place.do(batch, "stop", "worker")
    place.do(batch, "resume", "manager", reason="再次复测 66℃")
    assert place.row(batch).state == "released"


def test_kitchen_does_not_end_an_order_of_the_supervision_office(place: Place) -> None:
    """Not by resuming, not as a deviation with two signatures, not after its own hold."""
    batch = place.released()
    delivery = place.deliver(batch)
    place.do(batch, "stop", "worker")
    with pytest.raises(TakenError):
        place.do(batch, "lift_order", "station", reason="复测")
    place.clock.advance(minutes=1)
    with pytest.raises(ForbiddenError):
        place.do(batch, "order_stop", "director")
    place.do(batch, "order_stop", "station")
    assert place.row(batch).state == "ordered"
    with pytest.raises(TakenError):
        place.do(batch, "resume", "manager", reason="复测 66℃")
    said = {"corrective": "复测", "reason": "复测 66℃"}
    with pytest.raises(TakenError):
        place.do(batch, "release_deviating", "officer", **said)
    with pytest.raises(ForbiddenError):
        place.do(batch, "lift_order", "manager", reason="复测 66℃")
    assert "batch" in faults(lambda: place.do(delivery, "serve", "receiver"))
    place.do(delivery, "acknowledge", "receiver", portions_left=240, portions_eaten=0)
    place.clock.advance(minutes=1)
    place.do(batch, "lift_order", "station", reason="复测合格")
    assert place.row(batch).state == "held", "the kitchen says itself that it serves again"
    assert place.shown(delivery)["is_reached"] is True
    place.do(batch, "resume", "manager", reason="复测 66℃")
    assert place.row(batch).state == "released"
    place.clock.advance(minutes=1)
    place.do(batch, "order_stop", "regulator")
    assert place.shown(delivery)["is_reached"] is False, "a new hold is told anew"
    with pytest.raises(TakenError):
        place.do(batch, "resume", "manager", reason="再测")


def test_a_batch_that_was_partly_eaten_is_recalled_and_what_was_eaten_is_counted(
    place: Place,
) -> None:
    """240 portions: 160 at one school of which 100 are eaten, 80 at another all eaten."""
    batch = place.released()
    first, second = place.deliver(batch, 160), place.deliver(batch, 80)
    for delivery, portions in ((first, 160), (second, 80)):
        place.arrive(delivery, portions=portions)
        place.do(delivery, "serve", "receiver")
    place.do(batch, "finish", "worker")
    assert place.shown(batch)["portions_eaten"] is None, "nobody counted"
    place.do(batch, "recall", "officer", **REASON)
    assert place.row(batch).state == "eaten"
    place.confirm("director")
    place.wait(minutes=1)
    assert {"receiver", "driver", "station"} <= place.told(), "served or not, they are told"
    too_many = {"portions_left": 61, "portions_eaten": 100}
    assert faults(lambda: place.do(first, "acknowledge", "receiver", **too_many)) == {
        "portions_eaten"
    }
    place.do(first, "acknowledge", "receiver", portions_left=70, portions_eaten=90)
    place.do(first, "acknowledge", "receiver", portions_left=60, portions_eaten=100)
    said = {"portions_left": 0, "portions_eaten": 80, "spoke_with": "李老师"}
    place.do(second, "by_phone", "driver", **said)
    shown = place.shown(batch)
    assert (shown["portions_eaten"], shown["portions_left"]) == (180, 60), "the newest counts"
    assert (shown["schools_told"], shown["schools"]) == (1, 1)
    less = {"way": "销毁", "discarded_portions": 241}
    assert faults(lambda: place.do(batch, "discard", "officer", **less)) == {"discarded_portions"}
    place.do(batch, "discard", "officer", way="销毁", discarded_portions=60)
