"""A running demo and a browser to look at it: what the tests in Chromium stand on."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from conftest import CHROMIUM
from tests.repo.tracked import ROOT

STARTS_WITHIN_S = 60
ENDS_WITHIN_S = 40
WAIT_MS = 15_000
FAULT = re.compile(r"error|warning|Traceback|Error:", re.IGNORECASE)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


@dataclass(frozen=True)
class Demo:
    """A running demo: its address, the password of every sign-in, what the demo brought."""

    address: str
    password: str
    cast: dict[str, Any]
    environment: Mapping[str, str]

    def bihuan(self, *words: str) -> None:
        """Run a command beside it."""
        command = [sys.executable, "-m", "bihuan", *words]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True)


@contextmanager
def running_demo(folder: Path, *, is_told: bool = False) -> Iterator[Demo]:
    """The demo as a stranger starts it, in a folder of its own. is_told: after its stories."""
    data, log, port = folder / "data", folder / "log", free_port()
    environment = {**os.environ, "BIHUAN_DATA": str(data), "BIHUAN_DATABASE": ""}
    command = [sys.executable, "-m", "bihuan", "demo"]
    if is_told:
        subprocess.run([*command, "--once"], cwd=ROOT, env=environment, check=True)
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*command, "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address, process, log)
        cast = json.loads((data / "demo-cast.json").read_text())
        yield Demo(address, cast["password"], cast, environment)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(ENDS_WITHIN_S)
        print_faults(log)


def print_faults(log: Path, most: int = 40) -> None:
    """What went wrong in the demo's parts, for whoever reads why a test failed."""
    lines = log.read_text(errors="replace").splitlines()
    for line in [one for one in lines if FAULT.search(one)][:most]:
        sys.stdout.write(f"{line}\n")


@contextmanager
def launched() -> Iterator[Browser]:
    """Chromium, without a window."""
    program = next(found for name in CHROMIUM if (found := shutil.which(name)))
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()


def sign_in(context: BrowserContext, demo_address: str, username: str, password: str) -> Page:
    """The board of somebody who has just signed in."""
    page = context.new_page()
    page.goto(f"{demo_address}/")
    page.fill("#id_username", username)
    page.fill("#id_password", password)
    page.press("#id_password", "Enter")
    page.wait_for_url(f"{demo_address}/")
    return page


def width_of(page: Page) -> tuple[int, int]:
    """(px that the page wants, px that there are): sideways the first is never more."""
    found = page.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    return int(found[0]), int(found[1])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _try in range(STARTS_WITHIN_S * 4):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=2):
                return
        except OSError:
            threading.Event().wait(0.25)
    raise AssertionError(f"no answer within {STARTS_WITHIN_S} s\n{log.read_text()}")
