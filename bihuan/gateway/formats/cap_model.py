"""A CAP 1.2 alert as typed values, and which alert stands after Updates and Cancels.

Source: OASIS Common Alerting Protocol 1.2 (2010-07-01), section 3.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

Pair: TypeAlias = tuple[Decimal, Decimal]  # latitude, longitude; degrees, WGS 84


@dataclass(frozen=True, slots=True)
class Reference:
    """The extended identifier of a message: who, which, when. Times compare as instants."""

    sender: str
    identifier: str
    sent: datetime


@dataclass(frozen=True, slots=True)
class NamedValue:
    """An eventCode, parameter or geocode."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Circle:
    centre: Pair
    radius_km: Decimal


@dataclass(frozen=True, slots=True)
class Area:
    """Where: described, and drawn by polygons (closed rings), circles and codes."""

    area_desc: str
    polygons: tuple[tuple[Pair, ...], ...] = ()
    circles: tuple[Circle, ...] = ()
    geocodes: tuple[NamedValue, ...] = ()
    altitude_ft: Decimal | None = None
    ceiling_ft: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A file that belongs to an info: by link, or inside as base-64 (`deref_uri`)."""

    resource_desc: str
    mime_type: str
    size_bytes: int | None = None
    uri: str | None = None
    deref_uri: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Info:
    """What, in one language."""

    categories: tuple[str, ...]
    event: str
    urgency: str
    severity: str
    certainty: str
    language: str = "en-US"
    response_types: tuple[str, ...] = ()
    audience: str | None = None
    event_codes: tuple[NamedValue, ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str | None = None
    headline: str | None = None
    description: str | None = None
    instruction: str | None = None
    web: str | None = None
    contact: str | None = None
    parameters: tuple[NamedValue, ...] = ()
    resources: tuple[Resource, ...] = ()
    areas: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """One CAP message. `signatures` are XML digital signatures as they came, unverified."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    scope: str
    source: str | None = None
    restriction: str | None = None
    addresses: str | None = None
    codes: tuple[str, ...] = ()
    note: str | None = None
    references: tuple[Reference, ...] = ()
    incidents: str | None = None
    infos: tuple[Info, ...] = ()
    signatures: tuple[str, ...] = ()

    @property
    def reference(self) -> Reference:
        """How other messages refer to this one."""
        return Reference(self.sender, self.identifier, self.sent)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a message still holds, and which message ended it."""

    state: Literal["current", "updated", "cancelled"]
    by: Reference | None = None


def supersedes(later: Alert, earlier: Alert) -> bool:
    """Whether `later` takes the place of `earlier`, or takes it back.

    Update and Cancel do; Ack and Error speak about a message and leave it standing. The sender
    is not compared: CAP leaves open who may update whom, and that is judged where a feed is
    let in.
    """
    return later.msg_type in ("Update", "Cancel") and earlier.reference in later.references


def standings(alerts: Iterable[Alert]) -> Mapping[Reference, Standing]:
    """What became of each Alert and Update, whatever the order and however often they came.

    A Cancel outranks an Update of the same message; of several of one kind the latest by its
    own `sent` is named. References to messages not among `alerts` are kept out, so that an
    Update that overtook its Alert ends it as soon as both are there.
    """
    known = {alert.reference: alert for alert in alerts}
    stand = {
        reference: Standing("current")
        for reference, alert in known.items()
        if alert.msg_type in ("Alert", "Update")
    }
    enders = [alert for alert in known.values() if alert.msg_type in ("Update", "Cancel")]
    for ender in sorted(enders, key=lambda alert: (alert.msg_type == "Cancel", alert.sent)):
        ended = Standing("cancelled" if ender.msg_type == "Cancel" else "updated", ender.reference)
        stand |= {
            reference: ended
            for reference in ender.references
            if reference in stand and reference != ender.reference
        }
    return stand
