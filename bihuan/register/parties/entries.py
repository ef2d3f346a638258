"""What lane 0 says about parties. Texts that name a person are sealed with the party's id."""

from __future__ import annotations

from typing import Literal

from bihuan.journal.payloads import Payload, entry_type
from bihuan.register.entries import Actor

OtherKind = Literal["household", "legal_entity", "estate", "plot"]


@entry_type("party.registered.v1")
class PartyRegistered(Payload, frozen=True, kw_only=True):
    """Any party but a person, who is registered by `person.registered`."""

    kind: OtherKind
    name: str
    latin: str
    code: str | None
    area_id: int | None
    address: bytes | None
    by: Actor | None = None


@entry_type("party.changed.v1")
class PartyChanged(Payload, frozen=True, kw_only=True):
    """A new name or code (of any but a person), area or address (of any); None = as before."""

    party_id: int
    name: str | None = None
    latin: str | None = None
    code: str | None = None
    area_id: int | None = None
    address: bytes | None = None
    by: Actor | None = None


@entry_type("party.merged.v1")
class PartyMerged(Payload, frozen=True, kw_only=True):
    """loser_id leads to survivor_id from now on; both keep what was said of them."""

    loser_id: int
    survivor_id: int
    why: str = ""
    by: Actor | None = None


@entry_type("party.unmerged.v1")
class PartyUnmerged(Payload, frozen=True, kw_only=True):
    """It stands for itself again, with what had been merged into it."""

    loser_id: int
    why: str = ""
    by: Actor | None = None


@entry_type("party.duplicate_proposed.v1")
class DuplicateProposed(Payload, frozen=True, kw_only=True):
    first_id: int
    second_id: int
    grounds: list[str]
    by: Actor | None = None


@entry_type("party.duplicate_declined.v1")
class DuplicateDeclined(Payload, frozen=True, kw_only=True):
    """They are two. Not proposed again."""

    proposed_id: int
    by: Actor | None = None


@entry_type("person.renamed.v1")
class PersonRenamed(Payload, frozen=True, kw_only=True):
    person_id: int
    name: bytes
    latin: bytes
    by: Actor | None = None


@entry_type("person.phone_changed.v1")
class PhoneChanged(Payload, frozen=True, kw_only=True):
    """phone: None = has none any more."""

    person_id: int
    phone: bytes | None
    by: Actor | None = None


@entry_type("person.reaches_set.v1")
class ReachesSet(Payload, frozen=True, kw_only=True):
    """Every way to reach a person, instead of those before: (channel, address, rank)."""

    person_id: int
    reaches: list[tuple[str, bytes, int]]
    by: Actor | None = None


@entry_type("person.reach_set.v1")
class ReachSet(Payload, frozen=True, kw_only=True):
    """The one way to reach a person on a channel, instead of those before on it; None: no more.

    Other channels are as they were: a number that rang stays one that rang.
    """

    person_id: int
    channel: str
    address: bytes | None
    rank: int
    by: Actor | None = None


@entry_type("person.identified.v1")
class PersonIdentified(Payload, frozen=True, kw_only=True):
    person_id: int
    number: bytes
    by: Actor | None = None


@entry_type("person.died.v1")
class PersonDied(Payload, frozen=True, kw_only=True):
    """died_us: None = it was said in error."""

    person_id: int
    died_us: int | None
    by: Actor | None = None


@entry_type("household.joined.v1")
class HouseholdJoined(Payload, frozen=True, kw_only=True):
    household_id: int
    person_id: int
    is_head: bool
    from_us: int
    by: Actor | None = None


@entry_type("household.left.v1")
class HouseholdLeft(Payload, frozen=True, kw_only=True):
    """member_id: the membership that ends."""

    member_id: int
    until_us: int
    by: Actor | None = None


@entry_type("household.headed.v1")
class HouseholdHeaded(Payload, frozen=True, kw_only=True):
    """Another member is the head from now on."""

    household_id: int
    person_id: int
    at_us: int
    by: Actor | None = None
