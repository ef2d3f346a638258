"""Persons and households: once each, by identity number, else by name and telephone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from bihuan.base.errors import BadInputError, Fault
from bihuan.journal.storage import MAIN
from bihuan.register.imports import persons
from bihuan.register.imports.kinds import Asking, Do, Kind, Said, Step, Work, declare, nothing
from bihuan.register.imports.persons import NUMBER, person_fields
from bihuan.register.imports.times import day_us, shown_day
from bihuan.register.models import Area, Person
from bihuan.register.parties.acts import NewParty, NewPerson, PartyActs
from bihuan.register.parties.households import HouseholdActs
from bihuan.register.parties.models import HouseholdMember, Identity, Party
from bihuan.register.scheme import Field

PHONE: Final = r"\+?[0-9][0-9 -]{4,19}"
PHONE_WANT: Final = ("电话号码", "a telephone number")
FIELDS: Final = (
    Field(name="name", title=("姓名", "Name"), kind="text", is_required=True),
    Field(name="latin", title=("拼音", "Latin name"), kind="text"),
    Field(name=NUMBER, title=("身份证号", "Identity number"), kind="text"),
    Field(name="phone", title=("电话", "Phone"), kind="text", pattern=PHONE, want=PHONE_WANT),
    Field(name="area_code", title=("区划代码", "Area code"), kind="text"),
    Field(name="address", title=("住址", "Address"), kind="text"),
    Field(name="channels", title=("通知方式", "Channels"), kind="text"),
)


def person(work: Work, said: Said) -> Step:
    """A new person, or another name, telephone, number or place of a known one."""
    number = persons.checked_number(_text(said, NUMBER), NUMBER)
    name, phone = str(said["name"]), _text(said, "phone")
    if number is None and phone is None:
        raise BadInputError(Fault(NUMBER, "nothing", "an identity number or a telephone"))
    area_id = work.area(said)
    if area_id is None:
        work.must_be_whole("area_code")
    key = f"person:{number or name + ':' + re.sub('[^0-9]', '', phone or '')}"
    found = persons.alike(work, name, phone, number)
    if len(found) > 1:
        got = f"{len(found)} persons"
        raise BadInputError(Fault("name", got, "one person of this name and number"))
    acts = PartyActs(work.clock, work.keys, work.by)
    if not found:
        channels = re.split(r"[,，、;\s]+", _text(said, "channels") or "")
        new = NewPerson(
            name=(name, _text(said, "latin") or ""),
            phone=phone,
            channels=[channel for channel in channels if channel],
            identity_number=number,
            area_id=area_id,
            address=_text(said, "address"),
        )
        return Step("new", key, lambda: acts.person(new))
    changes = _changes(work, acts, found[0], {**said, NUMBER: number, "area": area_id})
    return (
        Step("changed", key, lambda: [do() for do in changes])
        if changes
        else Step("same", key, nothing)
    )


def _changes(work: Work, acts: PartyActs, person_id: int, said: dict[str, Any]) -> list[Do]:
    """What a row says otherwise than the register; what it leaves out stays as it is."""
    held, party = work.rows.get(Person, person_id), work.rows.get(Party, person_id)
    assert held is not None, "found by the index"
    assert party is not None, "every person is a party"
    keys, changes = work.keys, list[Do]()
    name, latin = keys.open(held.name), keys.open(held.latin) or ""
    wanted = (said["name"], said.get("latin") or latin)
    if wanted != (name, latin):
        changes.append(lambda: acts.rename(person_id, wanted))
    phone = said.get("phone")
    if phone is not None and re.sub("[^0-9]", "", phone) != persons.digits(keys, held):
        changes.append(lambda: acts.change_phone(person_id, phone))
    identity = work.rows.get(Identity, person_id)
    known = keys.open(identity.number) if identity is not None else None
    number = said[NUMBER]
    if number is not None and number != known:
        changes.append(lambda: acts.identify(person_id, number))
    area_id = said["area"] if said["area"] is not None else party.area_id
    address = said.get("address")
    is_moved = area_id != party.area_id
    if is_moved or (address is not None and address != keys.open(party.address)):
        changes.append(lambda: acts.locate(person_id, area_id, address))
    return changes


def prepare(work: Work, said: Iterable[Said]) -> None:
    persons.prepare(work, said, "")


def person_rows(asking: Asking) -> Iterator[dict[str, Any]]:
    """Every living, unmerged person of the areas that may be taken out."""
    codes, paths = _codes(), asking.paths("register")
    found = Party.objects.using(MAIN).filter(kind="person", survivor_id=None).order_by("id")
    for party in found.iterator(chunk_size=500):
        place = codes.get(party.area_id) if party.area_id else None
        if not _within(place[1] if place else None, paths):
            continue
        held = Person.objects.using(MAIN).get(pk=party.id)
        identity = Identity.objects.using(MAIN).filter(pk=party.id).first()
        if held.died_us is not None or (name := asking.keys.open(held.name)) is None:
            continue
        yield {
            "name": name,
            "latin": asking.keys.open(held.latin),
            NUMBER: asking.keys.open(identity.number) if identity is not None else None,
            "phone": asking.keys.open(held.phone),
            "area_code": place[0] if place else None,
            "address": asking.keys.open(party.address),
        }


HOUSEHOLD_FIELDS: Final = (
    Field(name="number", title=("户号", "Household number"), kind="text", is_required=True),
    Field(name="area_code", title=("区划代码", "Area code"), kind="text", is_required=True),
    Field(name="address", title=("住址", "Address"), kind="text"),
    *person_fields("person_", "成员", "Member", is_required=True),
    Field(name="is_head", title=("户主", "Head"), kind="yes_no"),
    Field(name="from", title=("起始日期", "Since"), kind="date"),
)


def household(work: Work, said: Said) -> Step:
    """A household by its number, and that this person is in it."""
    number, area_id = str(said["number"]), work.area(said)
    person_id = persons.named(work, said)
    key = f"household:{number}:{person_id}"
    held = Party.objects.using(MAIN).filter(kind="household", code=number, survivor_id=None).first()
    members = [m for m in work.rows.where(HouseholdMember, person_id=person_id) if not m.until_us]
    if held is not None and any(m.household_id == held.id for m in members):
        return Step("same", key, nothing)
    if members:
        want = f"a person who has left household {members[0].household_id}"
        raise BadInputError(Fault("person_name", "in another household", want))
    is_head, from_us = said.get("is_head") is True, day_us(said.get("from")) or 0
    _one_head(work, number, held, is_head=is_head)

    def do() -> None:
        acts = PartyActs(work.clock, work.keys, work.by)
        new = NewParty(
            kind="household", code=number, area_id=area_id, address=_text(said, "address")
        )
        identity = held.id if held is not None else acts.party(new)
        HouseholdActs(work.clock, work.by).join(identity, person_id, from_us, is_head)

    return Step("new", key, do)


def _one_head(work: Work, number: str, held: Party | None, *, is_head: bool) -> None:
    if not is_head:
        return
    headed = held is not None and any(
        m.is_head and m.until_us is None
        for m in work.rows.where(HouseholdMember, household_id=held.id)
    )
    if headed or (work.is_dry and f"head:{number}" in work.pending):
        raise BadInputError(Fault("is_head", "a second head", "one head at a time"))
    work.pending[f"head:{number}"] = number


def prepare_members(work: Work, said: Iterable[Said]) -> None:
    persons.prepare(work, said, "person_")


def household_rows(asking: Asking) -> Iterator[dict[str, Any]]:
    """Every member of every household of the areas that may be taken out."""
    codes, paths = _codes(), asking.paths("register")
    houses = Party.objects.using(MAIN).filter(kind="household", survivor_id=None)
    known = houses.in_bulk()
    members = HouseholdMember.objects.using(MAIN).filter(until_us=None)
    for member in members.order_by("household_id", "-is_head", "id").iterator():
        house = known.get(member.household_id)
        place = codes.get(house.area_id) if house is not None and house.area_id else None
        if house is None or not _within(place[1] if place else None, paths):
            continue
        held = Person.objects.using(MAIN).get(pk=member.person_id)
        yield {
            "number": house.code,
            "area_code": place[0] if place else None,
            "address": asking.keys.open(house.address),
            "person_name": asking.keys.open(held.name),
            "person_phone": asking.keys.open(held.phone),
            "is_head": member.is_head,
            "from": shown_day(member.from_us),
        }


def _codes() -> dict[int, tuple[str, str]]:
    return {
        area: (code, path)
        for area, code, path in Area.objects.using(MAIN).values_list("id", "code", "path")
    }


def _within(path: str | None, allowed: list[str] | None) -> bool:
    return allowed is None or (path is not None and any(path.startswith(a) for a in allowed))


def _text(said: Said, name: str) -> str | None:
    got = said.get(name)
    return None if got is None else str(got)


_PERSONAL = {"name": "name", "latin": "latin", NUMBER: NUMBER, "phone": "phone"}
PERSONS = declare(
    Kind(
        name="persons",
        title=("人员", "Persons"),
        fields=FIELDS,
        step=person,
        rows=person_rows,
        prepare=prepare,
        meaning=(
            "在册、在世的人员，重复登记合并后各计一次",
            "Registered living persons; merged ones count once",
        ),
        words={NUMBER: ("身份证", "公民身份号码"), "phone": ("手机", "手机号", "联系电话")},
        named={"area_id": "area_code"},
        personal={**_PERSONAL, "address": "address"},
    )
)
HOUSEHOLDS = declare(
    Kind(
        name="households",
        title=("户", "Households"),
        fields=HOUSEHOLD_FIELDS,
        step=household,
        rows=household_rows,
        prepare=prepare_members,
        meaning=("现有住户的成员，一人一行", "Members of households now, a row each"),
        named={"household_id": "number", "person_id": "person_name", "from_us": "from"},
        personal={"person_name": "name", "person_phone": "phone", "address": "address"},
    )
)
