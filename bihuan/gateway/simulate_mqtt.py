"""Simulated sensors at a real broker: a Zigbee probe, a Tasmota and a ThingsBoard gauge.

What they say is a pure function of what they measure and the time (`messages`); `Sensor` keeps
one of them at the broker, with its will, and changes what it measures when the story says so.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from bihuan.base.time import CHINA, Clock, datetime_of, rfc3339
from bihuan.gateway.mqtt.heard import Publish

EVERY_S = 60.0
Measured = Mapping[str, float | str]


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of sensor speaks: its topics, its words for being there."""

    protocol: str
    messages: Callable[[str, Measured, int], Publish]
    state: Callable[[str, bool], Publish | None]


def zigbee(number: str, measured: Measured, now_us: int) -> Publish:
    """A zigbee2mqtt state with `last_seen`, as `temperature`, `humidity`, `battery`, `action`."""
    body = {**measured, "linkquality": 116, "last_seen": rfc3339(now_us)}
    return Publish(f"zigbee2mqtt/{number}", _json(body), qos=1)


def zigbee_state(number: str, is_online: bool) -> Publish:
    body = {"state": "online" if is_online else "offline"}
    return Publish(f"zigbee2mqtt/{number}/availability", _json(body), 1, True)


def tasmota(number: str, measured: Measured, now_us: int) -> Publish:
    """A `tele/…/SENSOR` of a DS18B20 with local time, as the firmware sends it."""
    at = datetime_of(now_us).astimezone(CHINA)
    body = {"Time": at.strftime("%Y-%m-%dT%H:%M:%S"), "DS18B20": measured, "TempUnit": "C"}
    return Publish(f"tele/{number}/SENSOR", _json(body), qos=1)


def tasmota_state(number: str, is_online: bool) -> Publish:
    return Publish(f"tele/{number}/LWT", b"Online" if is_online else b"Offline", 1, True)


def thingsboard(number: str, measured: Measured, now_us: int) -> Publish:
    """Telemetry with its time in ms, as `rain` (mm), `level` (m), `battery` (%)."""
    body = {"ts": now_us // 1_000, "values": measured}
    return Publish(f"{number}/v1/devices/me/telemetry", _json(body), qos=1)


def no_state(_number: str, _is_online: bool) -> None:
    """The device API has no word for it: the server sees the silence."""


KINDS = {
    "zigbee2mqtt": Kind("zigbee2mqtt", zigbee, zigbee_state),
    "tasmota": Kind("tasmota", tasmota, tasmota_state),
    "thingsboard": Kind("thingsboard", thingsboard, no_state),
}


@dataclass(frozen=True, slots=True)
class At:
    """A broker as a device is set up for it."""

    host: str
    port: int
    username: str
    password: str = field(repr=False)
    tls: ssl.SSLContext | None = None


class Sensor:
    """One sensor. `measured` may be changed at any time; `say` sends it at once.

    speed  how many times faster than life it reports
    """

    def __init__(self, kind: Kind, number: str, measured: Measured, clock: Clock) -> None:
        self.kind, self.number, self.measured = kind, number, dict(measured)
        self._clock = clock
        self._client: paho.Client | None = None
        self._answered, self._stopping = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, at: At, *, speed: float = 1.0) -> None:
        """Connect, and report each minute (by `speed`) until `stop`."""
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=_client_id(self))
        client.username_pw_set(at.username, at.password)
        if at.tls is not None:
            client.tls_set_context(at.tls)
        gone = self.kind.state(self.number, False)
        if gone is not None:
            client.will_set(gone.topic, gone.payload, gone.qos, gone.is_retained)
        client.on_connect = self._on_connect
        client.reconnect_delay_set(1, 30)
        client.connect_async(at.host, at.port)
        self._client = client
        client.loop_start()
        self._thread = threading.Thread(target=self._run, args=(EVERY_S / speed,), daemon=True)
        self._thread.start()

    def say(self, **measured: float | str) -> None:
        """Send what is measured now; `measured` replaces what it was."""
        self.measured.update(measured)
        self._send(self.kind.messages(self.number, self.measured, self._clock.now_us()))

    def press(self) -> None:
        """The key of a Zigbee button: an event, not a state."""
        once = {**self.measured, "action": "sos"}
        self._send(self.kind.messages(self.number, once, self._clock.now_us()))

    def stop(self) -> None:
        """End without a word: the broker sends the will."""
        self._stopping.set()
        self._answered.set()
        if self._client is not None:
            link = self._client.socket()
            self._client.loop_stop()
            if link is not None:
                link.close()
        if self._thread is not None:
            self._thread.join()

    def _on_connect(
        self,
        client: paho.Client,
        _userdata: object,
        _flags: paho.ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            return
        self._answered.set()
        here = self.kind.state(self.number, True)
        if here is not None:
            client.publish(here.topic, here.payload, here.qos, here.is_retained)

    def _run(self, pause_s: float) -> None:
        # what is published while paho opens its socket can go out before the CONNECT, and the
        # demo's broker never answers such a connection
        self._answered.wait()
        while not self._stopping.is_set():
            self.say()
            self._stopping.wait(pause_s)

    def _send(self, message: Publish) -> None:
        if self._client is not None:
            self._client.publish(message.topic, message.payload, message.qos, message.is_retained)


def _client_id(sensor: Sensor) -> str:
    return f"{sensor.kind.protocol}-{sensor.number}"


def _json(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
