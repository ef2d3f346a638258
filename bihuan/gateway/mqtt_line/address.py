"""Where the broker is, who we are there, and which systems are read: from settings to types."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import msgspec

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.gateway.mqtt.hubs import HUBS
from bihuan.gateway.mqtt.mapping import Rule, Settings, ToAttribute, ToChannel, ToSignal

PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class Address:
    """A broker and our name and password there. ca None: the system's authorities."""

    host: str
    port: int
    is_tls: bool
    client: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: Path | None = None

    def context(self) -> ssl.SSLContext | None:
        """TLS 1.2 or later, the broker's certificate and name checked; None without TLS."""
        if not self.is_tls:
            return None
        context = ssl.create_default_context(cafile=self.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


def address(url: str, client: str, password: str = "", ca: str = "") -> Address:
    """`mqtts://user@host:8883` as an address; raises BadInputError that names each fault."""
    faults = []
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
        faults.append(Fault("BIHUAN_MQTT", "another port", "a port from 1 to 65535"))
    if parts.scheme not in PORTS or not parts.hostname:
        faults.append(Fault("BIHUAN_MQTT", parts.scheme or "nothing", "mqtts://user@host:port"))
    if parts.password is not None:
        faults.append(Fault("BIHUAN_MQTT", "a password", "the password in BIHUAN_MQTT_PASSWORD"))
    if not client or len(client) > 23 or not client.replace("-", "").isalnum():
        want = "1 to 23 letters, digits and hyphens"  # what every broker must take: 3.1.3.1
        faults.append(Fault("BIHUAN_MQTT_CLIENT", client, want))
    if ca and not Path(ca).is_file():
        faults.append(Fault("BIHUAN_MQTT_CA", ca, "a file with the certificate of the authority"))
    if faults:
        raise BadInputError(*faults)
    username = unquote(parts.username) if parts.username else None
    return Address(
        host=str(parts.hostname),
        port=port or PORTS[parts.scheme],
        is_tls=parts.scheme == "mqtts",
        client=client,
        username=username,
        password=password or None,
        ca=Path(ca) if ca else None,
    )


def system_names(words: str) -> tuple[str, ...]:
    """The systems to read, of `zigbee2mqtt,tasmota`; raises BadInputError for unknown ones."""
    names = tuple(dict.fromkeys(word.strip() for word in words.split(",") if word.strip()))
    unknown = [Fault("BIHUAN_MQTT_SYSTEMS", n, ", ".join(HUBS)) for n in names if n not in HUBS]
    if unknown:
        raise BadInputError(*unknown)
    return names


class _Key(msgspec.Struct, forbid_unknown_fields=True):
    channel: str | None = None
    unit: str | None = None
    device: str | None = None
    signal: str | None = None
    on: list[str] = msgspec.field(default_factory=lambda: ["true", "on", "1"])
    is_press: bool = False
    attribute: str | None = None

    def rule(self) -> Rule:
        named = [n for n in ("channel", "signal", "attribute") if getattr(self, n) is not None]
        if len(named) != 1:
            raise bad("rule", ", ".join(named) or "nothing", "one of channel, signal, attribute")
        if self.channel is not None:
            return ToChannel(self.channel, self.unit or "nothing", self.device)
        if self.signal is not None:
            return ToSignal(self.signal, tuple(word.lower() for word in self.on), self.is_press)
        return ToAttribute(str(self.attribute))


class _System(msgspec.Struct, forbid_unknown_fields=True):
    base: str = ""
    zone: str | None = None
    most_devices: int = 10_000
    keys: dict[str, _Key] = msgspec.field(default_factory=dict)
    devices: dict[str, dict[str, _Key]] = msgspec.field(default_factory=dict)


def read_rules(path: Path) -> Mapping[str, Settings]:
    """What the operator says of each system, from a JSON file; raises BadInputError by place.

    {"tasmota": {"zone": "Asia/Shanghai",
                 "devices": {"cold-1": {"DS18B20.Temperature": {"channel": "core_temperature",
                                                                "unit": "Cel"}}}}}
    """
    try:
        read = msgspec.json.decode(path.read_bytes(), type=dict[str, _System])
    except (OSError, msgspec.MsgspecError) as error:
        raise bad(
            "BIHUAN_MQTT_RULES", str(error), "a file of rules as docs/mqtt.md says"
        ) from error
    system_names(",".join(read))
    return {name: _settings(name, system) for name, system in read.items()}


def _settings(name: str, system: _System) -> Settings:
    faults: list[Fault] = []

    def rules(place: str, keys: Mapping[str, _Key]) -> dict[str, Rule]:
        made = {}
        for key, written in keys.items():
            try:
                made[key] = written.rule()
            except BadInputError as error:
                faults.extend(
                    Fault(f"{name}.{place}.{key}.{f.field}", f.got, f.want) for f in error.faults
                )
        return made

    devices = {d: rules(f"devices.{d}", keys) for d, keys in system.devices.items()}
    keys = rules("keys", system.keys)
    zone = None
    try:
        zone = ZoneInfo(system.zone) if system.zone else None
    except (KeyError, ValueError, OSError):
        faults.append(Fault(f"{name}.zone", str(system.zone), "a zone such as Asia/Shanghai"))
    if faults:
        raise BadInputError(*faults)
    return Settings(system.base, devices, keys, zone, system.most_devices)
