"""Setting how long rows are kept, the dry list, and the run that the keeper makes each minute.

Personal data of an emergency are records with a period like any other; an assessment that they
are still needed is a hold (`Ledger.hold`, cause and person recorded): a held row stays, and both
the list and the run say so.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import NamedTuple

from bihuan.base.errors import BadInputError, Fault
from bihuan.base.time import DAY_US, Clock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.storage import MAIN
from bihuan.register import schemes
from bihuan.register.entries import Actor
from bihuan.register.records.models import Hold, Record
from bihuan.register.records.retention import due, erase_kept
from bihuan.register.records.rows import final_states
from bihuan.register.retention.entries import RetentionRan, RetentionSet
from bihuan.register.retention.rules import READINGS, Kept, kept

MOST_HELD = 1_000
LONGEST = 36_500


class Over(NamedTuple):
    """A row whose time is over. held: what keeps it, None = it will be erased."""

    row_id: int
    kind: str
    number: str
    changed_us: int
    held: str | None


def set_retention(rule: Kept, clock: Clock, by: Actor) -> int:
    """Say how long a kind is kept from a day on; the entry's id. Raises every bad field."""
    faults = []
    scenario, _, name = rule.kind.partition(".")
    subject, _, what = name.partition(".")
    is_readings = what == READINGS and schemes.subject_type(scenario, subject) is not None
    if schemes.record_type(scenario, name) is None and not is_readings:
        faults.append(Fault("kind", rule.kind, "a record type that a scenario declares"))
    if rule.keep_days is not None and not 1 <= rule.keep_days <= LONGEST:
        faults.append(Fault("keep_days", str(rule.keep_days), f"1 to {LONGEST}, or none"))
    for field, text, most in (("source", rule.source, 200), ("region", rule.region, 64)):
        if not 1 <= len(text.strip()) <= most:
            faults.append(Fault(field, text or "nothing", f"1 to {most} characters"))
    try:
        date.fromisoformat(rule.effective_from)
    except ValueError:
        faults.append(Fault("effective_from", rule.effective_from, "a date such as 2026-03-02"))
    if faults:
        raise BadInputError(*faults)
    said = RetentionSet(**rule._asdict(), by=by)
    with Appender(FACTS_LANE, clock) as lane:
        return lane.append(said).id()


def over(now_us: int, most: int = MOST_HELD) -> list[Over]:
    """The dry list: every row whose time is over, what would be erased and what is held."""
    found = []
    held = dict(Hold.objects.using(MAIN).filter(until_us=None).values_list("row_id", "cause"))
    for scheme in schemes.installed().values():
        for declared in scheme.records:
            days = kept(scheme.scenario, declared, now_us).keep_days
            if days is None:
                continue
            rows = Record.objects.using(MAIN).filter(
                scenario=scheme.scenario,
                kind=declared.name,
                is_erased=False,
                state__in=final_states(declared),
                changed_us__lte=now_us - days * DAY_US,
            )
            for row in rows.order_by("changed_us", "id")[:most]:
                kind = f"{row.scenario}.{row.kind}"
                found.append(Over(row.id, kind, row.number, row.changed_us, held.get(row.id)))
    return sorted(found, key=lambda one: (one.changed_us, one.row_id))[:most]


def erase_due(clock: Clock, keys: KeyRing) -> RetentionRan | None:
    """Erase every row whose time is over and that nothing holds; None where there was none."""
    if not due(clock.now_us(), 1):
        return None
    erased = Counter[str]()
    while ids := due(clock.now_us()):
        kinds = Record.objects.using(MAIN).filter(id__in=ids).values_list("id", "scenario", "kind")
        names = {row: f"{scenario}.{kind}" for row, scenario, kind in kinds}
        done = erase_kept(clock, keys)
        erased.update(names[row] for row in done if row in names)
        if not done:
            break
    held = [(one.row_id, one.held) for one in over(clock.now_us()) if one.held is not None]
    said = RetentionRan(erased=dict(sorted(erased.items())), held=held)
    with Appender(FACTS_LANE, clock) as lane:
        lane.append(said)
    return said
