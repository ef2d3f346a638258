"""What people set becomes rows."""

from __future__ import annotations

import json
from datetime import date, datetime, time

from bihuan.base.time import CHINA, us_of
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.rules.overrides.entries import RuleLimitSet, RuleOverridden, RuleOverrideEnded
from bihuan.rules.overrides.models import RegionLimit, SubjectOverride


@projects(RuleOverridden)
def rule_overridden(rows: Rows, entry: Recorded[RuleOverridden]) -> None:
    said = entry.payload
    for row in standing(rows, said.scenario, said.rule, said.subject_id):
        _end(rows, row.id, (entry.position, entry.recorded_us), said.by.person_id)
    rows.new(
        SubjectOverride,
        id=entry.id(),
        position=entry.position,
        scenario=said.scenario,
        rule=said.rule,
        subject_id=said.subject_id,
        parameters=_json(said.parameters),
        polygon=said.polygon,
        unit=said.unit,
        reason=said.reason,
        from_us=entry.recorded_us,
        until_us=said.until_us,
        by_id=said.by.person_id,
        role=said.by.role,
        ended=None,
        ended_us=None,
        ended_by=None,
        end_reason=None,
    )


@projects(RuleOverrideEnded)
def rule_override_ended(rows: Rows, entry: Recorded[RuleOverrideEnded]) -> None:
    said = entry.payload
    at = entry.position, entry.recorded_us
    _end(rows, said.override_id, at, said.by.person_id)
    rows.change(SubjectOverride, said.override_id).end_reason = said.reason


@projects(RuleLimitSet)
def rule_limit_set(rows: Rows, entry: Recorded[RuleLimitSet]) -> None:
    said = entry.payload
    rows.new(
        RegionLimit,
        id=entry.id(),
        position=entry.position,
        scenario=said.scenario,
        rule=said.rule,
        area_id=said.area_id,
        areas=_json(said.areas),
        depth=said.depth,
        parameters=_json(said.parameters),
        unit=said.unit,
        source=said.source,
        effective_from=said.effective_from,
        effective_us=day_us(said.effective_from),
        set_us=entry.recorded_us,
        by_id=said.by.person_id,
        role=said.by.role,
    )


def standing(rows: Rows, scenario: str, rule: str, subject_id: int) -> list[SubjectOverride]:
    """What is set for a subject and was not ended; at most one, its time may be over."""
    return [
        row
        for row in rows.where(SubjectOverride, subject_id=subject_id)
        if (row.scenario, row.rule, row.ended) == (scenario, rule, None)
    ]


def day_us(day: str) -> int:
    """µs at which a day YYYY-MM-DD begins in China; raises ValueError."""
    return us_of(datetime.combine(date.fromisoformat(day), time(), CHINA))


def _end(rows: Rows, override_id: int, at: tuple[int, int], by: int | None) -> None:
    row = rows.change(SubjectOverride, override_id)
    (row.ended, row.ended_us), row.ended_by = at, by


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
