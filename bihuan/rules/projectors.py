"""Findings and versions become rows."""

from __future__ import annotations

from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.register.entries import FindingSaid
from bihuan.rules.entries import RuleInForce
from bihuan.rules.models import Finding, InForce


@projects(FindingSaid)
def finding_said(rows: Rows, entry: Recorded[FindingSaid]) -> None:
    said = entry.payload
    rows.put(
        Finding,
        id=said.key,
        scenario=said.scenario,
        rule=said.rule,
        version=said.version,
        kind=said.kind,
        subject_id=said.subject_id,
        lane=said.lane,
        slot=said.slot,
        number=said.number,
        n=said.n,
        what=said.what,
        opened_us=said.opened_us,
        cleared_us=said.cleared_us,
        since_us=said.since_us,
        measure=said.measure,
        limit_value=said.limit,
        unit=said.unit,
        source=said.source,
        severity=said.severity,
        setting_id=said.setting_id,
        said=entry.position,
        said_us=entry.recorded_us,
    )


@projects(RuleInForce)
def rule_in_force(rows: Rows, entry: Recorded[RuleInForce]) -> None:
    said = entry.payload
    rows.new(
        InForce,
        id=version_key(said.scenario, said.rule, said.version),
        position=entry.position,
        declared=said.declared,
    )


def version_key(scenario: str, rule: str, version: int) -> str:
    """The key of one version of a rule."""
    return f"{scenario}.{rule}@{version}"
