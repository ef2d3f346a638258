"""What the console's pages and its feed take, beside an empty page of the same server, in one run.

    python -m bench.console [--cases 20000] [--subjects 5000] [--clients 1000] [--quick] [--json]

The web process of `serve` runs on the demo county with a past (`bench.console_county`); every page
is asked for in turn with the empty one, so that both meet the same load of the machine.

pages    p50 and p95 (ms), times the empty page's, kB as sent, kB compressed, for two sign-ins
feed     from before a commit to each of 1,000 open feeds (ms), beside one open feed
boards   from before a press is decided to its part on each open board that shows it (ms): as
         many boards as pages of the feed, of every sign-in of the county
phone    Chromium as a slow phone (4 times slower, 1.6 Mbit/s, 150 ms): until the board's rows stand
         and its scripts have run, beside the empty page; left out where there is no Chromium

The issue's size (1,000,000 cases, 100,000 subjects) is `--cases 1000000 --subjects 100000`; making
it takes minutes. Up to 20,000 everything ends within three: on a machine too busy for that without
figures, and saying so.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import http.client
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # the settings read the folder when they are imported
    _folder = tempfile.TemporaryDirectory(prefix="bihuan-bench-")
    os.environ["BIHUAN_DATA"] = _folder.name
    os.environ["DJANGO_SETTINGS_MODULE"] = "bihuan.wiring.settings"
    import django

    django.setup()

from django.conf import settings

from bench.console_county import Settled, settle
from bench.console_site import EMPTY
from bihuan.base.time import SystemClock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.loop.decide import decide_signal
from bihuan.loop.models import Case
from bihuan.register.acts import Registrar
from bihuan.register.entries import SignalReceived
from bihuan.wiring.boot import open_data

ROOT = Path(__file__).resolve().parent.parent
STARTS_WITHIN_S, HEARD_WITHIN_S = 90, 30
COMMITS, LOADS = 8, 3
MOST_S, MOST_TIMED = 175, 20_000  # s, cases: of more the making alone takes longer
PAGES_S = 45  # on a busy machine fewer rounds are measured, and the answer says how many
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def web_server() -> Iterator[int]:
    """The web process on the county of this run, with the empty page; its port."""
    port = free_port()
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "bench.console_settings"}
    command = [sys.executable, "-m", "bihuan", "web", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as web:
        try:
            until = time.monotonic() + STARTS_WITHIN_S
            while not _answers(port):
                if web.poll() is not None or time.monotonic() > until:
                    raise SystemExit(f"web: got no answer within {STARTS_WITHIN_S} s, want a page")
                time.sleep(0.2)
            yield port
        finally:
            web.terminate()


def _answers(port: int) -> bool:
    try:
        return get(http.client.HTTPConnection("127.0.0.1", port, timeout=2), EMPTY)[0] == 200
    except OSError:
        return False


def get(at: http.client.HTTPConnection, path: str, cookie: str = "") -> tuple[int, bytes]:
    """(status, body) of a page; an error of the server ends the run where it is measured."""
    at.request("GET", f"/{path}", headers={"Cookie": cookie, "Accept-Language": "zh-CN"})
    answer = at.getresponse()
    return answer.status, answer.read()


def pages_of(county: Settled) -> dict[str, tuple[str, str]]:
    """(sign-in, path) of what is measured, by name."""
    wanted = {
        "board": "", "board part": "board/live", "cases": "cases/",
        "case": f"cases/{county.case_id}/", "subject": f"rows/{county.subject_id}/",
        "subjects": "ledgers/elder_care/elder/", "figures": "figures/",
        "figure": "figures/elder_care.sos_answered_in_time/", "tasks": "tasks/", "map": "map/",
    }  # fmt: skip
    found = {name: ("county", path) for name, path in wanted.items()}
    return found | {f"{name} of a village": ("village", wanted[name]) for name in ("board", "case")}


def share(found: list[float], part: float) -> float:
    return sorted(found)[min(int(len(found) * part), len(found) - 1)]


def pages(port: int, county: Settled, rounds: int) -> dict[str, Any]:
    """Every page in turn, each right after the empty one."""
    at = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    asked = pages_of(county)
    times: dict[str, list[float]] = {name: [] for name in ("empty", *asked)}
    sizes: dict[str, bytes] = {}
    until = time.monotonic() + PAGES_S
    for n in range(rounds + 2):
        if n > 3 and time.monotonic() > until:
            break
        for name, (who, path) in asked.items():
            for label, where, cookie in (
                ("empty", EMPTY, ""),
                (name, path, county.cookies[who]),
            ):
                began = time.perf_counter()
                status, sizes[label] = get(at, where, cookie)
                assert status == 200, f"{name} ({who}, /{where}): got {status}, want 200"
                if n >= 2:  # the first two only warm what a process does once
                    times[label].append((time.perf_counter() - began) * 1e3)
    empty = share(times["empty"], 0.5), share(times["empty"], 0.95)
    return {
        name: {
            "asked": len(found),
            "p50_ms": round(share(found, 0.5), 1), "p95_ms": round(share(found, 0.95), 1),
            "times_empty_p50": round(share(found, 0.5) / empty[0], 1),
            "times_empty_p95": round(share(found, 0.95) / empty[1], 1),
            "kb": round(len(sizes[name]) / 1e3, 1),
            "kb_compressed": round(len(gzip.compress(sizes[name])) / 1e3, 1),
        }
        for name, found in times.items()
    }  # fmt: skip


# ---- the feed --------------------------------------------------------------------------------


class Page:
    """One open page. Of the feed of positions it hears the newest; of a board its part as well."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self._port, self._cookie = port, cookie
        self._at = 0
        self.bytes = 0

    async def open(self, path: str = "live") -> None:
        self._reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", self._port, limit=1 << 20
        )
        head = f"GET /{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self._cookie}\r\n"
        self._writer.write(f"{head}Accept-Language: zh-CN\r\n\r\n".encode())
        await self._next()

    async def until(self, position: int) -> float:
        """The moment (monotonic s) in which all of an event of that position, or later, is here."""
        while self._at < position:
            await self._next()
        return time.perf_counter()

    async def _next(self) -> None:
        at = 0
        while True:
            line = (await self._reader.readline()).decode()
            assert line, "the feed ended"
            self.bytes += len(line)
            if line.startswith("id: "):
                at = int(line.removeprefix("id: "))
            if at and not line.strip():
                self._at = at
                return

    def close(self) -> None:
        self._writer.close()


def commit(registrar: Registrar) -> int:
    """An entry of lane 0 that no page shows; its position."""
    with Appender(FACTS_LANE, SystemClock()) as lane:
        position = lane.next_position
    registrar.person("某人", "Somebody", None)
    return position


async def feed(port: int, county: Settled, clients: int) -> dict[str, Any]:
    """From before a commit until each open page heard of it."""
    registrar = Registrar(SystemClock(), KeyRing(settings.BIHUAN_DATA / "keys.db"))
    open_pages = [Page(port) for _n in range(clients)]
    found: dict[str, Any] = {}
    for name, some in (("one", open_pages[:1]), ("all", open_pages)):
        for page in some[1:] or some:
            await page.open()
        heard: list[float] = []
        for _time in range(COMMITS):
            began = time.perf_counter()
            position = await asyncio.to_thread(commit, registrar)
            async with asyncio.timeout(HEARD_WITHIN_S):
                told = await asyncio.gather(*(page.until(position) for page in some))
            heard += [(at - began) * 1e3 for at in told]
        found |= {
            f"{name}_open": len(some), f"{name}_p50_ms": round(share(heard, 0.5), 1),
            f"{name}_p99_ms": round(share(heard, 0.99), 1),
        }  # fmt: skip
    found["times_one_p99"] = round(found["all_p99_ms"] / found["one_p99_ms"], 1)
    for page in open_pages:
        page.close()
    return found


async def boards(port: int, county: Settled, clients: int) -> dict[str, Any]:
    """From before an elder's press is decided until every open board that shows it has its part.

    The boards are of every sign-in of the demo county in turn; a third is the county's, which
    sees every case.
    """
    others = [cookie for name, cookie in sorted(county.readers.items()) if name != "county"]
    cookies = [
        county.cookies["county"] if n % 3 == 0 else others[n % len(others)] for n in range(clients)
    ]
    pages = [Page(port, cookie) for cookie in cookies]
    for start in range(0, clients, 20):
        await asyncio.gather(*(page.open("board/feed/live") for page in pages[start : start + 20]))
    seen = [page for n, page in enumerate(pages) if n % 3 == 0]
    # an elder with one case: the one whose page is asked for has a past of thousands
    subject_id = await asyncio.to_thread(lambda: Case.objects.get(id=county.case_id).subject_id)
    assert subject_id is not None
    heard: list[float] = []
    for _time in range(COMMITS):
        began = time.perf_counter()
        position = await asyncio.to_thread(press, subject_id)
        async with asyncio.timeout(HEARD_WITHIN_S):
            told = await asyncio.gather(*(page.until(position) for page in seen))
        heard += [(at - began) * 1e3 for at in told]
    for page in pages:
        page.close()
    return {
        "boards": clients, "sign_ins": len(set(cookies)), "boards_that_show_it": len(seen),
        "boards_p50_ms": round(share(heard, 0.5)), "boards_p99_ms": round(share(heard, 0.99)),
    }  # fmt: skip


def press(subject_id: int) -> int:
    """An elder holds the key (once more), and the loop decides it; the position of the last."""
    with Appender(FACTS_LANE, SystemClock()) as lane:
        said = SignalReceived(
            kind="sos", subject_id=subject_id, device_id=None, at_us=None, detail=None
        )
        decide_signal(lane, lane.append(said))
        return lane.next_position - 1


# ---- a slow phone ----------------------------------------------------------------------------


def phone(port: int, county: Settled) -> dict[str, Any] | None:
    """Milliseconds until a page stands and its scripts have run, and kB; None without Chromium."""
    program = shutil.which("chromium")
    if program is None:
        return None
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where it is measured

    found: dict[str, Any] = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for name, path in (("empty", EMPTY), ("board", "")):
            took = [
                _load(browser, f"http://127.0.0.1:{port}/{path}", county) for _n in range(LOADS)
            ]
            found[f"{name}_ms"] = round(statistics.median(ms for ms, _again, _kb in took))
            found[f"{name}_again_ms"] = round(statistics.median(ms for _ms, ms, _kb in took))
            found[f"{name}_kb"] = round(took[-1][2] / 1e3, 1)
        browser.close()
    found["times_empty"] = round(found["board_ms"] / found["empty_ms"], 1)
    return found


def _load(browser: Any, address: str, county: Settled) -> tuple[float, float, float]:
    """(ms with nothing kept, ms the second time, bytes of the first) of one page."""
    name, value = county.cookies["county"].split("=")
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    context.add_cookies([{"name": name, "value": value, "url": address}])
    page = context.new_page()
    line = context.new_cdp_session(page)
    sent: list[float] = []
    line.on("Network.loadingFinished", lambda said: sent.append(said["encodedDataLength"]))
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW)
    line.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    took = []
    for _time in range(2):
        page.goto(address, wait_until="domcontentloaded")  # modules have run by then
        took.append(
            page.evaluate(
                "() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
            )
        )
        if len(took) == 1:
            page.wait_for_timeout(600)
            first = sum(sent)
    context.close()
    return took[0], took[1], first


def run(cases: int, subjects: int, clients: int, rounds: int) -> dict[str, Any]:
    """Every figure, of one county and one server."""
    open_data()
    began = time.perf_counter()
    county = settle(cases, subjects)
    made_s = time.perf_counter() - began
    with web_server() as port:
        return {
            "database": "PostgreSQL" if settings.BIHUAN_DATABASE else "SQLite",
            "cases": county.cases, "subjects": county.subjects, "made_s": round(made_s, 1),
            "load": round(os.getloadavg()[0], 1),
            "pages": pages(port, county, rounds),
            "feed": asyncio.run(feed(port, county, clients)),
            "boards": asyncio.run(boards(port, county, clients)),
            "phone": phone(port, county),
        }  # fmt: skip


def _too_busy(*_said: object) -> None:
    raise SystemExit(f"bench: not done within {MOST_S} s, the machine is too busy to measure")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--subjects", type=int, default=5_000)
    parser.add_argument("--clients", type=int, default=1_000)
    parser.add_argument("--quick", action="store_true", help="1,000 cases, 100 clients, 5 rounds")
    parser.add_argument("--json", action="store_true")
    said = parser.parse_args()
    if said.quick:
        said.cases, said.subjects, said.clients = 1_000, 1_000, 100
    if said.cases <= MOST_TIMED:
        signal.signal(signal.SIGALRM, _too_busy)
        signal.alarm(MOST_S)
    found = run(said.cases, said.subjects, said.clients, 5 if said.quick else 20)
    if said.json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for name, value in found.items():
        if not isinstance(value, dict):
            print(f"{name:>18}  {value}")
            continue
        print(f"{name}")
        for part, figure in value.items():
            print(f"{part:>18}  {figure}")


if __name__ == "__main__":
    main()
