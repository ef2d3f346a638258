"""Providers of texts and calls on loopback, as their documents say; anything else fails the test.

One server answers Alibaba Cloud's SendSms, SingleCallByTts and QueryCallDetailByCallId, and
Tencent Cloud's SendSms, each with the documented bodies. `says` decides what a number gets.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

ALIYUN = {
    "ok": '{{"Code":"OK","Message":"OK","BizId":"{n}","CallId":"{n}","RequestId":"F655A8D5"}}',
    "throttle": '{{"Code":"isv.BUSINESS_LIMIT_CONTROL","Message":"触发分钟级流控Permits:1"}}',
    "balance": '{{"Code":"isv.AMOUNT_NOT_ENOUGH","Message":"账户余额不足"}}',
    "number": '{{"Code":"isv.MOBILE_NUMBER_ILLEGAL","Message":"非法手机号"}}',
    "garbage": "<html>{n}",
}
TENCENT = {
    "ok": '{{"Response":{{"SendStatusSet":[{{"SerialNo":"{n}","Code":"Ok"}}],"RequestId":"a"}}}}',
    "balance": '{{"Response":{{"SendStatusSet":[{{"SerialNo":"","Code":'
    '"FailedOperation.InsufficientBalanceInSmsPackage"}}]}}}}',
}


class Got(NamedTuple):
    """A request to send: by which provider, which action, to whom, with what."""

    provider: str
    action: str
    number: str
    params: dict[str, str] | list[str]
    template: str


MOST_HELD_S = 120  # a gate that a failed test never opened holds no thread for ever


class CarrierHouse:
    """says(got) names the body; seconds: how long each answer takes; gate: none until it is set."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.unexpected: list[str] = []
        self.says: Callable[[Got], str] = lambda _got: "ok"
        self.seconds = 0.0
        self.gate: threading.Event | None = None
        self.details: dict[str, str] = {}
        self._lock, self._count = threading.Lock(), 0
        self._over = threading.Event()
        self._at_once = self.most_at_once = 0
        house = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                house._answer(self)

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Say nothing."""

        self._handler = Handler
        self._server: ThreadingHTTPServer | None = None
        self.port = 0
        self.open()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def numbers(self) -> list[str]:
        """Who was written to or called, in the order of arrival."""
        with self._lock:
            return [got.number for got in self.got]

    def open(self) -> None:
        ThreadingHTTPServer.allow_reuse_address = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        """An outage: nothing listens."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _answer(self, at: BaseHTTPRequestHandler) -> None:
        query = {name: said[0] for name, said in parse_qs(urlsplit(at.path).query).items()}
        body = at.rfile.read(int(at.headers.get("Content-Length") or 0))
        action = at.headers.get("x-acs-action") or at.headers.get("X-TC-Action") or "none"
        if action == "QueryCallDetailByCallId":
            self._reply(at, self.details.get(query["CallId"], '{"Code":"isv.x"}'))
            return
        got = _read(at, action, query, body)
        if got is None:
            self.unexpected.append(f"{at.path} {action}")
            at.send_error(500)
            return
        with self._lock:
            self.got.append(got)
            self._count += 1
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            n = f"{got.provider}-{self._count}"
        if self.seconds:
            self._over.wait(self.seconds)  # a slow provider
        if self.gate is not None:
            self.gate.wait(MOST_HELD_S)
        with self._lock:
            self._at_once -= 1
        self._reply(
            at, (ALIYUN if got.provider == "aliyun" else TENCENT)[self.says(got)].format(n=n)
        )

    def _reply(self, at: BaseHTTPRequestHandler, body: str) -> None:
        at.send_response(200)
        at.send_header("Content-Type", "application/json")
        at.send_header("Content-Length", str(len(body.encode())))
        at.end_headers()
        at.wfile.write(body.encode())


def _read(
    at: BaseHTTPRequestHandler, action: str, query: dict[str, str], body: bytes
) -> Got | None:
    if action == "SendSms" and "PhoneNumbers" in query:
        params = json.loads(query["TemplateParam"])
        return Got("aliyun", action, query["PhoneNumbers"], params, query["TemplateCode"])
    if action == "SingleCallByTts":
        params = json.loads(query["TtsParam"])
        return Got("aliyun", action, query["CalledNumber"], params, query["TtsCode"])
    if action == "SendSms" and at.headers.get("X-TC-Version") == "2021-01-11":
        fields = json.loads(body)
        number = fields["PhoneNumberSet"][0].removeprefix("+86")
        return Got("tencent", action, number, fields["TemplateParamSet"], fields["TemplateId"])
    return None
