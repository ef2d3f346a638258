"""What providers say later: callbacks and polls become facts, and never more than was said."""

from __future__ import annotations

import hashlib
import json

import pytest

from bihuan.base.errors import BadInputError
from bihuan.loop.providers import aliyun_sms, tencent_sms
from bihuan.loop.providers.aliyun_voice import AliyunVoice
from bihuan.loop.providers.dingtalk import DingTalkNotice
from bihuan.loop.providers.feishu import Feishu
from bihuan.loop.providers.provider import Reply, Report, Secret
from bihuan.loop.providers.tencent_voice import TencentVoice
from bihuan.loop.providers.wechat import WeChatTemplate, read_event
from tests.loop.providers.bodies import ALI, SECRET, TENCENT

ALIYUN_VOICE = AliyunVoice(ALI, "TTS_1")
TENCENT_VOICE = TencentVoice(TENCENT, "1400006666", "4356")


def facts(report: Report) -> list[str]:
    return [one.fact for one in report.told]


def test_aliyun_sms_receipt_tells_delivered_or_failed() -> None:
    """help.aliyun.com SmsReport, with a second row that failed."""
    rows = [
        {
            "phone_number": "13811110000",
            "send_time": "2017-01-01 00:00:00",
            "report_time": "2017-01-01 00:00:00",
            "success": True,
            "err_code": "DELIVERED",
            "err_msg": "用户接收成功",
            "sms_size": "1",
            "biz_id": "12345^0",
            "out_id": "bh7",
        },
        {"phone_number": "1", "success": False, "err_code": "MK:0001", "biz_id": "12346^0"},
        {"phone_number": "1", "err_code": "", "biz_id": "12347^0"},
    ]
    reports = aliyun_sms.read_receipts(json.dumps(rows).encode())
    assert [(one.reference, facts(one)) for one in reports] == [
        ("12345^0", ["delivered"]),
        ("12346^0", ["failed"]),
        ("12347^0", ["unknown"]),
    ]
    assert "13811110000" not in repr(reports)
    assert "MK:0001" in reports[1].told[0].evidence


def test_tencent_sms_receipt_tells_delivered_or_failed() -> None:
    """tencentcloud.com api/382/43547, and a row that failed."""
    body = (
        '[{"user_receive_time":"2015-10-17 08:03:04","nationcode":"86","mobile":"13800001111",'
        '"report_status":"SUCCESS","errmsg":"DELIVRD","description":"用户短信送达成功","sid":"s1"},'
        '{"report_status":"FAIL","errmsg":"UNDELIV","sid":"s2"}]'
    )
    reports = tencent_sms.read_receipts(body.encode())
    assert [(one.reference, facts(one)) for one in reports] == [
        ("s1", ["delivered"]),
        ("s2", ["failed"]),
    ]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("200000", ["answered", "heard"]),
        ("200001", ["answered"]),
        ("200002", ["no_answer"]),
        ("200003", ["no_answer"]),
        ("200004", ["failed"]),
        ("200005", ["no_answer"]),
        ("200007", ["failed"]),
        ("200008", ["answered"]),
        ("200010", ["off"]),
        ("200011", ["failed"]),
        ("200121", ["failed"]),
        ("299999", ["unknown"]),
    ],
)
def test_aliyun_voice_receipt_tells_the_state(state: str, expected: list[str]) -> None:
    row = {"call_id": "100^1", "status_code": state, "ring_time": "", "dtmf": ""}
    (report,) = ALIYUN_VOICE.read_receipts(json.dumps([row]).encode())
    assert (report.reference, facts(report)) == ("100^1", expected)


def test_aliyun_voice_receipt_tells_ringing_and_the_key() -> None:
    row = {
        "call_id": "100^1",
        "ring_time": "2020-05-01 10:00:03",
        "status_code": "200000",
        "dtmf": "1",
    }
    (report,) = ALIYUN_VOICE.read_receipts(json.dumps([row]).encode())
    assert facts(report) == ["delivered", "answered", "heard", "confirmed"]
    (other,) = ALIYUN_VOICE.read_receipts(json.dumps([{**row, "dtmf": "9"}]).encode())
    assert "confirmed" not in facts(other)


def test_aliyun_voice_key_comes_while_the_call_goes_on() -> None:
    """VoiceCallReport: status_code 300000 carries the key."""
    row = {"call_id": "1^1", "status_code": "300000", "smart_status_code": "ANSWERED", "dtmf": "1"}
    (report,) = ALIYUN_VOICE.read_receipts(json.dumps([row]).encode())
    assert facts(report) == ["answered", "confirmed"]


def test_aliyun_voice_detail_tells_known_states_and_unknown_ones_as_unknown() -> None:
    """The documented `"state": "502"` is in no table: it is not read as an answer."""
    known = json.dumps({"Code": "OK", "Data": json.dumps({"state": "200003"})})
    strange = json.dumps({"Code": "OK", "Data": json.dumps({"state": "502"})})
    going_on = json.dumps({"Code": "OK", "Data": "{}"})
    told = [
        [one.fact for one in ALIYUN_VOICE.read_detail(Reply(200, {}, body.encode()), "1^1")]
        for body in (known, strange, going_on, "{", '{"Code":"isv.x"}')
    ]
    assert told == [["no_answer"], ["unknown"], [], [], []]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"voiceprompt_callback": {"result": "0", "callid": "c"}}, ["answered"]),
        ({"voiceprompt_callback": {"result": "1", "callid": "c"}}, ["no_answer"]),
        ({"voiceprompt_callback": {"result": "2", "callid": "c"}}, ["failed"]),
        ({"voiceprompt_callback": {"result": "3", "callid": "c"}}, ["unknown"]),
        ({"voicekey_callback": {"keypress": "1", "callid": "c"}}, ["confirmed"]),
        ({"voicekey_callback": {"keypress": "2", "callid": "c"}}, ["answered"]),
        ({"voice_failure_callback": {"failure_code": 1, "callid": "c"}}, ["off"]),
        ({"voice_failure_callback": {"failure_code": 5, "callid": "c"}}, ["no_answer"]),
        ({"voice_failure_callback": {"failure_code": 8, "callid": "c"}}, ["failed"]),
        ({"voice_failure_callback": {"failure_code": 999, "callid": "c"}}, ["failed"]),
    ],
)
def test_tencent_voice_callback_tells_its_fact(
    body: dict[str, dict[str, object]], expected: list[str]
) -> None:
    report = TENCENT_VOICE.read_callback(json.dumps(body).encode())
    assert (report.reference, facts(report)) == ("c", expected)


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"\xff", b'"x"', b"[1]", b'{"a":{}}'])
def test_callbacks_refuse_what_is_not_documented(body: bytes) -> None:
    for read in (
        aliyun_sms.read_receipts,
        tencent_sms.read_receipts,
        ALIYUN_VOICE.read_receipts,
        TENCENT_VOICE.read_callback,
    ):
        with pytest.raises(BadInputError):
            read(body)


def test_callbacks_refuse_a_row_that_names_no_message() -> None:
    with pytest.raises(BadInputError):
        aliyun_sms.read_receipts(b'[{"success":true}]')
    with pytest.raises(BadInputError):
        TENCENT_VOICE.read_callback(b'{"voiceprompt_callback":{"result":"0"}}')


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        ({"read_user_id_list": ["zhangsan"]}, ["delivered"]),
        ({"unread_user_id_list": ["zhangsan"]}, ["delivered"]),
        ({"invalid_user_id_list": ["zhangsan"]}, ["failed"]),
        ({"forbidden_user_id_list": ["zhangsan"]}, ["failed"]),
        ({"failed_user_id_list": ["zhangsan"]}, ["failed"]),
        ({"read_user_id_list": ["lisi"]}, []),
        ({}, []),
    ],
)
def test_dingtalk_result_tells_this_person_only(
    lists: dict[str, list[str]], expected: list[str]
) -> None:
    """Read is delivered: nobody knows whether it was taken in."""
    adapter = DingTalkNotice("app", SECRET, 1)
    body = json.dumps({"errcode": 0, "errmsg": "ok", "send_result": lists}).encode()
    told = adapter.read_result(Reply(200, {}, body), "256271667526", "zhangsan")
    assert [one.fact for one in told] == expected
    request = adapter.result_request("256271667526", Secret("t"))
    assert json.loads(request.body) == {"agent_id": 1, "task_id": 256271667526}


def test_feishu_readers_tell_delivered_once_this_person_has_read() -> None:
    """feishu.apifox.cn api-58351736."""
    adapter = Feishu("cli", SECRET)
    body = (
        '{"code":0,"msg":"success","data":{"items":[{"user_id_type":"open_id","user_id":"ou_9b",'
        '"timestamp":"1609484183000","tenant_key":"736588c9260f175e"}],"has_more":false}}'
    )
    reply = Reply(200, {}, body.encode())
    assert [one.fact for one in adapter.read_readers(reply, "om_1", "ou_9b")] == ["delivered"]
    assert adapter.read_readers(reply, "om_1", "ou_other") == []
    assert adapter.read_readers(Reply(200, {}, b"{"), "om_1", "ou_9b") == []


def _event(status: str, event: str = "TEMPLATESENDJOBFINISH") -> bytes:
    return (
        "<xml><ToUserName><![CDATA[gh_7f083739789a]]></ToUserName>"
        "<FromUserName><![CDATA[oia2TjuEGTNoeX76QEjQNrcURxG8]]></FromUserName>"
        "<CreateTime>1395658920</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        f"<Event><![CDATA[{event}]]></Event><MsgID>200163836</MsgID>"
        f"<Status><![CDATA[{status}]]></Status></xml>"
    ).encode()


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("success", "delivered"),
        ("failed:user block", "failed"),
        ("failed: system failed", "failed"),
        ("failed:freq limit", "failed"),
        ("something new", "unknown"),
    ],
)
def test_wechat_event_tells_the_fate(status: str, expected: str) -> None:
    """developers.weixin.qq.com Template Messages."""
    report = read_event(_event(status))
    assert report is not None
    assert (report.reference, facts(report)) == ("200163836", [expected])


def test_wechat_event_about_something_else_says_nothing() -> None:
    assert read_event(_event("", "subscribe")) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<xml>",
        b'<!DOCTYPE x [<!ENTITY e "aaaa">]><xml><Event>&e;</Event></xml>',
        _event("success").replace(b"<MsgID>200163836</MsgID>", b""),
    ],
)
def test_wechat_event_refuses_what_is_none(body: bytes) -> None:
    with pytest.raises(BadInputError):
        read_event(body)


def test_wechat_signature_is_of_the_sorted_three() -> None:
    adapter = WeChatTemplate("wx", SECRET, "tpl", Secret("tok"))
    good = hashlib.sha1(b"1395658920noncetok").hexdigest()  # "1395658920" < "nonce" < "tok"
    assert adapter.is_from_wechat(good, "1395658920", "nonce")
    assert not adapter.is_from_wechat(good, "1395658921", "nonce")
    assert not adapter.is_from_wechat("", "", "")
