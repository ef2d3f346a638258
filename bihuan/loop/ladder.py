"""Who is called, in which order: a ladder planned from the register at one moment.

People are deduplicated, not roles: the village secretary and the director are often one man,
and he is called once, on the first step that names him. A step with nobody is skipped at once
and says why.
"""

from __future__ import annotations

from collections.abc import Iterable

from bihuan.journal.rows import Rows
from bihuan.loop.clocks.course import wait_of
from bihuan.loop.entries import Called, PlannedStep
from bihuan.loop.models import Case
from bihuan.loop.playbook import ORIGIN_ROLE, LadderStep, Playbook
from bihuan.register.holders import (
    areas_upward,
    holders_at,
    holders_upward,
    today_id,
)
from bihuan.register.models import Contact, Reach, Subject

NOBODY = "nobody"
UNREACHABLE = "unreachable"
NOT_NOW = "not_now"


def plan(
    rows: Rows, playbook: Playbook, subject: Subject | None, path: str, times: tuple[int, int]
) -> list[PlannedStep]:
    """The ladder of a playbook for a subject, or for a place alone.

    times  when its case was opened, for the county's figures, and now, for who is there; µs
    """
    called: set[int] = set()
    opened_us, now_us = times
    where = (None if subject is None else subject.id, path, now_us)
    found = []
    for n, step in enumerate(playbook.ladder):
        wait_s = wait_of(rows, playbook, n, opened_us)
        found.append(_step(rows, step, wait_s, where, called))
    return found


def _step(
    rows: Rows,
    step: LadderStep,
    wait_s: int,
    where: tuple[int | None, str, int],
    called: set[int],
) -> PlannedStep:
    people: list[Called] = []
    found_any = False
    if not step.is_called_at(where[2]):
        return PlannedStep(title=step.title[0], wait_s=wait_s, people=[], skipped=NOT_NOW)
    for role in step.roles:
        for person_id in holders(rows, role, where):
            found_any = True
            if person_id in called:
                continue
            channels = channels_of(rows, person_id)
            if channels:
                called.add(person_id)
                people.append(Called(person_id=person_id, role=role, channels=channels))
    skipped = None if people else (UNREACHABLE if found_any else NOBODY)
    return PlannedStep(title=step.title[0], wait_s=wait_s, people=people, skipped=skipped)


def holders(rows: Rows, role: str, where: tuple[int | None, str, int]) -> list[int]:
    """Persons in a role for a subject: its family, or who is nearest, a roster before a post.

    where  (subject id or None, area path, time µs)
    """
    subject_id, path, now_us = where
    if role == ORIGIN_ROLE:
        contacts = rows.where(Contact, subject_id=subject_id)
        nearest = sorted(contacts, key=lambda c: (c.rank, c.id))
        return list(dict.fromkeys(today_id(rows, c.person_id) for c in nearest))
    for area_id in areas_upward(path):
        for found in holders_at(rows, role, area_id, now_us):
            if found:
                return found
    return []


def all_holders(rows: Rows, role: str, where: tuple[int | None, str, int]) -> set[int]:
    """Everybody with a right in this role for this place: by roster, duty or post, or above."""
    _subject_id, path, now_us = where
    return holders_upward(rows, role, path, now_us)


def channels_of(rows: Rows, person_id: int) -> list[str]:
    """The channels by which a person can be reached, first choice first."""
    reaches = sorted(rows.where(Reach, person_id=person_id), key=lambda r: (r.rank, r.id))
    return list(dict.fromkeys(reach.channel for reach in reaches))


def family(rows: Rows, subject_id: int | None) -> list[Called]:
    """Who is asked whether it is solved: every contact that can be reached."""
    return reachable(rows, ORIGIN_ROLE, holders(rows, ORIGIN_ROLE, (subject_id, "", 0)))


def origin(rows: Rows, case: Case) -> list[Called]:
    """Who has the last word: the person who reported it, else the subject's family."""
    if case.origin_id is not None:
        return reachable(rows, "origin", [case.origin_id])
    return family(rows, case.subject_id)


def reachable(rows: Rows, role: str, people: Iterable[int]) -> list[Called]:
    """Those of the people who can be reached, each once."""
    found = [(person, channels_of(rows, person)) for person in dict.fromkeys(people)]
    return [
        Called(person_id=person, role=role, channels=channels)
        for person, channels in found
        if channels
    ]


def nearest(
    rows: Rows, roles: Iterable[str], where: tuple[int | None, str, int], but: Iterable[int] = ()
) -> list[Called]:
    """The nearest holders of each role who can be reached, each once; `but` are left out."""
    left_out = set(but)
    found: list[Called] = []
    for role in roles:
        people = [p for p in holders(rows, role, where) if p not in left_out]
        left_out.update(people)
        found += reachable(rows, role, people)
    return found
