"""Call-outs over real accounts: a pressed key, a texted digit, a provider that is away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bihuan.base.time import SECOND_US, MovableClock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.loop.callout.acts import CallOuts, Order
from bihuan.loop.callout.models import CallOut, CallOutPerson
from bihuan.loop.callout.progress import finish
from bihuan.loop.callout.who import Whom
from bihuan.loop.delivery.acts import take_down
from bihuan.loop.models import Delivery
from bihuan.register.entries import Actor
from tests.county import Registrar
from tests.loop.delivery.carrier_house import CarrierHouse
from tests.loop.delivery.desk import BY, OFFICER, SECRETARY, Desk
from tests.loop.delivery.test_callbacks import reply, voice_report
from tests.rebuilt import differences

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]


@pytest.fixture
def house() -> Iterator[CarrierHouse]:
    made = CarrierHouse()
    yield made
    made.close()
    assert made.unexpected == []


@pytest.fixture
def desk(data: Path, key_file: Path, clock: MovableClock, house: CarrierHouse) -> Iterator[Desk]:
    made = Desk(clock, KeyRing(key_file), house)
    yield made
    made.close()


def ordered(desk: Desk, provider: str, channel: str) -> CallOut:
    """Secretary and officer are called by this provider only."""
    desk.account(provider)
    desk.only_by(channel)
    people = desk.people
    whom = Whom((people.town,), ("village_duty", "town_duty"))
    by = Actor(person_id=people.commander, role="county_command", via="page")
    identity = CallOuts(desk.clock, desk.keys).order(Order(whom, "立即转移"), by)
    desk.settle()
    desk.phones.take()
    return CallOut.objects.get(id=identity)


def row_of(desk: Desk, person: int) -> CallOutPerson:
    return CallOutPerson.objects.get(person_id=person)


def test_key_1_confirms_the_order_and_2_says_cannot(desk: Desk) -> None:
    ordered(desk, "aliyun_voice", "voice")
    for person, key in ((desk.people.secretary, "1"), (desk.people.town_officer, "2")):
        call = desk.call_of(person, "voice", "order")
        body = voice_report(desk, call, "200000", ring_time="2026", dtmf=key)
        for _time in range(2):
            assert desk.push("aliyun_voice", body).status == 200
    first, second = row_of(desk, desk.people.secretary), row_of(desk, desk.people.town_officer)
    assert (first.state, first.how) == ("confirmed", "key")
    assert second.state != "confirmed"
    assert second.reason in ("cannot", "declined")
    assert differences() == []


def test_texted_digit_confirms_the_order(desk: Desk) -> None:
    ordered(desk, "aliyun_sms", "sms")
    for _time in range(2):
        assert desk.push("aliyun_sms", reply(SECRETARY, "1")).status == 200
    assert desk.push("aliyun_sms", reply(OFFICER, "2", 2)).status == 200
    first, second = row_of(desk, desk.people.secretary), row_of(desk, desk.people.town_officer)
    assert (first.state, first.how) == ("confirmed", "sms")
    assert (second.state == "confirmed", second.reason) == (False, "declined")
    assert differences() == []


def test_reply_pushed_again_answers_no_later_order(desk: Desk) -> None:
    """Our 200 was lost, so the provider pushes it anew: by then another order waits for them."""
    first = ordered(desk, "aliyun_sms", "sms")
    assert desk.push("aliyun_sms", reply(SECRETARY, "1")).status == 200
    by = Actor(person_id=desk.people.commander, role="county_command", via="page")
    whom = Whom((desk.people.village,), ("village_duty",))
    other = CallOuts(desk.clock, desk.keys).order(Order(whom, "带好手电", event="dark"), by)
    desk.settle()
    desk.phones.take()
    rows = CallOutPerson.objects.filter(person_id=desk.people.secretary)
    assert desk.push("aliyun_sms", reply(SECRETARY, "1")).status == 200
    assert rows.get(call_out_id=first.id).state == "confirmed"
    assert rows.get(call_out_id=other).state != "confirmed"
    assert desk.push("aliyun_sms", reply(SECRETARY, "1", 2)).status == 200
    assert rows.get(call_out_id=other).state == "confirmed"
    assert differences() == []


def test_provider_away_for_300_s_calls_each_once_when_it_is_back(
    desk: Desk, house: CarrierHouse
) -> None:
    desk.account("aliyun_sms")
    desk.only_by("sms")
    house.close()
    ordered(desk, "aliyun_sms", "sms")
    desk.wait(seconds=300)
    calls = Delivery.objects.filter(purpose="order", channel="sms")
    assert calls.filter(attempted_us__isnull=False, state="accepted").count() == 0
    assert calls.filter(state="queued").count() == 2, "kept, and not queued again and again"
    assert differences() == []


def test_expected_finish_goes_by_lines_and_hold_time(desk: Desk) -> None:
    """11 lines, of which one stays free for SOS, 60 s a call. One call waits: 60 s. At worst two
    more follow, on lines of their own: 60 s. A channel without an account has no honest time.
    """
    desk.account("aliyun_voice", lines=11, hold_s=60)
    desk.is_dispatching = False
    people = desk.people
    with Appender(FACTS_LANE, desk.clock) as lane:
        new = Registrar(lane, desk.keys).person("郑一", "Zheng Yi", "voice")
    by = Actor(person_id=people.commander, role="county_command", via="page")
    order = Order(Whom((people.village,), (), ((new, people.village),)), "立即转移")
    identity = CallOuts(desk.clock, desk.keys).order(order, by)
    desk.settle()
    call_out, now_us = CallOut.objects.get(id=identity), desk.clock.now_us()
    said = finish(call_out, now_us)
    assert (said.queued, said.worst, said.mute) == (1, 3, ())
    assert (said.first_us, said.worst_us) == (now_us + 60 * SECOND_US, now_us + 60 * SECOND_US)
    take_down("aliyun_voice", "contract over", BY, desk.clock)
    assert (finish(call_out, now_us).first_us, finish(call_out, now_us).mute) == (None, ("voice",))
