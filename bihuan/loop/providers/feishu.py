"""Feishu (飞书): messages of a bot, and who has read them.

Verified: POST /open-apis/im/v1/messages and its limits, codes 230001, 230002, 230006, 230013,
230027 and 99991672, the throttle answer 429 or 400 with 99991400 and x-ogw-ratelimit-reset
(open.feishu.cn frequency-control.md), GET read_users and its answer (feishu.apifox.cn
api-58351736). [unverified] `tenant_access_token/internal` answer, 230020, 99991663, 99991661 and
99992351, from memory or second hand. Read is evidence of delivery, not of having taken it in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import quote

from bihuan.loop.channels import Told
from bihuan.loop.providers.app_token import posted
from bihuan.loop.providers.carrier import Asked
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
from bihuan.loop.providers.reading import (
    Codes,
    Fields,
    json_object,
    read_json,
    read_token,
    retry_after_s,
)

NAME = "feishu"
JSON = {"Content-Type": "application/json; charset=utf-8"}
THROTTLED, RESET = 99991400, "x-ogw-ratelimit-reset"
REASONS: dict[str, Reason] = {
    "230001": "wrong_address",  # an invalid parameter; of ours only the receiver varies
    "230002": "wrong_address",
    "230013": "wrong_address",
    "99992351": "wrong_address",
    "230006": "credentials",
    "230027": "credentials",
    "99991672": "credentials",
    "99991661": "token",
    "99991663": "token",
}
CODES = Codes(REASONS, frozenset({str(THROTTLED), "230020"}))


@dataclass(frozen=True, slots=True)
class Feishu:
    """Text messages of one application's bot. The address is an open_id."""

    app_id: str
    app_secret: Secret
    endpoint: str = "https://open.feishu.cn"
    name: str = NAME
    ring_s: int = 0

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return (self.app_secret,)

    def token_request(self) -> Request | None:
        fields = {"app_id": self.app_id, "app_secret": self.app_secret.reveal()}
        url = f"{self.endpoint}/open-apis/auth/v3/tenant_access_token/internal"
        return posted(url, fields, JSON)

    def read_token(self, reply: Reply) -> Token | Throttled | Refused | Unclear:
        return read_token(NAME, reply, ("tenant_access_token", "expire"), "code")

    def request(self, errand: Errand, token: Secret) -> Request:
        """uuid: the provider drops a second message with the same one within an hour."""
        fields = {
            "receive_id": errand.address,
            "msg_type": "text",
            "content": json.dumps({"text": errand.text}, ensure_ascii=False),
            "uuid": f"{errand.key}-{errand.nonce}"[:50],
        }
        headers = {**JSON, "Authorization": f"Bearer {token.reveal()}"}
        url = f"{self.endpoint}/open-apis/im/v1/messages?receive_id_type=open_id"
        return posted(url, fields, headers)

    def read(self, reply: Reply, errand: Errand) -> Outcome:
        outcome = read_json(NAME, reply, self._read)
        if isinstance(outcome, Throttled):
            return Throttled(outcome.evidence, retry_after_s(reply, RESET))
        return outcome

    def _read(self, fields: Fields) -> Outcome:
        got, data = fields.get("code"), fields.get("data")
        message_id = data.get("message_id") if isinstance(data, dict) else None
        if got == 0 and isinstance(message_id, str) and message_id:
            return Taken(message_id, evidence(NAME, code=got, message_id=message_id))
        if got == 0 or not isinstance(got, int):
            return Unclear(f"{evidence(NAME, code=got)}, no message_id")
        return CODES.failure(NAME, got)

    def look_up(self, asked: Asked, token: Secret) -> Request:
        return self.readers_request(asked.reference, token)

    def read_look_up(self, reply: Reply, asked: Asked) -> list[Told]:
        return self.read_readers(reply, asked.reference, asked.address)

    def readers_request(self, message_id: str, token: Secret) -> Request:
        """Ask who has read a message; the provider answers for 7 days."""
        url = f"{self.endpoint}/open-apis/im/v1/messages/{quote(message_id, safe='')}/read_users"
        headers = {"Authorization": f"Bearer {token.reveal()}"}
        return Request("GET", f"{url}?user_id_type=open_id&page_size=100", headers)

    def read_readers(self, reply: Reply, message_id: str, open_id: str) -> list[Told]:
        """`delivered` once this person has read it; nothing before, or where it cannot be read."""
        fields = json_object(reply.body) or {}
        data = fields.get("data")
        if fields.get("code") != 0 or not isinstance(data, dict):
            return []
        rows = [row for row in data.get("items") or () if isinstance(row, dict)]
        at = [row.get("timestamp") for row in rows if row.get("user_id") == open_id]
        said = evidence(NAME, message_id=message_id, read=at[0] if at else None)
        return [Told("delivered", said)] if at else []
