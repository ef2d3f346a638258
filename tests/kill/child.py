"""The process that is killed: gateway, engine, dispatcher and acts, on the data that is there."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.db import DatabaseError, close_old_connections

from bihuan.base.errors import BadInputError
from bihuan.base.time import datetime_of
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.intake import Intake
from bihuan.gateway.take import Desk
from bihuan.gateway.tcp import TcpServer
from bihuan.gateway.worker import StoreWorker
from bihuan.journal.keys import KeyRing
from bihuan.journal.wake import Waiter
from bihuan.loop import answer
from bihuan.loop.act import Command, ForbiddenError, TakenError, act
from bihuan.loop.cases.report import Report, report
from bihuan.loop.channels import Message, Told
from bihuan.loop.delivery.accounts import Accounts
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.engine import Engine
from bihuan.loop.models import Case, Delivery
from tests.kill import callouts

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
    engine = threading.Thread(target=_engine, args=(data, clock, keys), daemon=True)
    engine.start()
    asyncio.run(_serve(clock, keys, clicks))


def _engine(data: Path, clock: FastClock, keys: KeyRing) -> None:
    engine = Engine(clock)
    phones, accounts = {"phone": PhoneLog(data / "phone.log")}, (Accounts(), keys)
    dispatcher = Dispatcher(clock, phones, f"e-{os.getpid()}", accounts)
    waiter = Waiter("engine")
    while True:
        try:
            dispatcher.recover()
            is_busy = engine.run_once() + dispatcher.run_once()
        except DatabaseError:  # "database is locked": the next turn finds it again, as in `serve`
            close_old_connections()
            is_busy = 0
        if not is_busy:
            waiter.wait(IDLE_S)


async def _at_once(_seconds: float) -> None:
    """Time here runs 600 times as fast: the measures of a device are another test's."""


async def _serve(clock: FastClock, keys: KeyRing, clicks: socket.socket) -> None:
    worker = StoreWorker(Intake(clock, keys))
    worker.start()
    desk = Desk(worker, clock, rest=_at_once)
    ports = {}
    for name, protocol in PROTOCOLS.items():
        ports[name] = await TcpServer(protocol, desk).start("127.0.0.1", 0)
    clicks.sendall(json.dumps({"ports": ports}).encode() + b"\n")
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
    ringing = list(calls.values_list("id", "person_id")[:20])
    return {"cases": list(cases), "calls": ringing, **callouts.shown()}


def _click(asked: dict[str, object], clock: FastClock, keys: KeyRing) -> dict[str, object]:
    """Do it; `at` is the position of an act that was stored, absent where it was refused."""
    try:
        if asked["do"] == "confirm":
            at = answer.confirm(_int(asked, "call"), _int(asked, "person"), clock, keys)
        elif asked["do"] in callouts.DOES:
            at = callouts.do(asked, clock, keys)
        elif asked["do"] == "report_matter":
            at = report(_matter(asked), clock, keys)
        else:
            command = Command(
                act=str(asked["do"]),
                case_id=_int(asked, "case"),
                person_id=_int(asked, "person"),
                via="page",
                key=f"click-{asked['n']}",
                text="到家中，人没事",
                answer="已经办好",
                fields=_fields(asked, clock),
            )
            at = act(command, clock, keys)
    except (TakenError, ForbiddenError, BadInputError) as refused:
        return {"refused": type(refused).__name__}
    except DatabaseError as busy:  # a page says 503, and the same click is made again
        return {"busy": str(busy)}
    return {"at": at}


def _matter(asked: dict[str, object]) -> Report:
    return Report(
        scenario="town_matters",
        kind="road",
        area_id=_int(asked, "area"),
        text="村口路坏了",
        via="web",
        key=f"click-{asked['n']}",
        origin_id=_int(asked, "person"),
    )


def _fields(asked: dict[str, object], clock: FastClock) -> dict[str, str]:
    """What an act of a matter asks for; a time ahead is said by the clock of all processes."""
    said = {str(name): str(text) for name, text in asked.items() if str(name).startswith("f-")}
    if "f-until" in said:
        until = datetime_of(clock.now_us()) + timedelta(days=int(said["f-until"]))
        said["f-until"] = until.isoformat()
    return {name.removeprefix("f-"): text for name, text in said.items()}


def _int(asked: dict[str, object], name: str) -> int:
    found = asked[name]
    assert isinstance(found, int)
    return found
