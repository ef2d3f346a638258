"""A changed rule beside the present one over the archive, each as it would have judged live.

The present rule goes by what regions and persons had set when each reading came; the changed one
stands in place of the declared rule and of every region's limit, under what is a person's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bihuan.base.time import HOUR_US
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, Head
from bihuan.journal.storage import MAIN
from bihuan.rules.archived import archived_readings
from bihuan.rules.backtest import BacktestRequest, FindingRow, Progress, backtest_table
from bihuan.rules.compare import Difference, Judged, difference
from bihuan.rules.overrides.past import as_set
from bihuan.rules.overrides.settings import Settings
from bihuan.rules.rule import Rule
from bihuan.rules.tables import Table

CHINA_US = 8 * HOUR_US
Span = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Within:
    """On what a rule is tried: readings of this span (µs, None = open), of these subjects.

    keys      open what is sealed of a person's own limits
    subjects  None = every one of the scenario
    """

    scenario: str
    span: Span = (None, None)
    keys: KeyRing | None = None
    subjects: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """Both results, and what lies between them."""

    present: tuple[FindingRow, ...]
    changed: tuple[FindingRow, ...]
    difference: Difference


def settings_now(keys: KeyRing | None) -> Settings:
    """Everything that people have set until now."""
    found = Settings(keys)
    found.load(Head.objects.using(MAIN).values_list("position", flat=True).get(lane=FACTS_LANE))
    return found


def over_archive(
    within: Within, rule: Rule, *, is_trial: bool = False, progress: Progress | None = None
) -> Iterator[FindingRow]:
    """Findings of a rule over the closed days; is_trial: see `overrides.past.as_set`."""
    at = archived_readings(within.scenario, rule, within.subjects), settings_now(within.keys)
    return _found(within, rule, at, is_trial=is_trial)(progress)


def compared(
    within: Within,
    rules: tuple[Rule, Rule],
    judged: Iterable[Judged] = (),
    progress: Progress | None = None,
) -> Compared:
    """The present rule and the changed one over the same closed days.

    judged    what people concluded of past cases of the present rule
    progress  of both runs together
    """
    at = archived_readings(within.scenario, rules[0], within.subjects), settings_now(within.keys)
    told = progress or (lambda _done, _total: None)
    present = tuple(_found(within, rules[0], at)(lambda done, total: told(done, 2 * total)))
    changed = tuple(
        _found(within, rules[1], at, is_trial=True)(
            lambda done, total: told(total + done, 2 * total)
        )
    )
    cases = _judged_within(judged, within.span)
    return Compared(present, changed, difference(present, changed, cases, CHINA_US))


def _found(
    within: Within, rule: Rule, at: tuple[Table, Settings], *, is_trial: bool = False
) -> Callable[[Progress | None], Iterator[FindingRow]]:
    (table, settings), span = at, within.span
    request = BacktestRequest(rule.kind, rule.typed, from_us=span[0], to_us=span[1], unit=rule.unit)
    tuned = as_set(settings, f"{within.scenario}.{rule.id}", rule, is_trial=is_trial)
    return lambda progress: backtest_table(request, table, progress, tuned)


def _judged_within(judged: Iterable[Judged], span: Span) -> Iterator[Judged]:
    for case in judged:
        is_after = span[0] is None or case.opened_us >= span[0]
        if is_after and (span[1] is None or case.opened_us < span[1]):
            yield case
