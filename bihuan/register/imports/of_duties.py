"""Contacts of subjects, devices, and turns of rosters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from bihuan.base.errors import bad
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.storage import MAIN
from bihuan.register import roles
from bihuan.register.devices.acts import Devices
from bihuan.register.entries import ContactNamed
from bihuan.register.imports import persons
from bihuan.register.imports.kinds import Asking, Kind, Said, Step, Work, declare, nothing
from bihuan.register.imports.of_offices import places, within
from bihuan.register.imports.persons import person_fields
from bihuan.register.imports.times import shown_minute
from bihuan.register.models import Area, Contact, Device, Person, Subject
from bihuan.register.numbers.models import NumberRang
from bihuan.register.records.doing import By
from bihuan.register.rosters.acts import Cover, Rosters, people_of
from bihuan.register.rosters.models import Roster, RosterOverride
from bihuan.register.scheme import Field

SUBJECT: Final = person_fields("subject_", "对象", "Subject", is_required=True)
CONTACT_FIELDS: Final = (
    Field(name="scenario", title=("场景", "Scenario"), kind="text", is_required=True),
    *SUBJECT,
    *person_fields("person_", "联系人", "Contact", is_required=True),
    Field(name="relation", title=("关系", "Relation"), kind="text", is_required=True),
    Field(name="rank", title=("顺序", "Order"), kind="integer", at_least=0, at_most=99),
)


def contact(work: Work, said: Said) -> Step:
    """A relative or neighbour who is asked about a subject; by the subject and the person."""
    subject = _subject(work, said)
    person_id = persons.named(work, said)
    key, relation = f"contact:{subject.id}:{person_id}", str(said["relation"])
    rank = said.get("rank")
    for held in work.rows.where(Contact, subject_id=subject.id):
        if held.person_id == person_id and held.relation == relation:
            return Step("same", key, nothing)
    beside = len(work.rows.where(Contact, subject_id=subject.id))
    entry = ContactNamed(
        subject_id=subject.id,
        person_id=person_id,
        relation=relation,
        rank=beside if rank is None else int(str(rank)),
    )

    def do() -> None:
        with Appender(FACTS_LANE, work.clock) as lane:
            lane.append(entry)

    return Step("new", key, do)


def _subject(work: Work, said: Said) -> Subject:
    """The one subject of a scenario that stands for the person that a row names."""
    person_id = persons.named(work, said, "subject_")
    held = Subject.objects.using(MAIN).filter(person_id=person_id, ended_us=None)
    found = list(held.filter(scenario=said["scenario"])[:2])
    if len(found) != 1:
        got = "nobody" if not found else "several"
        raise bad("subject_name", got, f"one subject of {said['scenario']}")
    area = work.rows.get(Area, found[0].area_id)
    work.must_lie(area.path if area is not None else "", "subject_name", "elsewhere")
    return found[0]


def prepare_contacts(work: Work, said: Iterable[Said]) -> None:
    persons.prepare(work, said, "person_", "subject_")


def contact_rows(asking: Asking) -> Iterator[dict[str, Any]]:
    """Every contact of the subjects that may be taken out."""
    codes, paths = places(), asking.paths("register")
    for held in Contact.objects.using(MAIN).order_by("id").iterator():
        subject = Subject.objects.using(MAIN).get(pk=held.subject_id)
        if subject.person_id is None or not within(codes[subject.area_id][1], paths):
            continue
        own = Person.objects.using(MAIN).get(pk=subject.person_id)
        person = Person.objects.using(MAIN).get(pk=held.person_id)
        yield {
            "scenario": subject.scenario,
            "subject_name": asking.keys.open(own.name),
            "subject_phone": asking.keys.open(own.phone),
            "person_name": asking.keys.open(person.name),
            "person_phone": asking.keys.open(person.phone),
            "relation": held.relation,
            "rank": held.rank,
        }


DEVICE_FIELDS: Final = (
    Field(name="protocol", title=("协议", "Protocol"), kind="text", is_required=True),
    Field(
        name="number",
        title=("设备号", "Number"),
        kind="text",
        is_required=True,
        pattern=r"[0-9A-Za-z._:-]{1,64}",
    ),
    Field(name="model", title=("型号", "Model"), kind="text"),
    Field(name="scenario", title=("场景", "Scenario"), kind="text"),
    *person_fields("subject_", "佩戴人", "Wearer", is_required=False),
)


def device(work: Work, said: Said) -> Step:
    """A device by protocol and number, and whose it is."""
    protocol, number = str(said["protocol"]), str(said["number"])
    key = f"device:{protocol}:{number}"
    held = Device.objects.using(MAIN).filter(protocol=protocol, number=number).first()
    wearer = said.get("subject_name") or said.get("subject_identity_number")
    subject = None if wearer is None else _subject(work, said)
    if subject is None:
        work.must_be_whole("subject_name")
    is_bound = subject is None or (held is not None and held.subject_id == subject.id)
    if held is not None and is_bound:
        return Step("same", key, nothing)
    if held is not None and held.subject_id is not None:
        raise bad("number", f"a device of subject {held.subject_id}", "one that nobody has")
    model = None if said.get("model") is None else str(said["model"])

    def do() -> None:
        acts, by = Devices(work.clock, work.keys), By(work.by.person_id, "import", key)
        identity = held.id if held is not None else acts.adopt(protocol, number, model, by)
        if subject is not None:
            acts.bind(identity, subject.id, By(by.person_id, "import", f"{key}:{subject.version}"))

    return Step("new" if held is None else "changed", key, do)


def prepare_devices(work: Work, said: Iterable[Said]) -> None:
    persons.prepare(work, said, "subject_")


def device_rows(asking: Asking) -> Iterator[dict[str, Any]]:
    """Every adopted device whose wearer may be taken out; without a wearer for the whole county."""
    codes, paths = places(), asking.paths("register")
    for held in Device.objects.using(MAIN).order_by("protocol", "number").iterator():
        subject = Subject.objects.using(MAIN).filter(pk=held.subject_id or 0).first()
        place = codes[subject.area_id][1] if subject is not None else None
        if not within(place, paths):
            continue
        own = Person.objects.using(MAIN).filter(pk=subject.person_id or 0) if subject else None
        wearer = own.first() if own is not None else None
        yield {
            "protocol": held.protocol,
            "number": held.number,
            "model": held.model,
            "scenario": subject.scenario if subject is not None else None,
            "subject_name": asking.keys.open(wearer.name) if wearer is not None else None,
            "subject_phone": asking.keys.open(wearer.phone) if wearer is not None else None,
        }


ROSTER_FIELDS: Final = (
    Field(name="title", title=("值班表", "Roster"), kind="text", is_required=True),
    Field(name="area_code", title=("区划代码", "Area code"), kind="text", is_required=True),
    Field(name="role", title=("岗位", "Role"), kind="text", is_required=True),
    Field(name="is_waking", title=("夜间叫醒", "Waking"), kind="yes_no"),
    Field(name="shift", title=("班次", "Shift"), kind="text", is_required=True),
    Field(name="from", title=("开始", "From"), kind="time", is_required=True),
    Field(name="until", title=("结束", "Until"), kind="time", is_required=True),
    *person_fields("person_", "值班人", "On duty", is_required=True),
)


def roster(work: Work, said: Said) -> Step:
    """One person's turn: the roster by its title and area, the shift by its name and times."""
    role = roles.role_of(str(said["role"]))
    if role is None:
        raise bad("role", said["role"], "a role that a scenario declares")
    area_id, person_id = work.area(said), persons.named(work, said)
    assert area_id is not None, "a required column"
    from_us, until_us = int(str(said["from"])), int(str(said["until"]))
    if until_us <= max(from_us, work.clock.now_us()):
        raise bad("until", shown_minute(until_us), "after the beginning, and still to come")
    title, shift = str(said["title"]), str(said["shift"])
    is_waking = said.get("is_waking") is True
    key = f"roster:{area_id}:{title}:{shift}:{from_us}:{until_us}:{person_id}"
    held = Roster.objects.using(MAIN).filter(title=title, area_id=area_id, closed_us=None).first()
    have = _have(held, shift, (from_us, until_us))
    if person_id in have:
        return Step("same", key, nothing)
    acts = Rosters(work.clock, _rang_us)
    wakes = held.is_waking if held is not None else is_waking
    if work.is_dry and wakes and _rang_us(work.rows, person_id) is None:
        raise bad("person_name", "never rang", "a voice number that rang within 30 days")

    def do() -> None:
        made = (
            held.id
            if held is not None
            else acts.make(title, role, area_id, is_waking=is_waking, by=work.by)
        )
        cover = Cover(shift, from_us, until_us, (*have, person_id), "import")
        acts.override(made, cover, work.by, "import")

    return Step("new", key, do)


def _rang_us(rows: Any, person_id: int) -> int | None:
    return max((int(r.rang_us) for r in rows.where(NumberRang, person_id=person_id)), default=None)


def _have(held: Roster | None, shift: str, times: tuple[int, int]) -> tuple[int, ...]:
    """Who has exactly this turn by the newest word about it."""
    if held is None:
        return ()
    found = RosterOverride.objects.using(MAIN).filter(
        roster_id=held.id, shift=shift, from_us=times[0], until_us=times[1]
    )
    newest = found.order_by("-id").first()
    return () if newest is None else people_of(newest.people)


def prepare_rosters(work: Work, said: Iterable[Said]) -> None:
    persons.prepare(work, said, "person_")


def roster_rows(asking: Asking) -> Iterator[dict[str, Any]]:
    """Every turn that was set by name and is still to end, of the areas that may be taken out."""
    codes, paths, titles = places(), asking.paths("register"), roles.titles()
    covers = RosterOverride.objects.using(MAIN).filter(until_us__gt=asking.now_us)
    newest = {(c.roster_id, c.shift, c.from_us, c.until_us): c for c in covers.order_by("id")}
    held = Roster.objects.using(MAIN).filter(closed_us=None).in_bulk()
    for cover in newest.values():
        table = held.get(cover.roster_id)
        if table is None or not within(codes[table.area_id][1], paths):
            continue
        for person_id in people_of(cover.people):
            person = Person.objects.using(MAIN).get(pk=person_id)
            yield {
                "title": table.title,
                "area_code": codes[table.area_id][0],
                "role": titles.get(table.role, (table.role, ""))[0],
                "is_waking": table.is_waking,
                "shift": cover.shift,
                "from": shown_minute(cover.from_us),
                "until": shown_minute(cover.until_us),
                "person_name": asking.keys.open(person.name),
                "person_phone": asking.keys.open(person.phone),
            }


_PEOPLE: Final = {
    "person_name": "name",
    "person_phone": "phone",
    "subject_name": "name",
    "subject_phone": "phone",
}
CONTACTS = declare(
    Kind(
        name="contacts",
        title=("联系人", "Contacts"),
        fields=CONTACT_FIELDS,
        step=contact,
        rows=contact_rows,
        prepare=prepare_contacts,
        meaning=("对象的联系人，一人一行", "Contacts of subjects, a row each"),
        personal=_PEOPLE,
    )
)
DEVICES = declare(
    Kind(
        name="devices",
        title=("设备", "Devices"),
        fields=DEVICE_FIELDS,
        step=device,
        rows=device_rows,
        prepare=prepare_devices,
        meaning=("已纳管的设备，现由谁使用", "Adopted devices and who has them now"),
        words={"number": ("IMEI", "设备编号")},
        named={"device_id": "number"},
        personal=_PEOPLE,
    )
)
ROSTERS = declare(
    Kind(
        name="rosters",
        title=("值班", "Rosters"),
        fields=ROSTER_FIELDS,
        step=roster,
        rows=roster_rows,
        prepare=prepare_rosters,
        meaning=("尚未结束的、按人排定的班次", "Turns set by name that have not ended"),
        personal=_PEOPLE,
    )
)
