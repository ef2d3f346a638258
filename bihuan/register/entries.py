"""What lane 0 says about who, where and what. Personal texts are sealed bytes (`KeyRing.seal`)."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from bihuan.base.errors import bad
from bihuan.journal.payloads import Payload, entry_type, upcasts

Mode = Literal["demo", "drill", "live"]
Level = Literal["county", "town", "village", "natural_village", "estate", "building", "stairwell"]


class Actor(Payload, frozen=True, kw_only=True):
    """Who did it: a person in a role, by which way (page, phone, api, device, system)."""

    person_id: int | None
    role: str
    via: str

    def person(self) -> int:
        """Which person it was. Raises BadInputError where it was none (the system, a device)."""
        if self.person_id is None:
            raise bad("by", self.role, "a person")
        return self.person_id


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
    """outline: ring of schematic (x, y) points of the county's own drawing, not coordinates.

    schematic: the code is no national one; from_us: since when it is so, 0 = as far back as known
    """

    code: str
    name: str
    latin: str
    level: Level
    parent_id: int | None
    outline: list[tuple[float, float]]
    schematic: bool = True
    from_us: int = 0
    by: Actor | None = None


@entry_type("person.registered.v1")
class PersonRegistered(Payload, frozen=True, kw_only=True):
    name: bytes
    latin: bytes
    phone: bytes | None
    by: Actor | None = None


@entry_type("person.reachable.v1")
class PersonReachable(Payload, frozen=True, kw_only=True):
    """A way to reach a person. rank: 0 is tried first; several may share a rank."""

    person_id: int
    channel: str
    address: bytes
    rank: int
    by: Actor | None = None


@entry_type("post.held.v1")
class PostHeld(Payload, frozen=True, kw_only=True):
    """A person in a role for an area, or for an organisation and its area. until_us: None = open.

    is_single: nobody else holds this seat meanwhile; is_head: who holds it is others' superior
    """

    person_id: int
    role: str
    area_id: int
    from_us: int
    until_us: int | None
    organisation_id: int | None = None
    is_single: bool = False
    is_head: bool = False
    by: Actor | None = None


@entry_type("duty.assigned.v1")
class DutyAssigned(Payload, frozen=True, kw_only=True):
    """Who holds which duty when (值班)."""

    person_id: int
    role: str
    area_id: int
    from_us: int
    until_us: int


@entry_type("subject.registered.v1")
class SubjectRegisteredV1(Payload, frozen=True, kw_only=True):
    scenario: str
    kind: str
    person_id: int
    area_id: int
    address: bytes | None
    note: bytes | None


@entry_type("subject.registered.v2")
class SubjectRegistered(Payload, frozen=True, kw_only=True):
    """A subject: a person, another party, or a thing with a name of its own; exactly one of them.

    values  of its declared fields; sealed: those that are sealed, as JSON. by: None = the county's
            own beginning (imports of the first day, the demo)
    """

    scenario: str
    kind: str
    person_id: int | None
    area_id: int
    address: bytes | None
    note: bytes | None
    party_id: int | None = None
    name: str | None = None
    values: dict[str, str | int | float | bool | list[str] | None] = field(default_factory=dict)
    sealed: bytes | None = None
    by: Actor | None = None


@upcasts(SubjectRegisteredV1)
def _subject_v2(old: SubjectRegisteredV1) -> SubjectRegistered:
    return SubjectRegistered(
        scenario=old.scenario,
        kind=old.kind,
        person_id=old.person_id,
        area_id=old.area_id,
        address=old.address,
        note=old.note,
    )


EndReason = Literal["moved_away", "died", "closed", "left", "mistake"]


@entry_type("subject.ended.v1")
class SubjectEnded(Payload, frozen=True, kw_only=True):
    """It is a subject no more since at_us; what was recorded of it stays."""

    subject_id: int
    reason: EndReason
    at_us: int
    by: Actor


@entry_type("contact.named.v1")
class ContactNamed(Payload, frozen=True, kw_only=True):
    """rank: order in which the family is to be asked; they are called in parallel."""

    subject_id: int
    person_id: int
    relation: str
    rank: int
    by: Actor | None = None


@entry_type("contact.ended.v1")
class ContactEnded(Payload, frozen=True, kw_only=True):
    """The person is asked about the subject no more, and sees nothing of it from now on."""

    contact_id: int
    by: Actor


@entry_type("device.adopted.v1")
class DeviceAdopted(Payload, frozen=True, kw_only=True):
    protocol: str
    number: str
    model: str | None


@entry_type("device.bound.v1")
class DeviceBound(Payload, frozen=True, kw_only=True):
    """Given to a subject from its recorded time on. issued_us: when it was handed over, if said."""

    device_id: int
    subject_id: int
    issued_us: int | None = None
    by: Actor | None = None


@entry_type("device.released.v1")
class DeviceReleased(Payload, frozen=True, kw_only=True):
    """reason: returned, death, lost, broken, replaced or other; older entries say what they say."""

    device_id: int
    reason: str
    ended_us: int | None = None
    by: Actor | None = None


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
    decoding and position, sealed for the subject's person; where there is no subject, with a key
    of its own. warning_id: the official warning that it tells of; follows: those that it supersedes
    or cancels, with what these superseded. area_id: the place, where it is about no subject.
    row_id: the record or subject whose act or duty raised it.
    """

    kind: str
    subject_id: int | None
    device_id: int | None
    at_us: int | None
    detail: bytes | None
    source: str = ""
    warning_id: int | None = None
    row_id: int | None = None
    area_id: int | None = None
    follows: list[int] = field(default_factory=list)


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
    setting_id            what somebody set for this subject or region, by which it was judged
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
    setting_id: int | None = None

    @property
    def key(self) -> str:
        """The finding's identity, the same in every version of its rule."""
        return f"{self.scenario}.{self.rule}:{self.lane}:{self.slot}:{self.number}"
