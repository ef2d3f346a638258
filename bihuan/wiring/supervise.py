"""`serve`: gateway, engine, rules, keeper and web as processes under one supervisor.

A part that ends is started again, after a pause that doubles up to 30 s while it keeps ending
at once. SIGTERM ends all parts in order and waits for them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import structlog

from bihuan.wiring.processes import Stop, free_port

LONGEST_PAUSE_S = 30.0
GRACE_S = 10.0
SUPERVISED = "BIHUAN_SUPERVISED"  # set for parts: they end when their supervisor is gone
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Part:
    """One supervised process."""

    name: str
    arguments: list[str]
    process: subprocess.Popen[bytes] | None = None
    pause_s: float = 0.5
    started_s: float = 0.0
    not_before_s: float = 0.0

    def start(self) -> None:
        command = [sys.executable, "-m", "bihuan", *self.arguments]
        environment = {**os.environ, SUPERVISED: "1"}
        self.process = subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603 - our own command
        self.started_s = time.monotonic()

    def look(self) -> None:
        """Start the part anew if it ended and its pause is over."""
        if self.process is not None and self.process.poll() is not None:
            lived_s = time.monotonic() - self.started_s
            self.pause_s = 0.5 if lived_s > 60 else min(self.pause_s * 2, LONGEST_PAUSE_S)
            log.error("part ended", part=self.name, code=self.process.returncode)
            self.not_before_s = time.monotonic() + self.pause_s
            self.process = None
        if self.process is None and time.monotonic() >= self.not_before_s:
            self.start()

    def end(self) -> None:
        """Ask the part to end; a part that does not is killed after the grace time."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the parts listen."""

    host: str
    web: int
    devices: dict[str, int]

    def save(self, folder: Path) -> None:
        """Leave the ports where simulators and `doctor` find them."""
        folder.mkdir(parents=True, exist_ok=True)
        said = {"host": self.host, "web": self.web, "devices": self.devices}
        fresh = folder / f"ports.{os.getpid()}"
        fresh.write_text(json.dumps(said))
        fresh.replace(folder / "ports.json")


def choose_ports(host: str, web: int, devices: dict[str, int]) -> Ports:
    """The wanted ports, or free ones where they are taken."""
    chosen = {name: free_port(host, port) for name, port in devices.items()}
    return Ports(host, free_port(host, web), chosen)


def serve(data: Path, ports: Ports, extra: list[Part] | None = None) -> None:
    """Run all parts until SIGTERM or SIGINT."""
    ports.save(data / "run")
    devices = [f"--listen={name}={port}" for name, port in ports.devices.items()]
    parts = [
        Part("engine", ["engine"]),
        Part("rules", ["rules"]),
        Part("keeper", ["keeper"]),
        Part("watchdog", ["watchdog"]),
        Part("gateway", ["gateway", f"--host={ports.host}", *devices]),
        Part("web", ["web", f"--host={ports.host}", f"--port={ports.web}"]),
        *(extra or []),
    ]
    stop, pause = Stop(), threading.Event()
    while not stop.asked:
        for part in parts:
            part.look()
        pause.wait(0.25)
    for part in reversed(parts):
        part.end()
