"""What every outside sign-in has: a way there, a way back, and one identity or a refusal."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bihuan.base.time import MINUTE_US
from bihuan.loop.providers.carrier import Wire
from bihuan.loop.providers.provider import Reply, Request
from bihuan.loop.providers.reading import json_object
from bihuan.loop.providers.sender import LostError, NotSentError

TRIP_US = 10 * MINUTE_US
Fields = Mapping[str, Any]


class OutsideError(Exception):
    """The other side did not say who this is. reason: for the log, without secrets."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Trip:
    """One way there and back, kept in the session and good once.

    state     comes back with the browser: this browser asked
    nonce     comes back inside the signed token: this question was answered
    verifier  proves to the provider that who asks for the token began the trip (PKCE)
    callback  the address that the browser comes back to
    """

    state: str
    nonce: str
    verifier: str
    callback: str

    @classmethod
    def begins(cls, callback: str) -> Trip:
        state, nonce, verifier = (secrets.token_urlsafe(32) for _secret in range(3))
        return cls(state, nonce, verifier, callback)

    @property
    def challenge(self) -> str:
        """S256 of the verifier (RFC 7636)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True)
class Back:
    """What the browser brought back, when (µs), and what carries our own requests."""

    said: Mapping[str, str]
    now_us: int
    wire: Wire

    def code(self, name: str = "code") -> str:
        """The one-time code. Raises OutsideError where the person said no or it is missing."""
        if refusal := self.said.get("error"):
            raise OutsideError(f"refused: {refusal[:40]}")
        found = self.said.get(name, "")
        if not 0 < len(found) <= 2048:
            raise OutsideError(f"no {name} came back")
        return found

    def ask(self, request: Request) -> tuple[int, Fields]:
        """Status and JSON object of an answer. Raises OutsideError where there is none."""
        try:
            reply: Reply = self.wire.send(request)
        except (NotSentError, LostError) as error:
            raise OutsideError(f"no answer ({error})") from None
        fields = json_object(reply.body)
        if fields is None:
            raise OutsideError(f"HTTP {reply.status}, body not the documented one")
        return reply.status, fields


class Provider(Protocol):
    """One configured sign-in of elsewhere. title: what the button says (zh, en)."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> tuple[str, str]: ...

    def address(self, trip: Trip, back: Back) -> str:
        """Where the browser is sent. Raises OutsideError where the provider cannot be asked."""
        ...

    def identity(self, trip: Trip, back: Back) -> str:
        """The lasting id of who came back, never a name. Raises OutsideError."""
        ...


def text(fields: Fields, name: str) -> str:
    """A text of an answer that must be there. Raises OutsideError otherwise."""
    found = fields.get(name)
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    if not isinstance(found, str) or not 0 < len(found) <= 4096:
        raise OutsideError(f"no {name} in the answer")
    return found
