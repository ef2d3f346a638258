"""WeChat service account (服务号): template messages and the event that tells their fate.

Verified: template/send request, event TEMPLATESENDJOBFINISH with success, `failed:user block`,
`failed: system failed` and `failed:freq limit` (developers.weixin.qq.com Template Messages and
community), codes 40001, 40003, 40013, 40014, 40037, 43101, 47003 (tencentcloud.com 1219/67648),
45009. [unverified] `token` answer, 43004, 42001, the URL signature (sha1 of the sorted three), from
memory. Subscription notices (bizsend) return no message id, so that no receipt can be matched:
they are left out.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bihuan.base.errors import bad
from bihuan.loop.entries import Fact
from bihuan.loop.providers.app_token import posted, read_errcode, token_asked, with_token
from bihuan.loop.providers.provider import (
    Errand,
    Outcome,
    Reason,
    Refused,
    Reply,
    Report,
    Request,
    Secret,
    Throttled,
    Token,
    Unclear,
    evidence,
    reported,
)
from bihuan.loop.providers.reading import Codes, read_json, read_token

NAME = "wechat"
EVENT = "TEMPLATESENDJOBFINISH"
THROTTLES = frozenset({"45009", "45011", "43108"})
REASONS: dict[str, Reason] = {
    "40003": "wrong_address",
    "43004": "wrong_address",
    "43101": "blacklisted",
    "40037": "template",
    "47003": "template",
    "45168": "content",
    "40001": "token",
    "40014": "token",
    "42001": "token",
    "40013": "credentials",
    "43107": "credentials",
}
CODES = Codes(REASONS, THROTTLES, frozenset({"-1"}))
FATES: dict[str, tuple[Fact, str]] = {
    "success": ("delivered", ""),
    "failed:user block": ("failed", "blacklisted"),
    "failed:system failed": ("failed", "other"),
    "failed:freq limit": ("failed", "throttled"),
}


@dataclass(frozen=True, slots=True)
class WeChatTemplate:
    """Template messages to followers. The address is an open id; params fill the template."""

    app_id: str
    app_secret: Secret
    template_id: str
    callback_token: Secret
    endpoint: str = "https://api.weixin.qq.com"
    name: str = NAME
    ring_s: int = 0

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return (self.app_secret, self.callback_token)

    def token_request(self) -> Request | None:
        query = {"grant_type": "client_credential", "appid": self.app_id}
        secret = self.app_secret.reveal()
        return token_asked(f"{self.endpoint}/cgi-bin/token", **query, secret=secret)

    def read_token(self, reply: Reply) -> Token | Throttled | Refused | Unclear:
        return read_token(NAME, reply, ("access_token", "expires_in"))

    def request(self, errand: Errand, token: Secret) -> Request:
        fields = {
            "touser": errand.address,
            "template_id": errand.template or self.template_id,
            "data": {name: {"value": text} for name, text in errand.params.items()},
        }
        return posted(with_token(f"{self.endpoint}/cgi-bin/message/template/send", token), fields)

    def read(self, reply: Reply, errand: Errand) -> Outcome:
        return read_json(NAME, reply, lambda fields: read_errcode(NAME, fields, "msgid", CODES))

    def is_from_wechat(self, signature: str, timestamp: str, nonce: str) -> bool:
        """Whether a callback's query was signed with our callback token."""
        parts = sorted((self.callback_token.reveal(), timestamp, nonce))
        digest = hashlib.sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()
        return hmac.compare_digest(digest.encode(), signature.encode())


def read_event(body: bytes) -> Report | None:
    """A template message's fate; None for events about other things. Raises BadInputError.

    Only after `is_from_wechat`. Answer it with `success`.
    """
    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError):
        raise bad("callback", f"{len(body)} bytes", "an event in XML") from None
    if root.findtext("Event") != EVENT:
        return None
    status = (root.findtext("Status") or "").strip().replace(": ", ":")
    message_id = root.findtext("MsgID") or ""
    fact, because = FATES.get(status, ("failed" if status.startswith("failed") else "unknown", ""))
    said = evidence(NAME, msgid=message_id, status=status.replace(" ", "_"))
    return reported(message_id, (fact, f"{because}: {said}" if because else said))
