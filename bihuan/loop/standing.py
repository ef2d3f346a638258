"""Who somebody is to a case: by post and duty, or by what the case itself says.

One place for acts, pages and rights. `assignee`, `assisting`, `summoned` and `successor` are
whoever an assignment names: a person, who holds a role for an area, or an organisation's people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bihuan.journal.rows import Rows
from bihuan.loop import ladder
from bihuan.loop.inquiry.models import Statement
from bihuan.loop.models import Case
from bihuan.loop.playbook import ORIGIN_ROLE
from bihuan.loop.units.models import Assignment
from bihuan.loop.units.rows import open_assignments
from bihuan.register import holders
from bihuan.register.areas.spans import path_now
from bihuan.register.holders import today_id
from bihuan.register.models import Area

PURPOSE_OF = {
    "assignee": "lead",
    "assisting": "assist",
    "summoned": "summon",
    "successor": "hand_over",
}
OrganisationPeople = Callable[[Rows, int, int], Iterable[int]]
_organisation_people: list[OrganisationPeople] = []


def organisations_are(people: OrganisationPeople) -> None:
    """Say who works for an organisation: (rows, organisation id, µs) -> person ids.

    The register's organisations call this once; without it no case goes to an organisation.
    """
    _organisation_people[:] = [people]


def has_organisations() -> bool:
    """Whether a case can be assigned to an organisation here."""
    return bool(_organisation_people)


def role_for(
    rows: Rows, case: Case, person_id: int, roles: Iterable[str], now_us: int
) -> str | None:
    """The first of these roles that the person holds for the case; None = no right."""
    known = today_id(rows, person_id)
    for role in roles:
        if _holds(rows, case, known, role, now_us):
            return role
    return None


def _holds(rows: Rows, case: Case, person_id: int, role: str, now_us: int) -> bool:
    if role == ORIGIN_ROLE:
        return person_id in ladder.holders(rows, role, (case.subject_id, "", now_us))
    if role == "origin":
        return case.origin_id == person_id
    if role == "owner":
        return case.owner_id == person_id
    if role == "asked":
        stated = rows.where(Statement, case_id=case.id)
        return any(one.person_id == person_id and one.filed_us is None for one in stated)
    if role in PURPOSE_OF:
        open_ = open_assignments(rows, case.id, PURPOSE_OF[role])
        return any(is_meant(rows, made, person_id, now_us) for made in open_)
    path = path_now(rows, case.area_id)  # of a merged area: its successor's people
    return person_id in ladder.all_holders(rows, role, (None, path, now_us))


def is_meant(rows: Rows, made: Assignment, person_id: int, now_us: int) -> bool:
    """Whether an assignment names this person."""
    return person_id in people_of(rows, made, now_us)


def people_of(rows: Rows, made: Assignment, now_us: int) -> list[int]:
    """Everybody who may sign for an assignment now."""
    if made.person_id is not None:
        return [made.person_id]
    if made.organisation_id is not None:
        found = _organisation_people
        return list(found[0](rows, made.organisation_id, now_us)) if found else []
    assert made.role is not None
    assert made.area_id is not None
    return holders_at(rows, made.role, made.area_id, now_us)


def holders_at(rows: Rows, role: str, area_id: int, now_us: int) -> list[int]:
    """Who holds a role for exactly this area now: on duty first, then in post."""
    found = holders.holders_at(rows, role, area_id, now_us)
    return list(dict.fromkeys(person for level in found for person in level))


def path_of(rows: Rows, area_id: int) -> str:
    """The path of an area that is known."""
    area = rows.get(Area, area_id)
    assert area is not None, "areas of cases and posts are checked when they are registered"
    return area.path
