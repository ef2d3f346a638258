"""Scan sign-ins of DingTalk, WeCom and 浙政钉 against the bodies that they document."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
from django.test import Client

from bihuan.loop.providers.provider import Secret
from bihuan.loop.providers.zhezhengding import ZheZhengDing
from tests.console.place import Place
from tests.console.trips import arrive, bind, depart
from tests.loop.providers.loopback import Loopback, Played

pytestmark = pytest.mark.django_db(databases="__all__")


def ding(far: Loopback) -> dict[str, Callable[[], None]]:
    """The documented bodies of userAccessToken and contact/users/me."""
    taken = {"accessToken": "at-1", "refreshToken": "rt-1", "expireIn": 7200, "corpId": "corp1"}
    me = {"nick": "文启", "avatarUrl": "https://img", "openId": "o1", "unionId": "uni-9"}
    return {
        "good": lambda: far.plays(
            Played("POST", "/v1.0/oauth2/userAccessToken", json.dumps(taken)),
            Played("GET", "/v1.0/contact/users/me", json.dumps(me)),
        ),
        "used code": lambda: far.plays(
            Played(
                "POST",
                "/v1.0/oauth2/userAccessToken",
                '{"code":"invalidParameter.authCode.notFound","requestid":"r","message":"不合法"}',
                status=400,
            )
        ),
        "no right": lambda: far.plays(
            Played("POST", "/v1.0/oauth2/userAccessToken", json.dumps(taken)),
            Played(
                "GET",
                "/v1.0/contact/users/me",
                '{"code":"Forbidden.AccessDenied.AccessTokenPermissionDenied","message":"x"}',
                status=403,
            ),
        ),
    }


@pytest.mark.parametrize(("what", "status"), [("good", 302), ("used code", 403), ("no right", 403)])
def test_dingtalk_scan_follows_the_documented_flow(
    site: Place, far: Loopback, what: str, status: int
) -> None:
    bind("dingtalk", "uni-9")
    client = Client()
    asked = depart(client, "dingtalk")
    assert asked == {
        "redirect_uri": "http://testserver/sign-in/with/dingtalk/back",
        "response_type": "code",
        "client_id": "dingkey",
        "scope": "openid",
        "state": asked["state"],
        "prompt": "consent",
    }
    ding(far)[what]()
    assert arrive(client, "dingtalk", authCode="ac", state=asked["state"]).status_code == status
    sent = json.loads(far.got[0].body)
    assert sent == {
        "clientId": "dingkey",
        "clientSecret": "dingsecret",
        "code": "ac",
        "grantType": "authorization_code",
    }
    if what == "good":
        assert far.got[1].headers["x-acs-dingtalk-access-token"] == "at-1"


TOKEN = '{"errcode":0,"errmsg":"ok","access_token":"wt","expires_in":7200}'


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('{"errcode":0,"errmsg":"ok","userid":"shenwq","user_ticket":"t"}', 302),
        ('{"errcode":0,"errmsg":"ok","openid":"shenwq","external_userid":"x"}', 403),
        ('{"errcode":40029,"errmsg":"invalid code"}', 403),
        ("<html>login</html>", 403),
    ],
)
def test_wecom_scan_follows_the_documented_flow(
    site: Place, far: Loopback, body: str, status: int
) -> None:
    bind("wecom", "ww1/shenwq")
    client = Client()
    asked = depart(client, "wecom")
    assert (asked["login_type"], asked["appid"], asked["agentid"]) == ("CorpApp", "ww1", "1000002")
    far.plays(
        Played("GET", "/cgi-bin/gettoken", TOKEN), Played("GET", "/cgi-bin/auth/getuserinfo", body)
    )
    assert arrive(client, "wecom", code="wc", state=asked["state"]).status_code == status
    assert parse_qs(far.got[0].query) == {"corpid": ["ww1"], "corpsecret": ["wsecret"]}
    assert parse_qs(far.got[1].query) == {"access_token": ["wt"], "code": ["wc"]}


ZZD_TOKEN = (
    '{"success":true,"content":{"data":{"accessToken":"zt","expiresIn":"7200"},'
    '"responseMessage":"OK","responseCode":"0","success":true}}'
)
ZZD_USER = (
    '{"success":true,"content":{"data":{"accountId":100135,"lastName":"俊锋","realmId":12371,'
    '"tenantUserId":"12371$100135","account":"admin2"},"success":true,"responseCode":"0"}}'
)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (ZZD_USER, 302),
        ('{"success":true,"content":{"success":false,"responseCode":"OPF-B001"}}', 403),
        ('{"success":false,"errorCode":"OPF-B001-05-16-0009"}', 403),
    ],
)
def test_zhezhengding_scan_follows_the_documented_flow(
    site: Place, far: Loopback, body: str, status: int
) -> None:
    bind("zzd", "12371$100135")
    client = Client()
    asked = depart(client, "zzd")
    assert (asked["client_id"], asked["authType"], asked["scope"]) == (
        "app1",
        "QRCODE",
        "get_user_info",
    )
    user = "/rpc/oauth2/getuserinfo_bycode.json"
    far.plays(Played("GET", "/gettoken.json", ZZD_TOKEN), Played("POST", user, body))
    assert arrive(client, "zzd", code="zc", state=asked["state"]).status_code == status
    first, then = far.got
    assert parse_qs(first.query) == {"appkey": ["app1"], "appsecret": ["zsecret"]}
    assert parse_qs(then.body.decode()) == {"access_token": ["zt"], "code": ["zc"]}
    signer = ZheZhengDing("app1", Secret("zsecret"), "")
    nonce, now_us = first.headers["x-hmac-auth-nonce"], site.clock.now_us()
    pair = {"appkey": "app1", "appsecret": "zsecret"}
    signed = signer.headers("/gettoken.json", pair, now_us, nonce, "GET")
    assert first.headers["x-hmac-auth-signature"] == signed["X-Hmac-Auth-Signature"]
