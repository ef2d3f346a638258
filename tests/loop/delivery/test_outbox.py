"""The outbox: priorities, rates, lines, throttles, failover, outages, kills. Nothing is lost."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from bihuan.loop.delivery.models import Sending
from bihuan.loop.delivery.outcomes import MOST_THROTTLES
from bihuan.loop.dispatch import LEASE_US
from bihuan.loop.models import Delivery
from tests.loop.delivery.carrier_house import CarrierHouse, Got
from tests.loop.delivery.desk import DAUGHTER, OFFICER, SECRETARY, Desk, rate
from tests.rebuilt import differences

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]


def states(channel: str = "sms") -> Counter[str]:
    return Counter(Delivery.objects.filter(channel=channel).values_list("state", flat=True))


def test_message_that_a_provider_took_is_accepted_and_no_more(
    desk: Desk, house: CarrierHouse
) -> None:
    desk.account("aliyun_sms")
    desk.only_by("sms")
    desk.press()
    desk.settle()
    assert sorted(house.numbers()) == [DAUGHTER, SECRETARY]
    call = desk.call_of(desk.people.secretary)
    assert (call.state, desk.facts(call)) == ("accepted", ["accepted"])
    assert desk.reference(call).startswith("aliyun-")
    assert house.got[0].params == {"what": "呼救", "who": "王桂兰", "place": "柳溪村"}
    assert differences() == []


def test_sos_overtakes_ten_thousand_messages_queued_and_taken(
    desk: Desk, house: CarrierHouse
) -> None:
    """Four lines, one of them kept for calls: three ordinary messages are on their way, the first
    call takes the fourth line, the second leaves with the next turn of four.
    """
    desk.account("aliyun_sms", lines=4)
    desk.only_by("sms")
    desk.questions(10_000)
    desk.restart(patience_s=60)  # however slow the machine is: nothing here times out
    house.gate = threading.Event()
    desk.dispatcher.run_once()
    desk.press()
    desk.engine.run_once()
    desk.dispatcher.run_once()
    house.gate.set()  # until here not one of the four was answered
    desk.dispatcher.settle(60)
    desk.dispatcher.run_once()
    desk.dispatcher.settle(60)
    numbers = house.numbers()
    assert len(numbers) <= 8
    assert {DAUGHTER, SECRETARY} <= set(numbers)
    assert len({DAUGHTER, SECRETARY} & set(numbers[:4])) == 1
    assert states()["queued"] > 9_980


def test_account_rate_is_never_exceeded(desk: Desk, house: CarrierHouse) -> None:
    """5 in any 2 s: five at once, none a second later, five more after two."""
    desk.account("aliyun_sms", rates=(rate(5, 2), rate(12, 60)), lines=50)
    desk.questions(30, addresses=30)
    desk.settle()
    assert len(house.got) == 5
    desk.wall.advance(seconds=1)
    desk.settle()
    assert len(house.got) == 5
    desk.wall.advance(seconds=1)
    desk.settle()
    assert len(house.got) == 10
    desk.wall.advance(seconds=2)
    desk.settle()
    assert len(house.got) == 12  # the minute's own limit
    desk.wall.advance(seconds=60)
    desk.settle()
    assert len(house.got) == 17


def test_account_lines_hold_calls_until_one_has_ended(desk: Desk, house: CarrierHouse) -> None:
    desk.account("aliyun_voice", lines=1, hold_s=60, wakes=True)
    desk.only_by("voice")
    desk.press()
    desk.settle()
    assert len(house.got) == 1
    first = next(d for d in desk.deliveries() if d.state == "accepted")
    body = f'[{{"call_id":"{desk.reference(first)}","status_code":"200003","ring_time":"1"}}]'
    assert desk.push("aliyun_voice", body).status == 200
    desk.settle()
    assert sorted(house.numbers()) == [DAUGHTER, SECRETARY]


def test_account_line_is_free_again_where_the_end_is_never_told(
    desk: Desk, house: CarrierHouse
) -> None:
    desk.account("aliyun_voice", lines=1, hold_s=90)
    desk.only_by("voice")
    desk.press()
    desk.settle()
    desk.wall.advance(seconds=89)
    desk.settle()
    assert len(house.got) == 1
    desk.wall.advance(seconds=2)
    desk.settle()
    assert len(house.got) == 2


def test_throttle_puts_a_message_back_and_is_no_failure(desk: Desk, house: CarrierHouse) -> None:
    answers = {SECRETARY: iter(["throttle", "throttle", "ok"])}
    house.says = lambda got: next(answers.get(got.number, iter(["ok"])))
    desk.account("aliyun_sms")
    desk.only_by("sms")
    desk.press()
    desk.settle()
    call = desk.call_of(desk.people.secretary)
    assert (call.state, desk.facts(call)) == ("queued", [])
    assert Sending.objects.get(id=call.id).throttles == 1
    desk.wall.advance(seconds=11)
    desk.settle()
    desk.wall.advance(seconds=21)
    desk.settle()
    assert desk.facts(call) == ["accepted"]
    assert house.numbers().count(SECRETARY) == 3
    assert desk.types("delivery.put_back.v1").count("delivery.put_back.v1") == 2
    assert differences() == []


def test_throttle_without_end_ends_with_its_reason(desk: Desk, house: CarrierHouse) -> None:
    house.says = lambda got: "throttle" if got.number == SECRETARY else "ok"
    desk.account("aliyun_sms")
    desk.only_by("sms")
    desk.press()
    desk.settle()
    call = desk.call_of(desk.people.secretary)
    for _time in range(MOST_THROTTLES):
        desk.wall.advance(seconds=121)
        desk.dispatcher.run_once()
        desk.dispatcher.settle(5)
    assert desk.facts(call) == ["failed"]
    assert house.numbers().count(SECRETARY) == MOST_THROTTLES + 1


def test_throttled_message_goes_by_another_account_at_once(desk: Desk, house: CarrierHouse) -> None:
    house.says = lambda got: "throttle" if got.provider == "aliyun" else "ok"
    desk.account("aliyun_sms", rank=0)
    desk.account("tencent_sms", rank=1)
    desk.only_by("sms")
    desk.press()
    desk.settle()
    call = desk.call_of(desk.people.secretary)
    assert desk.facts(call) == ["accepted"]
    assert Sending.objects.get(id=call.id).account == "tencent_sms"


def test_account_without_balance_hands_over_and_says_so(desk: Desk, house: CarrierHouse) -> None:
    house.says = lambda got: "balance" if got.provider == "aliyun" else "ok"
    desk.account("aliyun_sms", rank=0)
    desk.account("tencent_sms", rank=1)
    desk.only_by("sms")
    desk.press()
    desk.settle()
    call = desk.call_of(desk.people.secretary)
    assert desk.facts(call) == ["accepted"]
    sending = Sending.objects.get(id=call.id)
    assert (sending.account, sending.tried) == ("tencent_sms", ",aliyun_sms,")
    assert house.got[-1].params == ["呼救", "王桂兰", "柳溪村"]
    assert differences() == []


def test_message_that_every_account_refuses_fails_with_its_reason(
    desk: Desk, house: CarrierHouse
) -> None:
    house.says = lambda _got: "balance"
    desk.account("aliyun_sms", rank=0)
    desk.account("tencent_sms", rank=1)
    desk.only_by("sms")
    desk.press()
    desk.wait(seconds=61)
    call = desk.call_of(desk.people.secretary)
    assert (call.state, desk.facts(call)) == ("failed", ["failed"])


def test_wrong_number_is_not_tried_at_another_account(desk: Desk, house: CarrierHouse) -> None:
    house.says = lambda _got: "number"
    desk.account("aliyun_sms", rank=0)
    desk.account("tencent_sms", rank=1)
    desk.only_by("sms")
    desk.press()
    desk.settle()
    assert {got.provider for got in house.got} == {"aliyun"}
    assert desk.facts(desk.call_of(desk.people.secretary)) == ["failed"]


def test_garbage_leaves_the_message_unknown_and_it_is_not_sent_again(
    desk: Desk, house: CarrierHouse
) -> None:
    house.says = lambda _got: "garbage"
    desk.account("aliyun_sms", rank=0)
    desk.account("tencent_sms", rank=1)
    desk.only_by("sms")
    house.says = lambda got: "garbage" if got.provider == "aliyun" else "ok"
    desk.press()
    desk.settle()
    assert states()["unknown"] == 2
    assert len(house.got) == 2


def test_outage_of_300_s_loses_nothing_and_brings_no_storm(desk: Desk, house: CarrierHouse) -> None:
    """Steps of 180 s: two are called in 300 s. A probe now and then, each message once after it."""
    desk.account("aliyun_sms", rates=(rate(10, 1),))
    desk.only_by("sms")
    house.close()
    desk.press()
    before = desk.position
    for _second in range(100):
        desk.wait(seconds=3)
    assert house.got == []
    assert states()["queued"] == 3
    assert desk.position - before < 60
    house.open()
    desk.wait(seconds=61)
    assert sorted(house.numbers()) == sorted([DAUGHTER, SECRETARY, OFFICER])
    assert states()["accepted"] == 3
    assert differences() == []


def test_outage_of_one_account_is_over_when_another_takes_it(
    desk: Desk, house: CarrierHouse
) -> None:
    desk.account(
        "aliyun_sms",
        rank=0,
        fields={"sign_name": "青", "template_code": "S", "endpoint": "http://127.0.0.1:9"},
    )
    desk.account("tencent_sms", rank=1)
    desk.only_by("sms")
    desk.press()
    desk.settle()
    assert {got.provider for got in house.got} == {"tencent"}
    assert states()["accepted"] == 2


def test_long_outage_calls_nobody_twice_for_one_need(desk: Desk, house: CarrierHouse) -> None:
    """The last step is called again every 300 s; after two hours each is written to once."""
    desk.account("aliyun_sms")
    desk.only_by("sms")
    desk.address(desk.people.commander, "sms", "13800004444")
    house.close()
    desk.press()
    for _time in range(24):
        desk.wait(seconds=300)
    house.open()
    desk.wait(seconds=61)
    assert max(Counter(house.numbers()).values()) == 1
    assert states()["withdrawn"] > 10


def test_dispatcher_killed_while_messages_are_on_their_way_leaves_unknown(
    desk: Desk, house: CarrierHouse
) -> None:
    desk.account("aliyun_sms")
    desk.only_by("sms")
    house.seconds = 0.2
    desk.press()
    desk.engine.run_once()
    desk.dispatcher.run_once()  # and it is killed here
    other = desk.restart("dispatcher-2")
    assert other.recover() == 0
    desk.wall.advance(microseconds=LEASE_US + 1)
    assert other.recover() == 2
    assert states()["unknown"] == 2
    other.run_once()
    other.settle(5)
    threading.Event().wait(0.3)  # what had left arrives at the provider
    assert sorted(house.numbers()) == [DAUGHTER, SECRETARY]


def test_dispatcher_does_not_give_up_what_it_is_sending(desk: Desk, house: CarrierHouse) -> None:
    desk.account("aliyun_sms")
    desk.only_by("sms")
    house.seconds = 0.2
    desk.press()
    desk.engine.run_once()
    desk.dispatcher.run_once()
    desk.wall.advance(microseconds=LEASE_US + 1)
    assert desk.dispatcher.recover() == 0
    desk.dispatcher.settle(5)
    assert states()["accepted"] == 2


def test_a_hundred_slow_messages_do_not_wait_for_each_other(
    desk: Desk, house: CarrierHouse
) -> None:
    """16 at a time, the other eight workers are for calls; one after the other would be 1."""
    desk.account("aliyun_sms", lines=100)
    desk.questions(100, addresses=100)
    house.seconds = 0.2
    desk.settle()
    assert len(house.got) == 100
    assert states()["accepted"] == 100
    assert 8 < house.most_at_once <= 16


def test_calls_taken_back_while_throttled_are_not_sent(desk: Desk, house: CarrierHouse) -> None:
    house.says = lambda got: "throttle" if got.number == SECRETARY else "ok"
    desk.account("aliyun_sms")
    desk.only_by("sms")
    desk.press()
    desk.settle()
    desk.do("take", desk.people.commander)
    house.says = lambda _got: "ok"
    desk.wait(seconds=60)
    assert desk.call_of(desk.people.secretary).state == "withdrawn"
    assert house.numbers().count(SECRETARY) == 1


def test_call_throttled_after_somebody_took_the_case_is_withdrawn(
    desk: Desk, house: CarrierHouse
) -> None:
    """While it was on its way nobody could withdraw it."""
    house.says, house.seconds = (lambda _got: "throttle"), 0.2
    desk.account("aliyun_sms")
    desk.only_by("sms")
    desk.press()
    desk.engine.run_once()
    desk.dispatcher.run_once()
    desk.do("take", desk.people.commander)
    desk.dispatcher.settle(5)
    assert states() == {"withdrawn": 2}
    assert differences() == []


def test_template_of_a_purpose_is_used_for_it(desk: Desk, house: CarrierHouse) -> None:
    desk.account("aliyun_sms", templates={"ask": "SMS_ASK"}, params=("what",))
    desk.only_by("sms")
    desk.questions(1)
    desk.press()
    desk.settle()
    found: dict[str, Got] = {got.number: got for got in house.got}
    assert found["13900000000"].template == "SMS_ASK"
    assert found[SECRETARY].template == "SMS_1"
    assert found[SECRETARY].params == {"what": "呼救"}


def test_person_without_an_address_there_is_a_failure_with_its_reason(
    desk: Desk, house: CarrierHouse
) -> None:
    desk.account("aliyun_sms")
    desk.questions(1, addresses=0)
    desk.settle()
    assert states() == {"failed": 1}
    assert house.got == []
