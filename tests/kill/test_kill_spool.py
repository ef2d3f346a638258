"""Spool and core as processes, one or the other killed: nothing lost, nothing twice."""

from __future__ import annotations

import json
import os
import random
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.gateway.mosquitto import wait_for
from tests.kill.frames import Frame, frame
from tests.kill.spool import BANDS

ROOT = Path(__file__).resolve().parents[2]
SEED = 20260302
PATIENCE_S = 60.0


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="bs-"))
    yield made
    shutil.rmtree(made)


class Zones:
    """Both processes, and bands that send again until they are answered."""

    def __init__(self, folder: Path, *, is_spool_dialling: bool) -> None:
        self.rng = random.Random(SEED)
        self._zone, self._core = folder / "zone", folder / "core"
        (self._port,) = free_ports(1)
        at = f"127.0.0.1:{self._port}"
        self._environment = {
            **os.environ,
            "BIHUAN_DATA": str(self._core),
            "BIHUAN_DATABASE": "",
            "DJANGO_SETTINGS_MODULE": "bihuan.wiring.settings",
            "BIHUAN_SPOOLS_AT" if is_spool_dialling else "BIHUAN_SPOOLS": at,
            "BIHUAN_SPOOL_KEY": str(self._zone / "handover.key"),
        }
        self._dialling = [f"--core={at}" if is_spool_dialling else f"--handover={at}"]
        self.processes: dict[str, subprocess.Popen[str]] = {}
        self.device_port = 0
        self.sent: list[Frame] = []
        self.acked: set[int] = set()
        self._waiting: dict[str, Frame | None] = dict.fromkeys(BANDS)

    def tool(self, name: str, said: object = None) -> dict[str, list[str]]:
        done = subprocess.run(
            [sys.executable, "-m", "tests.kill.spool", name],
            cwd=ROOT,
            env=self._environment,
            input=json.dumps(said),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        found: dict[str, list[str]] = json.loads(done.stdout)
        return found

    def start(self, name: str) -> None:
        if name == "spool":
            words = [f"--spool={self._zone}", *self._dialling]
            # no county, no database of the core: another machine
            environment = self._environment | {"BIHUAN_DATA": str(self._zone / "none")}
            for key in ("BIHUAN_SPOOLS", "BIHUAN_SPOOLS_AT", "BIHUAN_SPOOL_KEY"):
                environment.pop(key, None)
        else:
            words, environment = [], self._environment
        process = subprocess.Popen(
            [sys.executable, "-m", "bihuan", "gateway", "--listen", "watch=0", *words],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("watch:"):
                break
        else:
            raise AssertionError(f"{name} ended before it listened")
        if name == "spool":
            self.device_port = int(line.rpartition(":")[2])
        self.processes[name] = process

    def kill(self, name: str) -> None:
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE_S)
        assert process.stderr is not None
        process.stderr.close()

    def talk(self, seconds: float, *, is_new: bool = True) -> None:
        """Bands at work for so long; what had no answer is sent again first."""
        until = time.monotonic() + seconds
        lines: dict[socket.socket, str] = {}
        with suppress(OSError):
            for band, waiting in self._waiting.items():
                line = socket.create_connection(("127.0.0.1", self.device_port), timeout=2)
                lines[line] = band
                if waiting is not None:
                    line.sendall(waiting.raw)
            while time.monotonic() < until and (is_new or any(self._waiting.values())):
                self._turn(lines, is_new=is_new)
        for line in lines:
            line.close()

    def _turn(self, lines: dict[socket.socket, str], *, is_new: bool) -> None:
        for line, band in lines.items():
            if is_new and self._waiting[band] is None:
                made = frame(
                    len(self.sent) + 1,
                    band,
                    is_sos=self.rng.random() < 0.2,
                    has_index=True,
                )
                self._waiting[band] = made
                self.sent.append(made)
                line.sendall(made.raw)
        for line in select.select(list(lines), [], [], 0.05)[0]:
            waiting = self._waiting[lines[line]]
            data = line.recv(65536)
            if not data:
                raise ConnectionError
            if waiting is not None and waiting.reply in data:
                self.acked.add(waiting.n)
                self._waiting[lines[line]] = None

    def drain(self) -> None:
        """Wait until the core has all that the spool keeps."""
        self.talk(30, is_new=False)
        wait_for(lambda: not self.left(), PATIENCE_S)

    def left(self) -> int:
        """How many arrivals wait at the spool."""
        with sqlite3.connect(self._zone / "spool.db") as file:
            (left,) = file.execute("SELECT sum(position - confirmed) FROM head").fetchone()
        return int(left)

    def faults(self) -> list[str]:
        sent = [(one.n, one.band, one.is_sos, one.has_index) for one in self.sent]
        return self.tool("judge", {"sent": sent, "acked": sorted(self.acked)})["faults"]


def free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@pytest.mark.parametrize(
    ("kills", "is_spool_dialling"),
    [
        (2, False),
        pytest.param(20, True, marks=pytest.mark.long),
        pytest.param(100, False, marks=pytest.mark.long),
    ],
)
def test_killed_spool_and_core_lose_nothing_and_double_nothing(
    folder: Path, kills: int, is_spool_dialling: bool
) -> None:
    zones = Zones(folder, is_spool_dialling=is_spool_dialling)
    zones.tool("found")
    try:
        for name in ("spool", "core"):
            zones.start(name)
        for n in range(kills):
            zones.talk(zones.rng.uniform(0.1, 0.6))
            name = ("spool", "core")[n % 2]
            zones.kill(name)
            if name == "core":
                zones.talk(0.3)  # devices are answered while the core is away
            zones.start(name)
        zones.talk(0.3)
        zones.drain()
    finally:
        for name in list(zones.processes):
            zones.kill(name)
    assert len(zones.acked) > kills * 5, "the kills came before any traffic"
    assert zones.faults() == []
