"""Which versions of which rules hold: said once in lane 0, when their day has come."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date

from bihuan.base.errors import bad
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.storage import MAIN
from bihuan.rules.entries import RuleInForce
from bihuan.rules.lane import Version
from bihuan.rules.models import InForce
from bihuan.rules.projectors import version_key
from bihuan.rules.rule import LATE, Rule


def put_in_force(clock: Clock, rules: Mapping[str, Sequence[Rule]], day: date) -> None:
    """Put into force what is declared from `day` or before and was not yet.

    A version holds from its own entry on, never for readings before it: a rule that is declared
    today calls nobody for last year.
    """
    _append_missing(clock, _declared(rules, day))


def in_force(rules: Mapping[str, Sequence[Rule]], after: int) -> list[Version]:
    """Versions put in force after a lane-0 position, by whichever worker, in that order.

    Raises BadInputError where a version that held was changed.
    """
    declared = _declared(rules, date.max)
    found = []
    for row in InForce.objects.using(MAIN).filter(position__gt=after).order_by("position"):
        if row.id not in declared:
            continue  # withdrawn from its folder: it says nothing more
        scenario, rule = declared[row.id]
        if row.declared != canonical(rule):
            raise bad(row.id, "another declaration than it held with", "a new version of the rule")
        found.append(Version(scenario, rule, row.position))
    return found


def _declared(rules: Mapping[str, Sequence[Rule]], day: date) -> dict[str, tuple[str, Rule]]:
    """By its key every version whose day has come, older versions first."""
    return {
        version_key(scenario, rule.id, rule.version): (scenario, rule)
        for scenario, of_one in rules.items()
        for rule in sorted(of_one, key=lambda rule: rule.version)
        if rule.effective_from <= day
    }


def _append_missing(clock: Clock, declared: Mapping[str, tuple[str, Rule]]) -> None:
    held = set(InForce.objects.using(MAIN).values_list("id", flat=True))
    missing = [name for name in declared if name not in held]
    if not missing:
        return
    with Appender(FACTS_LANE, clock) as facts:
        for name in missing:
            scenario, rule = declared[name]
            if facts.rows.get(InForce, name) is None:  # again, under the lock
                facts.append(_in_force(scenario, rule))


def _in_force(scenario: str, rule: Rule) -> RuleInForce:
    return RuleInForce(
        scenario=scenario, rule=rule.id, version=rule.version, declared=canonical(rule)
    )


def canonical(rule: Rule) -> str:
    """What a version says, so that a later change of it is seen. Titles may be reworded."""
    said = {
        "kind": rule.kind,
        "channel": rule.channel,
        "parameters": dict(rule.parameters),
        "unit": rule.unit,
        "source": rule.source,
        "effective_from": rule.effective_from.isoformat(),
        "region": rule.region,
        "severity": rule.severity,
    }
    if rule.subjects:  # what was put in force before there were kinds says nothing of them
        said["subjects"] = list(rule.subjects)
    if rule.late != LATE:
        said["late"] = rule.late
    return json.dumps(said, ensure_ascii=False, sort_keys=True)
