"""What may be done with a party: register, rename, say where it is, household, death, merging."""

from __future__ import annotations

from typing import Any

from bihuan.console.home import clock, keys
from bihuan.console.register import person_consents, wording
from bihuan.console.register.deeds import Deed
from bihuan.console.register.reach import Reach, path_of
from bihuan.console.register.wording import word
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.parties.acts import NewParty, NewPerson, PartyActs
from bihuan.register.parties.duplicates import DuplicateActs
from bihuan.register.parties.households import HouseholdActs
from bihuan.register.parties.models import Party
from bihuan.register.parties.read import household_at
from bihuan.register.records.acts import By
from bihuan.register.scheme import Field

NAME = Field(name="name", title=("姓名", "Name"), kind="text", is_required=True, is_sealed=True)
TITLE = Field(name="name", title=("名称", "Name"), kind="text")
LATIN = Field(name="latin", title=("拼音或英文名", "Name in Latin letters"), kind="text")
PHONE = Field(name="phone", title=("电话", "Telephone"), kind="text", is_sealed=True)
IDENTITY = Field(
    name="identity", title=("身份证号", "Identity number"), kind="text", is_sealed=True
)
AREA = Field(name="area", title=("区域", "Area"), kind="area", is_required=True)
ADDRESS = Field(name="address", title=("住址", "Address"), kind="text", is_sealed=True)
KIND = Field(
    name="kind",
    title=("类别", "Kind"),
    kind="choice",
    choices=wording.PARTIES[1:],
    is_required=True,
)
CODE = Field(name="code", title=("统一代码或编号", "Code or number"), kind="text")
SINCE = Field(name="since", title=("从何时起", "Since"), kind="time", is_required=True)
PERSON = Field(name="person", title=("人员", "Person"), kind="party", of="person", is_required=True)
HEAD = Field(name="head", title=("户主", "Head"), kind="yes_no", is_required=True)
INTO = Field(name="into", title=("并入哪一条", "Into which"), kind="party", is_required=True)
WHY = Field(name="why", title=("依据", "On what grounds"), kind="text")


def new_parties(reach: Reach) -> list[Deed]:
    """Registering a person, or another party."""

    def person(by: By, said: dict[str, Any]) -> int:
        new = NewPerson(
            name=(said["name"], said["latin"] or said["name"]),
            phone=said["phone"],
            channels=("voice", "sms") if said["phone"] else (),
            identity_number=said["identity"],
            area_id=said["area"],
            address=said["address"],
        )
        return _acts(reach, said["area"]).keyed(by.key).person(new)

    def other(by: By, said: dict[str, Any]) -> int:
        name = said["name"] or ""
        new = NewParty(
            kind=said["kind"],
            name=(name, said["latin"] or name),
            code=said["code"],
            area_id=said["area"],
            address=said["address"],
        )
        return _acts(reach, said["area"]).keyed(by.key).party(new)

    return [
        Deed(
            "person",
            ("登记人员", "Register a person"),
            person,
            (NAME, LATIN, PHONE, IDENTITY, AREA, ADDRESS),
            icon="users",
            is_main=True,
            leads_to="/parties/{}/",
        ),
        Deed(
            "other",
            ("登记其他主体", "Register another party"),
            other,
            (KIND, TITLE, LATIN, CODE, AREA, ADDRESS),
            icon="building",
            leads_to="/parties/{}/",
        ),
    ]


def deeds_of(reach: Reach, party: Party) -> list[Deed]:
    """What this person may do with a party now."""
    path = path_of(party.area_id)
    if not (reach.may_keep(path) if path else reach.keeps_everything and reach.may_keep_some()):
        return []
    if party.survivor_id is not None:
        return [_unmerging(reach, party, path)]
    found = [_renaming(reach, party, path), _locating(reach, party, path)]
    if party.kind == "person":
        found += _of_person(reach, party, path)
    if party.kind == "household":
        found += _of_household(reach, party, path)
    return [*found, _merging(reach, party, path)]


def _acts(reach: Reach, area_id: int | None) -> PartyActs:
    return PartyActs(clock(), keys(), reach.actor(path_of(area_id)))


def _renaming(reach: Reach, party: Party, path: str) -> Deed:
    acts = PartyActs(clock(), keys(), reach.actor(path))
    held = {"name": party.name, "latin": party.latin}
    return Deed(
        "rename",
        ("更名", "Rename"),
        lambda by, said: acts.keyed(by.key).rename(
            party.id, (said["name"], said["latin"] or said["name"])
        ),
        (NAME, LATIN),
        held=held if party.kind != "person" else {},
    )


def _locating(reach: Reach, party: Party, path: str) -> Deed:
    acts = PartyActs(clock(), keys(), reach.actor(path))

    def locate(by: By, said: dict[str, Any]) -> None:
        reach.actor(path_of(said["area"]))
        acts.keyed(by.key).locate(party.id, said["area"], said["address"])

    held = {"area": party.area_id, "address": keys().open(party.address)}
    return Deed(
        "locate", ("改区域、住址", "Move"), locate, (AREA, ADDRESS), held=held, icon="map-pin"
    )


def _of_person(reach: Reach, party: Party, path: str) -> list[Deed]:
    acts = PartyActs(clock(), keys(), reach.actor(path))
    return [
        Deed(
            "phone",
            ("改电话", "Change the phone"),
            lambda by, said: acts.keyed(by.key).change_phone(party.id, said["phone"]),
            (PHONE,),
            icon="phone",
        ),
        Deed(
            "died",
            ("登记去世", "Note a death"),
            lambda by, said: acts.keyed(by.key).died(party.id, said["since"]),
            (SINCE,),
            held={"since": reach.now_us},
            icon="circle-slash",
            note=word(("岗位和联系方式随之终止", "Ends posts and ways to be reached")),
        ),
        *person_consents.deeds_of(reach, party),
    ]


def _of_household(reach: Reach, party: Party, path: str) -> list[Deed]:
    acts = HouseholdActs(clock(), reach.actor(path))
    held = household_at(Rows(MAIN), party.id, reach.now_us)
    members = tuple((str(one.id), (f"#{one.person_id}", f"#{one.person_id}")) for one in held)
    which = Field(
        name="member", title=("成员", "Member"), kind="choice", choices=members, is_required=True
    )
    found = [
        Deed(
            "join",
            ("加成员", "Add a member"),
            lambda by, said: acts.keyed(by.key).join(
                party.id, said["person"], said["since"], said["head"]
            ),
            (PERSON, HEAD, SINCE),
            held={"since": reach.now_us, "head": not held},
            icon="users",
        )
    ]
    if held:
        found.append(
            Deed(
                "leave",
                ("成员离开", "A member leaves"),
                lambda by, said: acts.keyed(by.key).leave(int(said["member"]), said["since"]),
                (which, SINCE),
                held={"since": reach.now_us},
                icon="log-out",
            )
        )
    return found


def _merging(reach: Reach, party: Party, path: str) -> Deed:
    acts = DuplicateActs(clock(), reach.actor(path))
    return Deed(
        "merge",
        ("并入另一条", "Merge into another"),
        lambda by, said: acts.keyed(by.key).merge(party.id, said["into"], said["why"] or ""),
        (INTO, WHY),
        icon="arrow-up-right",
        note=word(("历史都保留，可以撤销", "The history stays; it can be undone")),
    )


def _unmerging(reach: Reach, party: Party, path: str) -> Deed:
    acts = DuplicateActs(clock(), reach.actor(path))
    return Deed(
        "unmerge",
        ("撤销合并", "Undo the merging"),
        lambda by, said: acts.keyed(by.key).unmerge(party.id, said["why"] or ""),
        (WHY,),
        icon="rotate-ccw",
    )
