"""What takes an errand to a provider; over HTTP with an access token where it wants one.

A token that ran out is renewed once: the provider answers that before it takes anything, so the
message cannot go twice. Everything else is sent at most once.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from bihuan.base.time import SECOND_US
from bihuan.loop.channels import Told
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


@dataclass(frozen=True, slots=True)
class Asked:
    """The question what became of a message. sent_us, at_us: when it was sent, and now, µs."""

    reference: str
    address: str = field(repr=False)
    sent_us: int
    at_us: int
    nonce: str


class Carrier(Protocol):
    """What takes an errand to a provider: over HTTP, SMTP or a modem. Safe between threads."""

    @property
    def name(self) -> str: ...

    @property
    def ring_s(self) -> int: ...

    @property
    def secrets(self) -> tuple[Secret, ...]: ...

    def carry(self, errand: Errand) -> Outcome: ...

    def look_up(self, asked: Asked) -> list[Told]:
        """What the provider says became of it; nothing where it cannot be asked."""
        ...


@runtime_checkable
class LooksUp(Protocol):
    """An adapter whose provider can be asked what became of a message."""

    def look_up(self, asked: Asked, token: Secret) -> Request: ...

    def read_look_up(self, reply: Reply, asked: Asked) -> list[Told]: ...


class Wire(Protocol):
    """What carries a request: `Sender`, or a relay."""

    def send(self, request: Request) -> Reply: ...


class HttpCarrier:
    """One configured provider. Threads share it and its token; one of them renews it."""

    def __init__(self, adapter: Adapter, wire: Wire) -> None:
        self.name, self.ring_s = adapter.name, adapter.ring_s
        self._adapter, self._wire = adapter, wire
        self._token, self._token_until_us = Secret(""), 0
        self._renewing = threading.Lock()

    @property
    def adapter(self) -> Adapter:
        """The provider's own ways: reading its callbacks."""
        return self._adapter

    @property
    def can_be_asked(self) -> bool:
        """Whether its provider tells what became of a message when it is asked."""
        return isinstance(self._adapter, LooksUp)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return (*self._adapter.secrets, self._token)

    def carry(self, errand: Errand) -> Outcome:
        """Send once. Raises BadInputError for an address or text that the provider cannot take."""
        outcome = self._once(errand)
        if isinstance(outcome, Refused) and outcome.reason == "token":
            outcome = self._once(errand)
        return outcome

    def look_up(self, asked: Asked) -> list[Told]:
        """Nothing where the provider cannot be asked, does not answer, or does not know yet."""
        adapter = self._adapter
        if not isinstance(adapter, LooksUp) or self._renew(asked.at_us) is not None:
            return []
        reply = self._exchange(adapter.look_up(asked, self._token))
        return adapter.read_look_up(reply, asked) if isinstance(reply, Reply) else []

    def _once(self, errand: Errand) -> Outcome:
        trouble = self._renew(errand.at_us)
        if trouble is not None:
            return trouble
        token = self._token
        reply = self._exchange(self._adapter.request(errand, token))
        if not isinstance(reply, Reply):
            return reply
        outcome = self._adapter.read(reply, errand)
        if isinstance(outcome, Refused) and outcome.reason == "token":
            self._forget(token)
        return outcome

    def _forget(self, token: Secret) -> None:
        with self._renewing:
            if self._token is token:  # else another thread has renewed it
                self._token_until_us = 0

    def _renew(self, now_us: int) -> Outcome | None:
        """Get an access token where there is none that holds; what went wrong, else None."""
        with self._renewing:
            asked = self._adapter.token_request()
            if asked is None or now_us < self._token_until_us:
                return None
            reply = self._exchange(asked)
            got = self._adapter.read_token(reply) if isinstance(reply, Reply) else reply
            if isinstance(got, Throttled | Refused):
                return got
            if isinstance(got, Unclear):  # no token, so certainly no message
                return Refused("outage", f"{got.evidence}, no access token")
            self._token = got.text
            self._token_until_us = now_us + max(got.for_s * SECOND_US - EARLY_US, 0)
            return None

    def _exchange(self, request: Request) -> Reply | Refused | Unclear:
        try:
            return self._wire.send(request)
        except NotSentError as error:
            return Refused("outage", f"{self.name}: not connected ({error})")
        except LostError as error:
            return Unclear(f"{self.name}: no whole reply ({error})")
