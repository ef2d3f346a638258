"""The database goes for some seconds under running parts: none ends, nothing is lost, no storm.

PostgreSQL: a proxy in front of it is stopped. SQLite: every file is locked for longer than a
write waits. The engine's clock runs 60 times as fast, so that 300 s of the county pass meanwhile.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.gateway.mosquitto import pause, wait_for
from tests.kill.frames import Frame, frame
from tests.kill.outage import CORE, ZONE
from tests.kill.stopped import Lock, Proxy
from tools.postgres import named

pytestmark = pytest.mark.both_databases
ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120.0
DOWN_S = {"postgresql": 5.0, "sqlite": 7.0}  # SQLite's writers wait 5 s before they give up
AWAY_WORDS = {"zh-CN": "数据库暂时不可用", "en": "The database is away"}


class Running:
    """The parts, the site and a spool as processes; bands that send again until answered."""

    def __init__(self, folder: Path, address: str) -> None:
        self.kind = "postgresql" if address else "sqlite"
        self.core, self._zone = folder / "core", folder / "zone"
        self.switch: Proxy | Lock = Proxy(address) if address else Lock(self.core)
        (handover, self.web) = _free_ports(2)
        self.environment = {
            **os.environ,
            "BIHUAN_DATA": str(self.core),
            "BIHUAN_DATABASE": "",
            "DJANGO_SETTINGS_MODULE": "bihuan.wiring.settings",
            "BIHUAN_SPOOLS": f"127.0.0.1:{handover}",
            "BIHUAN_SPOOL_KEY": str(self._zone / "handover.key"),
        }
        if isinstance(self.switch, Proxy):
            through = {"host": "127.0.0.1", "port": self.switch.port}
            self.environment["BIHUAN_DATABASE"] = make_conninfo(address, **through)
        self.sent: list[Frame] = []
        self.acked: set[int] = set()
        self.processes: list[subprocess.Popen[str]] = []
        self.ended: list[str] = []
        self.ports = {"zone": self._spool(handover)}
        self.parts = self._start(["-m", "tests.kill.outage", "parts"], self.environment)
        told = self._told("key", "watch")
        self.key, self.ports["core"] = told["key"], int(told["watch"])
        self._start(["-m", "bihuan", "web", f"--port={self.web}"], self.environment)

    def _start(self, words: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
        log = (self.core.parent / f"{len(self.processes)}.log").open("w")
        process = subprocess.Popen(
            [sys.executable, *words],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        log.close()
        self.processes.append(process)
        return process

    def _spool(self, handover: int) -> int:
        words = [f"--spool={self._zone}", f"--handover=127.0.0.1:{handover}"]
        # no county, no database of the core: another machine
        environment = self.environment | {"BIHUAN_DATA": str(self._zone / "none")}
        for key in ("BIHUAN_SPOOLS", "BIHUAN_SPOOL_KEY", "BIHUAN_DATABASE"):
            environment.pop(key)
        self._start(["-m", "bihuan", "gateway", "--listen", "watch=0", *words], environment)
        log = self.core.parent / "0.log"
        wait_for(lambda: "watch:" in log.read_text(), PATIENCE_S)
        line = next(one for one in log.read_text().splitlines() if one.startswith("watch:"))
        return int(line.rpartition(":")[2])

    def _told(self, *names: str) -> dict[str, str]:
        found: dict[str, str] = {}
        assert self.parts.stdout is not None
        while not found.keys() >= set(names):
            name, _, words = self.parts.stdout.readline().strip().partition(" ")
            assert name, self.log(1)
            found[name] = words
        return found

    def log(self, n: int) -> str:
        return (self.core.parent / f"{n}.log").read_text()[-3000:]

    def ask(self, path: str, said: object = None, **headers: str) -> tuple[int, str]:
        """One request to the site; (status, body)."""
        body = None if said is None else json.dumps(said)
        with closing(http.client.HTTPConnection("127.0.0.1", self.web, timeout=30)) as line:
            headers = {"Content-Type": "application/json", **headers}
            line.request("GET" if body is None else "POST", path, body, headers)
            answer = line.getresponse()
            return answer.status, answer.read().decode()

    def api(self, path: str, said: object = None, **headers: str) -> tuple[int, Any]:
        more = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": "outage-1", **headers}
        status, body = self.ask(f"/api/v1{path}", said, **more)
        return status, json.loads(body)

    def health(self) -> dict[str, Any]:
        with suppress(OSError, http.client.HTTPException):
            status, body = self.ask("/health")
            said: dict[str, Any] = json.loads(body)
            return said | {"code": status}
        return {"code": 0}

    def send(self, where: str, *frames: Frame, most_s: float = 3.0) -> int:
        """Send each over a line of its own and wait for its answer; how many were answered."""
        self.sent += [one for one in frames if one not in self.sent]
        return sum(self._answered(where, one, most_s) for one in frames)

    def _answered(self, where: str, one: Frame, most_s: float) -> bool:
        got, until = b"", time.monotonic() + most_s
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.ports[where])) as line:
            line.sendall(one.raw)
            line.settimeout(most_s)
            while one.reply not in got and time.monotonic() < until:
                part = line.recv(65536)
                if not part:
                    break
                got += part
        if one.reply in got:
            self.acked.add(one.n)
        return one.reply in got

    def calls(self) -> int:
        log = self.core / "phone.log"
        return len(log.read_text().splitlines()) if log.exists() else 0

    def cases(self) -> list[dict[str, Any]]:
        status, said = self.api("/cases?limit=100")
        return said["cases"] if status == 200 else []

    def wait(self, what: Callable[[], bool]) -> None:
        """Wait until it is so, as long as every part lives."""

        def holds() -> bool:
            assert self.parts.poll() is None, f"a part ended: {self.log(1)}"
            return what()

        wait_for(holds, PATIENCE_S)

    def judge(self) -> list[str]:
        said = [(one.n, one.band, one.is_sos) for one in self.sent]
        done = subprocess.run(
            [sys.executable, "-m", "tests.kill.outage", "judge"],
            cwd=ROOT,
            env=self.environment,
            input=json.dumps({"sent": said, "acked": sorted(self.acked)}),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout, done.stderr[-2000:]
        found: list[str] = json.loads(done.stdout)
        return found

    def end(self) -> None:
        """Ask all to end; the parts say how they ended."""
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                said, _ = process.communicate(timeout=PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                said, _ = process.communicate()
            self.ended += [line for line in said.splitlines() if line.startswith("ended")]


def _free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _run(address: str, statement: str, name: str) -> None:
    with psycopg.connect(named(address, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


@pytest.fixture
def running() -> Iterator[Running]:
    folder = Path(tempfile.mkdtemp(prefix="bo-"))
    (folder / "core").mkdir()
    address, name = os.environ.get("BIHUAN_DATABASE", ""), f"bihuan_outage_{os.getpid()}"
    if address:
        _run(address, "CREATE DATABASE {}", name)
    found = Running(folder, named(address, name) if address else "")
    try:
        yield found
    finally:
        found.end()
        if isinstance(found.switch, Proxy):
            found.switch.stop()
            _run(address, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        shutil.rmtree(folder)


def press(n: int, band: str) -> Frame:
    return frame(n, band, is_sos=True, has_index=True)


def steps(n: int, band: str) -> Frame:
    return frame(n, band, is_sos=False, has_index=True)


def while_away(it: Running, case: int) -> None:
    """What devices, people and systems are told until the database is back."""
    until = time.monotonic() + DOWN_S[it.kind]
    taken = f"/cases/{case}/acts", {"act": "take"}
    assert it.send("zone", press(20, ZONE[1]), steps(21, ZONE[0])) == 2  # the spool answers
    if it.kind == "postgresql":
        said = it.health()
        assert (said["code"], said["status"], said["database"]) == (503, "fault", "away")
        for language, words in AWAY_WORDS.items():
            status, page = it.ask("/sign-in/", **{"Accept-Language": language})
            assert (status, words in page) == (503, True)
            status, told = it.api(*taken, **{"Accept-Language": language})
            assert (status, words in told["error"]) == (503, True)
        assert it.api("/cases")[0] == 503
    else:
        assert it.ask("/sign-in/")[0] == 200  # who only reads does not wait for a lock
        assert it.api(*taken)[0] == 503
    before = len(it.acked)
    it.send("core", press(22, CORE[2]), steps(23, CORE[3]), most_s=0.5)
    assert len(it.acked) == before, "answered what cannot be stored"
    while time.monotonic() < until:
        pause(0.05)


def test_outage_ends_no_part_loses_nothing_and_brings_no_storm(running: Running) -> None:
    it = running
    it.wait(lambda: it.health()["code"] == 200)
    early = [press(1, CORE[0]), press(2, CORE[1]), *(steps(n, CORE[n % 4]) for n in range(3, 9))]
    it.wait(lambda: it.send("core", *early) == len(early))
    assert it.send("zone", press(10, ZONE[0])) == 1
    it.wait(lambda: len(it.cases()) == 3 and it.calls() >= 6)
    case = min(one["id"] for one in it.cases())
    it.switch.stop()
    try:
        while_away(it, case)
    finally:
        it.switch.start()
    late = [one for one in it.sent if one.n not in it.acked]
    it.wait(lambda: it.send("core", *late) == len(late))
    it.wait(lambda: it.api(f"/cases/{case}/acts", {"act": "take"})[0] == 200)
    once = [it.api(f"/cases/{case}/acts", {"act": "take"})[1] for _again in range(2)]
    assert once[0] == once[1]
    it.wait(lambda: len(it.cases()) == 5)  # of the spool too
    it.wait(lambda: it.health()["code"] == 200)
    called = it.calls()
    it.wait(lambda: it.calls() >= called + 4)  # ladders go on climbing
    it.end()
    assert it.ended == [], it.log(1)
    assert it.parts.returncode == 0, it.log(1)
    assert it.judge() == []
