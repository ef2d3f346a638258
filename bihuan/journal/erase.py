"""Erasing a person: key, readings, archive; finished after a crash, repeated after a restore.

The order makes every moment of interruption safe:

1. the key is destroyed, and what is still to be done is noted beside it, in one transaction
2. lane 0 records the erasure: from here on `verify` accepts the erased chunks
3. the chunks and salts of the person's series are overwritten, in the database and the archive
4. the followers' tables let go of the series
5. logs and free pages are cleared; the note is struck

The journal's bodies of lane 0 hold personal texts sealed under the key only: after 1 they are
noise in every copy, old backups included.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db import connections, transaction

from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.archive import erase_archived
from bihuan.journal.batch import erase_series
from bihuan.journal.erased import PersonErased, erasures
from bihuan.journal.follow import forget_series
from bihuan.journal.keys import KeyRing, truncate_log
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.readings import BATCH_TYPE
from bihuan.journal.series import SeriesAt, SeriesKey, places_of
from bihuan.journal.storage import MAIN, alias_of, lock_head

LAST = 1 << 62  # no position is greater
_AT_ONCE = 50  # batches rewritten in one transaction: about 1.5 MB


def erase(person_id: int, series: Iterable[SeriesKey], clock: Clock, keys: KeyRing) -> None:
    """Erase a person for good. Again: nothing more happens, unless further series are named.

    series  the series that carried the person's readings (`series_of_subject`)
    """
    keys.erase(
        person_id, clock.now_us(), [(key.subject, key.device, key.binding) for key in series]
    )
    _carry_out(person_id, clock, keys)


def finish_erasures(clock: Clock, keys: KeyRing) -> list[int]:
    """At the start: finish what a crash interrupted; the persons concerned."""
    persons = keys.unfinished()
    for person in persons:
        _carry_out(person, clock, keys)
    return persons


def reapply(clock: Clock, keys: KeyRing) -> list[int]:
    """After a restore: erase again everybody who was erased since that backup."""
    persons = list(keys.erased())
    for person, at_us in keys.erased().items():
        keys.erase(person, at_us)
        _carry_out(person, clock, keys)
    return persons


def _carry_out(person: int, clock: Clock, keys: KeyRing) -> None:
    places = places_of(SeriesKey(*ids) for ids in keys.erased_series(person))
    _record(person, places, clock)
    by_lane: dict[int, set[int]] = defaultdict(set)
    for at in places:
        by_lane[at.lane].add(at.slot)
    for lane, slots in by_lane.items():
        overwrite(lane, slots)
        erase_archived(lane, slots, erase_series)
    forget_series(places)
    clear({alias_of(lane) for lane in by_lane} | {MAIN})
    keys.finished(person)


def _record(person: int, places: list[SeriesAt], clock: Clock) -> None:
    """Append the entry, unless one says as much already."""
    wanted = {(at.lane, at.slot) for at in places}
    with Appender(FACTS_LANE, clock) as lane:
        said = [found for _, found in erasures() if found.person_id == person]
        known = {place for found in said for place in found.series}
        if not said or not wanted <= known:
            series = tuple(sorted(wanted - known))
            lane.append(PersonErased(person_id=person, series=series))


def overwrite(lane: int, slots: set[int], after: int = 0, upto: int = LAST) -> None:
    """Blank these series in the batches of a lane after and up to a position, a few at a time."""
    alias = alias_of(lane)
    while True:
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            lock_head(lane)  # two erasures must not undo each other
            cursor.execute(
                "SELECT position, body FROM journal_entry WHERE lane = %s AND position > %s"
                " AND position <= %s AND type = %s ORDER BY position LIMIT %s",
                (lane, after, upto, BATCH_TYPE, _AT_ONCE),
            )
            rows = [(position, bytes(body)) for position, body in cursor.fetchall()]
            blanked = [(erase_series(body, slots), body, position) for position, body in rows]
            cursor.executemany(
                "UPDATE journal_entry SET body = %s WHERE lane = %s AND position = %s",
                [(new, lane, position) for new, old, position in blanked if new != old],
            )
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1][0]


def clear(aliases: set[str]) -> None:
    """Leave nothing of what was overwritten in logs and free pages.

    SQLite: secure_delete has zeroed the pages; the log is written back and emptied. PostgreSQL:
    VACUUM frees the old rows; their bytes are gone once the pages and the log are used again.
    """
    for alias in sorted(aliases):
        connection = connections[alias]
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("VACUUM journal_entry")
        if connection.vendor == "sqlite":
            truncate_log(connection.connection)
