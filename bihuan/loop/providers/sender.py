"""The one place where a provider's request goes over the wire: HTTPS, bounded, never redirected.

What matters to a message's fate is told apart: `NotSentError` is raised only while nothing of
the request had left, `LostError` once some of it may have arrived.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from contextlib import suppress
from urllib.parse import urlsplit

from bihuan.base.errors import bad
from bihuan.loop.providers.provider import Reply, Request

TIMEOUT_S = 10.0
MOST_BYTES = 1 << 20
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class NotSentError(Exception):
    """Nothing left this machine: no address, no connection, no trusted certificate."""


class LostError(Exception):
    """The request left and no whole reply came back in time."""


def is_allowed(url: str) -> bool:
    """HTTPS, or plain HTTP to this machine (a relay or a test on loopback)."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and parts.hostname in LOOPBACK


class Sender:
    """Sends one request and reads its whole reply within timeout_s."""

    def __init__(self, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._trust = ssl.create_default_context()  # verifies chain and host name

    def send(self, request: Request) -> Reply:
        """Raises NotSentError or LostError, whose texts name the kind of failure and no secret."""
        if not is_allowed(request.url):
            raise bad("url", urlsplit(request.url).scheme, "https, or http on loopback")
        deadline = time.monotonic() + self._timeout_s
        connection = self._connection(request.url)
        try:
            try:
                connection.connect()
            except OSError as error:  # ssl.SSLError and socket.gaierror are OSErrors
                raise NotSentError(type(error).__name__) from None
            cut = threading.Timer(max(deadline - time.monotonic(), 0.0), _cut, [connection.sock])
            cut.start()
            try:
                reply = _exchange(connection, request)
                if time.monotonic() >= deadline:  # it may have been cut short
                    raise TimeoutError
                return reply
            except (OSError, http.client.HTTPException) as error:
                raise LostError(type(error).__name__) from None
            finally:
                cut.cancel()
        finally:
            connection.close()

    def _connection(self, url: str) -> http.client.HTTPConnection:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme == "https":
            return http.client.HTTPSConnection(
                host, parts.port, timeout=self._timeout_s, context=self._trust
            )
        return http.client.HTTPConnection(host, parts.port, timeout=self._timeout_s)


def _exchange(connection: http.client.HTTPConnection, request: Request) -> Reply:
    parts = urlsplit(request.url)
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    connection.request(request.method, target, request.body or None, dict(request.headers))
    response = connection.getresponse()
    body = response.read(MOST_BYTES + 1)
    length = response.headers.get("Content-Length", "")
    if len(body) > MOST_BYTES or (length.isdigit() and len(body) < int(length)):
        raise http.client.IncompleteRead(b"")
    headers = {name.lower(): said for name, said in response.getheaders()}
    return Reply(response.status, headers, body)


def _cut(sock: socket.socket) -> None:
    """End an exchange from outside: a timeout of the socket would begin anew with every byte.

    It is handed the socket: the connection lets go of it once a closing reply has begun.
    """
    with suppress(OSError):  # it ended by itself in this moment
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
