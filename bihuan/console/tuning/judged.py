"""What people concluded of a rule's findings: cases confirmed, and those closed as false alarms."""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.journal.models import Series
from bihuan.journal.storage import MAIN, alias_of
from bihuan.loop.cases.models import CaseFinding
from bihuan.loop.models import Case
from bihuan.rules.compare import CONFIRMED, FALSE_ALARM, Judged
from bihuan.rules.models import Finding

VERDICTS = {"confirmed": CONFIRMED, "false_alarm": FALSE_ALARM}  # others say neither


@dataclass(frozen=True, slots=True)
class Verdicts:
    """How a rule's findings ended that stood on a case. Those without a verdict are in `cases`."""

    findings: int
    cases: int
    confirmed: int
    false_alarms: int

    @property
    def judged(self) -> int:
        """Cases on which somebody gave a verdict: the denominator of the false-alarm rate."""
        return self.confirmed + self.false_alarms

    @property
    def false_percent(self) -> int | None:
        """Of 100 judged cases how many were false; None where nobody judged any."""
        return round(100 * self.false_alarms / self.judged) if self.judged else None


def judged_cases(scenario: str, rule: str) -> list[Judged]:
    """Every finding of a rule whose case ended with a verdict, by series as an archive names it."""
    findings = Finding.objects.using(MAIN).filter(scenario=scenario, rule=rule)
    on_case = dict(
        CaseFinding.objects.using(MAIN)
        .filter(id__startswith=f"{scenario}.{rule}:")
        .values_list("id", "case_id")
    )
    ended = Case.objects.using(MAIN).filter(id__in=set(on_case.values()), outcome__in=VERDICTS)
    outcome = {case: VERDICTS[said or ""] for case, said in ended.values_list("id", "outcome")}
    names = _series()
    return [
        Judged(
            names[found.lane, found.slot],
            found.opened_us,
            found.cleared_us,
            outcome[on_case[found.id]],
        )
        for found in findings.order_by("opened_us", "id")
        if on_case.get(found.id) in outcome
    ]


def verdicts(scenario: str, rule: str) -> Verdicts:
    """Counts over everything that was found; three queries."""
    on_case = CaseFinding.objects.using(MAIN).filter(id__startswith=f"{scenario}.{rule}:")
    cases = set(on_case.values_list("case_id", flat=True))
    found = Case.objects.using(MAIN).filter(id__in=cases, outcome__in=VERDICTS)
    said = [VERDICTS[one] for one in found.values_list("outcome", flat=True) if one]
    count = Finding.objects.using(MAIN).filter(scenario=scenario, rule=rule).count()
    return Verdicts(count, len(cases), said.count(CONFIRMED), said.count(FALSE_ALARM))


def _series() -> dict[tuple[int, int], str]:
    rows = Series.objects.using(alias_of(1)).values_list(
        "lane", "slot", "subject", "device", "binding"
    )
    return {
        (lane, slot): ":".join("-" if part is None else str(part) for part in key)
        for lane, slot, *key in rows
    }
