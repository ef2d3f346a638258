"""How long rows of a kind are kept: what the county set, else what the scenario proposes."""

from __future__ import annotations

from typing import NamedTuple

from bihuan.base.time import CHINA, datetime_of
from bihuan.journal.storage import MAIN
from bihuan.register import schemes
from bihuan.register.retention.models import RetentionRule
from bihuan.register.scheme import RecordType, SubjectType

READINGS = "readings"
PROPOSED = (
    "本场景的建议 [K]，以本县自定的为准 /"
    " proposal of the scenario [K]; the county's own figure replaces it"
)


class Kept(NamedTuple):
    """keep_days None = for good."""

    kind: str
    keep_days: int | None
    source: str
    effective_from: str
    region: str


def kept(scenario: str, declared: RecordType, at_us: int) -> Kept:
    """The rule in effect for a record type on the day of a time."""
    return _in_effect(f"{scenario}.{declared.name}", declared.keep_days, at_us)


def kept_readings(scenario: str, declared: SubjectType, at_us: int) -> Kept:
    """The same for what devices measured of subjects of a type: `SCENARIO.TYPE.readings`."""
    return _in_effect(f"{scenario}.{declared.name}.{READINGS}", declared.keep_readings, at_us)


def _in_effect(kind: str, proposed: int | None, at_us: int) -> Kept:
    day = str(datetime_of(at_us).astimezone(CHINA).date())
    rules = RetentionRule.objects.using(MAIN).filter(kind=kind, effective_from__lte=day)
    rule = rules.order_by("-effective_from", "-id").first()
    if rule is None:
        return Kept(kind, proposed, PROPOSED, "", "")
    return Kept(kind, rule.keep_days, rule.source, rule.effective_from, rule.region)


def every_rule(at_us: int) -> list[Kept]:
    """The rule of every record type that is installed, and of readings of every subject type."""
    installed = schemes.installed().values()
    records = [
        kept(scheme.scenario, declared, at_us)
        for scheme in installed
        for declared in scheme.records
    ]
    return records + [
        kept_readings(scheme.scenario, declared, at_us)
        for scheme in installed
        for declared in scheme.subjects
    ]
