"""A rule as its page shows it: one read per table, whatever the number of rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from bihuan.console.people import People
from bihuan.console.shown import area_name, is_english
from bihuan.console.tuning.words import UNITS, describe
from bihuan.journal.keys import KeyRing
from bihuan.journal.storage import MAIN
from bihuan.register.models import Area, Subject
from bihuan.rules.kinds import KINDS
from bihuan.rules.models import Finding, InForce
from bihuan.rules.overrides.models import RegionLimit, SubjectOverride
from bihuan.rules.projectors import version_key
from bihuan.rules.rule import Rule

MOST = 50


@dataclass(frozen=True, slots=True)
class ShownRule:
    """One rule of the list. going_on: findings that go on now, of subjects the reader may see."""

    scenario: str
    rule: Rule
    title: str
    kind: str
    words: str
    going_on: int
    is_in_force: bool

    @property
    def severity(self) -> str:
        """As the console names it."""
        return {"danger": "critical", "warning": "major"}.get(self.rule.severity, "minor")


def title_of(rule: Rule) -> str:
    """A rule's name in the reader's language."""
    return rule.title_en if is_english() else rule.title_zh


def kind_title(rule: Rule) -> str:
    """The name of its kind in the reader's language."""
    kind = KINDS[rule.kind]
    return kind.title_en if is_english() else kind.title_zh


def going_on(subjects: Any) -> dict[tuple[str, str], int]:
    """Findings that go on, by (scenario, rule); subjects: a query of their ids."""
    found = Finding.objects.using(MAIN).filter(standing(), subject_id__in=subjects)
    counted = found.values("scenario", "rule").annotate(n=Count("id"))
    return {(row["scenario"], row["rule"]): row["n"] for row in counted}


def standing() -> Q:
    """Findings that go on now."""
    return Q(cleared_us=None) & ~Q(what="withdrawn")


def in_force(rules: Sequence[tuple[str, Rule]]) -> set[str]:
    """Keys of the versions that hold."""
    keys = [version_key(scenario, rule.id, rule.version) for scenario, rule in rules]
    return set(InForce.objects.using(MAIN).filter(id__in=keys).values_list("id", flat=True))


class RulePage:
    """What one rule's page shows to a person who may see these subjects.

    most  of persons' own limits; None = all of them
    """

    def __init__(
        self,
        scenario: str,
        rule: Rule,
        subjects: list[Subject],
        keys: KeyRing,
        now_us: int,
        most: int | None = MOST,
    ) -> None:
        self._now_us = now_us
        self._of = {"scenario": scenario, "rule": rule.id}
        self._subjects = {subject.id: subject for subject in subjects}
        mine = Q(**self._of, subject_id__in=self._subjects)
        self._overrides = list(
            SubjectOverride.objects.using(MAIN).filter(mine).order_by("-id")[:most]
        )
        self._limits = list(RegionLimit.objects.using(MAIN).filter(**self._of).order_by("-id"))
        findings = Finding.objects.using(MAIN).filter(mine)
        self.going_on = findings.filter(standing()).count()  # of these the first MOST are shown
        self._open = list(findings.filter(standing()).order_by("opened_us")[:MOST])
        self._last = list(findings.order_by("-opened_us", "-id")[:20])
        wanted = {subject.person_id for subject in subjects}
        wanted |= {row.by_id for row in self._overrides} | {row.by_id for row in self._limits}
        self._people = People(keys, wanted)
        self._rule = rule

    def who(self, subject_id: int) -> str:
        """A subject as lists show it: a person masked, a thing by its name."""
        subject = self._subjects.get(subject_id)
        if subject is not None and subject.name is not None:
            return subject.name
        return self._people.masked(subject.person_id if subject else None)

    def subjects(self) -> list[dict[str, Any]]:
        """For choosing one: id and masked name with the id, since two may share a name."""
        return [{"id": one, "name": f"{self.who(one)} · {one}"} for one in self._subjects]

    def overrides(self) -> list[dict[str, Any]]:
        """What stands or stood for persons, newest first."""
        return [
            {
                "row": row,
                "who": self.who(row.subject_id),
                "by": self._people.name(row.by_id) if row.by_id else _("系统"),
                "words": _given(self._rule, row),
                "is_standing": row.ended is None and row.until_us > self._now_us,
            }
            for row in self._overrides
        ]

    def limits(self) -> list[dict[str, Any]]:
        """Regions' own figures, newest first."""
        areas = Area.objects.using(MAIN).in_bulk({row.area_id for row in self._limits})
        return [
            {
                "row": row,
                "area": area_name(areas.get(row.area_id)),
                "by": self._people.name(row.by_id) if row.by_id else _("系统"),
                "words": _given(self._rule, row),
                "is_to_come": row.effective_us > self._now_us,
            }
            for row in self._limits
        ]

    def states(self) -> list[dict[str, Any]]:
        """Subjects for whom a finding goes on."""
        return [self._finding(row) for row in self._open]

    def last(self) -> list[dict[str, Any]]:
        """The last findings."""
        return [self._finding(row) for row in self._last]

    def _finding(self, row: Finding) -> dict[str, Any]:
        unit = UNITS.get(row.unit, row.unit)
        return {
            "row": row,
            "who": self.who(row.subject_id),
            "measure": "" if row.measure is None else f"{row.measure:g} {unit}".strip(),
            "limit": "" if row.limit_value is None else f"{row.limit_value:g} {unit}".strip(),
        }


def _given(rule: Rule, row: SubjectOverride | RegionLimit) -> str:
    given = json.loads(row.parameters)
    if isinstance(row, SubjectOverride) and row.polygon is not None:
        given["polygon"] = _("另画的区域")
    return describe(rule, given)
