"""What lane 0 says about who, where and what. Personal texts are sealed bytes (`KeyRing.seal`)."""

from __future__ import annotations

from typing import Literal

from bihuan.journal.payloads import Payload, entry_type

Mode = Literal["demo", "drill", "live"]
Level = Literal["county", "town", "village"]


class Actor(Payload, frozen=True, kw_only=True):
    """Who did it: a person in a role, by which way (page, phone, api, device, system)."""

    person_id: int | None
    role: str
    via: str


@entry_type("county.named.v1")
class CountyNamed(Payload, frozen=True, kw_only=True):
    name: str
    latin: str
    mode: Mode


@entry_type("county.mode_set.v1")
class ModeSet(Payload, frozen=True, kw_only=True):
    mode: Mode
    by: Actor


@entry_type("area.registered.v1")
class AreaRegistered(Payload, frozen=True, kw_only=True):
    """outline: ring of schematic (x, y) points of the county's own drawing, not coordinates."""

    code: str
    name: str
    latin: str
    level: Level
    parent_id: int | None
    outline: list[tuple[float, float]]


@entry_type("person.registered.v1")
class PersonRegistered(Payload, frozen=True, kw_only=True):
    name: bytes
    latin: bytes
    phone: bytes | None


@entry_type("person.reachable.v1")
class PersonReachable(Payload, frozen=True, kw_only=True):
    """A way to reach a person. rank: 0 is tried first; several may share a rank."""

    person_id: int
    channel: str
    address: bytes
    rank: int


@entry_type("post.held.v1")
class PostHeld(Payload, frozen=True, kw_only=True):
    """A person in a role for an area. until_us: None = open."""

    person_id: int
    role: str
    area_id: int
    from_us: int
    until_us: int | None


@entry_type("duty.assigned.v1")
class DutyAssigned(Payload, frozen=True, kw_only=True):
    """Who holds which duty when (值班)."""

    person_id: int
    role: str
    area_id: int
    from_us: int
    until_us: int


@entry_type("subject.registered.v1")
class SubjectRegistered(Payload, frozen=True, kw_only=True):
    scenario: str
    kind: str
    person_id: int
    area_id: int
    address: bytes | None
    note: bytes | None


@entry_type("contact.named.v1")
class ContactNamed(Payload, frozen=True, kw_only=True):
    """rank: order in which the family is to be asked; they are called in parallel."""

    subject_id: int
    person_id: int
    relation: str
    rank: int


@entry_type("device.adopted.v1")
class DeviceAdopted(Payload, frozen=True, kw_only=True):
    protocol: str
    number: str
    model: str | None


@entry_type("device.bound.v1")
class DeviceBound(Payload, frozen=True, kw_only=True):
    device_id: int
    subject_id: int


@entry_type("device.released.v1")
class DeviceReleased(Payload, frozen=True, kw_only=True):
    device_id: int
    reason: str


@entry_type("frame.refused.v1")
class FrameRefused(Payload, frozen=True, kw_only=True):
    """A frame that could not be used: raw bytes and every fault. device: None = unknown."""

    protocol: str
    device: str | None
    raw: bytes
    faults: list[dict[str, str]]


@entry_type("signal.received.v1")
class SignalReceived(Payload, frozen=True, kw_only=True):
    """Something arrived that asks for attention (来件).

    source names the sender as it named itself (`watch 1234567890`), also where it is unknown;
    at_us is the sender's own time, None where it gave none; detail is JSON of the raw frame, its
    decoding and position, sealed for the subject's person.
    """

    kind: str
    subject_id: int | None
    device_id: int | None
    at_us: int | None
    detail: bytes | None
    source: str = ""


Said = Literal["opened", "revised", "cleared", "withdrawn"]


@entry_type("finding.said.v1")
class FindingSaid(Payload, frozen=True, kw_only=True):
    """What a rule says about a series (异常): the n-th statement about one finding.

    lane, slot, position  the series, and the reading-lane entry that led to it
    number                of the finding within its series and rule, from 0
    cleared_us            None while it goes on
    measure               what was compared with the limit; None of silence
    limit, unit, source   of silence the limit is in seconds
    known_us              recorded time at which it became known
    """

    scenario: str
    rule: str
    version: int
    kind: str
    subject_id: int
    lane: int
    slot: int
    position: int
    number: int
    n: int
    what: Said
    opened_us: int
    cleared_us: int | None
    since_us: int | None
    measure: float | None
    limit: float | None
    unit: str
    source: str
    severity: str
    known_us: int

    @property
    def key(self) -> str:
        """The finding's identity, the same in every version of its rule."""
        return f"{self.scenario}.{self.rule}:{self.lane}:{self.slot}:{self.number}"
