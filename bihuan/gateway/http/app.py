"""The ASGI application: who may, how much, then the route's handler; every refusal says why.

The order of the checks is the order of their cost: path, key, kind, length, then the body.
Nothing is answered with success before it is durable.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from contextlib import suppress
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl

import structlog

from bihuan.base.errors import BadInputError, Fault, shown
from bihuan.base.time import Clock
from bihuan.gateway.http import access, open311
from bihuan.gateway.http.access import Meter, Senders
from bihuan.gateway.http.request import Answer, RefusedError, Request, faulty, said
from bihuan.gateway.http.routes import Route, route_of
from bihuan.gateway.worker import QueueFullError
from bihuan.register.senders.acts import Sender

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PIECE_S: Final = 10.0  # a body that says nothing for so long is given up
BODY_S: Final = 30.0
DRAINED_S: Final = 2.0  # how long, and how much, of a refused body is read and dropped
DRAINED_BYTES: Final = 16 * 1024 * 1024
MOST_BYTES_AT_ONCE: Final = 64 * 1024 * 1024
MOST_READING_BYTES: Final = 32 * 1024 * 1024  # the rest is kept for signals and warnings
MOST_AT_ONCE: Final = 64  # requests of one sender
log = structlog.get_logger(__name__)


class GoneError(Exception):
    """The sender hung up."""


class HasRoutes(Protocol):
    """The addresses of a gateway: the core's, or a spool's."""

    @property
    def routes(self) -> Sequence[Route]: ...


class IntakeApp:
    """Serves one gateway process, on its event loop."""

    def __init__(self, routes: HasRoutes, senders: Senders, clock: Clock) -> None:
        self._routes, self._senders, self._clock = routes, senders, clock
        self._signals_meter = Meter(clock)
        self._bytes_at_once = 0
        self._at_once: Counter[int] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as ASGI 3 has it."""
        if scope["type"] != "http":
            return
        body = _Incoming(receive)
        try:
            answer = await self._answered(scope, body)
        except GoneError:
            return
        headers = {"content-type": answer.media_type, "x-content-type-options": "nosniff"}
        headers |= {name.lower(): text for name, text in answer.headers.items()}
        if answer.status in (401, 408, 413):
            headers["connection"] = "close"
        if answer.status in (401, 413):
            await body.drain()
        listed = [
            (name.encode("latin-1"), text.encode("latin-1")) for name, text in headers.items()
        ]
        listed.append((b"content-length", str(len(answer.content)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": listed})
        await send({"type": "http.response.body", "body": answer.content})

    async def _answered(self, scope: Scope, receive: _Incoming) -> Answer:
        try:
            return await self._served(scope, receive)
        except RefusedError as error:
            return said(error.status, {"faults": [error.fault.as_dict()]}, error.headers)
        except BadInputError as error:
            return faulty(list(error.faults))
        except QueueFullError:
            return _busy("the queue is full")
        except GoneError:
            raise
        except Exception as error:  # noqa: BLE001 - the process edge: not stored, so not acknowledged; the sender sends again
            log.error("request not stored", error=type(error).__name__, path=scope["path"][:8])
            return _busy("not stored")

    async def _served(self, scope: Scope, receive: _Incoming) -> Answer:
        if scope["path"] == "/health":
            return said(200, {"state": "serving"})
        route, rest = route_of(self._routes.routes, scope["method"], scope["path"])
        headers = {
            name.decode("latin-1").lower(): text.decode("latin-1")
            for name, text in scope["headers"]
        }
        if headers.get("content-encoding", "identity") != "identity":
            got = shown(headers["content-encoding"], 40)
            raise RefusedError(415, Fault("Content-Encoding", got, "identity"))
        if route.has_key_in_path:
            with _Held(self, route, 0, _length(headers, route.most_bytes)):
                body = await _body(receive, route.most_bytes)
                return await route.handler(self._request(None, scope, rest, headers, body, None))
        if not route.is_public:
            return await self._of_sender(route, rest, scope, headers, receive)
        return await route.handler(self._request(None, scope, rest, headers, b"", None))

    async def _of_sender(
        self, route: Route, rest: str, scope: Scope, headers: dict[str, str], receive: _Incoming
    ) -> Answer:
        """Serve a request for which a key is needed."""
        signed, sender = await self._named(route, headers)
        if sender is not None:
            _must_be_allowed(route, sender)
        length = _length(headers, route.most_bytes)
        who = 0 if sender is None else sender.id
        with _Held(self, route, who, length):
            body = await _body(receive, route.most_bytes)
            if sender is None:
                sender = await self._senders.with_token(open311.api_key(body))
                _must_be_allowed(route, sender)
            key = access.delivery_key(headers)
            if signed is not None:
                access.check_signature(signed, sender, body)
                key = signed.key
            if not route.is_metered_by_rows:
                self._signals_meter.take(sender, 1)
            return await route.handler(self._request(sender, scope, rest, headers, body, key))

    async def _named(
        self, route: Route, headers: Mapping[str, str]
    ) -> tuple[access.Signed | None, Sender | None]:
        """Signature and sender; no sender where the form itself holds the key."""
        if "bihuan-sender" in headers:
            signed = access.signature_of(headers, self._clock.now_us())
            return signed, await self._senders.with_id(headers["bihuan-sender"])
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return None, await self._senders.with_token(token.strip())
        if route.has_key_in_form:
            return None, None
        raise access.refused()

    def _request(
        self,
        sender: Sender | None,
        scope: Scope,
        rest: str,
        headers: dict[str, str],
        body: bytes,
        key: str | None,
    ) -> Request:
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=50))
        return Request(
            sender=sender or NOBODY,
            method=scope["method"],
            path=rest,
            query=query,
            headers=headers,
            body=body,
            key=key,
            received_us=self._clock.now_us(),
        )


NOBODY: Final = Sender(0, "nobody", "", frozenset(), (), frozenset(), 1.0)


class _Held:
    """Room for one body, given back at the end; readings leave some to what is urgent."""

    def __init__(self, app: IntakeApp, route: Route, who: int, length: int) -> None:
        self._app, self._who, self._length = app, who, length
        most = MOST_READING_BYTES if route.is_metered_by_rows else MOST_BYTES_AT_ONCE
        if app._bytes_at_once + length > most:
            raise QueueFullError
        if app._at_once[who] >= MOST_AT_ONCE:
            fault = Fault("requests", f"{MOST_AT_ONCE} at once", "fewer at once")
            raise RefusedError(429, fault, {"Retry-After": "1"})

    def __enter__(self) -> None:
        self._app._bytes_at_once += self._length
        self._app._at_once[self._who] += 1

    def __exit__(self, *_error: object) -> None:
        self._app._bytes_at_once -= self._length
        self._app._at_once[self._who] -= 1
        if not self._app._at_once[self._who]:
            del self._app._at_once[self._who]


def _must_be_allowed(route: Route, sender: Sender) -> None:
    if route.kind not in sender.kinds:
        raise RefusedError(403, Fault("key", f"{sender.name}'s", f"one for {route.kind}"))


def _length(headers: Mapping[str, str], most: int) -> int:
    """How many bytes are announced; without a word, the most that are read."""
    told = headers.get("content-length")
    if told is None:
        return most
    if not (told.isascii() and told.isdigit()) or len(told) > 15:
        raise RefusedError(400, Fault("Content-Length", shown(told, 40), "a number of bytes"))
    if int(told) > most:
        raise RefusedError(413, Fault("body", f"{told} bytes", f"at most {most} bytes"))
    return int(told)


class _Incoming:
    """The pieces of a request's body; whether there may be more of them."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._is_over = False

    async def __call__(self) -> MutableMapping[str, Any]:
        message = await self._receive()
        self._is_over = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def drain(self) -> None:
        """Read and drop what is left, within limits.

        A sender that is still writing when the connection closes would see it reset, and never
        read why its request was refused.
        """
        size = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAINED_S):
                while not self._is_over and size < DRAINED_BYTES:
                    size += len((await self()).get("body", b""))


async def _body(receive: Receive, most: int) -> bytes:
    """The whole body; raises RefusedError 408 or 413, GoneError where the sender hung up."""
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_S):
            while True:
                message = await asyncio.wait_for(receive(), PIECE_S)
                if message["type"] != "http.request":
                    raise GoneError
                pieces.append(message.get("body", b""))
                size += len(pieces[-1])
                if size > most:
                    raise RefusedError(
                        413, Fault("body", f"{size} bytes and more", f"at most {most} bytes")
                    )
                if not message.get("more_body", False):
                    return b"".join(pieces)
    except TimeoutError:
        want = f"a piece each {PIECE_S:g} s and the whole within {BODY_S:g} s"
        raise RefusedError(408, Fault("body", f"{size} bytes so far", want)) from None


def _busy(why: str) -> Answer:
    fault = Fault("gateway", why, "send the same again").as_dict()
    return said(503, {"faults": [fault]}, {"Retry-After": "1"})
