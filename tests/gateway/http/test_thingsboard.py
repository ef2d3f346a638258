"""The ThingsBoard device API at the gateway's own port: the token in the path is the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from bihuan.gateway.credentials import Credentials
from bihuan.register import entries as register
from tests.county import World
from tests.gateway.http.post import Gate, Posting, stored

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_telemetry_is_stored_and_answered_as_the_api_has_it(
    world: World, gate: Gate, data: Path
) -> None:
    world.add(register.DeviceAdopted(protocol="thingsboard", number="rain-1", model=None))
    token = Credentials(data).issue("thingsboard", "rain-1")

    def talk(line: Posting) -> None:
        got = line.post(f"/api/v1/{token}/telemetry", {"rain": 3.5})
        assert (got.status, got.body) == (200, b"")
        assert line.post(f"/api/v1/{token}/telemetry", {"rain": "much"}).status == 400
        assert line.post(f"/api/v1/{token}/rpc", {}).status == 404
        assert line.get(f"/api/v1/{token}/telemetry").status == 405
        assert line.post(f"/api/v1/{token}/telemetry", b"x" * 8_000_000).status == 413

    gate.talk("", talk)
    rain = [
        (channel, value)
        for _key, channel, _unit, _at, value, _good in stored()
        if channel == "rain"
    ]
    assert rain == [("rain", 3.5)]


def test_stranger_is_refused(world: World, gate: Gate, data: Path) -> None:
    band = Credentials(data).issue("watch", "1208178692")

    def talk(line: Posting) -> None:
        for token in ("guessed", band, ""):
            assert line.post(f"/api/v1/{token}/telemetry", {"rain": 1}).status in (401, 404)

    gate.talk("", talk)
    assert stored() == []
