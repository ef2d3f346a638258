"""The watchdog: what stands still is noticed once, said outside by silence, and settled."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, override_settings

from bihuan.base.time import MovableClock
from bihuan.journal.models import Entry
from bihuan.loop.watch.models import Notice
from bihuan.wiring import health as health_pages
from bihuan.wiring import watchdog as watching
from bihuan.wiring.beats import Beat
from bihuan.wiring.watchdog import Watchdog, signal_to
from tests.county import World

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]


@pytest.fixture(autouse=True)
def run_folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "run").mkdir()
    with override_settings(BIHUAN_DATA=tmp_path):
        yield tmp_path / "run"


class Outside:
    """Whoever waits for the dead-man signal: how often it came."""

    def __init__(self) -> None:
        self.heard = 0

    def __call__(self) -> None:
        self.heard += 1


def alive(clock: MovableClock, *parts: str) -> None:
    for part in parts:
        Beat(part, clock).tick()


def open_notices() -> list[tuple[str, str]]:
    found = Notice.objects.filter(settled_us=None).order_by("kind", "key")
    return [(notice.kind, notice.key) for notice in found]


def said() -> int:
    return Entry.objects.filter(type__startswith="watch.").count()


def test_watchdog_notices_a_stage_that_stands_still_once_and_settles_it(world: World) -> None:
    """An urgent signal may wait 30 s for its decision."""
    outside = Outside()
    dog = Watchdog(world.wall, frozenset(), outside)
    world.press()
    dog.run_once()
    assert open_notices() == []
    world.wall.advance(seconds=31)
    dog.run_once()
    assert ("stage", "signals") in open_notices()
    before = said()
    world.wall.advance(seconds=11)
    dog.run_once()
    assert said() == before, "the same fault is written down once"
    world.settle()
    world.phones.take()
    world.wall.advance(seconds=11)
    dog.run_once()
    assert ("stage", "signals") not in open_notices()


def test_watchdog_sends_its_signal_each_minute_and_never_while_something_stands_still(
    world: World,
) -> None:
    outside = Outside()
    dog = Watchdog(world.wall, frozenset(), outside)
    dog.run_once()
    assert outside.heard == 1
    world.wall.advance(seconds=30)
    dog.run_once()
    assert outside.heard == 1
    world.wall.advance(seconds=30)
    dog.run_once()
    assert outside.heard == 2
    world.press()
    for _ in range(3):
        world.wall.advance(seconds=61)
        dog.run_once()
    assert outside.heard == 2
    world.settle()
    world.phones.take()


def test_watchdog_misses_a_part_that_said_nothing_for_15_s(world: World) -> None:
    dog = Watchdog(world.wall, frozenset({"engine", "gateway"}), None)
    alive(world.wall, "engine", "gateway")
    dog.run_once()
    assert open_notices() == []
    world.wall.advance(seconds=16)
    alive(world.wall, "gateway")
    dog.run_once()
    assert open_notices() == [("part", "engine")]
    assert not dog.is_well


def test_watchdog_gives_a_part_that_starts_15_s(world: World) -> None:
    dog = Watchdog(world.wall, frozenset({"engine"}), None)
    dog.run_once()
    assert open_notices() == []
    world.wall.advance(seconds=16)
    dog.run_once()
    assert open_notices() == [("part", "engine")]


def test_watchdog_does_not_take_a_jump_of_the_wall_clock_for_a_dead_part(world: World) -> None:
    alive(world.wall, "engine")
    world.wall.jump(hours=3)
    dog = Watchdog(world.wall, frozenset({"engine"}), None)
    dog.run_once()
    assert ("part", "engine") not in open_notices()


def test_signal_is_a_bare_post_and_a_listener_that_is_gone_breaks_nothing() -> None:
    got: list[tuple[str, bytes]] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.handle_request, daemon=True)
    thread.start()
    send = signal_to(f"http://127.0.0.1:{server.server_port}/ping/1")
    send()
    thread.join(5)
    server.server_close()
    assert got == [("/ping/1", b"ok")]
    send()  # nobody listens any more


def test_health_names_the_stage_that_stands_still(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health_pages, "clock", lambda: world.wall)
    client = Client()
    assert client.get("/health").json()["status"] == "ok"
    world.press()
    world.wall.advance(seconds=31)
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["stalled"] == ["signals"]
    assert answer.json()["stages"]["signals"] == {"waiting": 1, "oldest_s": 31.0}
    world.settle()
    world.phones.take()


def test_metrics_are_for_who_brings_the_token(world: World) -> None:
    assert settings.BIHUAN_METRICS_TOKEN == ""
    assert Client().get("/metrics").status_code == 404
    with override_settings(BIHUAN_METRICS_TOKEN="a-long-token"):
        read_metrics()


def read_metrics() -> None:
    client = Client()
    assert client.get("/metrics").status_code == 404
    wrong = client.get("/metrics", headers={"Authorization": "Bearer a-long-tokem"})
    assert wrong.status_code == 404
    answer = client.get("/metrics", headers={"Authorization": "Bearer a-long-token"})
    text = answer.content.decode()
    assert 'bihuan_waiting{stage="signals"} 0.0' in text
    assert 'bihuan_lane_position{lane="0"}' in text
    assert "王" not in text


def test_web_that_takes_no_connection_is_noticed(run_folder: Path) -> None:
    assert watching.web_answers()
    (run_folder / "ports.json").write_text('{"host": "127.0.0.1", "web": 1, "devices": {}}')
    assert not watching.web_answers()
