"""What is posted in an internet zone: kept before answered, stored by the core once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.db import OperationalError, connections

from bihuan.base.time import MovableClock, datetime_of
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN
from bihuan.gateway.decoders.watch import encode
from bihuan.gateway.spool.posted import post_of
from bihuan.gateway.spool.records import unpacked
from bihuan.journal.keys import KeyRing
from bihuan.register.devices.acts import unknown
from bihuan.register.entries import SignalReceived
from bihuan.register.models import RefusedFrame
from bihuan.register.senders.acts import Issued, end
from bihuan.register.spools.models import SpoolOffset
from bihuan.register.warnings.models import OfficialWarning
from tests.county import BAND, World
from tests.gateway.http.post import AT, AT_US, Got, Posting, key_for, reading, said, signed, stored
from tests.gateway.zone import Zone
from tests.outside import SHARED, outside

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
ARROW = "application/vnd.apache.arrow.stream"
KINDS = ("readings", "signals", "warnings", "camera", "observations")


class Posts:
    """A zone whose core was there once; `post` asks it, `pull` hands over."""

    def __init__(self, zone: Zone, world: World) -> None:
        self.zone, self.world = zone, world
        self.issued: Issued = key_for(zone.clock, *KINDS, areas=[world.people.village])
        assert zone.pull(pages=1) is None

    def post(self, path: str, *bodies: Any, **more: Any) -> list[Got]:
        got: list[Got] = []

        def talk(line: Posting) -> None:
            got.extend(line.post(path, body, **more) for body in bodies)

        self.zone.talk(self.issued.token, talk)
        return got


@pytest.fixture
def posts(tmp_path: Path, data: Path, clock: MovableClock, keys: KeyRing) -> Iterator[Posts]:
    world = World(clock, keys)
    zone = Zone(tmp_path / "zone", clock, keys)
    yield Posts(zone, world)
    zone.spool.close()
    connections.close_all()


def values() -> list[float]:
    return sorted(value for _series, _channel, _unit, _at, value, _quality in stored())


def arrow(*beats: float) -> bytes:
    columns = {
        "device": pa.array([f"watch/{BAND}"] * len(beats)),
        "channel": pa.array(["heart_rate"] * len(beats)),
        "value": pa.array(beats, pa.float64()),
        "unit": pa.array(["bpm"] * len(beats)),
        "at": pa.array([AT_US] * len(beats), pa.timestamp("us", "UTC")),
    }
    table, sink = pa.table(columns), pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def test_readings_of_every_form_are_handed_over_once(posts: Posts, clock: MovableClock) -> None:
    lines = "\n".join(json.dumps(reading(BAND, n)) for n in (63, 64)).encode()
    got = [
        *posts.post("/v1/readings", [reading(BAND, 61), reading(BAND, 62)]),
        *posts.post("/v1/readings", lines, media="application/x-ndjson"),
        *posts.post("/v1/readings", arrow(65, 66), media=ARROW),
        *posts.post("/v1/readings", [reading(BAND, 67, at=None)]),
    ]
    assert [(one.status, one.json["kept"]) for one in got] == [(202, 2)] * 3 + [(202, 1)]
    assert stored() == [], "nothing is at the core yet"
    came_us = clock.now_us()
    clock.advance(hours=9)
    for _ in range(2):
        assert posts.zone.pull() is None
        assert values() == [61, 62, 63, 64, 65, 66, 67]
    assert {at for _s, _c, _u, at, value, _q in stored() if value == 67} == {came_us}
    assert posts.zone.spool.waiting() == 0


def test_signal_overtakes_readings_and_says_when_it_came(posts: Posts, clock: MovableClock) -> None:
    posts.post("/v1/readings", *([reading(BAND, 60 + n)] for n in range(5)))
    (got,) = posts.post("/v1/signals", {"kind": "sos", "device": f"watch/{BAND}", "detail": "摔倒"})
    assert got.status == 202
    came_us = clock.now_us()
    clock.advance(hours=5)
    assert posts.zone.pull(pages=1) is None
    (one,) = said(SignalReceived)
    assert (one.kind, one.subject_id, one.at_us) == ("sos", posts.world.people.subject, came_us)
    assert stored() == []


@outside
def test_warning_is_handed_over_as_its_issuer_wrote_it(posts: Posts) -> None:
    document = (SHARED / "data" / "cap" / "v1dot2_appendix_adot1.xml").read_bytes()
    got = posts.post("/v1/warnings", document, document, media="application/cap+xml")
    assert [one.status for one in got] == [202, 200]
    assert posts.zone.pull() is None
    assert bytes(OfficialWarning.objects.get().document) == document


def test_stranger_is_refused_and_a_key_is_for_its_kinds(posts: Posts) -> None:
    (got,) = posts.post("/v1/readings", [reading(BAND)], token="nobody's")
    assert got.status == 401
    other = key_for(posts.zone.clock, "warnings", areas=[posts.world.people.village])
    assert posts.zone.pull(pages=1) is None
    (got,) = posts.post("/v1/readings", [reading(BAND)], token=other.token)
    assert got.status == 403
    assert posts.zone.spool.waiting() == 0


def test_zone_without_keys_says_to_come_again(
    tmp_path: Path, data: Path, clock: MovableClock, keys: KeyRing
) -> None:
    zone = Zone(tmp_path / "new", clock, keys)
    got: list[Got] = []
    zone.talk("x", lambda line: got.append(line.post("/v1/readings", [])))
    assert (got[0].status, got[0].headers["retry-after"]) == (503, "10")


def test_keys_outlive_a_restart_and_an_ended_one_is_heeded(posts: Posts) -> None:
    posts.zone.restart()
    assert posts.post("/v1/readings", [reading(BAND)])[0].status == 202
    assert (posts.zone.folder / "senders.json").stat().st_mode & 0o777 == 0o600
    assert posts.issued.token not in (posts.zone.folder / "senders.json").read_text()
    posts.zone.clock.advance(seconds=1)
    end(posts.issued.id, posts.zone.clock)
    assert posts.zone.pull() is None  # what came while the key was in force is stored
    assert values() == [72]
    posts.zone.clock.advance(seconds=3)
    assert posts.post("/v1/readings", [reading(BAND)])[0].status == 401


def test_signed_post_is_checked_at_the_zone(posts: Posts) -> None:
    body = json.dumps([reading(BAND)]).encode()
    at_us = posts.zone.clock.now_us()
    good = signed(posts.issued, "once", body, at_us)
    got = posts.post("/v1/readings", body, body, token="", headers=good)
    assert [(one.status, one.json["new"]) for one in got] == [(202, True), (200, False)]
    forged = {**good, "Bihuan-Signature": f"t={at_us // 1_000_000},v1={'0' * 64}"}
    assert posts.post("/v1/readings", body, token="", headers=forged)[0].status == 401
    assert posts.zone.pull() is None
    assert values() == [72]


def test_form_that_is_wrong_is_told_at_once_and_not_kept(posts: Posts) -> None:
    wrong = [
        ("/v1/readings", [reading(BAND, 900)]),
        ("/v1/readings", b"{"),
        ("/v1/signals", {"kind": "SOS!"}),
        ("/v1/warnings", b"<alert/>"),
        ("/v1/camera", {"kind": "cat", "device": "cam/1", "at": AT, "picture": "x"}),
        ("/fhir/Observation", {"resourceType": "Patient"}),
    ]
    for path, body in wrong:
        (got,) = posts.post(path, body)
        assert got.status == 422, (path, got.body)
    assert posts.post("/v1/readings", b"x", media="text/plain")[0].status == 415
    assert posts.zone.spool.waiting() == 0


def test_same_key_is_kept_once_and_stands_for_one_body(posts: Posts, clock: MovableClock) -> None:
    named = {"Idempotency-Key": "d-1"}
    body = [reading(BAND, 70)]
    got = posts.post("/v1/readings", body, body, [reading(BAND, 71)], headers=named)
    assert [one.status for one in got] == [202, 200, 409]
    two = posts.post("/v1/readings", body, body)
    assert [one.status for one in two] == [202, 202], "without a key two equal readings are two"
    assert posts.zone.pull() is None
    assert values() == [70, 70, 70]


@pytest.mark.parametrize("path", ["/v1/readings", "/v1/signals"])
def test_core_killed_between_storing_and_moving_on_stores_a_post_once(
    posts: Posts, clock: MovableClock, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    body: Any = [reading(BAND, 70), reading("77", 71)]
    posts.post(path, body if path == "/v1/readings" else {"kind": "sos", "device": f"watch/{BAND}"})
    save = SpoolOffset.save

    def killed(self: SpoolOffset, **kept: Any) -> None:
        if self.begun is not None:
            save(self, **kept)
            return
        raise OperationalError("killed")

    monkeypatch.setattr(SpoolOffset, "save", killed)
    assert isinstance(posts.zone.pull(), OperationalError)
    monkeypatch.setattr(SpoolOffset, "save", save)
    clock.advance(days=3)  # much later than a sender's own key would stand
    assert posts.zone.pull() is None
    is_readings = path == "/v1/readings"
    assert values() == ([70] if is_readings else [])
    assert len(said(SignalReceived)) == (0 if is_readings else 1)
    assert RefusedFrame.objects.filter(protocol="http").count() == int(is_readings)


def test_unknown_and_foreign_devices_are_listed_and_their_bytes_kept(posts: Posts) -> None:
    """The zone knows no devices: the good ones are stored, the others stand to be adopted."""
    far = key_for(posts.zone.clock, "readings", areas=[])
    posts.post("/v1/readings", [reading(BAND, 70), reading("5550001", 71)])
    posts.zone.pull(pages=4)
    assert values() == [70]
    assert [(one.protocol, one.number) for one in unknown()] == [("watch", "5550001")]
    kept = RefusedFrame.objects.get(protocol="http")
    assert b"5550001" in bytes(kept.raw)
    got = posts.post("/v1/readings", [reading(BAND, 80)], token=far.token)
    assert got[0].status == 202, "whose the band is only the core knows"
    posts.zone.pull()
    assert values() == [70]
    assert RefusedFrame.objects.filter(protocol="http").count() == 2


def test_unknown_band_of_the_zone_is_listed_at_the_core(posts: Posts, clock: MovableClock) -> None:
    raw = encode("3G", "5550002", None, "heart,70")
    decoded = PROTOCOLS["watch"].decoder(PLAIN).decode(raw, datetime_of(clock.now_us()))
    posts.zone.keep(Arrival("watch", raw, decoded, clock.now_us()))
    assert posts.zone.pull() is None
    assert [(one.protocol, one.number) for one in unknown()] == [("watch", "5550002")]
    assert raw in bytes(RefusedFrame.objects.get().raw)


def test_post_is_whole_after_the_way(posts: Posts) -> None:
    body = json.dumps([reading(BAND)]).encode()
    posts.post("/v1/readings?a=b", body)
    (kept,) = posts.zone.spool.page(0, 0)
    post = post_of(unpacked(kept.body, b"k"))
    told = (post.kind, post.sender_id, post.media_type, post.query, post.body)
    assert told == ("readings", posts.issued.id, "application/json", {"a": "b"}, body)
