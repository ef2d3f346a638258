"""Readings whose time is over are overwritten: by series, up to a position of their lane.

1. lane 0 records what goes (`ReadingsExpired`): from here on `verify` accepts those chunks
2. the chunks and salts are overwritten, in the database and in the archive
3. the followers' tables let go of what they had from then

A crash after 1 is finished by `finish_expiries` at the next start; again, nothing more happens.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db import connections, transaction

from bihuan.base.errors import bad
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.archive import day_of, erase_archived
from bihuan.journal.archived import manifests
from bihuan.journal.batch import erase_series
from bihuan.journal.erase import clear, overwrite
from bihuan.journal.follow import followers, lock_follower
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.journal.payloads import Payload, decode, entry_type
from bihuan.journal.readings import BATCH_TYPE
from bihuan.journal.rows import Rows
from bihuan.journal.series import SeriesAt
from bihuan.journal.storage import MAIN, alias_of
from bihuan.journal.stored import database_entries

EXPIRED_TYPE = "readings.expired.v1"


@entry_type(EXPIRED_TYPE)
class ReadingsExpired(Payload, frozen=True, kw_only=True):
    """Readings kept long enough are overwritten: (lane, slot, up to which position of the lane).

    kind, keep_days  the rule by which they went, as `retention rules` tells it; before_us: what
                     was recorded earlier is gone
    """

    kind: str
    keep_days: int
    before_us: int
    series: tuple[tuple[int, int, int], ...]


class Expiry(NamedTuple):
    """What is to go. before_us: what was recorded earlier."""

    kind: str
    keep_days: int
    before_us: int
    series: tuple[SeriesAt, ...]


def expire(due: Expiry, clock: Clock) -> ReadingsExpired | None:
    """Overwrite what was recorded before a time, of these series; None where nothing is left."""
    gone = expired()
    ends = {lane: _last(lane, due.before_us) for lane in {at.lane for at in due.series}}
    places = tuple(
        (at.lane, at.slot, ends[at.lane])
        for at in due.series
        if ends[at.lane] > gone.get((at.lane, at.slot), 0)
    )
    if not places:
        return None
    said = ReadingsExpired(
        kind=due.kind, keep_days=due.keep_days, before_us=due.before_us, series=places
    )
    with Appender(FACTS_LANE, clock) as lane:
        lane.append(said)
    _carry_out(said, gone)
    return said


def finish_expiries() -> None:
    """At the start: carry out the newest again, should a crash have cut it short."""
    said = _said()
    if said:
        _carry_out(said[-1], {})


def expired() -> dict[tuple[int, int], int]:
    """(lane, slot) → up to which position its readings are gone."""
    found: dict[tuple[int, int], int] = {}
    for one in _said():
        for lane, slot, upto in one.series:
            found[lane, slot] = max(found.get((lane, slot), 0), upto)
    return found


def _said() -> list[ReadingsExpired]:
    entries = Entry.objects.using(alias_of(FACTS_LANE)).filter(lane=FACTS_LANE, type=EXPIRED_TYPE)
    found = []
    for position in entries.order_by("position").values_list("position", flat=True):
        for row in database_entries(FACTS_LANE, position - 1, position):
            payload = decode(row.type, row.body or b"")
            if not isinstance(payload, ReadingsExpired):
                raise bad(f"entry {position}", row.type, "an expiry")
            found.append(payload)
    return found


def _last(lane: int, before_us: int) -> int:
    """The last position of a lane that was recorded before a time; 0: none."""
    with connections[alias_of(lane)].cursor() as cursor:
        cursor.execute(
            "SELECT MAX(position) FROM journal_entry WHERE lane = %s AND type = %s"
            " AND recorded_us < %s",
            (lane, BATCH_TYPE, before_us),
        )
        found = int(cursor.fetchone()[0] or 0)
    # what was pruned stands in the archive alone, whole days of it
    days = [int(one["last"]) for one in manifests(lane) if one["day"] < day_of(before_us)]
    return max([found, *days])


def _carry_out(said: ReadingsExpired, gone: Mapping[tuple[int, int], int]) -> None:
    """Overwrite. Series of a lane that go from and up to the same positions go together."""
    spans: dict[tuple[int, int, int], set[int]] = defaultdict(set)
    for lane, slot, upto in said.series:
        spans[lane, gone.get((lane, slot), 0), upto].add(slot)
    for (lane, after, upto), slots in sorted(spans.items()):
        overwrite(lane, slots, after, upto)
        erase_archived(lane, slots, erase_series, upto)
    _let_go(said.series, said.before_us)
    clear({alias_of(lane) for lane, _slot, _upto in said.series} | {MAIN})


def _let_go(places: Iterable[tuple[int, int, int]], before_us: int) -> None:
    """Take out of every follower's tables what it had from then."""
    with transaction.atomic(using=MAIN):
        for follower in followers():
            for lane in sorted({lane for lane, _slot, _upto in places}):
                lock_follower(follower.name, lane)
            rows = Rows(MAIN, only=follower.tables)
            for lane, slot, _upto in places:
                follower.age(rows, (lane, slot), before_us)
            rows.flush()
