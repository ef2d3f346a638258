"""Who is called, in which order: a ladder planned from the register at one moment.

People are deduplicated, not roles: the village secretary and the director are often one man,
and he is called once, on the first step that names him. A step with nobody is skipped at once
and says why.
"""

from __future__ import annotations

from bihuan.journal.rows import Rows
from bihuan.loop.entries import Called, PlannedStep
from bihuan.loop.playbook import ORIGIN_ROLE, LadderStep, Playbook
from bihuan.register.models import Contact, Duty, Post, Reach, Subject

NOBODY = "nobody"
UNREACHABLE = "unreachable"


def plan(
    rows: Rows, playbook: Playbook, subject: Subject, path: str, now_us: int
) -> list[PlannedStep]:
    """The ladder of a playbook for a subject, as it stands at `now_us`."""
    called: set[int] = set()
    return [_step(rows, step, (subject.id, path, now_us), called) for step in playbook.ladder]


def _step(
    rows: Rows, step: LadderStep, where: tuple[int, str, int], called: set[int]
) -> PlannedStep:
    people: list[Called] = []
    found_any = False
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
    return PlannedStep(
        title=step.title[0], wait_s=step.wait.seconds, people=people, skipped=skipped
    )


def holders(rows: Rows, role: str, where: tuple[int, str, int]) -> list[int]:
    """Persons in a role for a subject: its family, or who is on duty (else in post) nearest.

    where  (subject id, area path, time µs)
    """
    subject_id, path, now_us = where
    if role == ORIGIN_ROLE:
        contacts = rows.where(Contact, subject_id=subject_id)
        return [c.person_id for c in sorted(contacts, key=lambda c: (c.rank, c.id))]
    for area_id in areas_upward(path):
        duties = rows.where(Duty, area_id=area_id)  # on duty comes before merely in post
        for held in (duties, rows.where(Post, area_id=area_id)):
            found = [h.person_id for h in held if h.role == role and _is_current(h, now_us)]
            if found:
                return found
    return []


def all_holders(rows: Rows, role: str, where: tuple[int, str, int]) -> set[int]:
    """Everybody with a right in this role for this place: on duty or in post here or above."""
    _subject_id, path, now_us = where
    found: set[int] = set()
    for area_id in areas_upward(path):
        held: list[Duty | Post] = [*rows.where(Duty, area_id=area_id)]
        held += rows.where(Post, area_id=area_id)
        found.update(h.person_id for h in held if h.role == role and _is_current(h, now_us))
    return found


def _is_current(held: Duty | Post, now_us: int) -> bool:
    return held.from_us <= now_us and (held.until_us is None or now_us < held.until_us)


def areas_upward(path: str) -> list[int]:
    """Area ids from the nearest to the county."""
    return [int(part) for part in reversed(path.split(".")) if part]


def channels_of(rows: Rows, person_id: int) -> list[str]:
    """The channels by which a person can be reached, first choice first."""
    reaches = sorted(rows.where(Reach, person_id=person_id), key=lambda r: (r.rank, r.id))
    return list(dict.fromkeys(reach.channel for reach in reaches))


def family(rows: Rows, subject_id: int) -> list[Called]:
    """Who is asked whether it is solved: every contact that can be reached."""
    asked = []
    for person_id in holders(rows, ORIGIN_ROLE, (subject_id, "", 0)):
        channels = channels_of(rows, person_id)
        if channels:
            asked.append(Called(person_id=person_id, role=ORIGIN_ROLE, channels=channels))
    return asked
