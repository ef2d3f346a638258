"""Issuing, listing and ending the keys of senders."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings

from bihuan.base.errors import BadInputError, Fault
from bihuan.base.time import Clock
from bihuan.register.models import Area, Device
from bihuan.register.senders.models import SenderKey

KINDS = ("readings", "signals", "observations", "warnings", "requests", "camera")
ROWS_PER_S = 1_000.0


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key; token and secret are shown once. secret: for signed webhooks."""

    id: int
    token: str
    secret: str


@dataclass(frozen=True, slots=True)
class Sender:
    """A key in force. areas: paths of the subtrees whose subjects it may send for."""

    id: int
    name: str
    digest: str
    kinds: frozenset[str]
    areas: tuple[str, ...]
    devices: frozenset[int]
    rows_per_s: float

    def covers(self, device_id: int | None, area_path: str | None) -> bool:
        """Whether this sender may send for a device, or for a subject of an area."""
        if device_id is not None and device_id in self.devices:
            return True
        return area_path is not None and area_path.startswith(self.areas)

    @property
    def secret(self) -> bytes:
        """The key of its signatures: made of the installation's secret, stored nowhere."""
        said = f"webhook {self.digest}".encode()
        made = hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(made)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a key may be used for. areas, devices: ids."""

    kinds: Collection[str]
    areas: Collection[int] = ()
    devices: Collection[int] = ()
    rows_per_s: float = ROWS_PER_S


def issue(name: str, scope: Scope, clock: Clock) -> Issued:
    """Make a key. Raises BadInputError with every part of the scope that is not known."""
    faults = [Fault("kinds", k, f"of {', '.join(KINDS)}") for k in scope.kinds if k not in KINDS]
    if not scope.kinds:
        faults.append(Fault("kinds", "none", f"at least one of {', '.join(KINDS)}"))
    if not name.strip() or len(name) > 64:
        faults.append(Fault("name", name or "nothing", "1 to 64 characters"))
    if scope.rows_per_s <= 0:
        faults.append(Fault("rows_per_s", str(scope.rows_per_s), "more than 0"))
    faults += [
        Fault("areas", str(area), "a registered area")
        for area in scope.areas
        if not Area.objects.filter(id=area).exists()
    ]
    faults += [
        Fault("devices", str(device), "an adopted device")
        for device in scope.devices
        if not Device.objects.filter(id=device).exists()
    ]
    if faults:
        raise BadInputError(*faults)
    token = secrets.token_urlsafe(32)
    made = SenderKey.objects.create(
        name=name,
        digest=digest_of(token),
        kinds=json.dumps(sorted(scope.kinds)),
        areas=json.dumps(sorted(scope.areas)),
        devices=json.dumps(sorted(scope.devices)),
        rows_per_s=scope.rows_per_s,
        made_us=clock.now_us(),
        ended_us=None,
    )
    return Issued(made.id, token, _sender(made, {}).secret.decode())


def end(sender_id: int, clock: Clock) -> None:
    """End a key; running gateways heed it within two seconds. Raises for an unknown one."""
    found = SenderKey.objects.filter(id=sender_id)
    if not found.exists():
        raise BadInputError(Fault("sender", str(sender_id), "the number of a key"))
    found.filter(ended_us=None).update(ended_us=clock.now_us())


def in_force() -> list[Sender]:
    """Every key that is not ended."""
    paths = dict(Area.objects.values_list("id", "path"))
    return [_sender(key, paths) for key in SenderKey.objects.filter(ended_us=None).order_by("id")]


def in_force_at(sender_id: int, at_us: int) -> Sender | None:
    """A key as it stands, if it was made and not ended at that time; else None."""
    key = SenderKey.objects.filter(id=sender_id).first()
    if key is None or (key.ended_us is not None and key.ended_us <= at_us):
        return None
    return _sender(key, dict(Area.objects.values_list("id", "path")))


def digest_of(token: str) -> str:
    """What is stored of a token: it is random, so a plain hash tells nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def _sender(key: SenderKey, paths: dict[int, str]) -> Sender:
    return Sender(
        id=key.id,
        name=key.name,
        digest=key.digest,
        kinds=frozenset(json.loads(key.kinds)),
        areas=tuple(paths[area] for area in json.loads(key.areas) if area in paths),
        devices=frozenset(json.loads(key.devices)),
        rows_per_s=key.rows_per_s,
    )
