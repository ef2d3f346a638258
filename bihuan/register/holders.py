"""Who holds a role for a place at a time: by roster, duty or post, or close to a subject.

Two roles need no post: `family` (the subject's contacts) and `self` (the subject's own person).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from bihuan.journal.rows import Rows
from bihuan.register.models import Area, Contact, Duty, Post, Subject
from bihuan.register.parties.models import Party
from bihuan.register.rosters.on_duty import on_duty

FAMILY: Final = "family"
SELF: Final = "self"
NEAR: Final = (FAMILY, SELF)


class Where(NamedTuple):
    """A place in the register: the area, whose subject it is about (None = nobody's), when (µs)."""

    area_id: int
    subject_id: int | None
    at_us: int


def all_holders(rows: Rows, role: str, where: Where) -> set[int]:
    """Everybody with a right in this role for this place, by the ids that stand today."""
    if role in NEAR:
        return _near(rows, role, where.subject_id)
    area = rows.get(Area, where.area_id)
    return set() if area is None else holders_upward(rows, role, area.path, where.at_us)


def holders_upward(rows: Rows, role: str, path: str, at_us: int) -> set[int]:
    """Everybody in a role here or above: on duty by roster or assignment, or in post."""
    found: set[int] = set()
    for area_id in areas_upward(path):
        for held in holders_at(rows, role, area_id, at_us):
            found.update(held)
    return found


def holders_at(rows: Rows, role: str, area_id: int, at_us: int) -> Iterator[list[int]]:
    """Persons in a role at one area: by roster, then by duty, then by post; each may be empty."""
    yield _today(rows, on_duty(rows, area_id, role, at_us))
    places: list[list[Duty] | list[Post]] = [
        rows.where(Duty, area_id=area_id),
        rows.where(Post, area_id=area_id),
    ]
    for held in places:
        yield _today(rows, (h.person_id for h in held if h.role == role and is_current(h, at_us)))


def today_id(rows: Rows, person_id: int) -> int:
    """The id that a person stands under: its own, or the one that it was merged into."""
    party = rows.get(Party, person_id)
    return person_id if party is None or party.survivor_id is None else int(party.survivor_id)


def role_for(rows: Rows, person_id: int, roles: Iterable[str], where: Where) -> str | None:
    """The first of these roles that the person holds for the place; None = no right."""
    known = today_id(rows, person_id)
    return next((r for r in roles if known in all_holders(rows, r, where)), None)


def is_current(held: Duty | Post, at_us: int) -> bool:
    """Whether a post or duty is held at a time."""
    return held.from_us <= at_us and (held.until_us is None or at_us < held.until_us)


def areas_upward(path: str) -> list[int]:
    """Area ids from the nearest to the county."""
    return [int(part) for part in reversed(path.split(".")) if part]


def _today(rows: Rows, people: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(today_id(rows, person) for person in people))


def _near(rows: Rows, role: str, subject_id: int | None) -> set[int]:
    if subject_id is None:
        return set()
    if role == FAMILY:
        contacts = rows.where(Contact, subject_id=subject_id)
        return set(_today(rows, (contact.person_id for contact in contacts)))
    subject = rows.get(Subject, subject_id)
    if subject is None or subject.person_id is None:
        return set()
    return {today_id(rows, subject.person_id)}
