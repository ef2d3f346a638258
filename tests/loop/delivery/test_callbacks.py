"""Receipts, pressed keys and replies become facts once; the unknown is kept as refused."""

from __future__ import annotations

import hashlib
import json
import threading

import pytest

from bihuan.base.time import SECOND_US
from bihuan.loop.delivery.acts import Wanted, set_up, take_down
from bihuan.loop.delivery.models import RefusedCallback
from bihuan.loop.models import Delivery
from bihuan.loop.providers.provider import Secret
from bihuan.loop.providers.webhook import signature
from bihuan.register.models import Reach
from bihuan.register.numbers.models import NumberRang
from tests.loop.delivery.carrier_house import CarrierHouse
from tests.loop.delivery.desk import BY, DAUGHTER, SECRETARY, Desk
from tests.rebuilt import differences

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]
SHARED = "shared-secret-of-thirty-two-characters"


def called(desk: Desk, provider: str, channel: str) -> Delivery:
    """The secretary's call, which the provider has taken."""
    desk.account(provider)
    desk.only_by(channel)
    desk.press()
    desk.settle()
    return desk.call_of(desk.people.secretary, channel)


def sms_report(desk: Desk, call: Delivery, *, success: bool = True) -> str:
    row = {"phone_number": SECRETARY, "success": success, "err_code": "DELIVERED"}
    return json.dumps([{**row, "biz_id": desk.reference(call), "out_id": ""}])


def voice_report(desk: Desk, call: Delivery, status: str, **more: str) -> str:
    return json.dumps([{"call_id": desk.reference(call), "status_code": status, **more}])


def reply(number: str, text: str, n: int = 1) -> str:
    return json.dumps([{"phone_number": number, "content": text, "sequence_id": n}])


def test_receipt_becomes_a_fact_once(desk: Desk) -> None:
    call = called(desk, "aliyun_sms", "sms")
    body = sms_report(desk, call)
    for _time in range(3):
        answer = desk.push("aliyun_sms", body)
        assert (answer.status, json.loads(answer.body)["code"]) == (200, 0)
    assert desk.facts(call) == ["accepted", "delivered"]
    assert differences() == []


def test_push_to_a_wrong_address_is_not_found_and_leaves_nothing(desk: Desk) -> None:
    call = called(desk, "aliyun_sms", "sms")
    before = desk.position
    body = sms_report(desk, call)
    assert desk.push("aliyun_sms", body, token="guessed").status == 404
    assert desk.push("aliyun_sms", body, token="").status == 404
    assert desk.position == before


def test_push_that_cannot_be_read_is_kept_once_as_refused(desk: Desk) -> None:
    called(desk, "aliyun_sms", "sms")
    for _time in range(2):
        assert desk.push("aliyun_sms", "<xml>").status == 400
    assert RefusedCallback.objects.count() == 1


def test_receipt_of_an_unknown_message_is_kept_once_as_refused(desk: Desk) -> None:
    call = called(desk, "aliyun_sms", "sms")
    body = json.dumps([{"biz_id": "another", "success": True}])
    for _time in range(2):
        assert desk.push("aliyun_sms", body).status == 200
    assert RefusedCallback.objects.get().key == "aliyun_sms another"
    assert desk.facts(call) == ["accepted"]
    assert differences() == []


def test_receipt_that_was_faster_than_our_own_record_is_taken_up(
    desk: Desk, house: CarrierHouse
) -> None:
    """The provider pushes before its answer to the sending has been recorded here."""
    desk.account("aliyun_sms")
    desk.only_by("sms")
    desk.press()
    desk.engine.run_once()
    desk.dispatcher.run_once()
    threading.Event().wait(0.3)  # the provider has answered; nobody has looked yet
    for n in (1, 2):
        row = [{"biz_id": f"aliyun-{n}", "success": True, "err_code": "DELIVERED"}]
        assert desk.push("aliyun_sms", json.dumps(row)).status == 200
    desk.settle()
    assert desk.facts(desk.call_of(desk.people.secretary)) == ["accepted", "delivered"]
    assert differences() == []


def test_key_1_takes_the_case(desk: Desk) -> None:
    call = called(desk, "aliyun_voice", "voice")
    body = voice_report(desk, call, "200000", ring_time="2026", dtmf="1")
    for _time in range(2):
        assert desk.push("aliyun_voice", body).status == 200
    assert desk.facts(call) == ["accepted", "delivered", "answered", "heard", "confirmed"]
    assert (desk.case.state, desk.case.owner_id) == ("in_progress", desk.people.secretary)
    assert desk.happened().count("taken") == 1
    assert differences() == []


def test_key_2_declines_and_the_case_waits(desk: Desk) -> None:
    call = called(desk, "aliyun_voice", "voice")
    desk.push("aliyun_voice", voice_report(desk, call, "300000", dtmf="2"))
    assert desk.facts(call)[1:] == ["declined", "declined"]
    assert desk.case.state == "awaiting_answer"


def test_key_pressed_after_somebody_was_faster_stands_and_changes_nothing(desk: Desk) -> None:
    call = called(desk, "aliyun_voice", "voice")
    desk.do("take", desk.people.commander)
    assert desk.push("aliyun_voice", voice_report(desk, call, "300000", dtmf="1")).status == 200
    assert "confirmed" in desk.facts(call)
    assert desk.case.owner_id == desk.people.commander


def test_key_pressed_after_it_rang_out_takes_the_case(desk: Desk) -> None:
    """Late, within the case's open time: no answer first, then the person calls back in."""
    call = called(desk, "aliyun_voice", "voice")
    desk.push("aliyun_voice", voice_report(desk, call, "200003", ring_time="1"))
    desk.wait(seconds=100)
    desk.push("aliyun_voice", voice_report(desk, call, "300000", dtmf="1"))
    assert desk.case.owner_id == desk.people.secretary


def test_number_that_rang_is_known_and_who_only_got_a_text_is_not(desk: Desk) -> None:
    call = called(desk, "aliyun_voice", "voice")
    desk.push("aliyun_voice", voice_report(desk, call, "200010"))
    assert not NumberRang.objects.exists()
    desk.push("aliyun_voice", voice_report(desk, call, "200003", ring_time="1"))
    rang = NumberRang.objects.get()
    assert rang.id == Reach.objects.get(person_id=desk.people.secretary, channel="voice").id
    assert (rang.person_id, rang.answered_us) == (desk.people.secretary, None)
    desk.wall.advance(seconds=5)
    desk.push("aliyun_voice", voice_report(desk, call, "200001"))
    assert NumberRang.objects.get().answered_us == desk.clock.now_us()
    assert differences() == []


def test_call_without_any_word_becomes_unknown_after_15_minutes(desk: Desk) -> None:
    call = called(desk, "aliyun_voice", "voice")
    desk.wall.advance(minutes=16)
    desk.settle()
    assert desk.facts(call) == ["accepted", "unknown"]
    desk.wall.advance(minutes=16)
    desk.settle()
    assert desk.facts(call) == ["accepted", "unknown"]


def test_provider_is_asked_what_became_of_a_call(desk: Desk, house: CarrierHouse) -> None:
    call = called(desk, "aliyun_voice", "voice")
    data = json.dumps({"state": "200010"})
    house.details[desk.reference(call)] = json.dumps({"Code": "OK", "Data": data})
    desk.wall.advance(seconds=14)
    desk.settle()
    assert desk.facts(call) == ["accepted"]
    desk.wall.advance(seconds=3)
    desk.settle()
    desk.settle()
    assert desk.facts(call) == ["accepted", "off"]


@pytest.mark.parametrize("text", ["1", " １ ", "1。"])
def test_reply_1_takes_the_case(desk: Desk, text: str) -> None:
    call = called(desk, "aliyun_sms", "sms")
    for _time in range(2):
        assert desk.push("aliyun_sms", reply(SECRETARY, text)).status == 200
    assert desk.facts(call) == ["accepted", "confirmed"]
    assert desk.case.owner_id == desk.people.secretary


def test_reply_in_words_is_an_answer_and_takes_nothing(desk: Desk) -> None:
    call = called(desk, "aliyun_sms", "sms")
    desk.push("aliyun_sms", reply(SECRETARY, "什么事 11"))
    assert desk.facts(call) == ["accepted", "answered"]
    assert desk.case.state == "awaiting_answer"


def test_reply_of_a_stranger_is_kept_masked_and_changes_nothing(desk: Desk) -> None:
    called(desk, "aliyun_sms", "sms")
    for _time in range(2):
        desk.push("aliyun_sms", reply("13912345678", "1"))
    assert desk.case.state == "awaiting_answer"
    kept = RefusedCallback.objects.get()
    assert "13912345678" not in kept.reason
    assert "139••••5678" in kept.reason


def test_reply_answers_the_question_whether_it_is_solved(desk: Desk) -> None:
    called(desk, "aliyun_sms", "sms")
    desk.do("take", desk.people.secretary)
    desk.do("report", desk.people.secretary)
    desk.settle()
    assert desk.call_of(desk.people.daughter, purpose="ask").state == "accepted"
    desk.push("aliyun_sms", reply(DAUGHTER, "2", 8))
    assert (desk.case.state, desk.case.refusals) == ("in_progress", 1)
    desk.do("report", desk.people.secretary)
    desk.settle()
    desk.push("aliyun_sms", reply(DAUGHTER, "1", 9))
    assert (desk.case.state, desk.case.outcome) == ("closed", "confirmed")
    assert differences() == []


def test_tencent_receipt_and_reply_in_their_documented_bodies(desk: Desk) -> None:
    call = called(desk, "tencent_sms", "sms")
    row = {"report_status": "SUCCESS", "errmsg": "DELIVRD", "sid": desk.reference(call)}
    answer = desk.push("tencent_sms", json.dumps([row]))
    assert json.loads(answer.body) == {"result": 0, "errmsg": "OK"}
    body = {"extend": "", "mobile": SECRETARY, "nationcode": "86", "text": "1", "time": 1457336869}
    for _time in range(2):
        desk.push("tencent_sms", json.dumps({**body, "sign": "青禾县"}))
    assert desk.facts(call) == ["accepted", "delivered", "confirmed"]
    assert desk.case.owner_id == desk.people.secretary


def test_webhook_push_is_taken_only_with_its_signature(desk: Desk) -> None:
    wanted = Wanted("hook", "webhook", {"url": f"{desk.house.url}/in"}, {"secret": SHARED})
    set_up(wanted, BY, desk.clock)
    body = b'{"message": "bh1", "fact": "delivered"}'
    good = signature(Secret(SHARED), "id-1", body, desk.clock.now_us())
    headers = {"bihuan-id": "id-1", "bihuan-signature": good}
    assert desk.push("hook", body, headers=headers).status == 200
    assert RefusedCallback.objects.count() == 1  # of a message that is not known
    before = desk.position
    assert desk.push("hook", body, headers=headers).status == 200
    for wrong in (
        {},
        {**headers, "bihuan-id": "id-2"},
        {**headers, "bihuan-signature": "t=1,v1=0"},
    ):
        assert desk.push("hook", body, headers=wrong).status == 403
    old = signature(Secret(SHARED), "id-1", body, desk.clock.now_us() - 301 * SECOND_US)
    assert desk.push("hook", body, headers={**headers, "bihuan-signature": old}).status == 403
    assert desk.position == before


def test_wechat_push_is_taken_only_with_its_signature(desk: Desk) -> None:
    fields = {"app_id": "wx", "template_id": "t", "endpoint": desk.house.url}
    secrets = {"app_secret": "s" * 32, "callback_token": "tok"}
    set_up(Wanted("wx", "wechat", fields, secrets), BY, desk.clock)
    digest = hashlib.sha1(b"1395658920noncetok").hexdigest()
    query = {"signature": digest, "timestamp": "1395658920", "nonce": "nonce", "echostr": "hello"}
    proved = desk.push("wx", "", query=query)
    assert (proved.status, proved.body, proved.media_type) == (200, "hello", "text/plain")
    assert desk.push("wx", "", query={**query, "signature": "0" * 40}).status == 403
    assert desk.push("wx", "<xml/>", query={"signature": "x"}).status == 403


def test_account_taken_down_still_gets_its_receipts(desk: Desk) -> None:
    call = called(desk, "aliyun_sms", "sms")
    take_down("aliyun_sms", "the contract is over", BY, desk.clock)
    desk.push("aliyun_sms", sms_report(desk, call))
    assert desk.facts(call) == ["accepted", "delivered"]
