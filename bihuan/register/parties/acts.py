"""Registering and changing persons and other parties: checked calls, each one transaction."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, get_args

from django.db.models import Q

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.ids import row_id
from bihuan.base.time import Clock, rfc3339
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.register.areas.checks import refuse, text_faults
from bihuan.register.entries import Actor, PersonReachable, PersonRegistered
from bihuan.register.keyed import KeyedActs, once
from bihuan.register.models import Area, Person, Post, Reach
from bihuan.register.organisations.entries import PostLeft
from bihuan.register.parties import blind, entries
from bihuan.register.parties.duplicates import is_new, propose_one
from bihuan.register.parties.models import Party
from bihuan.register.parties.numbers import credit_code, resident_number

PHONE: Final = re.compile(r"\+?[0-9][0-9 -]{4,19}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """A person to register. channels: ways to be reached at the phone, first choice first."""

    name: tuple[str, str]
    phone: str | None = None
    channels: Sequence[str] = ()
    identity_number: str | None = None
    area_id: int | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewParty:
    """A household, legal entity, estate or plot. A legal entity has a credit code, or none yet."""

    kind: entries.OtherKind
    name: tuple[str, str] = ("", "")
    code: str | None = None
    area_id: int | None = None
    address: str | None = None


class PartyActs(KeyedActs):
    """Writes parties. Every call raises BadInputError with every bad field, then writes nothing.

    What is registered or changed is looked up in the blind index; what may be a duplicate is
    proposed in the same transaction, and registered all the same: a person decides.
    """

    def __init__(self, clock: Clock, keys: KeyRing, by: Actor | None = None) -> None:
        super().__init__(clock, by)
        self.keys = keys

    @once
    def person(self, new: NewPerson) -> int:
        """Register a person; every text is sealed with the person's own key."""
        number, faults = _checked(resident_number, new.identity_number)
        faults += text_faults(name=new.name[0]) + _phone_faults(new.phone)
        if new.channels and new.phone is None:
            faults.append(Fault("channels", ", ".join(new.channels), "a phone number to reach"))
        with self._lane() as lane:
            refuse(faults + _area_faults(lane, new.area_id))
            person = row_id(lane.next_position)
            phone = self._sealed(person, new.phone)
            lane.append(
                PersonRegistered(
                    name=self.keys.seal(person, new.name[0]),
                    latin=self.keys.seal(person, new.name[1]),
                    phone=phone,
                    by=self._by,
                )
            )
            for rank, channel in enumerate(new.channels):
                assert phone is not None
                lane.append(
                    PersonReachable(
                        person_id=person, channel=channel, address=phone, rank=rank, by=self._by
                    )
                )
            if number is not None:
                sealed = self.keys.seal(person, number)
                lane.append(entries.PersonIdentified(person_id=person, number=sealed, by=self._by))
            if new.area_id is not None or new.address:
                self._locate(lane, person, new.area_id, new.address)
            self._index(lane, person)
        return person

    @once
    def party(self, new: NewParty) -> int:
        """Register a household, legal entity, estate or plot; its id."""
        code, faults = new.code, list[Fault]()
        if new.kind not in get_args(entries.OtherKind):
            faults.append(Fault("kind", new.kind, " or ".join(get_args(entries.OtherKind))))
        if new.kind == "legal_entity":
            code, faults = _checked(credit_code, new.code)
        elif code is not None and not re.fullmatch(r"[0-9A-Za-z./-]{1,32}", code):
            faults.append(Fault("code", code, "1 to 32 digits, letters, points, strokes"))
        if new.kind != "household":  # which is called by its head
            faults += _title_faults(new.name[0])
        with self._lane() as lane:
            refuse(faults + _area_faults(lane, new.area_id) + _taken(new.kind, code))
            party = row_id(lane.next_position)
            said = entries.PartyRegistered(
                kind=new.kind,
                name=new.name[0],
                latin=new.name[1],
                code=code,
                area_id=new.area_id,
                address=self._sealed(party, new.address),
                by=self._by,
            )
            lane.append(said)
            self._index(lane, party)
        return party

    @once
    def rename(self, party_id: int, name: tuple[str, str]) -> None:
        """A new name (zh, latin) of a person or another party."""
        with self._lane() as lane:
            party = _party(lane, party_id)
            if party.kind == "person":
                refuse(text_faults(name=name[0]))
                sealed = [self.keys.seal(party_id, text) for text in name]
                said = entries.PersonRenamed(
                    person_id=party_id, name=sealed[0], latin=sealed[1], by=self._by
                )
                lane.append(said)
            else:
                refuse(_title_faults(name[0]))
                lane.append(
                    entries.PartyChanged(
                        party_id=party_id, name=name[0], latin=name[1], by=self._by
                    )
                )
            self._index(lane, party_id)

    @once
    def recode(self, party_id: int, code: str) -> None:
        """A new code. A legal entity's that another has is proposed as a duplicate, not refused."""
        with self._lane() as lane:
            party = _party(lane, party_id)
            if party.kind == "person":
                raise bad("party_id", party_id, "a party other than a person")
            if party.kind == "legal_entity":
                code = credit_code(code)
            lane.append(entries.PartyChanged(party_id=party_id, code=code, by=self._by))
            self._index(lane, party_id)

    @once
    def locate(self, party_id: int, area_id: int | None, address: str | None) -> None:
        """Where a party lives, has its seat or lies; None = as before."""
        with self._lane() as lane:
            _party(lane, party_id)
            refuse(_area_faults(lane, area_id))
            self._locate(lane, party_id, area_id, address)
            self._index(lane, party_id)

    @once
    def identify(self, person_id: int, identity_number: str) -> None:
        """Take down a person's identity number, sealed."""
        number = resident_number(identity_number)
        with self._lane() as lane:
            _person(lane, person_id)
            sealed = self.keys.seal(person_id, number)
            lane.append(entries.PersonIdentified(person_id=person_id, number=sealed, by=self._by))
            self._index(lane, person_id)

    @once
    def change_phone(self, person_id: int, phone: str | None) -> None:
        """A new telephone number, or none; every way to be reached at the old one goes to it."""
        refuse(_phone_faults(phone))
        with self._lane() as lane:
            person = _person(lane, person_id)
            old = self.keys.open(person.phone)
            sealed = self._sealed(person_id, phone)
            lane.append(entries.PhoneChanged(person_id=person_id, phone=sealed, by=self._by))
            held = sorted(lane.rows.where(Reach, person_id=person_id), key=lambda r: (r.rank, r.id))
            reaches: list[tuple[str, bytes, int]] = []
            for reach in held:
                is_old = old is not None and self.keys.open(reach.address) == old
                address = sealed if is_old else bytes(reach.address)
                if address is not None:
                    reaches.append((reach.channel, address, reach.rank))
            if held:
                lane.append(entries.ReachesSet(person_id=person_id, reaches=reaches, by=self._by))
            self._index(lane, person_id)

    @once
    def set_reaches(self, person_id: int, reaches: Sequence[tuple[str, str]]) -> None:
        """Every way to reach a person, (channel, address), first choice first; [] = none."""
        with self._lane() as lane:
            _person(lane, person_id)
            refuse(
                Fault(f"reaches[{n}]", f"{channel} {len(address)} characters", "both, not empty")
                for n, (channel, address) in enumerate(reaches)
                if not channel or not address.strip() or len(channel) > 32
            )
            sealed = [
                (channel, self.keys.seal(person_id, address), rank)
                for rank, (channel, address) in enumerate(reaches)
            ]
            lane.append(entries.ReachesSet(person_id=person_id, reaches=sealed, by=self._by))

    @once
    def set_reach(self, person_id: int, channel: str, address: str | None) -> None:
        """The person's only address on a channel, or none any more; other channels stay."""
        if not channel or len(channel) > 32:
            raise bad("channel", channel, "1 to 32 characters")
        if address is not None and not address.strip():
            raise bad("address", "nothing", "an address, or None for none")
        with self._lane() as lane:
            if _person(lane, person_id).died_us is not None:
                raise bad("person_id", person_id, "a living person")
            held = lane.rows.where(Reach, person_id=person_id)
            ranks = {one.channel: one.rank for one in held}
            if address is None and channel not in ranks:
                return  # there is none already
            said = entries.ReachSet(
                person_id=person_id,
                channel=channel,
                address=self._sealed(person_id, address),
                rank=ranks.get(channel, max(ranks.values(), default=-1) + 1),
                by=self._by,
            )
            lane.append(said)

    @once
    def died(self, person_id: int, died_us: int) -> None:
        """A person has died: its posts end when it is said, and nobody calls it any more.

        Sign-in and keys are closed while it stands; a shift of theirs is a gap that is told.
        """
        with self._lane() as lane:
            person = _person(lane, person_id)
            if person.died_us is not None:
                raise bad("person_id", person_id, "a person not yet registered as dead")
            if died_us > lane.now_us:
                raise bad("died_us", rfc3339(died_us), f"{rfc3339(lane.now_us)} or before")
            lane.append(entries.PersonDied(person_id=person_id, died_us=died_us, by=self._by))
            if lane.rows.where(Reach, person_id=person_id):
                lane.append(entries.ReachesSet(person_id=person_id, reaches=[], by=self._by))
            is_open = Q(until_us=None) | Q(until_us__gt=lane.now_us)
            for post in Post.objects.filter(is_open, person_id=person_id).order_by("id"):
                until_us = max(lane.now_us, post.from_us + 1)
                said = PostLeft(post_id=post.id, until_us=until_us, why="died", by=self._by)
                lane.append(said)

    @once
    def lives(self, person_id: int) -> None:
        """The death was said in error. Posts and ways to be reached are given anew, by hand."""
        with self._lane() as lane:
            if _person(lane, person_id).died_us is None:
                raise bad("person_id", person_id, "a person registered as dead")
            lane.append(entries.PersonDied(person_id=person_id, died_us=None, by=self._by))

    def _locate(
        self, lane: Appender, party_id: int, area_id: int | None, address: str | None
    ) -> None:
        sealed = self._sealed(party_id, address)
        said = entries.PartyChanged(party_id=party_id, area_id=area_id, address=sealed, by=self._by)
        lane.append(said)

    def _sealed(self, party_id: int, text: str | None) -> bytes | None:
        return self.keys.seal(party_id, text) if text else None

    def _index(self, lane: Appender, party_id: int) -> None:
        index_and_propose(lane, self.keys, party_id, self._by)


def index_and_propose(lane: Appender, keys: KeyRing, party_id: int, by: Actor | None) -> list[int]:
    """Bring the blind index up to date for one party, and propose whom it may be; proposals' ids.

    Inside the transaction at hand, after the party's entries.
    """
    lane.rows.flush()
    tokens = blind.known_tokens(keys, party_id)
    found = blind.alike(tokens)
    found.pop(party_id, None)
    blind.keep(party_id, tokens)
    new = []
    for other, grounds in sorted(found.items()):
        first, second = sorted((party_id, other))
        if is_new(lane, (first, second)):
            new.append(propose_one(lane, (first, second), grounds, by))
    return new


def _checked(check: Callable[[str], str], text: str | None) -> tuple[str | None, list[Fault]]:
    if text is None:
        return None, []
    try:
        return check(text), []
    except BadInputError as error:
        return None, list(error.faults)


def _party(lane: Appender, party_id: int) -> Party:
    party = lane.rows.get(Party, party_id)
    if party is None:
        raise bad("party_id", party_id, "a registered party")
    if party.survivor_id is not None:
        raise bad("party_id", f"{party_id}, merged", f"the party it is now: {party.survivor_id}")
    return party


def _person(lane: Appender, person_id: int) -> Person:
    person = lane.rows.get(Person, person_id)
    if person is None:
        raise bad("person_id", person_id, "a registered person")
    _party(lane, person_id)
    return person


def _phone_faults(phone: str | None) -> list[Fault]:
    if phone is None or PHONE.fullmatch(phone):
        return []
    return [Fault("phone", phone, "a telephone number")]


def _title_faults(name: str) -> list[Fault]:
    if name.strip() and len(name) <= 128 and "\0" not in name:
        return []
    return [Fault("name", name or "nothing", "1 to 128 characters")]


def _area_faults(lane: Appender, area_id: int | None) -> list[Fault]:
    if area_id is None or lane.rows.get(Area, area_id) is not None:
        return []
    return [Fault("area_id", str(area_id), "a registered area")]


def _taken(kind: str, code: str | None) -> list[Fault]:
    held = Party.objects.filter(kind=kind, code=code, survivor_id=None).first() if code else None
    if held is None:
        return []
    return [Fault("code", str(code), f"a code that is not registered: party {held.id} has it")]
