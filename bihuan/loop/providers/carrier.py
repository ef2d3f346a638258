"""Carries errands to a provider over HTTP, with an access token where it wants one.

A token that ran out is renewed once: the provider answers that before it takes anything, so the
message cannot go twice. Everything else is sent at most once.
"""

from __future__ import annotations

from typing import Protocol

from bihuan.base.time import SECOND_US
from bihuan.loop.providers.provider import (
    Adapter,
    Errand,
    Outcome,
    Refused,
    Reply,
    Request,
    Secret,
    Throttled,
    Unclear,
)
from bihuan.loop.providers.sender import LostError, NotSentError

EARLY_US = 60 * SECOND_US  # a token is renewed a minute before it ends


class Wire(Protocol):
    """What carries a request: `Sender`, or a relay."""

    def send(self, request: Request) -> Reply: ...


class HttpCarrier:
    """One configured provider. Not shared between threads: each dispatcher has its own."""

    def __init__(self, adapter: Adapter, wire: Wire) -> None:
        self.name, self.ring_s = adapter.name, adapter.ring_s
        self._adapter, self._wire = adapter, wire
        self._token, self._token_until_us = Secret(""), 0

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return (*self._adapter.secrets, self._token)

    def carry(self, errand: Errand) -> Outcome:
        """Send once. Raises BadInputError for an address or text that the provider cannot take."""
        outcome = self._once(errand)
        if isinstance(outcome, Refused) and outcome.reason == "token":
            self._token_until_us = 0
            outcome = self._once(errand)
        return outcome

    def _once(self, errand: Errand) -> Outcome:
        trouble = self._renew(errand.at_us)
        if trouble is not None:
            return trouble
        reply = self._exchange(self._adapter.request(errand, self._token))
        return self._adapter.read(reply, errand) if isinstance(reply, Reply) else reply

    def _renew(self, now_us: int) -> Outcome | None:
        """Get an access token where there is none that holds; what went wrong, else None."""
        asked = self._adapter.token_request()
        if asked is None or now_us < self._token_until_us:
            return None
        reply = self._exchange(asked)
        got = self._adapter.read_token(reply) if isinstance(reply, Reply) else reply
        if isinstance(got, Throttled | Refused):
            return got
        if isinstance(got, Unclear):  # no token, so certainly no message
            return Refused("other", f"{got.evidence}, no access token")
        self._token = got.text
        self._token_until_us = now_us + max(got.for_s * SECOND_US - EARLY_US, 0)
        return None

    def _exchange(self, request: Request) -> Reply | Refused | Unclear:
        try:
            return self._wire.send(request)
        except NotSentError as error:
            return Refused("other", f"{self.name}: not connected ({error})")
        except LostError as error:
            return Unclear(f"{self.name}: no whole reply ({error})")
