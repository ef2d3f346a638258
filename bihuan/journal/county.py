"""The county's first entries: each lane opens by naming the county and the hash algorithm."""

from __future__ import annotations

import os
from functools import lru_cache

from django.db import connections, transaction

from bihuan.base.errors import bad
from bihuan.base.time import Clock
from bihuan.journal.chain import GENESIS, SALT_BYTES, Hash, Header, body_hash, hash_of, link
from bihuan.journal.models import FACTS_LANE, VIEWS_LANE, Entry, Head
from bihuan.journal.payloads import Payload, decode, encode, entry_type
from bihuan.journal.storage import READING_LANES, alias_of, insert_entries


@entry_type("journal.opened.v1")
class LaneOpened(Payload, frozen=True, kw_only=True):
    """The first entry of each lane. The algorithm holds for the whole county."""

    county: str
    algorithm: str
    lane: int
    reading_lanes: int


def exists() -> bool:
    """Whether this data folder holds a county."""
    return Head.objects.using(alias_of(FACTS_LANE)).filter(lane=FACTS_LANE).exists()


def create(
    county: str, clock: Clock, algorithm: str = "sha256", lanes: int = READING_LANES
) -> None:
    """Open every lane of a new county; refused where one exists.

    Reading lanes come first and lane 0 last, so that a county whose lane 0 exists is complete;
    a creation that was interrupted is taken up where it stopped.
    """
    hash_of(algorithm)
    if not 1 <= lanes < VIEWS_LANE:
        raise bad("reading lanes", lanes, f"1 to {VIEWS_LANE - 1}")
    if exists():
        raise bad("county", county, "a data folder without a county")
    for group in ([*range(1, lanes + 1)], [VIEWS_LANE, FACTS_LANE]):
        with transaction.atomic(using=alias_of(group[0])):
            for lane in group:
                _open(
                    LaneOpened(county=county, algorithm=algorithm, lane=lane, reading_lanes=lanes),
                    clock,
                )
    forget()


def _open(payload: LaneOpened, clock: Clock) -> None:
    lane, alias = payload.lane, alias_of(payload.lane)
    if Head.objects.using(alias).filter(lane=lane).exists():
        return
    hash_ = hash_of(payload.algorithm)
    name, body = encode(payload)
    salt, now_us = os.urandom(SALT_BYTES), clock.now_us()
    digest = body_hash(hash_, salt, body)
    entry_hash = link(hash_, GENESIS, Header(lane, 1, name, now_us, None, None, digest))
    insert_entries(alias, [(lane, 1, name, now_us, None, None, salt, body, digest, entry_hash)])
    insert_head(alias, Head(lane=lane, position=1, hash=entry_hash, recorded_us=now_us))


def insert_head(alias: str, head: Head) -> None:
    """The one insert of a lane's head row."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_head (lane, position, hash, recorded_us) VALUES (%s, %s, %s, %s)",
            (head.lane, head.position, bytes(head.hash), head.recorded_us),
        )


@lru_cache(maxsize=1)
def opened() -> LaneOpened:
    """What lane 0's first entry says: the county's name, algorithm and number of lanes."""
    entry = Entry.objects.using(alias_of(FACTS_LANE)).filter(lane=FACTS_LANE, position=1).first()
    if entry is None or entry.body is None:
        raise bad("county", "none", "a county made with `bihuan demo` or `bihuan county create`")
    payload = decode(entry.type, bytes(entry.body))
    assert isinstance(payload, LaneOpened)
    return payload


def county_hash() -> Hash:
    """The hash function of this county's chain."""
    return hash_of(opened().algorithm)


def forget() -> None:
    """Read lane 0's first entry again: another data folder is in use."""
    opened.cache_clear()
