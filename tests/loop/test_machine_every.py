"""Every installed playbook under random acts: what holds for one table holds for all of them.

The machine of matters, over whatever the scenarios declare: every signal of every playbook comes
to a subject of its scenario, something is reported of every kind that people report; each role of
every table is held by somebody. A new scenario's playbooks are in it without a line here.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize

from bihuan.journal.keys import KeyRing
from bihuan.loop.cases.report import Report, report
from bihuan.loop.models import Case
from bihuan.loop.playbook import OF_THE_CASE, Playbook, newest
from bihuan.loop.scenario import install, installed
from bihuan.register import entries as register
from bihuan.register.models import Subject
from tests.loop.machines import keeps, keeps_for
from tests.loop.test_machine_matters import STARTS, Town
from tests.matters import MATTERS

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]
# who holds the roles that only a scenario of its own has, from the highest in the county down
SPREAD = ("commander", "town_officer", "secretary")


def every_playbook() -> list[Playbook]:
    """The newest version of every kind of every scenario, in a fixed order."""
    install(MATTERS)
    found = [playbook for one in installed().values() for playbook in one.playbooks]
    return [one for one in found if newest(one.scenario, one.kind) is one]


class County(Town):
    """One county for one example, with every playbook in it."""

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start: datetime) -> None:
        super().begin(start)
        people, held = self.world.people, {"village_duty", "town_duty", "county_command"}
        roles = {role for p in every_playbook() for act in p.acts for role in act.roles}
        for n, role in enumerate(sorted(roles - held - set(OF_THE_CASE))):
            person = getattr(people, SPREAD[n % len(SPREAD)])
            self.world.add(
                register.PostHeld(
                    person_id=person, role=role, area_id=people.county, from_us=0, until_us=None
                )
            )
        for n in range(len(every_playbook())):
            self.report(n)
        kinds = set(Case.objects.values_list("scenario", "kind"))
        assert kinds == {(one.scenario, one.kind) for one in every_playbook()}, "one of each"

    def at_hand(self) -> list[Case]:
        """Cases of one playbook after the other: each is acted on as often as any."""
        self.turn = getattr(self, "turn", -1) + 1
        playbooks = every_playbook()
        chosen = playbooks[self.turn % len(playbooks)]
        found = Case.objects.filter(scenario=chosen.scenario, kind=chosen.kind)
        return list(found.order_by("-id")[:2])

    def settled(self, scenario: str) -> int:
        """The subject of a scenario, in the village, of the first kind that it declares."""
        people = self.world.people
        found = Subject.objects.filter(scenario=scenario).order_by("id").first()
        if found is not None:
            return found.id
        said = register.SubjectRegistered(
            scenario=scenario,
            kind=next(iter(installed()[scenario].subjects)),
            person_id=people.elder,
            area_id=people.village,
            address=None,
            note=None,
        )
        return self.world.add(said)

    def report(self, n: int) -> None:
        """Something of any playbook comes in: a signal where it asks for one, else a report."""
        playbooks = every_playbook()
        playbook, people = playbooks[n % len(playbooks)], self.world.people
        self.count += 1
        if playbook.signals:
            kind = playbook.signals[n % len(playbook.signals)]
            self.world.signal(self.settled(playbook.scenario), kind)
        elif playbook.reports:
            origin = (people.stranger, people.daughter, None)[n % 3]
            said = Report(
                scenario=playbook.scenario,
                kind=playbook.kind,
                area_id=people.village,
                text="有事反映",
                via="web",
                key=f"e{self.count}",
                origin_id=origin,
                is_sealed=n % 7 == 0 and origin is not None,
            )
            report(said, self.world.clock, self.world.keys)
        self.world.settle()


def test_every_playbook_keeps_its_promises_under_anything(
    data: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(County, "keys", KeyRing(key_file), raising=False)
    keeps(County, examples=1, steps=40)


@pytest.mark.long
def test_every_playbook_keeps_its_promises_under_much_more(
    data: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(County, "keys", KeyRing(key_file), raising=False)
    assert keeps_for(County, steps=40) > 0
