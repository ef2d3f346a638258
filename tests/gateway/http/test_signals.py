"""Signals over HTTP: an SOS opens a case, a camera gives a lead, overload lets them through."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from bihuan.base.time import MovableClock
from bihuan.gateway.http.store_readings import ReadingStore
from bihuan.journal.keys import KeyRing
from bihuan.loop.models import SetAside
from bihuan.register.entries import SignalReceived
from tests.county import BAND, World
from tests.gateway.http.post import AT_US, Gate, Got, Posting, key_for, reading, said

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
SOS = {"kind": "sos", "device": f"watch/{BAND}", "at": "2026-03-02T08:00:00+08:00"}
SEEN = {
    "kind": "bare_chest",
    "device": f"watch/{BAND}",
    "at": "2026-03-02T08:00:00+08:00",
    "picture": "https://camera.example/p/1.jpg",
    "confidence": 0.87,
}


def test_sos_opens_a_case_and_its_words_are_sealed(
    world: World, gate: Gate, clock: MovableClock, keys: KeyRing
) -> None:
    def talk(line: Posting) -> None:
        got = line.post("/v1/signals", {**SOS, "detail": "王桂兰在门口摔倒"})
        assert (got.status, got.json["new"]) == (201, True)

    gate.talk(key_for(clock, "signals", areas=[world.people.village]).token, talk)
    (signal,) = said(SignalReceived)
    assert (signal.kind, signal.subject_id, signal.at_us) == ("sos", world.people.subject, AT_US)
    assert signal.device_id == world.people.device
    assert signal.source == f"http 测试站 watch/{BAND}"
    assert json.loads(keys.open(signal.detail) or "") == {"detail": "王桂兰在门口摔倒"}
    keys.erase(world.people.elder, clock.now_us())
    assert keys.open(signal.detail) is None
    world.settle()
    assert (world.case.kind, world.case.subject_id) == ("sos", world.people.subject)


def test_sos_of_an_unknown_device_stands_on_the_board(
    world: World, gate: Gate, clock: MovableClock, keys: KeyRing
) -> None:
    def talk(line: Posting) -> None:
        body = {"kind": "sos", "device": "box-9", "detail": "门铃"}
        assert line.post("/v1/signals", body).status == 201

    gate.talk(key_for(clock, "signals").token, talk)
    (signal,) = said(SignalReceived)
    assert (signal.subject_id, signal.device_id) == (None, None)
    assert json.loads(keys.open(signal.detail) or "") == {"detail": "门铃"}
    world.settle()
    assert [(row.kind, row.source) for row in SetAside.objects.all()] == [
        ("sos", "http 测试站 box-9")
    ]


def test_signals_with_a_key_are_kept_once(world: World, gate: Gate, clock: MovableClock) -> None:
    key = {"Idempotency-Key": "k"}
    two = [SOS, {**SOS, "kind": "fall"}]
    got: list[Got] = []

    def talk(line: Posting) -> None:
        got.append(line.post("/v1/signals", two, headers=key))
        got.append(line.post("/v1/signals", two, headers=key))
        got.append(line.post("/v1/signals", [SOS], headers=key))

    gate.talk(key_for(clock, "signals", areas=[world.people.county]).token, talk)
    assert [one.status for one in got] == [201, 200, 409]
    assert got[0].json["signals"] == got[1].json["signals"]
    assert [signal.kind for signal in said(SignalReceived)] == ["sos", "fall"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "SOS"}, "[0].kind"),
        ({"kind": "sos", "at": "2026-03-02T08:00:00"}, "[0].at"),
        ({"kind": "sos", "subject": 0}, "[0].subject"),
        ({"kind": "sos", "colour": "red"}, "[0]"),
        ({}, "[0]"),
        (17, "[0]"),
    ],
)
def test_signal_that_cannot_be_read_names_the_field(
    world: World, gate: Gate, clock: MovableClock, body: Any, field: str
) -> None:
    def talk(line: Posting) -> None:
        got = line.post("/v1/signals", body)
        assert (got.status, got.fields) == (422, [field])

    gate.talk(key_for(clock, "signals", areas=[world.people.county]).token, talk)
    assert said(SignalReceived) == []


def test_camera_gives_a_lead_with_its_picture(
    world: World, gate: Gate, clock: MovableClock, keys: KeyRing
) -> None:
    def talk(line: Posting) -> None:
        assert line.post("/v1/camera", SEEN).status == 201
        wrong = [
            {**SEEN, "kind": "theft"},
            {**SEEN, "kind": "other"},
            {**SEEN, "picture": "file:///etc/passwd"},
        ]
        got = line.post("/v1/camera", wrong)
        found = [(fault["line"], fault["field"]) for fault in got.json["faults"]]
        assert (got.status, found) == (422, [(1, "kind"), (2, "code"), (3, "picture")])

    gate.talk(key_for(clock, "camera", areas=[world.people.village]).token, talk)
    (signal,) = said(SignalReceived)
    assert signal.kind == "bare_chest"
    assert json.loads(keys.open(signal.detail) or "") == {
        "lead": True,
        "picture": "https://camera.example/p/1.jpg",
        "confidence": 0.87,
    }


def test_overload_makes_readings_wait_and_lets_an_sos_through(
    world: World, gate: Gate, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store is held; readings fill their bound and are told to come again; the SOS goes in."""
    held, entered = threading.Event(), threading.Event()
    store = ReadingStore.store

    def slow(self: ReadingStore, posted: Sequence[Any]) -> Any:
        entered.set()
        assert held.wait(20)
        return store(self, posted)

    monkeypatch.setattr(ReadingStore, "store", slow)
    monkeypatch.setattr("bihuan.gateway.http.routes.MOST_WAITING", 10)
    answers: dict[str, Got] = {}
    refused = threading.Event()

    def talk(line: Posting) -> None:
        def ask(name: str, path: str, body: Any) -> None:
            answers[name] = line.post(path, body)
            if answers[name].status == 503:
                refused.set()

        def start(name: str, path: str, body: Any) -> threading.Thread:
            thread = threading.Thread(target=ask, args=(name, path, body))
            thread.start()
            return thread

        threads = [start("first", "/v1/readings", [reading(BAND)])]
        assert entered.wait(20)
        threads += [start(name, "/v1/readings", [reading(BAND)] * 10) for name in ("a", "b")]
        assert refused.wait(20)  # one of the two fills the bound, the other hears so
        threads.append(start("sos", "/v1/signals", SOS))
        held.set()
        for thread in threads:
            thread.join(20)

    kinds = ("readings", "signals")
    token = key_for(clock, *kinds, areas=[world.people.county], rows_per_s=1e6).token
    gate.talk(token, talk)
    assert (answers["first"].status, answers["sos"].status) == (201, 201)
    assert sorted(answers[name].status for name in ("a", "b")) == [201, 503]
    full = next(got for got in answers.values() if got.status == 503)
    assert full.headers["retry-after"] == "1"
