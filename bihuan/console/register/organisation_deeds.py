"""What may be done with an organisation: register, change, appoint, release, members, end.

Nobody appoints himself; a role that may be given is one that a scenario declares, or registrar.
"""

from __future__ import annotations

from typing import Any

from bihuan.base.errors import bad
from bihuan.console.home import clock
from bihuan.console.register import wording
from bihuan.console.register.cells import Names
from bihuan.console.register.deeds import Deed
from bihuan.console.register.reach import Reach, path_of
from bihuan.journal.storage import MAIN
from bihuan.loop.scenario import installed
from bihuan.register.models import Post
from bihuan.register.organisations.acts import NewOrganisation, NewPlace, NewPost, OrganisationActs
from bihuan.register.organisations.models import Member, Organisation
from bihuan.register.records.acts import By
from bihuan.register.scheme import Field

NAME = Field(name="name", title=("名称", "Name"), kind="text", is_required=True)
LATIN = Field(name="latin", title=("英文名", "Name in English"), kind="text")
KIND = Field(
    name="kind",
    title=("类别", "Kind"),
    kind="choice",
    choices=wording.ORGANISATIONS,
    is_required=True,
)
AREA = Field(name="area", title=("区域", "Area"), kind="area", is_required=True)
SINCE = Field(name="since", title=("从何时起", "Since"), kind="time", is_required=True)
PERSON = Field(name="person", title=("人员", "Person"), kind="party", of="person", is_required=True)
SINGLE = Field(name="single", title=("只设一人", "A single seat"), kind="yes_no", is_required=True)
HEAD = Field(name="head", title=("负责人", "Head"), kind="yes_no", is_required=True)


def _roles() -> tuple[tuple[str, tuple[str, str]], ...]:
    """Every role that a post may have: those of the scenarios, and who keeps the register."""
    found = {"registrar": wording.ROLES["registrar"]}
    for scenario in installed().values():
        found |= {role: title for role, title in scenario.roles.items() if role != "family"}
    return tuple(sorted(found.items()))


def registering(reach: Reach) -> Deed:
    def register(by: By, said: dict[str, Any]) -> int:
        new = NewOrganisation(
            kind=said["kind"],
            name=(said["name"], said["latin"] or said["name"]),
            area_id=said["area"],
            from_us=said["since"],
        )
        return (
            OrganisationActs(clock(), reach.actor(path_of(said["area"])))
            .keyed(by.key)
            .register(new)
        )

    return Deed(
        "register",
        ("登记组织", "Register a body"),
        register,
        (NAME, LATIN, KIND, AREA, SINCE),
        held={"since": reach.now_us},
        icon="building",
        is_main=True,
        leads_to="/organisations/{}/",
    )


def _post_fields(*where: Field) -> tuple[Field, ...]:
    role = Field(
        name="role", title=("岗位", "Post"), kind="choice", choices=_roles(), is_required=True
    )
    return (PERSON, role, *where, SINCE, SINGLE, HEAD)


def post_for_area(reach: Reach) -> Deed:
    """A post for an area. Nobody gives a post to himself: that is the security office's."""

    def hold(by: By, said: dict[str, Any]) -> int:
        return _hold((reach, by), said, said["area"], None)

    return Deed(
        "post",
        ("任命区域岗位", "Appoint for an area"),
        hold,
        _post_fields(AREA),
        held={"since": reach.now_us, "single": False, "head": False},
        icon="users",
    )


def _hold(
    who: tuple[Reach, By], said: dict[str, Any], area_id: int | None, body_id: int | None
) -> int:
    reach, by = who
    body = Organisation.objects.using(MAIN).filter(id=body_id or 0).first()
    path = path_of(area_id if body is None else body.area_id)
    if said["person"] == reach.person_id:
        raise bad("person", reach.person_id, "another person: nobody appoints himself")
    new = NewPost(
        person_id=said["person"],
        role=said["role"],
        area_id=area_id,
        organisation_id=body_id,
        from_us=said["since"],
        is_single=said["single"],
        is_head=said["head"],
    )
    return OrganisationActs(clock(), reach.actor(path)).keyed(by.key).hold(new)


def deeds_of(
    reach: Reach, body: Organisation, members: list[Member], posts: list[Post], names: Names
) -> list[Deed]:
    """What this person may do with an organisation now."""
    path = path_of(body.area_id)
    if not reach.may_keep(path):
        return []
    acts = OrganisationActs(clock(), reach.actor(path))
    since = {"since": reach.now_us}

    def hold(by: By, said: dict[str, Any]) -> int:
        return _hold((reach, by), said, None, body.id)

    def change(by: By, said: dict[str, Any]) -> None:
        reach.actor(path_of(said["area"]))
        name = (said["name"], said["latin"] or said["name"])
        acts.keyed(by.key).change(body.id, said["since"], NewPlace(name=name, area_id=said["area"]))

    held = {"name": body.name, "latin": body.latin, "area": body.area_id, **since}
    found = [
        Deed(
            "post",
            ("任命岗位", "Appoint"),
            hold,
            _post_fields(),
            icon="users",
            is_main=True,
            held={**since, "single": False, "head": False},
        ),
        Deed(
            "join",
            ("加成员", "Add a member"),
            lambda by, said: acts.keyed(by.key).join(body.id, said["person"], said["since"]),
            (PERSON, SINCE),
            held=since,
            icon="users",
        ),
    ]
    found += _leaving(reach, acts, members, posts, names)
    found += [
        Deed("change", ("更名、改区域", "Change"), change, (NAME, LATIN, AREA, SINCE), held=held),
        _ending(acts, body, since),
    ]
    return found


def _ending(acts: OrganisationActs, body: Organisation, since: dict[str, int]) -> Deed:
    return Deed(
        "end",
        ("撤销组织", "End it"),
        lambda by, said: acts.keyed(by.key).end(body.id, said["since"]),
        (SINCE,),
        held=since,
        icon="circle-slash",
    )


def _leaving(
    reach: Reach, acts: OrganisationActs, members: list[Member], posts: list[Post], names: Names
) -> list[Deed]:
    """Ending a post or a membership; which one is chosen by name."""
    standing = [one for one in posts if one.until_us is None]
    held = tuple(
        (str(one.id), (f"{names.official(one.person_id)} {wording.role(one.role)}",) * 2)
        for one in standing
    )
    belong = tuple((str(one.id), (names.official(one.person_id),) * 2) for one in members)
    found = []
    for name, title, choices, do in (
        ("leave-post", ("免去岗位", "End a post"), held, "leave_post"),
        ("leave", ("成员离开", "A member leaves"), belong, "leave"),
    ):
        if not choices:
            continue
        which = Field(
            name="which", title=("谁", "Who"), kind="choice", choices=choices, is_required=True
        )

        def end(by: By, said: dict[str, Any], do: str = do) -> None:
            getattr(acts.keyed(by.key), do)(int(said["which"]), said["since"])

        found.append(
            Deed(name, title, end, (which, SINCE), held={"since": reach.now_us}, icon="log-out")
        )
    return found
