"""Who sends: tokens and signatures, and how much each sender may send.

A token stands in `Authorization: Bearer …`. A signed request has instead

    Bihuan-Sender: 7
    Bihuan-Id: a word that the sender uses once
    Bihuan-Signature: t=<seconds>,v1=<hex of HMAC-SHA256(secret, "<seconds>.<id>.<body>")>

as our own webhooks do. Its time may be five minutes off; its id is the delivery's key, which
stands in the journal for a day: replayed, it adds nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bihuan.base.errors import Fault, shown
from bihuan.base.time import SECOND_US, Clock
from bihuan.gateway.http.request import RefusedError
from bihuan.register.senders.acts import Sender, digest_of

STALE_US = 2 * SECOND_US
OFF_S = 300
BURST_S = 10.0
_SIGNATURE = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_UNKNOWN = Fault("Authorization", "no key that is in force", "Bearer and the token of a sender")

Load = Callable[[], Awaitable[list[Sender]]]


class Senders:
    """The keys in force, read again every two seconds. load: reads them off the event loop."""

    def __init__(self, load: Load, clock: Clock) -> None:
        self._load, self._clock = load, clock
        self._loaded_us: int | None = None
        self._by_digest: dict[str, Sender] = {}
        self._by_id: dict[int, Sender] = {}
        self._loading = asyncio.Lock()

    async def with_token(self, token: str) -> Sender:
        """The sender of a token; raises RefusedError 401."""
        await self._refresh()
        found = self._by_digest.get(digest_of(token))
        if found is None:
            raise refused()
        return found

    async def with_id(self, number: str) -> Sender:
        """The sender that a signed request names; raises RefusedError 401."""
        await self._refresh()
        is_number = number.isascii() and number.isdigit() and len(number) < 17
        found = self._by_id.get(int(number)) if is_number else None
        if found is None:
            raise refused()
        return found

    async def _refresh(self) -> None:
        async with self._loading:
            now_us = self._clock.monotonic_us()
            if self._loaded_us is not None and now_us - self._loaded_us < STALE_US:
                return
            found = await self._load()
            self._loaded_us = now_us
            self._by_digest = {one.digest: one for one in found}
            self._by_id = {one.id: one for one in found}


class Meter:
    """How much each sender has left: readings a second on average, ten seconds' worth at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left: dict[int, tuple[float, int]] = {}  # what was left, and when (monotonic µs)

    def take(self, sender: Sender, weight: int) -> None:
        """Take so much; raises RefusedError 429 with the time until there is room."""
        now_us = self._clock.monotonic_us()
        # one request of the most that fits into one is always possible
        most = max(sender.rows_per_s * BURST_S, float(weight))
        left, since_us = self._left.get(sender.id, (most, now_us))
        left = min(most, left + (now_us - since_us) / SECOND_US * sender.rows_per_s)
        if left < weight:
            wait_s = max(1, round((weight - left) / sender.rows_per_s + 0.5))
            self._left[sender.id] = left, now_us
            fault = Fault("rate", f"{weight} more", f"{sender.rows_per_s:g} a second")
            raise RefusedError(429, fault, {"Retry-After": str(wait_s)})
        self._left[sender.id] = left - weight, now_us


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature as it was given."""

    key: str
    at_s: int
    mark: str


def signature_of(headers: Mapping[str, str], now_us: int) -> Signed:
    """The signature of a request; raises RefusedError 401 where it is none or too old."""
    found = _SIGNATURE.fullmatch(headers.get("bihuan-signature", ""))
    key = headers.get("bihuan-id", "")
    if found is None or not _KEY.fullmatch(key):
        want = "t=seconds,v1=hex beside a Bihuan-Id of 1 to 128 characters"
        raise refused(Fault("Bihuan-Signature", "none that can be read", want))
    at_s = int(found[1])
    off_s = abs(now_us // SECOND_US - at_s)
    if off_s > OFF_S:
        raise refused(Fault("Bihuan-Signature", f"{off_s} s off", f"at most {OFF_S} s"))
    return Signed(key, at_s, found[2])


def check_signature(signed: Signed, sender: Sender, body: bytes) -> None:
    """Raise RefusedError 401 unless the signature is this sender's over this body."""
    said = f"{signed.at_s}.{signed.key}.".encode() + body
    made = hmac.new(sender.secret, said, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(made, signed.mark):
        raise refused(Fault("Bihuan-Signature", "another signature", "the one of this body"))


def delivery_key(headers: Mapping[str, str]) -> str | None:
    """The Idempotency-Key of a request; raises RefusedError 400 for one that is none."""
    key = headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        want = "1 to 128 visible ASCII characters"
        raise RefusedError(400, Fault("Idempotency-Key", shown(key, 40), want))
    return key


def refused(fault: Fault = _UNKNOWN) -> RefusedError:
    """401: nobody we know."""
    return RefusedError(401, fault, {"WWW-Authenticate": "Bearer"})
