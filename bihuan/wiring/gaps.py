"""Where a ladder has a step on which nobody can be reached now.

Who is on call for a place is asked once for a place and its roles, not for each of its people:
a county of 100,000 people has 136 villages, and this is looked at every ten minutes.
"""

from __future__ import annotations

from collections import defaultdict
from hashlib import blake2b
from typing import NamedTuple

from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop import ladder, playbook
from bihuan.loop.pathtest.playbook import SCENARIO as PATH_TEST
from bihuan.loop.playbook import ORIGIN_ROLE, LadderStep, Playbook
from bihuan.loop.scenario import Scenario, installed
from bihuan.register import schemes
from bihuan.register.holders import today_id
from bihuan.register.models import Area, Contact, Reach, Subject


class Gap(NamedTuple):
    """Steps on which nobody is reached. path: of the place; text: `place: nobody on step, step`."""

    scenario: str
    path: str
    text: str

    @property
    def key(self) -> str:
        """Tells it from the others, and whom it concerns."""
        digest = blake2b(self.text.encode(), digest_size=6).hexdigest()
        return f"{self.scenario}@{self.path}:{digest}"


def roster_gaps(now_us: int) -> list[str]:
    """What to say of each gap, each once; sorted."""
    return sorted({gap.text for gap in gaps(now_us)})


def gaps(now_us: int) -> list[Gap]:
    """Every gap of each place and playbook, each once; sorted."""
    look, found = _Look(now_us), set()
    for (name, kind, area_id), subjects in _groups().items():
        scenario, area = installed().get(name), look.rows.get(Area, area_id)
        if scenario is None or area is None:
            path = "" if area is None else area.path
            found |= {
                Gap(name, path, f"subject {one}: scenario {name} is not installed")
                for one in subjects
            }
            continue
        for one in concerning(scenario, kind):
            empty = [step.title[0] for step in one.ladder if look.is_empty(step, area, subjects)]
            if empty:
                found.add(Gap(name, area.path, f"{area.name}: nobody on {', '.join(empty)}"))
    return sorted(found)


def concerning(scenario: Scenario, kind: str) -> list[Playbook]:
    """The newest playbooks of a scenario whose cases can be about a kind of subject."""
    declared = schemes.subject_type(scenario.name, kind)
    loops = None if declared is None else declared.loops
    kinds = dict.fromkeys(one.kind for one in scenario.playbooks)
    wanted = [one for one in kinds if loops is None or one in loops]
    return [playbook.newest(scenario.name, one) for one in wanted]


def _groups() -> dict[tuple[str, str, int], list[int]]:
    """(scenario, kind of subject, area) → subjects that have not ended."""
    groups: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    standing = Subject.objects.using(MAIN).filter(ended_us=None).exclude(scenario=PATH_TEST)
    for name, kind, area, one in standing.values_list("scenario", "kind", "area_id", "id"):
        groups[name, kind, area].append(one)
    return groups


class _Look:
    """One look at one time. Who is there is asked once for each place and set of roles."""

    def __init__(self, now_us: int) -> None:
        self.rows, self._now_us = Rows(MAIN), now_us
        self._known: dict[tuple[tuple[str, ...], str], bool] = {}
        self._reached = set(Reach.objects.using(MAIN).values_list("person_id", flat=True))
        self._near = self._with_family()

    def is_empty(self, step: LadderStep, area: Area, subjects: list[int]) -> bool:
        """Whether nobody can be reached on a step of this hour for one of these subjects."""
        if not step.is_called_at(self._now_us):
            return False
        if ORIGIN_ROLE in step.roles and self._near.issuperset(subjects):
            return False
        key = (step.roles, area.path)
        if key not in self._known:
            self._known[key] = self._is_held(step, area.path)
        return not self._known[key]

    def _is_held(self, step: LadderStep, path: str) -> bool:
        return any(
            person_id in self._reached
            for role in step.roles
            if role != ORIGIN_ROLE
            for person_id in ladder.holders(self.rows, role, (None, path, self._now_us))
        )

    def _with_family(self) -> set[int]:
        """Subjects with a contact who can be reached, under the id that stands today."""
        pairs = Contact.objects.using(MAIN).values_list("subject_id", "person_id")
        return {
            subject
            for subject, person in pairs
            if person in self._reached or today_id(self.rows, person) in self._reached
        }
