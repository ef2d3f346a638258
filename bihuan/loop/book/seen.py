"""What of one scenario somebody sees: areas by post, subjects by kinship, cases by all of these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case
from bihuan.loop.rights import cases_for
from bihuan.register.accounts.offices import holds_no_office
from bihuan.register.models import Subject
from bihuan.register.rights import FAMILY, Rights, areas_under, granted, known_as


@dataclass(frozen=True, slots=True)
class Seen:
    """Whose rights a `Book` reads by. A stranger's finds nothing.

    paths  of the areas below which rows of the scenario are seen, where they lie today
    near   subjects of which the person is a relative by consent, or that are the person's own
    cases  every case that the person may see
    person_id  who reads; None = nobody in particular (an administrator, a service)
    """

    scenario: str
    paths: tuple[str, ...]
    near: frozenset[int]
    cases: QuerySet[Case]
    person_id: int | None = None

    def rows(self, area: str, subject: str | None) -> Q:
        """A filter of rows by the columns that name their area and their subject."""
        wanted = Q(pk__in=())
        if self.paths:
            wanted |= Q(**{f"{area}__in": areas_under(self.paths)})
        if subject is not None and self.near:
            wanted |= Q(**{f"{subject}__in": self.near})
        return wanted

    def only(self, paths: Iterable[str]) -> Seen:
        """The same, narrowed to areas by post: neither relatives nor what was assigned alone."""
        kept = tuple(paths)
        within = Q(area_id__in=areas_under(kept)) if kept else Q(pk__in=())
        return Seen(self.scenario, kept, frozenset(), self.cases.filter(within), self.person_id)


def seen_by(mine: Rights, scenario: str) -> Seen:
    """What a person's rights let them see of a scenario; a stranger sees nothing."""
    near = mine.family if "see" in granted(scenario, FAMILY) else frozenset()
    return Seen(
        scenario,
        tuple(mine.paths(scenario, "see")),
        near | own_subjects(mine.person_id, scenario),
        cases_for(mine).filter(scenario=scenario),
        mine.person_id,
    )


def own_subjects(person_id: int, scenario: str) -> frozenset[int]:
    """The subjects that a person is; none of an administrator's."""
    known = known_as(person_id)
    own = Subject.objects.using(MAIN).filter(
        holds_no_office(person_id), scenario=scenario, person_id__in=known
    )
    return frozenset(own.values_list("id", flat=True))
