"""Firms, organisations and posts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, Final

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.time import rfc3339
from bihuan.journal.storage import MAIN
from bihuan.register import roles
from bihuan.register.imports import persons
from bihuan.register.imports.kinds import Asking, Do, Kind, Said, Step, Work, declare, nothing
from bihuan.register.imports.persons import person_fields
from bihuan.register.imports.times import day_us, shown_day
from bihuan.register.models import Area, Person, Post
from bihuan.register.organisations.acts import NewOrganisation, NewPlace, NewPost, OrganisationActs
from bihuan.register.organisations.models import Organisation
from bihuan.register.parties.acts import NewParty, PartyActs
from bihuan.register.parties.models import Party
from bihuan.register.parties.numbers import credit_code
from bihuan.register.scheme import Field

FIRM_FIELDS: Final = (
    Field(name="code", title=("统一社会信用代码", "Credit code"), kind="text", is_required=True),
    Field(name="name", title=("名称", "Name"), kind="text", is_required=True),
    Field(name="latin", title=("英文名", "English name"), kind="text"),
    Field(name="area_code", title=("区划代码", "Area code"), kind="text", is_required=True),
    Field(name="address", title=("地址", "Address"), kind="text"),
)


def firm(work: Work, said: Said) -> Step:
    """A legal entity by its credit code."""
    code = credit_code(str(said["code"]))
    area_id, key = work.area(said), f"firm:{code}"
    found = Party.objects.using(MAIN).filter(kind="legal_entity", code=code, survivor_id=None)
    acts, held = PartyActs(work.clock, work.keys, work.by), found.first()
    name = (str(said["name"]), str(said.get("latin") or ""))
    address = None if said.get("address") is None else str(said["address"])
    if held is None:
        new = NewParty(kind="legal_entity", name=name, code=code, area_id=area_id, address=address)
        return Step("new", key, lambda: acts.party(new))
    changes = list[Do]()
    party_id = held.id
    wanted = (name[0], name[1] or held.latin)
    if wanted != (held.name, held.latin):
        changes.append(lambda: acts.rename(party_id, wanted))
    is_new_address = address is not None and address != work.keys.open(held.address)
    if area_id is not None and (area_id != held.area_id or is_new_address):
        changes.append(lambda: acts.locate(party_id, area_id, address))
    return _changed(key, changes)


def firm_rows(asking: Asking) -> Iterator[dict[str, Any]]:
    """Every legal entity of the areas that may be taken out."""
    codes, paths = places(), asking.paths("register")
    for party in Party.objects.using(MAIN).filter(kind="legal_entity", survivor_id=None):
        code, path = codes.get(party.area_id or 0, (None, None))
        if within(path, paths):
            yield {
                "code": party.code,
                "name": party.name,
                "latin": party.latin,
                "area_code": code,
                "address": asking.keys.open(party.address),
            }


_KINDS: Final = (
    ("department", ("部门", "Department")),
    ("committee", ("村（居）委会", "Committee")),
    ("firm_unit", ("企业内设机构", "Unit of a firm")),
    ("group", ("工作组", "Group")),
)
ORGANISATION_FIELDS: Final = (
    Field(name="name", title=("机构名称", "Organisation"), kind="text", is_required=True),
    Field(name="latin", title=("英文名", "English name"), kind="text"),
    Field(name="kind", title=("类别", "Kind"), kind="choice", choices=_KINDS, is_required=True),
    Field(name="area_code", title=("区划代码", "Area code"), kind="text", is_required=True),
    Field(name="parent", title=("上级机构", "Parent"), kind="text"),
    Field(name="code", title=("统一社会信用代码", "Credit code"), kind="text"),
    Field(name="from", title=("起始日期", "Since"), kind="date"),
)


def organisation(work: Work, said: Said) -> Step:
    """An organisation by its name in an area."""
    area_id = work.area(said)
    assert area_id is not None, "a required column"
    name, key = str(said["name"]), f"organisation:{area_id}:{said['name']}"
    held = _standing(name, area_id)
    parent, acts = None, OrganisationActs(work.clock, work.by)
    above = said.get("parent")
    if above is not None and not (work.is_dry and f"organisation:{above}" in work.pending):
        parent = _one_organisation(str(above), "parent")
    if held is None:
        new = NewOrganisation(
            kind=said["kind"],  # type: ignore[arg-type]  # a choice of _KINDS
            name=(name, str(said.get("latin") or "")),
            area_id=area_id,
            parent_id=parent,
            party_id=_firm_id(said),
            from_us=day_us(said.get("from")) or 0,
        )
        return Step("new", key, lambda: acts.register(new))
    organisation_id, at_us, changes = held.id, work.clock.now_us(), list[Do]()
    latin = str(said.get("latin") or held.latin)
    if latin != held.latin:
        place = NewPlace(name=(name, latin))
        changes.append(lambda: acts.change(organisation_id, at_us, place))
    if parent is not None and parent != held.parent_id:
        changes.append(lambda: acts.change(organisation_id, at_us, NewPlace(parent_id=parent)))
    return _changed(key, changes)


def order(work: Work, rows: list[Said]) -> list[tuple[int, list[Fault]]]:
    """Organisations after those above them; a ring is a fault."""
    above = {str(said["name"]): said.get("parent") for said in rows}
    work.pending |= {f"organisation:{name}": name for name in above}
    found = []
    for said in rows:
        name, parent, chain = str(said["name"]), said.get("parent"), list[str]()
        while parent is not None and parent in above and parent not in chain and parent != name:
            chain.append(str(parent))
            parent = above[str(parent)]
        ring = " > ".join([name, *chain, name])
        wrong = [Fault("parent", ring, "no organisation above itself")] if parent == name else []
        found.append((len(chain), wrong))
    return found


def organisation_rows(asking: Asking) -> Iterator[dict[str, Any]]:
    """Every organisation that goes on, of the areas that may be taken out."""
    codes, paths = places(), asking.paths("register")
    standing = Organisation.objects.using(MAIN).filter(until_us=None).in_bulk()
    firms = dict(Party.objects.using(MAIN).filter(kind="legal_entity").values_list("id", "code"))
    for held in standing.values():
        code, path = codes.get(held.area_id, (None, None))
        above = standing.get(held.parent_id or 0)
        if within(path, paths):
            yield {
                "name": held.name,
                "latin": held.latin,
                "kind": held.kind,
                "area_code": code,
                "parent": above.name if above is not None else None,
                "code": firms.get(held.party_id or 0),
                "from": shown_day(held.from_us),
            }


POST_FIELDS: Final = (
    *person_fields("person_", "人员", "Person", is_required=True),
    Field(name="role", title=("岗位", "Role"), kind="text", is_required=True),
    Field(name="area_code", title=("区划代码", "Area code"), kind="text"),
    Field(name="organisation", title=("机构名称", "Organisation"), kind="text"),
    Field(name="from", title=("起始日期", "Since"), kind="date"),
    Field(name="until", title=("终止日期", "Until"), kind="date"),
    Field(name="is_single", title=("一人一岗", "One holder"), kind="yes_no"),
    Field(name="is_head", title=("负责人", "Head"), kind="yes_no"),
)


def post(work: Work, said: Said) -> Step:
    """A person in a role for an area or organisation; one that overlaps another is refused."""
    role = roles.role_of(str(said["role"]))
    if role is None:
        known = " | ".join(title[0] for title in roles.titles().values())
        raise bad("role", said["role"], known)
    person_id, area_id = persons.named(work, said), work.area(said)
    named = said.get("organisation")
    unit = None if named is None else _one_organisation(str(named), "organisation")
    if (area_id is None) == (unit is None):
        raise bad("area_code", "both or none", "an area or an organisation, exactly one of them")
    from_us, until_us = day_us(said.get("from")) or 0, day_us(said.get("until"))
    if until_us is not None and until_us <= from_us:
        raise bad("until", said["until"], f"later than {said.get('from')}")
    new = NewPost(
        person_id=person_id,
        role=role,
        area_id=area_id,
        organisation_id=unit,
        from_us=from_us,
        until_us=until_us,
        is_single=said.get("is_single") is True,
        is_head=said.get("is_head") is True,
    )
    place = f"{area_id or ''}:{unit or ''}:{role}"
    key = f"post:{place}:{person_id}:{from_us}"
    acts = OrganisationActs(work.clock, work.by)
    beside = _beside(new)
    for held in beside:
        if (held.person_id, held.from_us) == (person_id, from_us):
            if held.until_us == until_us:
                return Step("same", key, nothing)
            if held.until_us is None and until_us is not None:
                leave = partial(acts.leave_post, held.id, until_us)
                return Step("changed", key, leave)
    _refuse_overlaps(work, new, beside, place)
    return Step("new", key, lambda: acts.hold(new))


def _beside(new: NewPost) -> list[Post]:
    posts = Post.objects.using(MAIN).filter(role=new.role, organisation_id=new.organisation_id)
    return list(posts.filter(area_id=new.area_id) if new.area_id is not None else posts)


def _refuse_overlaps(work: Work, new: NewPost, beside: list[Post], place: str) -> None:
    """The same person twice at one time, or a second holder of a single seat."""
    spans = [(p.person_id, p.from_us, p.until_us, p.is_single) for p in beside]
    planned = work.found.setdefault(f"posts:{place}", []) if work.is_dry else []
    for person_id, from_us, until_us, is_single in [*spans, *planned]:
        meets = (until_us is None or until_us > new.from_us) and (
            new.until_us is None or new.until_us > from_us
        )
        if meets and (person_id == new.person_id or is_single or new.is_single):
            whose = "the same person" if person_id == new.person_id else f"person {person_id}"
            got = f"a time in which {whose} has the post (from {rfc3339(from_us)})"
            raise bad("from", got, "a time that does not overlap")
    planned.append((new.person_id, new.from_us, new.until_us, new.is_single))


def prepare(work: Work, said: Iterable[Said]) -> None:
    persons.prepare(work, said, "person_")


def post_rows(asking: Asking) -> Iterator[dict[str, Any]]:
    """Every post that is held now or later, of the areas that may be taken out."""
    codes, paths, titles = places(), asking.paths("register"), roles.titles()
    units = dict(Organisation.objects.using(MAIN).values_list("id", "name"))
    posts = Post.objects.using(MAIN).order_by("id")
    for held in posts.iterator():
        code, path = codes.get(held.area_id, (None, None))
        if not within(path, paths) or (held.until_us or asking.now_us + 1) <= asking.now_us:
            continue
        who = Person.objects.using(MAIN).get(pk=held.person_id)
        yield {
            "person_name": asking.keys.open(who.name),
            "person_phone": asking.keys.open(who.phone),
            "role": titles.get(held.role, (held.role, ""))[0],
            "area_code": code if held.organisation_id is None else None,
            "organisation": units.get(held.organisation_id or 0),
            "from": shown_day(held.from_us),
            "until": shown_day(held.until_us),
            "is_single": held.is_single,
            "is_head": held.is_head,
        }


def places() -> dict[int, tuple[str, str]]:
    """Area id → its code and path."""
    found = Area.objects.using(MAIN).values_list("id", "code", "path")
    return {area: (code, path) for area, code, path in found}


def within(path: str | None, allowed: list[str] | None) -> bool:
    """Whether a place lies in what may be taken out; None = everything may."""
    return allowed is None or (path is not None and any(path.startswith(a) for a in allowed))


def _changed(key: str, changes: list[Do]) -> Step:
    return (
        Step("changed", key, lambda: [do() for do in changes])
        if changes
        else Step("same", key, nothing)
    )


def _standing(name: str, area_id: int) -> Organisation | None:
    found = Organisation.objects.using(MAIN).filter(name=name, area_id=area_id, until_us=None)
    return found.first()


def _one_organisation(name: str, field: str) -> int:
    found = Organisation.objects.using(MAIN).filter(name=name, until_us=None)
    ids = list(found.values_list("id", flat=True)[:2])
    if len(ids) != 1:
        got = f"{name}: {'none' if not ids else 'several'}"
        raise bad(field, got, "the name of one registered organisation")
    return int(ids[0])


def _firm_id(said: Said) -> int | None:
    if said.get("code") is None:
        return None
    code = credit_code(str(said["code"]))
    held = Party.objects.using(MAIN).filter(kind="legal_entity", code=code, survivor_id=None)
    found = held.values_list("id", flat=True).first()
    if found is None:
        raise BadInputError(Fault("code", code, "a registered legal entity"))
    return int(found)


FIRMS = declare(
    Kind(
        name="legal_entities",
        title=("法人", "Legal entities"),
        fields=FIRM_FIELDS,
        step=firm,
        rows=firm_rows,
        meaning=("在册法人，按统一社会信用代码各计一次", "Legal entities, by credit code, once"),
        words={"name": ("企业名称", "单位名称")},
        named={"credit_code": "code", "area_id": "area_code"},
        personal={"address": "address"},
    )
)
ORGANISATIONS = declare(
    Kind(
        name="organisations",
        title=("机构", "Organisations"),
        fields=ORGANISATION_FIELDS,
        step=organisation,
        rows=organisation_rows,
        order=order,
        meaning=("现有机构", "Organisations that go on"),
        named={"credit_code": "code", "parent_id": "parent", "area_id": "area_code"},
    )
)
POSTS = declare(
    Kind(
        name="posts",
        title=("岗位", "Posts"),
        fields=POST_FIELDS,
        step=post,
        rows=post_rows,
        prepare=prepare,
        meaning=("现任和已定将任的岗位", "Posts held now or from a day to come"),
        named={"person_id": "person_name", "area_id": "area_code", "until_us": "until"},
        personal={"person_name": "name", "person_phone": "phone"},
    )
)
