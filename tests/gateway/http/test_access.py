"""Who may send: a stranger is refused everywhere, a key only does what it is for."""

from __future__ import annotations

import json
import socket
from contextlib import suppress

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock
from bihuan.register.entries import SignalReceived
from bihuan.register.senders.acts import Scope, end, issue
from bihuan.register.senders.models import SenderKey
from tests.county import BAND, World
from tests.gateway.http.post import AT_US, Gate, Posting, key_for, reading, said, signed, stored

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
GUARDED = (
    ("POST", "/v1/readings"),
    ("POST", "/v1/signals"),
    ("POST", "/v1/camera"),
    ("POST", "/v1/warnings"),
    ("GET", "/v1/warnings/1"),
    ("POST", "/fhir/Observation"),
    ("POST", "/open311/v2/requests.json"),
    ("GET", "/open311/v2/requests/1.json"),
)


def test_stranger_is_refused_everywhere(world: World, gate: Gate, clock: MovableClock) -> None:
    ended = key_for(clock, "readings", "signals")
    end(ended.id, clock)
    foreign = key_for(clock, "warnings", areas=[world.people.village])

    def talk(line: Posting) -> None:
        for method, path in GUARDED:
            body = b"" if method == "GET" else b"[]"
            for token in ("", "guessed", ended.token):
                got = line.ask(method, path, body, token=token)
                assert got.status == 401, (path, token, got.body)
                assert got.headers["www-authenticate"] == "Bearer"
            if "warnings" not in path:
                assert line.ask(method, path, body, token=foreign.token).status == 403, path

    gate.talk("", talk)
    assert stored() == []
    assert said(SignalReceived) == []


def test_sender_reaches_only_its_own_devices_and_subjects(
    world: World, gate: Gate, clock: MovableClock
) -> None:
    elsewhere = world.area("330403", "village", world.people.town)
    issued = key_for(clock, "readings", "signals", "observations", areas=[elsewhere])

    def talk(line: Posting) -> None:
        theirs = line.post("/v1/readings", [reading(BAND)])
        nobodys = line.post("/v1/readings", [reading("0000000000")])
        assert theirs.status == nobodys.status == 422
        # what is another's is not told apart from what is nobody's
        assert theirs.json["faults"][0]["want"] == nobodys.json["faults"][0]["want"]
        got = line.post("/v1/signals", {"kind": "sos", "device": f"watch/{BAND}"})
        assert (got.status, got.fields) == (422, ["device"])
        got = line.post("/v1/signals", {"kind": "sos", "subject": world.people.subject})
        assert (got.status, got.fields) == (422, ["subject"])

    gate.talk(issued.token, talk)
    assert stored() == []
    assert said(SignalReceived) == []


def test_key_is_kept_as_a_hash_and_its_scope_is_checked(world: World, clock: MovableClock) -> None:
    issued = key_for(clock, "readings", devices=[world.people.device])
    row = SenderKey.objects.get()
    assert issued.token not in json.dumps([str(v) for v in vars(row).values()])
    with pytest.raises(BadInputError) as caught:
        issue("", Scope(kinds=["everything"], areas=[1], devices=[2], rows_per_s=0), clock)
    fields = {fault.field for fault in caught.value.faults}
    assert fields == {"kinds", "name", "areas", "devices", "rows_per_s"}


def test_ended_key_is_heeded_within_two_seconds(
    world: World, gate: Gate, clock: MovableClock
) -> None:
    issued = key_for(clock, "readings", areas=[world.people.county])

    def talk(line: Posting) -> None:
        assert line.post("/v1/readings", [reading(BAND)]).status == 201
        end(issued.id, clock)
        clock.advance(seconds=2)
        assert line.post("/v1/readings", [reading(BAND)]).status == 401

    gate.talk(issued.token, talk)


def test_flooding_sender_is_slowed_and_nobody_else(
    world: World, gate: Gate, clock: MovableClock
) -> None:
    """One reading a second: ten at once, then one more a second later."""
    slow = key_for(clock, "readings", areas=[world.people.county], rows_per_s=1.0)
    other = key_for(clock, "readings", areas=[world.people.county], rows_per_s=1.0)

    def talk(line: Posting) -> None:
        assert line.post("/v1/readings", [reading(BAND)] * 10).status == 201
        got = line.post("/v1/readings", [reading(BAND)])
        assert (got.status, got.headers["retry-after"]) == (429, "2")
        assert line.post("/v1/readings", [reading(BAND)], token=other.token).status == 201
        clock.advance(seconds=1)
        assert line.post("/v1/readings", [reading(BAND)]).status == 201

    gate.talk(slow.token, talk)
    assert len(stored()) == 12


def test_signed_request_counts_once_however_often_it_is_replayed(
    world: World, gate: Gate, clock: MovableClock
) -> None:
    issued = key_for(clock, "camera", areas=[world.people.county])
    seen = {
        "kind": "no_hat",
        "device": f"watch/{BAND}",
        "at": "2026-03-02T08:00:00+08:00",
        "picture": "sha256:" + "ab" * 32,
    }
    body = json.dumps(seen).encode()
    headers = signed(issued, "event-1", body)

    def talk(line: Posting) -> None:
        assert line.post("/v1/camera", body, headers=headers).status == 201
        again = line.post("/v1/camera", body, headers=headers)
        assert (again.status, again.json["new"]) == (200, False)
        clock.advance(seconds=301)
        late = line.post("/v1/camera", body, headers=headers)
        assert (late.status, late.fields) == (401, ["Bihuan-Signature"])

    gate.talk("", talk)
    assert len(said(SignalReceived)) == 1


@pytest.mark.parametrize("change", ["body", "id", "time", "secret", "sender", "form"])
def test_signed_request_with_anything_changed_is_refused(
    world: World, gate: Gate, clock: MovableClock, change: str
) -> None:
    issued = key_for(clock, "readings", areas=[world.people.county])
    other = key_for(clock, "readings", areas=[world.people.county])
    body = json.dumps([reading(BAND)]).encode()
    headers = signed(issued, "n1", body)
    sent = json.dumps([reading(BAND, 73)]).encode() if change == "body" else body
    if change == "id":
        headers["Bihuan-Id"] = "n2"
    if change == "time":
        mark = headers["Bihuan-Signature"].split(",")[1]
        headers["Bihuan-Signature"] = f"t={AT_US // 1_000_000 + 1},{mark}"
    if change == "secret":
        headers = {**signed(other, "n1", body), "Bihuan-Sender": str(issued.id)}
    if change == "sender":
        headers["Bihuan-Sender"] = "99"
    if change == "form":
        headers["Bihuan-Signature"] = "v1=ab"

    def talk(line: Posting) -> None:
        assert line.post("/v1/readings", sent, headers=headers).status == 401

    gate.talk("", talk)
    assert stored() == []


def test_bodies_and_lines_are_bounded(world: World, gate: Gate, clock: MovableClock) -> None:
    issued = key_for(clock, "readings", "signals", areas=[world.people.county], rows_per_s=1e6)

    def talk(line: Posting) -> None:
        head = f"POST /v1/readings HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {issued.token}\r\n"
        with socket.create_connection(("127.0.0.1", line.port)) as raw:
            raw.sendall(f"{head}Content-Length: 4194305\r\n\r\n".encode())
            assert raw.recv(64).startswith(b"HTTP/1.1 413")  # before a byte of it is read
        with socket.create_connection(("127.0.0.1", line.port)) as raw:
            raw.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
            with suppress(ConnectionError):
                for _ in range(5):
                    raw.sendall(b"100000\r\n" + b" " * 0x100000 + b"\r\n")
            assert raw.recv(64).startswith(b"HTTP/1.1 413")
        got = line.post("/v1/readings", [reading(BAND)], headers={"Content-Encoding": "gzip"})
        assert got.status == 415
        assert line.post("/v1/readings", b"x", media="text/plain").status == 415
        assert line.post("/v1/readings", []).status == 422
        assert line.post("/v1/readings", [reading(BAND, at=None)] * 20_001).status == 422
        assert line.post("/v1/signals", [{"kind": "sos"}] * 101).status == 422
        bad_key = {"Idempotency-Key": "a" * 129}
        assert line.post("/v1/readings", [reading(BAND)], headers=bad_key).status == 400
        assert line.get("/v1/readings").status == 405
        assert line.get("/nowhere").status == 404
        assert line.get("/health", token="").status == 200
        with socket.create_connection(("127.0.0.1", line.port)) as raw:
            raw.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 100_000)
            assert raw.recv(64).startswith(b"HTTP/1.1 431")

    gate.talk(issued.token, talk)
    assert stored() == []


def test_slow_body_is_given_up(
    world: World, gate: Gate, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bihuan.gateway.http.app.PIECE_S", 0.2)
    monkeypatch.setattr("bihuan.gateway.http.server.HEADERS_MS", 300)
    issued = key_for(clock, "readings", areas=[world.people.county])

    def talk(line: Posting) -> None:
        head = (
            "POST /v1/readings HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n"
            f"Content-Type: application/json\r\nAuthorization: Bearer {issued.token}\r\n\r\n["
        )
        with socket.create_connection(("127.0.0.1", line.port), timeout=10) as raw:
            raw.sendall(head.encode())
            assert raw.recv(64).startswith(b"HTTP/1.1 408")
        with socket.create_connection(("127.0.0.1", line.port), timeout=10) as raw:
            raw.sendall(head.encode()[:40])
            assert raw.recv(64) == b""  # closed without a word

    gate.talk(issued.token, talk)
