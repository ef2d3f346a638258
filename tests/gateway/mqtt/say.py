"""What the tests of MQTT systems share: a time, a sender, and the plain form of what was heard."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from bihuan.gateway.mqtt.heard import Heard, Hub

NOW = datetime(2026, 3, 1, 0, 0, 0, tzinfo=UTC)


def send(
    hub: Hub,
    topic: str,
    body: object,
    *,
    is_retained: bool = False,
    at: datetime = NOW,
) -> Heard:
    """Give a hub one message: bytes and text as they are, everything else as JSON."""
    if isinstance(body, bytes):
        payload = body
    else:
        payload = (body if isinstance(body, str) else json.dumps(body)).encode()
    return hub.take(topic, payload, is_retained=is_retained, received=at)


def values(heard: Heard) -> dict[tuple[str, str], float]:
    """The readings by device and channel; fails where one would hide another."""
    named = [(r.device, r.channel) for r in heard.readings]
    assert len(named) == len(set(named))
    return {(r.device, r.channel): r.value for r in heard.readings}


def links(heard: Heard) -> list[tuple[str, bool]]:
    return [(link.device, link.is_online) for link in heard.links]


def told(heard: Heard, device: str) -> dict[str, object]:
    """The attributes of one device."""
    return dict((heard.attributes or {})[device])


def fields(heard: Heard) -> list[str]:
    """The fields that were refused."""
    return [fault.field for fault in heard.faults]
