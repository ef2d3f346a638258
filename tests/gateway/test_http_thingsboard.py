"""The ThingsBoard device API over HTTP: whose token it is, what is stored, what is answered."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.db import connections

from bihuan.base.time import MovableClock, us_of
from bihuan.gateway.credentials import Holder
from bihuan.gateway.http_thingsboard import Answer, take
from bihuan.gateway.intake import Intake
from bihuan.gateway.mqtt.thingsboard import ThingsBoard
from bihuan.journal.keys import KeyRing
from bihuan.register import entries as register
from tests.county import World
from tests.gateway.stored import stored

NOW_US = us_of(datetime(2026, 3, 2, tzinfo=UTC))
HOLDERS: dict[str, Holder] = {"t-rain": ("thingsboard", "rain-1"), "t-band": ("watch", "9900")}


def post(body: object, token: str = "t-rain", kind: str = "telemetry") -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return take(ThingsBoard(), HOLDERS.get, (token, kind), raw, NOW_US)


def test_telemetry_is_answered_with_an_empty_body() -> None:
    answer = post({"rain": 3.5})
    assert (answer.status, answer.body) == (200, b"")
    (arrival,) = answer.arrivals
    assert (arrival.protocol, arrival.decoded.device) == ("thingsboard", "rain-1")
    assert b"t-rain" not in arrival.raw, "the token is not in what the journal keeps"


@pytest.mark.parametrize("token", ["t-band", "nobody", ""])
def test_stranger_is_refused_and_nothing_is_stored(token: str) -> None:
    answer = post({"rain": 3.5}, token)
    assert (answer.status, answer.arrivals) == (401, ())


@pytest.mark.parametrize(
    ("body", "kind", "status", "fields"),
    [
        (b"{", "telemetry", 400, ["document"]),
        ({"rain": "much"}, "telemetry", 400, ["rain"]),
        ({"rain": -1, "level": 10_000}, "telemetry", 400, ["rain", "level"]),
        ({"ts": 1_772_409_600, "values": {"rain": 1}}, "telemetry", 400, ["ts"]),
        (b" " * 262_145, "telemetry", 413, ["payload"]),
        ({"rain": 1}, "rpc", 404, ["path"]),
    ],
)
def test_bad_body_is_answered_with_every_fault(
    body: object, kind: str, status: int, fields: list[str]
) -> None:
    answer = post(body, kind=kind)
    assert answer.status == status
    told = json.loads(answer.body)["faults"]
    assert [fault["field"] for fault in told] == fields


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_telemetry_sent_twice_is_stored_once_where_it_has_its_time(
    data: object, clock: MovableClock, keys: KeyRing
) -> None:
    """A retry after a lost answer; without `ts` two equal values may be two readings."""
    world = World(clock, keys)
    world.add(register.DeviceAdopted(protocol="thingsboard", number="rain-1", model=None))
    timed = {"ts": NOW_US // 1000, "values": {"rain": 3.5}}
    for body in (timed, timed, {"level": 1.5}, {"level": 1.5}):
        Intake(clock, keys).store(post(body).arrivals)
    assert len(stored("rain")) == 1
    assert len(stored("level")) == 2
    connections.close_all()
