"""浙政钉 scan sign-in (专有钉钉扫码登录).

Verified by public notes and clients of the flow: the page oauth2/auth.htm of the login domain with
`code` and `state` coming back, then two signed calls to the platform's domain: GET /gettoken.json
(appkey, appsecret) and POST /rpc/oauth2/getuserinfo_bycode.json (access_token, code); success is
said twice, outside and inside `content`. The provider's own page needs a login.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from bihuan.console.outside.flow import Back, Fields, OutsideError, Trip, text
from bihuan.loop.providers.provider import Request, Secret
from bihuan.loop.providers.zhezhengding import ZheZhengDing

TOKEN, USER = "/gettoken.json", "/rpc/oauth2/getuserinfo_bycode.json"


@dataclass(frozen=True)
class ZheZhengDingScan:
    """One application. The identity is `realmId$accountId`: accounts are counted per tenant."""

    name: str
    title: tuple[str, str]
    app_key: str
    app_secret: Secret
    login: str = "https://login-pro.ding.zj.gov.cn"
    endpoint: str = "https://openplatform-pro.ding.zj.gov.cn"

    def address(self, trip: Trip, back: Back) -> str:
        parameters = {
            "response_type": "code",
            "client_id": self.app_key,
            "redirect_uri": trip.callback,
            "scope": "get_user_info",
            "authType": "QRCODE",
            "state": trip.state,
        }
        return f"{self.login}/oauth2/auth.htm?{urlencode(parameters)}"

    def identity(self, trip: Trip, back: Back) -> str:
        code = back.code()
        pair = {"appkey": self.app_key, "appsecret": self.app_secret.reveal()}
        token = text(self._ask(back, "GET", TOKEN, pair), "accessToken")
        found = self._ask(back, "POST", USER, {"access_token": token, "code": code})
        return f"{text(found, 'realmId')}${text(found, 'accountId')}"

    def _ask(self, back: Back, method: str, path: str, parameters: dict[str, str]) -> Fields:
        signer = ZheZhengDing(self.app_key, self.app_secret, "", self.endpoint)
        headers = signer.headers(path, parameters, back.now_us, secrets.token_hex(16), method)
        said = urlencode(parameters)
        url = f"{self.endpoint}{path}"
        asked = (
            Request("GET", f"{url}?{said}", headers)
            if method == "GET"
            else Request("POST", url, headers, said.encode())
        )
        status, fields = back.ask(asked)
        content = fields.get("content")
        inner = content if isinstance(content, dict) else {}
        found = inner.get("data")
        is_good = fields.get("success") is True and inner.get("success", True) is True
        if status != 200 or not is_good or not isinstance(found, dict):
            what = (
                inner.get("responseCode") or fields.get("bizErrorCode") or fields.get("errorCode")
            )
            raise OutsideError(f"zhezhengding: HTTP {status} {str(what)[:60]}")
        return found
