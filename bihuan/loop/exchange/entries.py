"""What lane 0 says about other platforms and the work orders that go to and fro."""

from __future__ import annotations

from msgspec import field

from bihuan.journal.payloads import Payload, entry_type
from bihuan.register.entries import Actor


class Mapping(Payload, frozen=True, kw_only=True):
    """How a platform's words become ours, and ours theirs.

    number, text, area, kind  names of their fields (or columns); a dot goes into a nested one
    contact, due     theirs too, "" = they have none
    kinds     their class → our `scenario.kind`; `*` stands for every other one
    areas     their name or code → our area's code; what is not here is looked up as it is
    states    our state, or `closed.outcome`, → their word; `*` stands for every other one
    time      how they write a time (strptime; +08:00 where it says no zone)
    """

    number: str
    text: str
    area: str
    kind: str
    kinds: dict[str, str]
    states: dict[str, str]
    contact: str = ""
    due: str = ""
    areas: dict[str, str] = field(default_factory=dict)
    time: str = "%Y-%m-%d %H:%M:%S"


@entry_type("partner.set_up.v1")
class PartnerSetUp(Payload, frozen=True, kw_only=True):
    """Another platform, with its mapping; said again: the newer mapping holds."""

    name: str
    title: str
    mapping: Mapping
    by: Actor


@entry_type("order.received.v1")
class OrderReceived(Payload, frozen=True, kw_only=True):
    """A work order of another platform became a case, in the same transaction.

    order_case: the case. It is no `case_id`: what partners say is kept though a case is parked.
    digest: SHA-256 of the order as it came, in hex. due_us: the platform's own limit.
    """

    partner: str
    number: str
    order_case: int
    digest: str
    due_us: int | None


@entry_type("order.changed.v1")
class OrderChanged(Payload, frozen=True, kw_only=True):
    """The same order came again with another content: it stands on the case's timeline."""

    partner: str
    number: str
    order_case: int
    digest: str
    due_us: int | None


@entry_type("order.sent.v1")
class OrderSent(Payload, frozen=True, kw_only=True):
    """A case of ours goes to another platform as an order: number is ours, text sealed."""

    partner: str
    number: str
    order_case: int
    text: bytes
    by: Actor


@entry_type("order.answered.v1")
class OrderAnswered(Payload, frozen=True, kw_only=True):
    """The other platform says what became of an order of ours: their state, a text, sealed."""

    partner: str
    number: str
    order_case: int
    state: str
    text: bytes | None
    digest: str
