"""Registering organisations, members and posts: checked calls, each one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from bihuan.base.errors import Fault, bad
from bihuan.base.time import rfc3339
from bihuan.journal.append import Appender
from bihuan.journal.rows import Rows
from bihuan.register.areas.checks import refuse, text_faults
from bihuan.register.entries import PostHeld
from bihuan.register.history.read import last_change_us
from bihuan.register.keyed import KeyedActs, once
from bihuan.register.models import Area, Person, Post
from bihuan.register.organisations import entries
from bihuan.register.organisations.models import Member, Organisation
from bihuan.register.organisations.projectors import held_in
from bihuan.register.parties.models import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrganisation:
    """An organisation to register. name: (zh, latin); party_id: the firm whose unit it is."""

    kind: entries.Kind
    name: tuple[str, str]
    area_id: int
    parent_id: int | None = None
    party_id: int | None = None
    from_us: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlace:
    """What changes of an organisation; None = as before."""

    name: tuple[str, str] | None = None
    area_id: int | None = None
    parent_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPost:
    """A post to hold, for an area or for an organisation (then in its area).

    is_single  nobody else holds the seat (this role there) meanwhile; until_us: None = open
    """

    person_id: int
    role: str
    area_id: int | None = None
    organisation_id: int | None = None
    from_us: int = 0
    until_us: int | None = None
    is_single: bool = False
    is_head: bool = False


class OrganisationActs(KeyedActs):
    """Writes organisations and posts. Every call raises BadInputError with every bad field."""

    @once
    def register(self, new: NewOrganisation) -> int:
        """Register an organisation; its id."""
        with self._lane() as lane:
            faults = text_faults(name=new.name[0])
            if new.kind not in get_args(entries.Kind):
                faults.append(Fault("kind", new.kind, " or ".join(get_args(entries.Kind))))
            faults += _area_faults(lane.rows, new.area_id)
            if new.parent_id is not None:
                faults += _standing_faults(lane.rows, new.parent_id, "parent_id")
            party = None if new.party_id is None else lane.rows.get(Party, new.party_id)
            if new.party_id is not None and (party is None or party.kind != "legal_entity"):
                faults.append(Fault("party_id", str(new.party_id), "a legal entity"))
            refuse(faults)
            said = entries.OrganisationRegistered(
                kind=new.kind,
                name=new.name[0],
                latin=new.name[1],
                area_id=new.area_id,
                parent_id=new.parent_id,
                party_id=new.party_id,
                from_us=new.from_us,
                by=self._by,
            )
            return lane.append(said).id()

    @once
    def change(self, organisation_id: int, at_us: int, new: NewPlace) -> None:
        """Rename it, move it to another area, or put it under another organisation."""
        with self._lane() as lane:
            faults = text_faults(name=new.name[0]) if new.name else []
            faults += _standing_faults(lane.rows, organisation_id, "organisation_id")
            faults += _in_order_faults(lane, organisation_id, at_us)
            if new.area_id is not None:
                faults += _area_faults(lane.rows, new.area_id)
            if new.parent_id is not None:
                faults += _standing_faults(lane.rows, new.parent_id, "parent_id")
                if _lies_under(lane.rows, new.parent_id, organisation_id):
                    want = f"an organisation that is not under {organisation_id}"
                    faults.append(Fault("parent_id", str(new.parent_id), want))
            refuse(faults)
            said = entries.OrganisationChanged(
                organisation_id=organisation_id,
                at_us=at_us,
                name=new.name[0] if new.name else None,
                latin=new.name[1] if new.name else None,
                area_id=new.area_id,
                parent_id=new.parent_id,
                by=self._by,
            )
            lane.append(said)

    @once
    def end(self, organisation_id: int, at_us: int) -> None:
        """It is no more: memberships and posts there end with it. Move those under it first."""
        with self._lane() as lane:
            faults = _standing_faults(lane.rows, organisation_id, "organisation_id")
            faults += _in_order_faults(lane, organisation_id, at_us)
            under = Organisation.objects.filter(parent_id=organisation_id, until_us=None)
            if ids := list(under.values_list("id", flat=True)):
                want = f"one with nothing under it; {', '.join(map(str, ids))} are"
                faults.append(Fault("organisation_id", str(organisation_id), want))
            for held in held_in(lane.rows, organisation_id):
                if held.until_us is None and held.from_us >= at_us:
                    want = f"later than {rfc3339(held.from_us)}, when {held.id} began"
                    faults.append(Fault("at_us", rfc3339(at_us), want))
            refuse(faults)
            said = entries.OrganisationEnded(
                organisation_id=organisation_id, at_us=at_us, by=self._by
            )
            lane.append(said)

    @once
    def join(self, organisation_id: int, person_id: int, from_us: int) -> int:
        """A person belongs to an organisation from a time on; the membership's id."""
        with self._lane() as lane:
            faults = _standing_faults(lane.rows, organisation_id, "organisation_id")
            faults += _person_faults(lane.rows, person_id)
            for held in lane.rows.where(Member, organisation_id=organisation_id):
                is_same = held.person_id == person_id
                if is_same and (held.until_us is None or held.until_us > from_us):
                    faults.append(Fault("person_id", str(person_id), "not a member at that time"))
            refuse(faults)
            said = entries.OrganisationJoined(
                organisation_id=organisation_id,
                person_id=person_id,
                from_us=from_us,
                by=self._by,
            )
            return lane.append(said).id()

    @once
    def leave(self, member_id: int, until_us: int) -> None:
        """A membership ends, by the id that `join` gave."""
        with self._lane() as lane:
            held = lane.rows.get(Member, member_id)
            _must_go_on(held, "member_id", member_id, until_us)
            lane.append(
                entries.OrganisationLeft(member_id=member_id, until_us=until_us, by=self._by)
            )

    @once
    def hold(self, new: NewPost) -> int:
        """Put a person in a post; the post's id. A second holder of a single seat is refused."""
        with self._lane() as lane:
            rows = lane.rows
            area_id, faults = _seat(rows, new)
            faults += _person_faults(rows, new.person_id) + text_faults(role=new.role)
            if new.until_us is not None and new.until_us <= new.from_us:
                want = f"later than {rfc3339(new.from_us)}"
                faults.append(Fault("until_us", rfc3339(new.until_us), want))
            refuse(faults)
            said = PostHeld(
                person_id=new.person_id,
                role=new.role,
                area_id=area_id,
                from_us=new.from_us,
                until_us=new.until_us,
                organisation_id=new.organisation_id,
                is_single=new.is_single,
                is_head=new.is_head,
                by=self._by,
            )
            refuse(_seat_faults(rows, said))
            return lane.append(said).id()

    @once
    def leave_post(self, post_id: int, until_us: int, why: str = "") -> None:
        """A post ends. Its holder answers for nothing there from then on."""
        with self._lane() as lane:
            held = lane.rows.get(Post, post_id)
            _must_go_on(held, "post_id", post_id, until_us)
            said = entries.PostLeft(post_id=post_id, until_us=until_us, why=why, by=self._by)
            lane.append(said)


def _must_go_on(held: Member | Post | None, field: str, identity: int, until_us: int) -> None:
    if held is None or (held.until_us is not None and held.until_us <= until_us):
        raise bad(field, identity, f"one that goes on at {rfc3339(until_us)}")
    if until_us <= held.from_us:
        raise bad("until_us", rfc3339(until_us), f"later than {rfc3339(held.from_us)}")


def _seat(rows: Rows, new: NewPost) -> tuple[int, list[Fault]]:
    """The area of a post: its own, or its organisation's."""
    if (new.area_id is None) == (new.organisation_id is None):
        got = f"{new.area_id}, {new.organisation_id}"
        return 0, [Fault("area_id, organisation_id", got, "exactly one of them")]
    if new.area_id is not None:
        return new.area_id, _area_faults(rows, new.area_id)
    assert new.organisation_id is not None
    faults = _standing_faults(rows, new.organisation_id, "organisation_id")
    organisation = rows.get(Organisation, new.organisation_id)
    return (organisation.area_id if organisation is not None else 0), faults


def _seat_faults(rows: Rows, said: PostHeld) -> list[Fault]:
    if said.organisation_id is not None:
        beside = rows.where(Post, organisation_id=said.organisation_id)
    else:
        beside = [p for p in rows.where(Post, area_id=said.area_id) if p.organisation_id is None]
    return [
        Fault("role", said.role, f"a seat that person {held.person_id} does not hold meanwhile")
        for held in beside
        if held.role == said.role
        and (held.is_single or said.is_single or held.person_id == said.person_id)
        and (held.until_us is None or held.until_us > said.from_us)
        and (said.until_us is None or said.until_us > held.from_us)
    ]


def _person_faults(rows: Rows, person_id: int) -> list[Fault]:
    person = rows.get(Person, person_id)
    if person is None:
        return [Fault("person_id", str(person_id), "a registered person")]
    return [] if person.died_us is None else [Fault("person_id", str(person_id), "who lives")]


def _area_faults(rows: Rows, area_id: int) -> list[Fault]:
    area = rows.get(Area, area_id)
    if area is None:
        return [Fault("area_id", str(area_id), "a registered area")]
    if area.successor_id is not None:
        return [Fault("area_id", str(area_id), f"an area that stands: {area.successor_id}")]
    return []


def _standing_faults(rows: Rows, organisation_id: int, field: str) -> list[Fault]:
    found = rows.get(Organisation, organisation_id)
    if found is None or found.until_us is not None:
        return [Fault(field, str(organisation_id), "an organisation that goes on")]
    return []


def _in_order_faults(lane: Appender, organisation_id: int, at_us: int) -> list[Fault]:
    found = lane.rows.get(Organisation, organisation_id)
    if found is None:
        return []
    last_us = max(found.from_us, last_change_us(Organisation, organisation_id))
    if not last_us <= at_us <= lane.now_us:
        want = f"{rfc3339(last_us)}, when it last changed, to {rfc3339(lane.now_us)}"
        return [Fault("at_us", rfc3339(at_us), want)]
    return []


def _lies_under(rows: Rows, organisation_id: int, above_id: int) -> bool:
    found: int | None = organisation_id
    while found is not None and found != above_id:
        organisation = rows.get(Organisation, found)
        found = None if organisation is None else organisation.parent_id
    return found == above_id
