"""What a kernel emits, as the entry that says it with its reasons."""

from __future__ import annotations

import math
from typing import Final

from bihuan.base.time import SECOND_US
from bihuan.register.entries import FindingSaid, Said
from bihuan.rules.findings import BEFORE_ALL, END
from bihuan.rules.kernels.records import CLEARED, OPENED, REVISED, WITHDRAWN
from bihuan.rules.kinds import Parameters, Plain
from bihuan.rules.overrides.settings import Effective
from bihuan.rules.rule import Rule

WHAT: Final[dict[int, Said]] = {
    OPENED: "opened",
    REVISED: "revised",
    CLEARED: "cleared",
    WITHDRAWN: "withdrawn",
}
# kind → the parameter that is its limit, and its unit where that is not the rule's own
LIMITS: Final[dict[str, tuple[str, str | None]]] = {
    "beyond": ("limit", None),
    "silence": ("for", "s"),
    "change": ("by", None),
    "baseline": ("k", "1"),
    "exposure": ("for", "s"),
    "without": ("within", "s"),
}
WITHOUT_MEASURE: Final = ("silence", "outside", "without")


def statement(
    scenario: str,
    rule: Rule,
    subject: int,
    place: tuple[int, int],
    row: tuple[float, ...],
    by: Effective | None = None,
) -> FindingSaid:
    """One EMISSION row about a subject's series.

    place  reading lane, and the position in it of the entry that led to the emission
    by     what judges this subject in place of the rule as declared
    """
    known_us, opened_us, cleared_us, since_us, measure, slot, number, n, what, _phase = row
    limit, unit = _limit(rule, rule.typed if by is None else by.typed)
    return FindingSaid(
        scenario=scenario,
        rule=rule.id,
        version=rule.version,
        kind=rule.kind,
        subject_id=subject,
        lane=place[0],
        slot=int(slot),
        position=place[1],
        number=int(number),
        n=int(n),
        what=WHAT[int(what)],
        opened_us=int(opened_us),
        cleared_us=None if cleared_us == END else int(cleared_us),
        since_us=None if since_us == BEFORE_ALL else int(since_us),
        measure=_measure(rule.kind, measure),
        limit=limit,
        unit=unit,
        source=rule.source if by is None else by.source,
        severity=rule.severity,
        known_us=int(known_us),
        setting_id=None if by is None else by.setting_id,
    )


def _measure(kind: str, measure: float) -> float | None:
    if kind in WITHOUT_MEASURE or not math.isfinite(measure):
        return None
    return measure / SECOND_US if kind == "exposure" else measure


def _limit(rule: Rule, typed: Parameters) -> tuple[float | None, str]:
    name, unit = LIMITS.get(rule.kind, ("", None))
    found: Plain | None = typed.get(name)
    if not isinstance(found, int | float):
        return None, rule.unit
    return (found / SECOND_US if unit == "s" else float(found)), unit or rule.unit
