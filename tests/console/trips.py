"""Trips to an outside sign-in and back, as a browser makes them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from django.http import HttpResponse
from django.test import Client

from bihuan.console.accounts import Desk
from bihuan.console.models import Account
from bihuan.console.outside import binding

SIGN_INS = """
[city]
kind = "oidc"
title = ["市统一认证", "City sign-in"]
issuer = "FAR"
client_id = "bihuan"
client_secret = "s:ecret"
[dingtalk]
kind = "dingtalk"
title = ["钉钉扫码", "DingTalk"]
client_id = "dingkey"
client_secret = "dingsecret"
endpoint = "FAR"
[wecom]
kind = "wecom"
title = ["企业微信扫码", "WeCom"]
corp_id = "ww1"
corp_secret = "wsecret"
agent_id = "1000002"
endpoint = "FAR"
[zzd]
kind = "zhezhengding"
title = ["浙政钉扫码", "Zhezhengding"]
app_key = "app1"
app_secret = "zsecret"
endpoint = "FAR"
"""


def depart(client: Client, name: str) -> dict[str, str]:
    """Begin; what the provider's page is asked, by name."""
    answer = client.get(f"/sign-in/with/{name}/")
    assert answer.status_code == 302
    query = parse_qs(urlsplit(answer["Location"]).query)
    return {name: texts[0] for name, texts in query.items()}


def arrive(client: Client, name: str, **said: str) -> HttpResponse:
    return client.get(f"/sign-in/with/{name}/back", said)  # type: ignore[return-value]  # a response with extras


def bind(provider: str, identity: str, username: str = "village") -> None:
    account = Account.objects.get(user__username=username)
    binding.bind(account, provider, identity, Desk.here())
