"""A provider's end of the wire, on loopback: replays documented bodies, refuses anything else."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

How = Literal["whole", "cut", "silent", "drip", "drip headers"]


@dataclass(frozen=True)
class Got:
    """A request as it arrived. headers: names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Played:
    """The next request that may come, and what it is answered."""

    method: str
    path: str
    body: bytes | str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    how: How = "whole"


class Loopback:
    """Answers exactly the requests that were announced, in their order."""

    def __init__(self) -> None:
        self.script: deque[Played] = deque()
        self.got: list[Got] = []
        self.unexpected: list[str] = []
        self.over = threading.Event()
        loopback = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                loopback.answer(self)

            def do_POST(self) -> None:
                loopback.answer(self)

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Say nothing."""

        self._handler, self._port, self._is_open = Handler, 0, False
        self.open()
        self.url = f"http://127.0.0.1:{self._port}"

    def open(self) -> None:
        """Listen; after an outage at the same port."""
        ThreadingHTTPServer.allow_reuse_address = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), self._handler)
        self._server.daemon_threads = True
        self._port, self._is_open = self._server.server_port, True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def away(self) -> None:
        """An outage: nothing listens."""
        if self._is_open:
            self._server.shutdown()
            self._server.server_close()
            self._is_open = False

    def plays(self, *played: Played) -> None:
        self.script.extend(played)

    def answer(self, at: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(at.path)
        body = at.rfile.read(int(at.headers.get("Content-Length") or 0))
        headers = {name.lower(): said for name, said in at.headers.items()}
        self.got.append(Got(at.command, parts.path, parts.query, headers, body))
        if not self.script:
            self.unexpected.append(f"{at.command} {parts.path}: nothing was expected")
            at.send_error(500)
            return
        played = self.script.popleft()
        if (played.method, played.path) != (at.command, parts.path):
            self.unexpected.append(f"{at.command} {parts.path}: expected {played.path}")
            at.send_error(500)
            return
        self._play(at, played)

    def _play(self, at: BaseHTTPRequestHandler, played: Played) -> None:
        body = played.body.encode() if isinstance(played.body, str) else played.body
        if played.how == "silent":
            self.over.wait(5)
            return
        if played.how == "drip headers":
            self._drip(at, b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50)
            return
        at.send_response(played.status)
        for name, said in played.headers.items():
            at.send_header(name, said)
        at.send_header("Content-Length", str(len(body)))
        at.end_headers()
        if played.how == "cut":
            at.wfile.write(body[: len(body) // 2])
        elif played.how == "drip":
            self._drip(at, body)
        else:
            at.wfile.write(body)

    def _drip(self, at: BaseHTTPRequestHandler, body: bytes) -> None:
        """A byte now and then: each comes before a socket's timeout, the whole never in time."""
        for index in range(len(body)):
            if self.over.wait(0.05):
                return
            try:
                at.wfile.write(body[index : index + 1])
                at.wfile.flush()
            except OSError:
                return

    def close(self) -> None:
        self.over.set()
        self.away()
