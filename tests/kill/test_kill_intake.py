"""HTTP intake killed between receiving and committing: answered is stored, a retry stores once."""

from __future__ import annotations

import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.http.post import Posting

ROOT = Path(__file__).resolve().parents[2]
SEED = 20260302
PATIENCE_S = 30.0


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="bi-"))
    yield made
    shutil.rmtree(made)


class Killed:
    """A gateway process of its own on a county of its own; `run` starts, talks, kills."""

    def __init__(self, folder: Path) -> None:
        self._environment = {
            **os.environ,
            "BIHUAN_DATA": str(folder),
            "BIHUAN_DATABASE": "",
            "BIHUAN_INTAKE_PORT": "0",
            "DJANGO_SETTINGS_MODULE": "bihuan.wiring.settings",
        }
        self.rng = random.Random(SEED)

    def tool(self, name: str) -> dict[str, Any]:
        """Run a part of `tests.kill.intake`; what it prints."""
        command = [sys.executable, "-m", "tests.kill.intake", name]
        done = subprocess.run(
            command, cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def start(self) -> tuple[subprocess.Popen[str], int]:
        command = [sys.executable, "-m", "bihuan", "gateway", "--listen", "watch=0"]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("http:"):
                return process, int(line.rpartition(":")[2])
        raise AssertionError("the gateway ended before it listened")

    def run(self, token: str, work: list[str], answered: set[str]) -> None:
        """Start, send what is not answered yet, kill at a random moment under way."""
        process, port = self.start()
        strike = threading.Timer(self.rng.uniform(0.02, 0.3), lambda: kill(process))
        try:
            send(Posting(port, token), work, answered, strike)
        finally:
            kill(process)
            assert process.stderr is not None
            process.stderr.close()


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE_S)


def send(
    line: Posting, work: list[str], answered: set[str], strike: threading.Timer | None
) -> None:
    """Send what is not answered; after the first answer the strike is on its way."""
    with suppress(OSError, http.client.HTTPException):
        for key in [key for key in work if key not in answered]:
            path, body = said(key)
            got = line.post(path, body, headers={"Idempotency-Key": key})
            assert got.status in (200, 201), got.body
            answered.add(key)
            if strike is not None and strike.ident is None:
                strike.start()
    if strike is not None:
        strike.join()


def said(key: str) -> tuple[str, Any]:
    """Each delivery has a number of its own, by which it is counted after."""
    kind, number = key.split("-")
    if kind == "signal":
        return "/v1/signals", {"kind": "sos", "device": f"box-{number}"}
    at = "2026-03-02T08:00:00+08:00"
    row = {"device": "gauge-1", "channel": "level", "value": int(number), "unit": "m", "at": at}
    return "/v1/readings", [row]


@pytest.mark.parametrize("kills", [2, pytest.param(60, marks=pytest.mark.long)])
def test_killed_intake_loses_nothing_answered_and_doubles_nothing(folder: Path, kills: int) -> None:
    killed = Killed(folder)
    token = killed.tool("found")["token"]
    work = [f"{kind}-{n}" for n in range(5_000) for kind in ("signal", "level")]
    answered: set[str] = set()
    for _ in range(kills):
        killed.run(token, work, answered)
    under_way = len(answered)
    process, port = killed.start()  # every delivery again, also what was answered
    every: set[str] = set()
    send(Posting(port, token), work[: under_way + 2], every, None)
    kill(process)
    assert process.stderr is not None
    process.stderr.close()
    counted = Counter(killed.tool("count"))
    assert under_way > kills, "the kills came before any traffic"
    assert answered <= every
    assert set(counted) == every
    assert set(counted.values()) == {1}
