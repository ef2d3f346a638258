"""Open pages follow the journal: the feed of the real web server, and the fragment it leads to."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from bihuan.console import accounts, board
from bihuan.journal.models import FACTS_LANE, Head
from tests.console.place import ADDRESS, BACKEND, ELDER, MAY_SEE, PASSWORD, Place
from tests.repo.tracked import ROOT

STARTS_WITHIN_S = 60
SAID_WITHIN_S = 1.0
BEAT_WITHIN_S = 8.0  # one comes every 5 s
Event = tuple[str, str, float]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def web_server(environment: dict[str, str], log: Path) -> Iterator[str]:
    """The web process of `serve`, on the databases of this test; its address."""
    port = free_port()
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "bihuan", "web", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        for _try in range(STARTS_WITHIN_S * 4):
            assert process.poll() is None, log.read_text()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2):
                    break
            except urllib.error.HTTPError:  # it answers, if only that nobody serves yet
                break
            except OSError:
                threading.Event().wait(0.25)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


class OpenPage(threading.Thread):
    """Reads a feed as a browser does: each event with the moment when it came, and every byte."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self.answer = urllib.request.urlopen(f"{address}/live", timeout=30)
        self.events: Queue[Event] = Queue()
        self.raw = b""
        self.start()

    def run(self) -> None:
        kind = ""
        for line in self.answer:
            self.raw += line
            name, _, said = line.decode().rstrip("\n").partition(":")
            if name == "event":
                kind = said.strip()
            if name == "data":
                self.events.put((kind, said.strip(), time.monotonic()))

    def until(self, kind: str, said: str | None, within_s: float) -> Event:
        """The next event of a kind (and data); fails when it does not come in time."""
        end_s = time.monotonic() + within_s
        while True:
            event = self.events.get(timeout=max(0.01, end_s - time.monotonic()))
            if event[0] == kind and said in (None, event[1]):
                return event


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_feed_tells_every_open_page_of_a_commit_within_a_second(
    place: Place, process_environment: dict[str, str], tmp_path: Path
) -> None:
    """Positions and beats only: without a sign-in nothing private can be read from it."""
    environment = {**os.environ, **process_environment}
    with web_server(environment, tmp_path / "log") as address:
        pages = [OpenPage(address), OpenPage(address)]
        assert pages[0].answer.headers["Content-Type"].startswith("text/event-stream")
        assert pages[0].answer.headers["Cache-Control"] == "no-store"
        for page in pages:
            page.until("position", None, 5)
        begun_s = time.monotonic()
        place.signal(place.people.subject)
        newest = str(Head.objects.get(lane=FACTS_LANE).position)
        took = [page.until("position", newest, 5)[2] - begun_s for page in pages]
        sys.stdout.write(f"\nfrom before the commit to the open page: {max(took) * 1000:.0f} ms\n")
        assert max(took) <= SAID_WITHIN_S
        for page in pages:
            page.until("beat", "", BEAT_WITHIN_S)
        late = OpenPage(address)  # a page that opens later learns where the journal stands
        assert late.until("position", None, 5)[1] == newest
        said = b"".join(page.raw for page in [*pages, late]).decode()
    allowed = r"retry: \d+|event: (position|beat)|id: \d+|data:( \d+)?|"
    assert [line for line in said.splitlines() if not re.fullmatch(allowed, line)] == []


def fragment(page: str) -> str:
    """The part that changes, without the tokens and keys that differ by request."""
    live = page[page.index('<div id="live"') :]
    live = live[: live.rindex("</div>", 0, live.index("</main>") if "</main>" in live else None)]
    live = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", live)
    return re.sub(r'name="key" value="[^"]+"', "", live).strip()


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize("role", [*MAY_SEE, "neighbour", "stranger"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_live_fragment_is_what_the_page_shows(place: Place, role: str, language: str) -> None:
    case_id = place.hold_key()
    place.wall.advance(seconds=20)
    client = place.client(role, language)
    pairs = [("/", "/board/live")]
    if role in MAY_SEE:
        pairs.append((f"/cases/{case_id}/", f"/cases/{case_id}/live"))
    for whole, part in pairs:
        shown, fetched = (fragment(client.get(path).content.decode()) for path in (whole, part))
        assert shown == fetched
        assert len(shown) > 500


@pytest.mark.django_db(databases="__all__")
def test_live_fragment_shows_a_case_that_came_after_the_page_was_opened(place: Place) -> None:
    client = place.client("command")
    before = client.get("/").content.decode()
    case_id = place.hold_key()
    after = client.get("/board/live").content.decode()
    assert f'id="case-{case_id}"' not in before
    assert f'id="case-{case_id}"' in after
    assert f'data-waiting="{case_id}"' in after
    assert ELDER not in after
    assert ADDRESS not in after


TOKEN = r'csrfmiddlewaretoken" value="([^"]+)"'


@pytest.mark.django_db(databases="__all__")
def test_part_of_the_board_is_made_once_for_all_who_see_the_same(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two sign-ins of one duty share it, each with a token and key of its own; a village with
    fewer cases, another language, the next entry and the next second do not."""
    made: list[int] = []
    shown = board._shown

    def counted(scope: board.Scope, now_us: int) -> dict[str, Any]:
        made.append(now_us)
        return shown(scope, now_us)

    monkeypatch.setattr(board, "_shown", counted)
    case_id = place.hold_key()
    second = place.registrar.person("副手", "Deputy", "0990 3000 0009", ["screen"])
    place.registrar.post(second, "county_command", place.people.county)
    accounts.create("deputy", PASSWORD, second)
    deputy, command = Client(), place.client("command")
    deputy.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    deputy.force_login(User.objects.get(username="deputy"), backend=BACKEND)
    first, again, other = (
        client.get("/board/live").content.decode() for client in (command, command, deputy)
    )
    assert len(made) == 1
    assert fragment(first) == fragment(again) == fragment(other)
    for text, person in ((first, place.people.commander), (other, second)):
        (key,) = re.findall(r'name="key" value="b-\d+-\d+-(\d+)"', text)
        assert int(key) == person
    assert len({re.findall(TOKEN, text)[0] for text in (first, other)}) == 2
    pressed = re.findall(r'name="(key|csrfmiddlewaretoken)" value="([^"]+)"', other)
    fields = {**dict(pressed), "act": "take", "next": "board"}
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = deputy.cookies
    assert strict.post(f"/cases/{case_id}/act", fields).status_code == 302
    made.clear()
    command.get("/board/live")  # the next entry
    place.client("command", "en").get("/board/live")
    stranger = place.client("stranger").get("/board/live").content.decode()
    place.wall.advance(seconds=1)
    command.get("/board/live")
    assert len(made) == 4
    assert f'id="case-{case_id}"' not in stranger
