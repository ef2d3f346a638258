"""A call-out: nobody is left out, nobody is called twice, nothing is lifted silently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from bihuan.base.errors import BadInputError
from bihuan.journal.rows import Rows
from bihuan.loop import answer
from bihuan.loop.act import ForbiddenError, TakenError
from bihuan.loop.callout.acts import Order, Words
from bihuan.loop.callout.models import CallOut, CallOutPerson
from bihuan.loop.callout.people import Door
from bihuan.loop.callout.progress import silent, tallies
from bihuan.loop.callout.who import Whom
from bihuan.loop.delivery.letters import said_by
from bihuan.loop.models import Delivery, DeliveryFact
from bihuan.register.entries import DutyAssigned
from tests.county import PHOTO
from tests.loop.callout.town import EN, ZH, Town
from tests.rebuilt import differences

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]


def orders(*people: int) -> Counter[tuple[int, str]]:
    return Counter((person, "order") for person in people)


def test_order_calls_each_person_once_however_many_posts(town: Town) -> None:
    call_out = town.order(town.villages())
    told = {(town.zhou, "superior"): 1}  # 吴静 cannot be called: her superior is told at once
    assert town.world.phones.take() == orders(town.li, town.zhao) + Counter(told)
    assert town.states(call_out) == {town.li: "calling", town.zhao: "calling", town.wu: "superior"}
    assert differences() == []


def test_order_calls_who_is_on_duty_before_who_is_in_post(town: Town) -> None:
    now_us = town.world.clock.now_us()
    town.world.add(
        DutyAssigned(
            person_id=town.stranger, role="village_duty", area_id=town.world.people.village,
            from_us=now_us, until_us=now_us + 3600 * 10**6,
        )
    )  # fmt: skip
    town.order()
    assert town.world.phones.take() == orders(town.stranger)


def test_confirmation_by_page_ends_the_calls(town: Town) -> None:
    call_out = town.order()
    town.world.phones.take()
    answer.confirm(town.message(town.li).id, town.li, town.world.clock, town.world.keys)
    answer.confirm(town.message(town.li).id, town.li, town.world.clock, town.world.keys)
    town.world.wait(hours=2)
    row = town.person(town.li)
    assert (row.state, row.how, row.tries) == ("confirmed", "page", 1)
    whole, _areas = tallies(call_out)
    assert (whole.total, whole.called, whole.confirmed, whole.on_behalf) == (1, 1, 1, 0)
    assert differences() == []


def test_confirmation_withdraws_the_call_that_still_waits(town: Town) -> None:
    town.order()
    town.world.phones.take()
    first = town.message(town.li)
    town.world.is_dispatching = False
    town.world.wait(seconds=100)
    assert town.message(town.li).state == "queued"
    answer.confirm(first.id, town.li, town.world.clock, town.world.keys)
    assert town.message(town.li).state == "withdrawn"


def test_silence_is_redialled_twice_then_told_then_knocked(town: Town) -> None:
    """Calls at 0, 100 and 200 s; the superior at 300 s, the door at 600 s, overdue at 2400 s."""
    town.order()
    assert town.world.phones.take() == orders(town.li)
    town.world.wait(seconds=99)
    assert town.world.phones.take() == {}
    town.world.wait(seconds=1)
    assert town.world.phones.take() == orders(town.li)
    town.world.wait(seconds=100)
    assert town.world.phones.take() == orders(town.li)
    town.world.wait(seconds=99)
    assert town.world.phones.take() == {}
    town.world.wait(seconds=1)
    assert town.world.phones.take() == {(town.zhou, "superior"): 1}
    assert town.person(town.li).state == "superior"
    town.world.wait(seconds=300)
    assert town.world.phones.take() == {(town.zhou, "knock"): 1}
    row = town.person(town.li)
    assert (row.state, row.reason, row.knocker_id) == ("knock", "no_answer", town.zhou)
    town.world.wait(seconds=1800)
    assert town.person(town.li).is_overdue
    assert differences() == []


def test_answered_without_a_key_is_reached_and_called_again(town: Town) -> None:
    town.order()
    answer.tell(town.message(town.li).id, town.li, "answered", town.world.clock)
    assert town.person(town.li).state == "reached"
    town.world.phones.take()
    town.world.wait(seconds=100)
    assert town.world.phones.take() == orders(town.li)


def test_cannot_goes_to_the_superior_without_more_calls(town: Town) -> None:
    town.order()
    answer.tell(town.message(town.li).id, town.li, "answered", town.world.clock)
    answer.tell(town.message(town.li).id, town.li, "declined", town.world.clock)
    town.world.phones.take()
    town.world.wait(seconds=100)
    assert town.person(town.li).reason == "cannot"
    assert town.world.phones.take() == {(town.zhou, "superior"): 1}


def test_late_answer_after_the_door_knock_counts(town: Town) -> None:
    town.order()
    town.world.wait(minutes=15)
    town.world.phones.take()
    assert town.person(town.li).state == "knock"
    answer.confirm(town.message(town.li).id, town.li, town.world.clock, town.world.keys)
    assert (town.person(town.li).state, town.person(town.li).is_overdue) == ("confirmed", False)


def test_every_non_answer_has_its_reason(town: Town) -> None:
    town.world.phones.how = {town.li: "off", town.zhao: "crash"}
    call_out = town.order(town.villages())
    town.world.wait(seconds=100)
    town.world.phones.take()
    found = CallOutPerson.objects.filter(call_out_id=call_out.id)
    assert dict(found.values_list("person_id", "reason")) == {
        town.li: "off", town.zhao: "unknown", town.wu: "unreachable",
    }  # fmt: skip


def test_longest_wait_stands_first_among_the_silent(town: Town) -> None:
    whom = town.villages(risk={town.upper: 9})
    call_out = town.order(whom)
    assert [one.person_id for one in silent(call_out)] == [town.zhao, town.li, town.wu]
    sent = [m.person_id for m in town.world.phones.unread if m.purpose == "order"]
    assert sent == [town.zhao, town.li], "the higher risk is called first"
    town.world.phones.take()


def test_on_behalf_is_counted_apart_with_whom_and_why(town: Town) -> None:
    call_out = town.order()
    town.world.phones.take()
    with pytest.raises(BadInputError, match="why"):
        town.answers.confirm_for(town.person(town.li).id, " ", town.of(town.zhou))
    town.answers.confirm_for(town.person(town.li).id, "在场，已知晓", town.of(town.zhou))
    row, (whole, _areas) = town.person(town.li), tallies(call_out)
    assert (row.state, row.behalf_by, whole.confirmed, whole.on_behalf) == (
        "on_behalf", town.zhou, 0, 1,
    )  # fmt: skip
    assert town.world.keys.open(row.behalf_why) == "在场，已知晓"
    with pytest.raises(TakenError):
        town.answers.confirm_for(row.id, "again", town.of(town.he))
    assert differences() == []


def test_read_back_needs_somebody_who_was_reached(town: Town) -> None:
    town.order()
    town.world.phones.take()
    row = town.person(town.li)
    with pytest.raises(BadInputError, match="reached"):
        town.answers.read_back(row.id, True, town.of(town.zhou))
    answer.confirm(town.message(town.li).id, town.li, town.world.clock, town.world.keys)
    town.answers.read_back(row.id, False, town.of(town.zhou))
    assert town.person(town.li).read_back is False


def test_door_knock_is_a_named_persons_task_with_a_photo(town: Town) -> None:
    town.order()
    town.world.phones.take()
    row = town.person(town.li)
    with pytest.raises(BadInputError, match="knocker"):
        town.answers.send(row.id, town.wu, town.commander)  # nobody can tell her
    town.answers.send(row.id, town.zhao, town.commander)
    town.world.settle()
    assert town.world.phones.take() == {(town.zhao, "knock"): 1}
    with pytest.raises(BadInputError, match="photo"):
        town.answers.knocked(row.id, Door(is_found=True), town.of(town.zhao))
    town.answers.knocked(row.id, Door(is_found=True, photo=PHOTO), town.of(town.zhao))
    row = town.person(town.li)
    assert (row.state, row.how, row.door_by, row.photo) == (
        "confirmed", "door", town.zhao, PHOTO.digest,
    )  # fmt: skip
    assert differences() == []


def test_stranger_orders_answers_and_lifts_nothing(town: Town) -> None:
    call_out = town.order()
    town.world.phones.take()
    who, row = town.of(town.stranger), town.person(town.li)
    acts: tuple[Callable[[], int], ...] = (
        lambda: town.acts.order(Order(town.village(), ZH), who),
        lambda: town.acts.order(Order(town.villages(), ZH), town.of(town.li)),
        lambda: town.acts.lift(call_out.id, Words("x", issuer="x"), who),
        lambda: town.acts.end(call_out.id, "x", who),
        lambda: town.answers.confirm_for(row.id, "x", who),
        lambda: town.answers.read_back(row.id, True, who),
        lambda: town.answers.send(row.id, town.zhao, who),
    )
    for act in acts:
        with pytest.raises(ForbiddenError):
            act()
    with pytest.raises(BadInputError):
        answer.confirm(town.message(town.li).id, town.stranger, town.world.clock, town.world.keys)
    assert (CallOut.objects.count(), town.person(town.li).state) == (1, "calling")


def test_same_click_twice_orders_once(town: Town) -> None:
    first, second = town.order(key="click"), town.order(key="click")
    assert first.id == second.id
    assert town.world.phones.take() == orders(town.li)


def test_order_for_a_running_event_supersedes_and_never_doubles(town: Town) -> None:
    old = town.order(event="rain", level="橙色", issuer="平湖气象台", severity="major")
    answer.confirm(town.message(town.li).id, town.li, town.world.clock, town.world.keys)
    town.world.phones.take()
    with pytest.raises(BadInputError, match="supersedes"):
        town.order(event="rain")
    new = town.order(event="rain", supersedes=old.id, level="红色", issuer="平湖气象台")
    assert town.world.phones.take() == orders(town.li), "who had confirmed is called anew"
    assert (town.get(old.id).state, town.get(old.id).superseded_by) == ("superseded", new.id)
    assert town.person(town.li, old).state == "confirmed"
    assert town.person(town.li, new).state == "calling"
    with pytest.raises(TakenError):
        town.acts.lift(old.id, Words("x", issuer="x"), town.commander)
    assert differences() == []


def test_superseded_messages_never_leave(town: Town) -> None:
    town.world.is_dispatching = False
    old = town.order(event="rain")
    town.order(event="rain", supersedes=old.id)
    assert (
        Delivery.objects.filter(case_id=town.person(town.li, old).id, state="queued").count() == 0
    )
    town.world.is_dispatching = True
    town.world.settle()
    assert town.world.phones.take() == orders(town.li)


def test_answer_to_a_superseded_order_is_none_to_the_new_one(town: Town) -> None:
    old = town.order(event="rain")
    message = town.message(town.li)
    new = town.order(event="rain", supersedes=old.id)
    town.world.phones.take()
    answer.confirm(message.id, town.li, town.world.clock, town.world.keys)
    assert town.person(town.li, old).state == "stopped"
    assert town.person(town.li, new).state == "calling"
    assert DeliveryFact.objects.filter(delivery_id=message.id, fact="confirmed").exists()


def test_lift_reaches_everybody_who_was_called_and_quotes_the_issuer(town: Town) -> None:
    call_out = town.order(town.villages())
    town.world.wait(minutes=6)
    town.world.phones.take()
    with pytest.raises(BadInputError) as told:
        town.acts.lift(call_out.id, Words(" "), town.commander)
    assert [fault.field for fault in told.value.faults] == ["zh", "issuer"]
    words = Words("暴雨红色预警信号解除", "Red rainstorm lifted", "平湖气象台")
    town.acts.lift(call_out.id, words, town.commander)
    town.world.wait(hours=1)
    assert town.world.phones.take() == {
        (town.li, "lift"): 1, (town.zhao, "lift"): 1, (town.zhou, "lift"): 1,
    }  # fmt: skip
    assert town.get(call_out.id).state == "lifted"
    assert not town.get(call_out.id).is_winding
    assert differences() == []


def test_end_stops_the_calls_and_lifts_nothing(town: Town) -> None:
    call_out = town.order()
    town.world.phones.take()
    town.acts.end(call_out.id, "误发", town.commander)
    town.world.wait(hours=1)
    assert town.world.phones.take() == {}
    assert town.person(town.li).state == "stopped"


def test_order_of_wrong_fields_names_each(town: Town) -> None:
    wrong = Order(
        Whom((town.world.people.village,), ("village_duty",), risk={1: 12}),
        zh=" ", en="see http://x.cn", level="红色", wakes=False,
    )  # fmt: skip
    with pytest.raises(BadInputError) as told:
        town.acts.order(wrong, town.commander)
    assert [fault.field for fault in told.value.faults] == ["en", "zh", "issuer", "wakes", "risk"]


def test_outage_of_300_s_loses_nothing_and_storms_nobody(town: Town) -> None:
    """Nobody sends for 299 s: each message then leaves once, and the calls begin."""
    town.world.is_dispatching = False
    town.order(town.villages())
    town.world.wait(seconds=299)
    town.world.is_dispatching = True
    town.world.settle()
    assert town.world.phones.take() == {
        (town.li, "order"): 1, (town.zhao, "order"): 1, (town.zhou, "superior"): 1,
    }  # fmt: skip
    town.world.wait(seconds=98)
    assert town.world.phones.take() == {(town.zhou, "knock"): 1}  # 吴静, told of at 0 s
    town.world.wait(seconds=2)
    assert town.world.phones.take() == orders(town.li, town.zhao)


def test_nobody_confirms_on_their_own_behalf(town: Town) -> None:
    town.order(Whom((town.world.people.town,), ("town_duty",)))
    assert town.world.phones.take() == orders(town.zhou)
    with pytest.raises(BadInputError, match="by"):
        town.answers.confirm_for(town.person(town.zhou).id, "x", town.of(town.zhou))


def test_drill_waits_behind_the_living_and_rings_only_as_asked(town: Town) -> None:
    silent_drill = town.order(mode="drill", wakes=False, event="drill")
    assert town.world.phones.take() == {}
    assert town.person(town.li).reason == "quiet"
    town.acts.end(silent_drill.id, "演练完", town.commander)
    town.world.is_dispatching = False
    town.order(mode="drill", event="rain")
    live = town.order(event="rain")  # the drill of an event never stands in the way of the event
    town.world.is_dispatching = True
    town.world.settle()
    assert town.world.phones.take() == orders(town.li) + orders(town.li)
    assert Delivery.objects.filter(purpose="order").order_by("attempted_us", "priority")[
        0
    ].case_id == (town.person(town.li, live).id)


def test_killed_engine_goes_on_where_it_was(town: Town) -> None:
    """A part of the list and its offset commit together: a new engine queues the rest, once."""
    identity = town.acts.order(Order(town.villages(), ZH), town.commander)
    town.world.engine.run_once()
    town.world.use_clock(town.world.clock)
    town.world.settle()
    assert town.world.phones.take()[town.li, "order"] == 1
    assert tallies(town.get(identity))[0].total == 3
    assert differences() == []


def test_sos_overtakes_a_queued_call_out(town: Town) -> None:
    town.world.is_dispatching = False
    town.order(town.villages())
    town.world.press()
    town.world.settle()
    town.world.is_dispatching = True
    town.world.settle()
    sent = [m.purpose for m in town.world.phones.unread]
    assert sent[:2] == ["call", "call"]
    assert sent[2:].count("order") == 2
    town.world.phones.take()


def test_order_texts_have_the_instruction_in_both_languages(town: Town) -> None:
    call_out = town.order(level="暴雨红色预警信号", issuer="平湖气象台", mode="drill")
    town.world.phones.take()
    message, rows = town.message(town.li), Rows("default")
    zh = said_by(rows, message, town.world.keys, is_english=False)
    en = said_by(rows, message, town.world.keys, is_english=True)
    assert zh.text.startswith("【演练】")
    assert f"平湖气象台暴雨红色预警信号。{ZH}。" in zh.text
    assert en.text.startswith("[DRILL] ")
    assert EN in en.text
    assert call_out.mode == "drill"
