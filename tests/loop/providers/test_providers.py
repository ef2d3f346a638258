"""Each HTTP provider against its documented answers, through the real sender."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from bihuan.loop.providers.carried import carried
from bihuan.loop.providers.carrier import HttpCarrier
from bihuan.loop.providers.provider import (
    Outcome,
    Reason,
    Refused,
    Reply,
    Request,
    Taken,
    Throttled,
    Unclear,
    told_of,
)
from bihuan.loop.providers.sender import Sender
from tests.loop.providers.bodies import KINDS, REFUSALS, THROTTLES, TOKEN, UNCLEAR, Kind
from tests.loop.providers.conftest import errand_to
from tests.loop.providers.loopback import Loopback, Played

JSON = {"Content-Type": "application/json"}


def carrier(kind: Kind, provider: Loopback, timeout_s: float = 5) -> HttpCarrier:
    """A carrier to the loopback, whose token, where it needs one, is asked for first."""
    if kind.token is not None:
        method, path, body = kind.token
        provider.plays(Played(method, path, body))
    return HttpCarrier(kind.make(provider.url), Sender(timeout_s))


def answered(name: str, provider: Loopback, played: Played, timeout_s: float = 5) -> Outcome:
    kind = KINDS[name]
    made = carrier(kind, provider, timeout_s)
    provider.plays(replace(played, method="POST", path=kind.path))
    return made.carry(errand_to(kind.address))


@pytest.mark.parametrize("name", KINDS)
def test_provider_that_takes_a_message_is_accepted_and_no_more(
    name: str, provider: Loopback
) -> None:
    outcome = answered(name, provider, Played("", "", KINDS[name].good))
    assert isinstance(outcome, Taken)
    assert outcome.reference == KINDS[name].reference
    assert [one.fact for one in told_of(outcome)] == ["accepted"]
    assert outcome.reference in told_of(outcome)[0].evidence


@pytest.mark.parametrize(("name", "status", "body"), THROTTLES)
def test_provider_throttle_is_not_sent(
    name: str, status: int, body: str, provider: Loopback
) -> None:
    outcome = answered(name, provider, Played("", "", body, status))
    assert isinstance(outcome, Throttled)
    assert [one.fact for one in told_of(outcome)] == ["failed"]


@pytest.mark.parametrize("header", ["x-ogw-ratelimit-reset", "Retry-After"])
def test_feishu_throttle_says_when_to_come_again(header: str, provider: Loopback) -> None:
    played = Played("", "", '{"code":99991400,"msg":"m"}', 400, {**JSON, header: "52"})
    assert answered("feishu", provider, played) == Throttled("feishu code=99991400", 52)


@pytest.mark.parametrize(("name", "status", "body", "reason"), REFUSALS)
def test_provider_refusal_has_its_reason(
    name: str, status: int, body: str, reason: Reason, provider: Loopback
) -> None:
    outcome = answered(name, provider, Played("", "", body, status))
    assert isinstance(outcome, Refused)
    assert outcome.reason == reason
    assert [one.fact for one in told_of(outcome)] == ["failed"]


@pytest.mark.parametrize(("name", "status", "body"), UNCLEAR)
def test_provider_without_proof_is_unclear(
    name: str, status: int, body: str, provider: Loopback
) -> None:
    outcome = answered(name, provider, Played("", "", body, status))
    assert isinstance(outcome, Unclear)
    assert [one.fact for one in told_of(outcome)] == ["unknown"]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[]", b"null", b"{", b"true", b"{}", b"OK"])
def test_provider_garbage_is_never_a_success(name: str, body: bytes, provider: Loopback) -> None:
    """200 with a body that is not the documented one: nobody knows."""
    assert isinstance(answered(name, provider, Played("", "", body)), Unclear)


@pytest.mark.parametrize("name", KINDS)
def test_provider_page_of_html_is_never_a_success(name: str, provider: Loopback) -> None:
    """A portal on the way answers 200, even with a body that reads well."""
    played = Played("", "", KINDS[name].good, 200, {"Content-Type": "text/html; charset=utf-8"})
    assert isinstance(answered(name, provider, played), Unclear)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("status", [400, 403, 500, 502])
def test_provider_error_status_is_never_a_success(
    name: str, status: int, provider: Loopback
) -> None:
    outcome = answered(name, provider, Played("", "", KINDS[name].good, status))
    assert isinstance(outcome, Refused if status < 500 else Unclear)


@pytest.mark.parametrize("name", KINDS)
def test_provider_cut_answer_is_unclear(name: str, provider: Loopback) -> None:
    assert isinstance(
        answered(name, provider, Played("", "", KINDS[name].good, how="cut")), Unclear
    )


@pytest.mark.parametrize("name", ["aliyun_sms", "dingtalk"])
def test_provider_silence_is_unclear(name: str, provider: Loopback) -> None:
    played = Played("", "", KINDS[name].good, how="silent")
    assert isinstance(answered(name, provider, played, timeout_s=0.4), Unclear)


WITH_TOKEN = [name for name, kind in KINDS.items() if kind.token is not None]
EXPIRED = {
    "dingtalk": (200, '{"errcode":88,"sub_code":"40014","errmsg":"不合法的access_token"}'),
    "ding": (401, '{"code":"InvalidAuthentication","message":"不合法的access_token"}'),
    "wecom": (200, '{"errcode":42001,"errmsg":"access_token expired"}'),
    "feishu": (400, '{"code":99991663,"msg":"Invalid access token for authorization."}'),
    "wechat": (200, '{"errcode":40001,"errmsg":"invalid credential"}'),
}


@pytest.mark.parametrize("name", WITH_TOKEN)
def test_provider_token_is_asked_for_once_and_renewed_when_it_ran_out(
    name: str, provider: Loopback
) -> None:
    kind = KINDS[name]
    made = carrier(kind, provider)
    provider.plays(Played("POST", kind.path, kind.good))
    assert isinstance(made.carry(errand_to(kind.address)), Taken)

    provider.plays(Played("POST", kind.path, kind.good))  # the same token still holds
    assert isinstance(made.carry(errand_to(kind.address)), Taken)

    status, body = EXPIRED[name]
    assert kind.token is not None
    method, path, token = kind.token
    provider.plays(
        Played("POST", kind.path, body, status),
        Played(method, path, token),
        Played("POST", kind.path, kind.good),
    )
    assert isinstance(made.carry(errand_to(kind.address)), Taken)

    provider.plays(  # refused again: it does not go round for ever
        Played("POST", kind.path, body, status),
        Played(method, path, token),
        Played("POST", kind.path, body, status),
    )
    assert isinstance(made.carry(errand_to(kind.address)), Refused)


@pytest.mark.parametrize("name", WITH_TOKEN)
def test_provider_without_a_token_sends_nothing(name: str, provider: Loopback) -> None:
    """Wrong secret, garbage, an error status: no message leaves, and that is certain."""
    kind = KINDS[name]
    assert kind.token is not None
    method, path, _ = kind.token
    made = HttpCarrier(kind.make(provider.url), Sender())
    wrong = '{"errcode":40001,"code":10014,"errmsg":"invalid secret"}'
    for status, body in ((200, wrong), (200, "<html>"), (500, "")):
        provider.plays(Played(method, path, body, status))
        assert isinstance(made.carry(errand_to(kind.address)), Refused)


def test_dingtalk_says_the_time_so_that_the_same_words_reach_twice(provider: Loopback) -> None:
    """The same text to one person is shown once a day: 143106."""
    answered("dingtalk", provider, Played("", "", KINDS["dingtalk"].good))
    sent = json.loads(provider.got[-1].body)
    assert sent["msg"]["text"]["content"] == "李奶奶按了呼救键\n02-26 00:44:25"
    assert (sent["agent_id"], sent["userid_list"]) == (1234, "zhangsan")
    assert parse_qs(provider.got[-1].query) == {"access_token": [TOKEN]}


def test_ding_by_phone_is_mode_3(provider: Loopback) -> None:
    answered("ding", provider, Played("", "", KINDS["ding"].good))
    sent = json.loads(provider.got[-1].body)
    assert sent["remindType"] == 3
    assert sent["receiverUserIdList"] == ["manager7675"]
    assert provider.got[-1].headers["x-acs-dingtalk-access-token"] == TOKEN


def test_aliyun_sends_numbers_and_variables_in_the_query(provider: Loopback) -> None:
    answered("aliyun_sms", provider, Played("", "", KINDS["aliyun_sms"].good))
    query = parse_qs(provider.got[-1].query)
    assert query["PhoneNumbers"] == ["13800001111"]
    assert json.loads(query["TemplateParam"][0]) == {"name": "李奶奶"}
    assert provider.got[-1].headers["x-acs-action"] == "SendSms"


def test_tencent_sends_e164_numbers(provider: Loopback) -> None:
    answered("tencent_voice", provider, Played("", "", KINDS["tencent_voice"].good))
    sent = json.loads(provider.got[-1].body)
    assert (sent["CalledNumber"], sent["TemplateParamSet"]) == ("+8613800001111", ["李奶奶"])
    assert provider.got[-1].headers["x-tc-action"] == "SendTtsVoice"


def test_number_that_cannot_be_one_is_refused_before_sending_and_masked(
    provider: Loopback,
) -> None:
    made = carrier(KINDS["aliyun_sms"], provider)
    outcome = carried(made, errand_to("1380000111"))
    assert isinstance(outcome, Refused)
    assert outcome.reason == "wrong_address"
    assert "1380000111" not in outcome.evidence
    assert provider.got == []


def test_carrier_that_breaks_leaves_the_outcome_unclear() -> None:
    class Broken(Sender):
        def send(self, request: Request) -> Reply:
            raise RuntimeError("secret words")

    made = HttpCarrier(KINDS["aliyun_sms"].make("http://127.0.0.1:9"), Broken())
    assert carried(made, errand_to("13800001111")) == Unclear("aliyun_sms: RuntimeError")


def test_provider_that_is_not_reached_is_an_outage(provider: Loopback) -> None:
    """Nothing listens there: nothing was sent, so it may be tried again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    outcome = HttpCarrier(KINDS["wecom"].make(f"http://127.0.0.1:{port}"), Sender()).carry(
        errand_to("ZhangSan")
    )
    assert isinstance(outcome, Refused)
    assert outcome.reason == "outage"
