"""WeCom (企业微信): messages of an application.

Verified: request, answer with invaliduser (lower case) and unlicenseduser, 81013 where every
receiver is invalid (document/path/90236 as quoted by metacpan QQ::weixin::work::message and
developers.weixin.qq.com), global codes (developer.work.weixin.qq.com path/90455), 45009 rate
limit. [unverified] `gettoken` answer, from memory. There is no receipt: `accepted` is all.
"""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.loop.providers.app_token import posted, token_asked, with_token
from bihuan.loop.providers.provider import (
    Errand,
    Outcome,
    Reason,
    Refused,
    Reply,
    Request,
    Secret,
    Taken,
    Throttled,
    Token,
    Unclear,
    evidence,
)
from bihuan.loop.providers.reading import Codes, Fields, read_json, read_token

NAME = "wecom"
THROTTLES = frozenset({"45009", "45033"})
REASONS: dict[str, Reason] = {
    "81013": "wrong_address",
    "40003": "wrong_address",
    "40031": "wrong_address",
    "82001": "wrong_address",
    "40014": "token",
    "42001": "token",
    "40001": "credentials",
    "40013": "credentials",
    "40035": "content",
}
CODES = Codes(REASONS, THROTTLES, frozenset({"-1"}))


@dataclass(frozen=True, slots=True)
class WeCom:
    """Text messages of one application to one member. The address is a userid."""

    corp_id: str
    corp_secret: Secret
    agent_id: int
    endpoint: str = "https://qyapi.weixin.qq.com"
    name: str = NAME
    ring_s: int = 0

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return (self.corp_secret,)

    def token_request(self) -> Request | None:
        secret = self.corp_secret.reveal()
        url = f"{self.endpoint}/cgi-bin/gettoken"
        return token_asked(url, corpid=self.corp_id, corpsecret=secret)

    def read_token(self, reply: Reply) -> Token | Throttled | Refused | Unclear:
        return read_token(NAME, reply, ("access_token", "expires_in"))

    def request(self, errand: Errand, token: Secret) -> Request:
        fields = {
            "touser": errand.address,
            "msgtype": "text",
            "agentid": self.agent_id,
            "text": {"content": errand.text},
            "enable_duplicate_check": 0,  # a second press of SOS is not a duplicate
        }
        return posted(with_token(f"{self.endpoint}/cgi-bin/message/send", token), fields)

    def read(self, reply: Reply, errand: Errand) -> Outcome:
        return read_json(NAME, reply, lambda fields: self._read(fields, errand.address))

    def _read(self, fields: Fields, user_id: str) -> Outcome:
        got, message_id = fields.get("errcode"), fields.get("msgid")
        if not isinstance(got, int):
            return Unclear(f"{NAME}: no errcode")
        if got != 0:
            return CODES.failure(NAME, got)
        for name in ("invaliduser", "unlicenseduser"):
            if user_id.lower() in str(fields.get(name) or "").lower().split("|"):
                return Refused("wrong_address", f"{evidence(NAME, errcode=0)} {name}")
        if isinstance(message_id, str) and message_id:
            return Taken(message_id, evidence(NAME, errcode=0, msgid=message_id))
        return Unclear(f"{evidence(NAME, errcode=0)}, no msgid")
