"""WeCom scan sign-in (企业微信 Web 登录).

Verified by several public clients of the documented flow (developer.work.weixin.qq.com
path/98152 and 98176): the page login.work.weixin.qq.com/wwlogin/sso/login with `code` and `state`
coming back, GET cgi-bin/gettoken, GET cgi-bin/auth/getuserinfo with `userid` for members and
`openid` for others. HTTP is 200 throughout; `errcode` says what it was (40029 invalid code).
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from bihuan.console.outside.flow import Back, Fields, OutsideError, Trip, text
from bihuan.loop.providers.provider import Request, Secret


@dataclass(frozen=True)
class WeComScan:
    """One application of one company. The identity is `corp id/userid`; outsiders are refused."""

    name: str
    title: tuple[str, str]
    corp_id: str
    corp_secret: Secret
    agent_id: str
    login: str = "https://login.work.weixin.qq.com"
    endpoint: str = "https://qyapi.weixin.qq.com"

    def address(self, trip: Trip, back: Back) -> str:
        parameters = {
            "login_type": "CorpApp",
            "appid": self.corp_id,
            "agentid": self.agent_id,
            "redirect_uri": trip.callback,
            "state": trip.state,
        }
        return f"{self.login}/wwlogin/sso/login?{urlencode(parameters)}"

    def identity(self, trip: Trip, back: Back) -> str:
        code = back.code()
        secret = {"corpid": self.corp_id, "corpsecret": self.corp_secret.reveal()}
        token = text(self._ask(back, "gettoken", secret), "access_token")
        found = self._ask(back, "auth/getuserinfo", {"access_token": token, "code": code})
        if "userid" not in found:
            raise OutsideError("wecom: not a member of this company")
        return f"{self.corp_id}/{text(found, 'userid')}"

    def _ask(self, back: Back, what: str, parameters: dict[str, str]) -> Fields:
        url = f"{self.endpoint}/cgi-bin/{what}?{urlencode(parameters)}"
        status, fields = back.ask(Request("GET", url))
        if status != 200 or fields.get("errcode") != 0:
            raise OutsideError(f"wecom: HTTP {status} errcode {str(fields.get('errcode'))[:12]}")
        return fields
