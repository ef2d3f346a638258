"""Signed webhooks: messages to another system, and what it tells us about them.

Ours on both ends, so both ends are here. The signature is HMAC-SHA256 over `time.id.body`; a
receiver refuses a time more than 5 minutes off and an id it has seen, so a copy is worthless.
The receiver answers 2xx with `{"id": <the same id>, "state": "accepted"}`: a bare 200 may come
from anything on the way and proves nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import get_args

from bihuan.base.errors import BadInputError, bad
from bihuan.base.time import MINUTE_US, SECOND_US
from bihuan.loop.entries import Fact
from bihuan.loop.providers.provider import (
    Errand,
    Outcome,
    Refused,
    Reply,
    Report,
    Request,
    Secret,
    Taken,
    Unclear,
    code,
    evidence,
    reported,
)
from bihuan.loop.providers.reading import Fields, callback_json, read_json
from bihuan.loop.providers.signed import NoToken

NAME = "webhook"
ID, SIGNATURE = "bihuan-id", "bihuan-signature"
ALLOWED_US = 5 * MINUTE_US
FACTS: tuple[Fact, ...] = tuple(fact for fact in get_args(Fact) if fact != "unknown")
_SIGNED = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})", re.ASCII)


def signature(secret: Secret, message_id: str, body: bytes, at_us: int) -> str:
    """`t=<seconds>,v1=<hex>` for the header bihuan-signature."""
    at_s = at_us // SECOND_US
    signed = f"{at_s}.{message_id}.".encode() + body
    return f"t={at_s},v1={hmac.new(secret.reveal().encode(), signed, hashlib.sha256).hexdigest()}"


def check(
    secret: Secret,
    headers: Mapping[str, str],
    body: bytes,
    now_us: int,
    is_new: Callable[[str], bool],
) -> str:
    """The id of a request that is ours, fresh and first. Raises BadInputError otherwise.

    headers  names in lower case
    is_new   keeps an id for at least 10 minutes and says whether it came for the first time
    """
    message_id, said = headers.get(ID, ""), headers.get(SIGNATURE, "")
    match = _SIGNED.fullmatch(said)
    if match is None or not message_id:
        raise bad(SIGNATURE, "none or not readable", "t=seconds,v1=64 hex digits, and an id")
    at_us = int(match[1]) * SECOND_US
    if not hmac.compare_digest(signature(secret, message_id, body, at_us), said):
        raise bad(SIGNATURE, "another", "the signature of this body under the shared secret")
    if abs(now_us - at_us) > ALLOWED_US:
        raise bad("time", f"{(now_us - at_us) // SECOND_US} s off", "at most 300 s off")
    if not is_new(message_id):
        raise bad(ID, "one seen before", "a new id")
    return message_id


@dataclass(frozen=True, slots=True)
class Webhook(NoToken):
    """Messages to one system of the county. The address is that system's name for the person."""

    url: str
    secret: Secret
    name: str = NAME
    ring_s: int = 0

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return (self.secret,)

    def request(self, errand: Errand, token: Secret) -> Request:
        message_id = _id(errand)
        fields = {
            "id": message_id,
            "to": errand.address,
            "title": errand.title,
            "text": errand.text,
            "params": dict(errand.params),
        }
        body = json.dumps(fields, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json",
            "Bihuan-Id": message_id,
            "Bihuan-Signature": signature(self.secret, message_id, body, errand.at_us),
        }
        return Request("POST", self.url, headers, body)

    def read(self, reply: Reply, errand: Errand) -> Outcome:
        return read_json(NAME, reply, lambda fields: self._read(fields, errand))

    def _read(self, fields: Fields, errand: Errand) -> Outcome:
        got, state = fields.get("id"), fields.get("state")
        if got == _id(errand) and state == "accepted":
            return Taken(got, evidence(NAME, id=got, state=state))
        if got == _id(errand) and state == "refused":
            return Refused("other", evidence(NAME, id=got, state=state, code=fields.get("code")))
        return Unclear(f"{evidence(NAME, id=got, state=state)}, not an answer to this message")

    def read_callback(
        self,
        headers: Mapping[str, str],
        body: bytes,
        now_us: int,
        is_new: Callable[[str], bool],
    ) -> Report:
        """What the other system tells: `{"message": id, "fact": …, "code": …}`, signed as ours.

        Raises BadInputError where it is not signed, not fresh, seen before, or not a fact.
        """
        check(self.secret, headers, body, now_us, is_new)
        return self.read_signed(body)

    def is_signed(self, headers: Mapping[str, str], body: bytes, now_us: int) -> bool:
        """Whether a push is ours and fresh; one that comes again is answered as before."""
        try:
            check(self.secret, headers, body, now_us, lambda _id: True)
        except BadInputError:
            return False
        return True

    def read_signed(self, body: bytes) -> Report:
        """The report in a push whose signature was checked. Raises BadInputError."""
        fields = callback_json(body, "a JSON object")
        fact = next((known for known in FACTS if known == fields.get("fact")), None)
        if fact is None:
            raise bad("fact", code(fields.get("fact")), " or ".join(FACTS))
        said = evidence(NAME, id=fields.get("message"), code=fields.get("code"))
        return reported(fields.get("message"), (fact, said))


def _id(errand: Errand) -> str:
    return f"{errand.key}-{errand.nonce[:16]}"
