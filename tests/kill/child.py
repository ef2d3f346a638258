"""The process that is killed: gateway, engine, dispatcher and acts, on the data that is there."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from django.db import close_old_connections

from bihuan.base.errors import BadInputError
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.intake import Intake
from bihuan.gateway.tcp import TcpServer
from bihuan.gateway.worker import StoreWorker
from bihuan.journal.keys import KeyRing
from bihuan.journal.wake import Waiter
from bihuan.loop import answer
from bihuan.loop.act import Command, ForbiddenError, TakenError, act
from bihuan.loop.channels import Message, Told
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.engine import Engine
from bihuan.loop.models import Case, Delivery

IDLE_S = 0.005


@dataclass(frozen=True, slots=True)
class FastClock:
    """Time that runs `speed` times as fast, the same in every process of a run."""

    base_us: int
    started_ns: int
    speed: int

    def now_us(self) -> int:
        return self.base_us + (time.monotonic_ns() - self.started_ns) * self.speed // 1_000

    def monotonic_us(self) -> int:
        return (time.monotonic_ns() - self.started_ns) * self.speed // 1_000


class PhoneLog:
    """The far end of the wire: every message is one line in a file, whatever is killed after."""

    name = "phone"
    ring_s = 45

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def send(self, message: Message, now_us: int) -> list[Told]:
        os.write(self._file, f"{message.delivery_id}\n".encode())
        return [Told("accepted", "carrier"), Told("delivered", "rings")]


def run(data: Path, clock: FastClock, clicks: socket.socket) -> None:
    """Serve until killed. The bound port goes over `clicks` first, then answers to clicks."""
    keys = KeyRing(data / "keys.db")
    engine = threading.Thread(target=_engine, args=(data, clock), daemon=True)
    engine.start()
    asyncio.run(_serve(clock, keys, clicks))


def _engine(data: Path, clock: FastClock) -> None:
    engine = Engine(clock)
    dispatcher = Dispatcher(clock, {"phone": PhoneLog(data / "phone.log")}, f"e-{os.getpid()}")
    waiter = Waiter("engine")
    while True:
        dispatcher.recover()
        if not engine.run_once() + dispatcher.run_once():
            waiter.wait(IDLE_S)


async def _serve(clock: FastClock, keys: KeyRing, clicks: socket.socket) -> None:
    worker = StoreWorker(Intake(clock, keys))
    worker.start()
    port = await TcpServer(PROTOCOLS["watch"], worker, clock).start("127.0.0.1", 0)
    clicks.sendall(json.dumps({"port": port}).encode() + b"\n")
    threading.Thread(target=_clicks, args=(clock, keys, clicks), daemon=True).start()
    await asyncio.Event().wait()


def _clicks(clock: FastClock, keys: KeyRing, clicks: socket.socket) -> None:
    for line in clicks.makefile("rb"):
        asked = json.loads(line)
        close_old_connections()
        told = _open_work() if asked["do"] == "list" else _click(asked, clock, keys)
        clicks.sendall(json.dumps(told | {"n": asked["n"]}).encode() + b"\n")


def _open_work() -> dict[str, object]:
    """What a page would show: open cases, and calls that ring."""
    cases = Case.objects.exclude(state="closed").values_list("id", "state")
    calls = Delivery.objects.filter(state="delivered", purpose="call", ended_us=None)
    return {"cases": list(cases), "calls": list(calls.values_list("id", "person_id")[:20])}


def _click(asked: dict[str, object], clock: FastClock, keys: KeyRing) -> dict[str, object]:
    """Do it; `at` is the position of an act that was stored, absent where it was refused."""
    try:
        if asked["do"] == "confirm":
            at = answer.confirm(_int(asked, "call"), _int(asked, "person"), clock, keys)
        else:
            command = Command(
                act=str(asked["do"]),
                case_id=_int(asked, "case"),
                person_id=_int(asked, "person"),
                via="page",
                key=f"click-{asked['n']}",
                text="到家中，人没事",
            )
            at = act(command, clock, keys)
    except (TakenError, ForbiddenError, BadInputError) as refused:
        return {"refused": type(refused).__name__}
    return {"at": at}


def _int(asked: dict[str, object], name: str) -> int:
    found = asked[name]
    assert isinstance(found, int)
    return found
