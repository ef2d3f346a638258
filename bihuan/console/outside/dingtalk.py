"""DingTalk scan sign-in (钉钉统一授权登录第三方网站).

Verified by several public clients of the documented flow (open.dingtalk.com, "tutorial:
obtaining user personal information"): the page login.dingtalk.com/oauth2/auth with `authCode` and
`state` coming back, POST /v1.0/oauth2/userAccessToken, GET /v1.0/contact/users/me with the token
in `x-acs-dingtalk-access-token`. An error is an HTTP status ≥ 400 with `code` and `message`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlencode

from bihuan.console.outside.flow import Back, OutsideError, Trip, text
from bihuan.loop.providers.provider import Request, Secret


@dataclass(frozen=True)
class DingTalk:
    """One application. The identity is the unionId: the same in every app of this developer."""

    name: str
    title: tuple[str, str]
    client_id: str
    client_secret: Secret
    login: str = "https://login.dingtalk.com"
    endpoint: str = "https://api.dingtalk.com"

    def address(self, trip: Trip, back: Back) -> str:
        parameters = {
            "redirect_uri": trip.callback,
            "response_type": "code",
            "client_id": self.client_id,
            "scope": "openid",
            "state": trip.state,
            "prompt": "consent",
        }
        return f"{self.login}/oauth2/auth?{urlencode(parameters)}"

    def identity(self, trip: Trip, back: Back) -> str:
        body = {
            "clientId": self.client_id,
            "clientSecret": self.client_secret.reveal(),
            "code": back.code("authCode"),
            "grantType": "authorization_code",
        }
        token = self._ask(
            back,
            Request(
                "POST",
                f"{self.endpoint}/v1.0/oauth2/userAccessToken",
                {"Content-Type": "application/json"},
                json.dumps(body).encode(),
            ),
            "accessToken",
        )
        headers = {"x-acs-dingtalk-access-token": token}
        asked = Request("GET", f"{self.endpoint}/v1.0/contact/users/me", headers)
        return self._ask(back, asked, "unionId")

    @staticmethod
    def _ask(back: Back, request: Request, wanted: str) -> str:
        status, fields = back.ask(request)
        if status != 200:
            raise OutsideError(f"dingtalk: HTTP {status} {str(fields.get('code', ''))[:60]}")
        return text(fields, wanted)
