"""Entries about persons and other parties become rows."""

from __future__ import annotations

import msgspec

from bihuan.base.errors import bad
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.register.entries import PersonReachable, PersonRegistered
from bihuan.register.history.book import Book
from bihuan.register.models import Area, Person, Reach
from bihuan.register.parties import entries
from bihuan.register.parties.models import (
    HouseholdMember,
    Identity,
    Party,
    PartyMerge,
    ProposedDuplicate,
)


@projects(PersonRegistered)
def person_registered(rows: Rows, entry: Recorded[PersonRegistered]) -> None:
    said, identity = entry.payload, entry.id()
    Book(rows, entry).registered(
        Person, id=identity, name=said.name, latin=said.latin, phone=said.phone
    )
    rows.new(Party, id=identity, kind="person")


@projects(PersonReachable)
def person_reachable(rows: Rows, entry: Recorded[PersonReachable]) -> None:
    said = entry.payload
    if rows.get(Person, said.person_id) is None:
        raise bad("person_id", said.person_id, "a registered person")
    fields = (said.person_id, said.channel, said.address, said.rank)
    _reach(rows, entry.id(), *fields)
    Book(rows, entry).note("person", said.person_id, "reach", None, [said.channel, said.rank])


@projects(entries.ReachesSet)
def reaches_set(rows: Rows, entry: Recorded[entries.ReachesSet]) -> None:
    """The history says by which channels; the addresses stay sealed in the entry."""
    said = entry.payload
    if rows.get(Person, said.person_id) is None:
        raise bad("person_id", said.person_id, "a registered person")
    before = [[r.channel, r.rank] for r in rows.where(Reach, person_id=said.person_id)]
    for old in rows.where(Reach, person_id=said.person_id):
        rows.remove(Reach, old.id)
    for n, (channel, address, rank) in enumerate(said.reaches):
        _reach(rows, entry.id(n), said.person_id, channel, address, rank)
    after = [[channel, rank] for channel, _address, rank in said.reaches]
    Book(rows, entry).note("person", said.person_id, "reaches", before, after)


@projects(entries.ReachSet)
def reach_set(rows: Rows, entry: Recorded[entries.ReachSet]) -> None:
    said = entry.payload
    if rows.get(Person, said.person_id) is None:
        raise bad("person_id", said.person_id, "a registered person")
    held = [r for r in rows.where(Reach, person_id=said.person_id) if r.channel == said.channel]
    before = [[old.channel, old.rank] for old in held]
    for old in held:
        rows.remove(Reach, old.id)
    after = []
    if said.address is not None:
        _reach(rows, entry.id(), said.person_id, said.channel, said.address, said.rank)
        after = [[said.channel, said.rank]]
    Book(rows, entry).note("person", said.person_id, "reaches", before, after)


def _reach(
    rows: Rows, identity: int, person_id: int, channel: str, address: bytes, rank: int
) -> None:
    rows.new(Reach, id=identity, person_id=person_id, channel=channel, address=address, rank=rank)


@projects(entries.PersonRenamed)
def person_renamed(rows: Rows, entry: Recorded[entries.PersonRenamed]) -> None:
    said = entry.payload
    Book(rows, entry).change(Person, said.person_id, name=said.name, latin=said.latin)


@projects(entries.PhoneChanged)
def phone_changed(rows: Rows, entry: Recorded[entries.PhoneChanged]) -> None:
    Book(rows, entry).change(Person, entry.payload.person_id, phone=entry.payload.phone)


@projects(entries.PersonDied)
def person_died(rows: Rows, entry: Recorded[entries.PersonDied]) -> None:
    """Known from when it was said: until then people acted on a living person."""
    Book(rows, entry).change(Person, entry.payload.person_id, died_us=entry.payload.died_us)


@projects(entries.PersonIdentified)
def person_identified(rows: Rows, entry: Recorded[entries.PersonIdentified]) -> None:
    said = entry.payload
    if rows.get(Person, said.person_id) is None:
        raise bad("person_id", said.person_id, "a registered person")
    held = rows.get(Identity, said.person_id)
    before = held.number if held is not None else None
    Book(rows, entry).note("person", said.person_id, "identity_number", before, said.number)
    rows.put(Identity, person_id=said.person_id, number=said.number)


@projects(entries.PartyRegistered)
def party_registered(rows: Rows, entry: Recorded[entries.PartyRegistered]) -> None:
    said = msgspec.structs.asdict(entry.payload)
    del said["by"]
    if said["area_id"] is not None and rows.get(Area, said["area_id"]) is None:
        raise bad("area_id", said["area_id"], "a registered area")
    Book(rows, entry).registered(Party, id=entry.id(), **said)


@projects(entries.PartyChanged)
def party_changed(rows: Rows, entry: Recorded[entries.PartyChanged]) -> None:
    said = msgspec.structs.asdict(entry.payload)
    del said["by"]
    party_id = said.pop("party_id")
    new = {name: value for name, value in said.items() if value is not None}
    Book(rows, entry).change(Party, party_id, **new)


@projects(entries.PartyMerged)
def party_merged(rows: Rows, entry: Recorded[entries.PartyMerged]) -> None:
    said = entry.payload
    book = Book(rows, entry)
    for identity in (said.loser_id, *_merged_into(rows, said.loser_id)):
        book.change(Party, identity, survivor_id=said.survivor_id)
    rows.new(
        PartyMerge,
        id=entry.id(),
        loser_id=said.loser_id,
        survivor_id=said.survivor_id,
        merged_us=entry.recorded_us,
    )
    first, second = sorted((said.loser_id, said.survivor_id))
    for proposed in rows.where(ProposedDuplicate, first_id=first):
        if proposed.second_id == second:
            book.change(
                ProposedDuplicate, proposed.id, state="merged", decided_us=entry.recorded_us
            )


@projects(entries.PartyUnmerged)
def party_unmerged(rows: Rows, entry: Recorded[entries.PartyUnmerged]) -> None:
    loser = entry.payload.loser_id
    (merge,) = [m for m in rows.where(PartyMerge, loser_id=loser) if m.undone_us is None]
    rows.change(PartyMerge, merge.id).undone_us = entry.recorded_us
    book = Book(rows, entry)
    book.change(Party, loser, survivor_id=None)
    for identity in _merged_into(rows, loser):
        book.change(Party, identity, survivor_id=loser)


def _merged_into(rows: Rows, party_id: int) -> list[int]:
    """Every party merged into this one, and into those."""
    found: list[int] = []
    waiting = [party_id]
    while waiting:
        merges = rows.where(PartyMerge, survivor_id=waiting.pop())
        losers = [merge.loser_id for merge in merges if merge.undone_us is None]
        found += losers
        waiting += losers
    return found


@projects(entries.DuplicateProposed)
def duplicate_proposed(rows: Rows, entry: Recorded[entries.DuplicateProposed]) -> None:
    said = entry.payload
    Book(rows, entry).registered(
        ProposedDuplicate,
        id=entry.id(),
        first_id=said.first_id,
        second_id=said.second_id,
        grounds=",".join(said.grounds),
        proposed_us=entry.recorded_us,
    )


@projects(entries.DuplicateDeclined)
def duplicate_declined(rows: Rows, entry: Recorded[entries.DuplicateDeclined]) -> None:
    Book(rows, entry).change(
        ProposedDuplicate,
        entry.payload.proposed_id,
        state="declined",
        decided_us=entry.recorded_us,
    )


@projects(entries.HouseholdJoined)
def household_joined(rows: Rows, entry: Recorded[entries.HouseholdJoined]) -> None:
    said = msgspec.structs.asdict(entry.payload)
    del said["by"]
    for field, model in (("household_id", Party), ("person_id", Person)):
        if rows.get(model, said[field]) is None:
            raise bad(field, said[field], f"a registered {model._meta.model_name}")
    book = Book(rows, entry, said["from_us"])
    book.registered(HouseholdMember, id=entry.id(), **said)


@projects(entries.HouseholdLeft)
def household_left(rows: Rows, entry: Recorded[entries.HouseholdLeft]) -> None:
    said = entry.payload
    Book(rows, entry, said.until_us).change(HouseholdMember, said.member_id, until_us=said.until_us)


@projects(entries.HouseholdHeaded)
def household_headed(rows: Rows, entry: Recorded[entries.HouseholdHeaded]) -> None:
    """The old head's membership goes on as a plain one, the new head's as the head's."""
    said = entry.payload
    book, n = Book(rows, entry, said.at_us), 0
    for held in rows.where(HouseholdMember, household_id=said.household_id):
        becomes_head = held.person_id == said.person_id
        if held.until_us is not None or held.is_head == becomes_head:
            continue
        if held.from_us == said.at_us:
            book.change(HouseholdMember, held.id, is_head=becomes_head)
            continue
        book.change(HouseholdMember, held.id, until_us=said.at_us)
        book.registered(
            HouseholdMember,
            id=entry.id(n),
            household_id=held.household_id,
            person_id=held.person_id,
            is_head=becomes_head,
            from_us=said.at_us,
        )
        n += 1
