"""A provider of texts on loopback, in a process of its own that outlives those that are killed.

It answers Alibaba Cloud's SendSms in the documented body and writes down each message's own id
(OutId) before it answers: what stands there has left, whoever was killed meanwhile.
"""

from __future__ import annotations

import os
import signal
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

ACCOUNT = "sms-a"


class Provider:
    """Forked before anything else, so that the harness itself has no thread."""

    def __init__(self, log: Path) -> None:
        listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self._pid = os.fork()
        if self._pid == 0:
            try:
                _serve(listening, os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600))
            finally:
                os._exit(3)
        listening.close()

    def close(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


def _serve(listening: socket.socket, log: int) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = parse_qs(urlsplit(self.path).query)
            out_id = query["OutId"][0].removeprefix("bh")
            os.write(log, f"{out_id}\n".encode())
            body = f'{{"Code":"OK","Message":"OK","BizId":"biz-{out_id}","RequestId":"F655A8D5"}}'
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Whoever asked was killed meanwhile: that is what this is for."""

    server = Server(("127.0.0.1", 0), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    server.daemon_threads = True
    server.serve_forever(0.05)
