"""Rows kept long enough are erased: their sealed values by destroying a key, the rest of the row.

What a type declares as open fields stays readable in the journal's old entries: only sealed
fields may tell about a person, and only they are erased everywhere.
"""

from __future__ import annotations

from bihuan.base.time import DAY_US, Clock
from bihuan.journal.append import Appender
from bihuan.journal.erase import erase
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register import schemes
from bihuan.register.records import entries
from bihuan.register.records.doing import append
from bihuan.register.records.models import Hold, Record
from bihuan.register.records.rows import final_states
from bihuan.register.retention.rules import kept

AT_ONCE = 100


def erase_kept(clock: Clock, keys: KeyRing, limit: int = AT_ONCE) -> list[int]:
    """Erase records whose time is over, at most `limit`; their ids. Run it until it returns [].

    A row in a state that is not final, or under a hold, stays. A crash between the two steps is
    finished by the next run, and by the journal's own list of unfinished erasures.
    """
    return [one for one in due(clock.now_us(), limit) if _erased(one, clock, keys)]


def _erased(record_id: int, clock: Clock, keys: KeyRing) -> bool:
    with Appender(FACTS_LANE, clock) as lane:
        record = lane.rows.get(Record, record_id)
        if record is None or not _is_due(lane.rows, record, lane.now_us):
            return False
        has_key = record.sealed is not None
        if has_key:  # under the lock: nobody puts it on hold any more; noted until carried out
            keys.erase(record_id, lane.now_us)
        days = _days(record, lane.now_us) or 0
        append(lane, entries.RecordErased(row_id=record_id, keep_days=days))
    if has_key:
        erase(record_id, (), clock, keys)
    return True


def due(now_us: int, limit: int = AT_ONCE) -> list[int]:
    """Records that retention may erase now, those that wait longest first."""
    found: list[tuple[int, int]] = []
    held = Hold.objects.using(MAIN).filter(until_us=None).values("row_id")
    for scheme in schemes.installed().values():
        for declared in scheme.records:
            days = kept(scheme.scenario, declared, now_us).keep_days
            if days is None:
                continue
            wanted = Record.objects.using(MAIN).filter(
                scenario=scheme.scenario,
                kind=declared.name,
                is_erased=False,
                state__in=final_states(declared),
                changed_us__lte=now_us - days * DAY_US,
            )
            rows = wanted.exclude(id__in=held).order_by("changed_us")
            found += rows.values_list("changed_us", "id")[:limit]
    return [record_id for _at, record_id in sorted(found)[:limit]]


def _is_due(rows: Rows, record: Record, now_us: int) -> bool:
    declared = schemes.record_type(record.scenario, record.kind)
    days = _days(record, now_us)
    if record.is_erased or declared is None or days is None:
        return False
    is_over = record.changed_us <= now_us - days * DAY_US
    is_held = any(hold.until_us is None for hold in rows.where(Hold, row_id=record.id))
    return is_over and not is_held and record.state in final_states(declared)


def _days(record: Record, now_us: int) -> int | None:
    declared = schemes.record_type(record.scenario, record.kind)
    return None if declared is None else kept(record.scenario, declared, now_us).keep_days
