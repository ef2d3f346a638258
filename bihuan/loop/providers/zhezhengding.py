"""浙政钉, the government's DingTalk of Zhejiang: work notices over its own signed gateway.

Verified second hand: POST /message/workNotification with msg, receiverIds, tenantId, bizMsgId
(a second use of one bizMsgId is refused), answer success and content = message id, the same text
once a day, 2,048 bytes at most; the signed headers (HMAC-SHA256 over method, time, nonce, path and
the sorted parameters, base64): public clients of openplatform.dg-work.cn agree on them. The
provider's own page needs a login. [unverified] error codes: every `success: false` is `other`
unless its code names a limit. There is no receipt that we know of: `accepted` is all.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from bihuan.base.errors import bad
from bihuan.base.time import CHINA, SECOND_US, datetime_of
from bihuan.loop.providers.dingtalk import with_time
from bihuan.loop.providers.provider import (
    Errand,
    Outcome,
    Refused,
    Reply,
    Request,
    Secret,
    Taken,
    Unclear,
    evidence,
)
from bihuan.loop.providers.reading import Fields, read_json
from bihuan.loop.providers.signed import NoToken

NAME = "zhezhengding"
PATH = "/message/workNotification"
MOST_BYTES = 2_048


@dataclass(frozen=True, slots=True)
class ZheZhengDing(NoToken):
    """Work notices of one application. The address is an accountId; the domain is yours."""

    api_key: str
    api_secret: Secret
    tenant_id: str
    endpoint: str = "https://openplatform-pro.ding.zj.gov.cn"
    name: str = NAME
    ring_s: int = 0

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return (self.api_secret,)

    def request(self, errand: Errand, token: Secret) -> Request:
        """Raises BadInputError for a text that is too long."""
        content = with_time(errand.text, errand.at_us)
        message = json.dumps({"msgtype": "text", "text": {"content": content}}, ensure_ascii=False)
        if len(message.encode()) > MOST_BYTES:
            raise bad("text", f"{len(message.encode())} bytes", f"at most {MOST_BYTES}")
        parameters = {
            "bizMsgId": f"{errand.key}-{errand.nonce[:8]}",
            "msg": message,
            "receiverIds": errand.address,
            "tenantId": self.tenant_id,
        }
        headers = self.headers(PATH, parameters, errand.at_us, errand.nonce)
        body = urlencode(parameters).encode()
        return Request("POST", f"{self.endpoint}{PATH}", headers, body)

    def headers(
        self,
        path: str,
        parameters: Mapping[str, str],
        at_us: int,
        nonce: str,
        method: str = "POST",
    ) -> dict[str, str]:
        """The signed headers; the parameters are signed sorted and not percent-encoded."""
        at = datetime_of(at_us - at_us % SECOND_US).astimezone(CHINA)
        time = at.strftime("%Y-%m-%dT%H:%M:%S.000+08:00")
        pairs = "&".join(sorted(f"{name}={text}" for name, text in parameters.items()))
        to_sign = "\n".join([method, time, nonce, path, *([pairs] if pairs else [])])
        key = self.api_secret.reveal().encode()
        digest = hmac.new(key, to_sign.encode(), hashlib.sha256).digest()
        return {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Hmac-Auth-Timestamp": time,
            "X-Hmac-Auth-Version": "1.0",
            "X-Hmac-Auth-Nonce": nonce,
            "apiKey": self.api_key,
            "X-Hmac-Auth-Signature": base64.b64encode(digest).decode(),
        }

    def read(self, reply: Reply, errand: Errand) -> Outcome:
        return read_json(NAME, reply, self._read)

    def _read(self, fields: Fields) -> Outcome:
        content = fields.get("content")
        inner = content if isinstance(content, dict) else {}
        is_taken, is_inner_no = fields.get("success"), inner.get("success") is False
        message_id = inner.get("data") if inner else content
        if (
            is_taken is True
            and not is_inner_no
            and isinstance(message_id, str | int)
            and message_id
        ):
            return Taken(str(message_id), evidence(NAME, success="true", id=message_id))
        got = (
            fields.get("bizErrorCode")
            or fields.get("errorCode")
            or fields.get("Code")
            or inner.get("responseCode")
        )
        said = evidence(NAME, code=got, request=fields.get("_RequestId"))
        if is_taken is False or is_inner_no:
            return Refused("other", said)
        return Unclear(f"{said}, neither taken nor refused")
