"""Times as systems write them: epochs in seconds or ms, RFC 3339, local time without a zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from bihuan.base.errors import bad
from bihuan.base.time import EPOCH
from bihuan.gateway.formats.strict_json import Json, kind
from bihuan.gateway.mqtt.payload import exact

# Before this no device of these systems was made: its clock is not set yet.
CLOCK_SET = datetime(2015, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_WRITTEN = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)


def of_epoch(node: Json, field: str, per_second: int) -> datetime:
    """The time of a number of 1/per_second s since 1970; raises BadInputError for no such time."""
    counted = exact(node)
    latest = (LATEST - EPOCH) // timedelta(seconds=1)
    if counted is None or not 0 <= counted <= latest * per_second:
        raise bad(field, kind(node), f"time since 1970 in 1/{per_second} s")
    return EPOCH + timedelta(microseconds=int(counted * 1_000_000 / per_second))


def of_text(written: str, field: str) -> datetime:
    """The time of RFC 3339 text; naive where it names no zone. Raises BadInputError."""
    match = _WRITTEN.fullmatch(written.strip())
    if match is None:
        raise bad(field, written, "a time such as 2026-03-01T08:00:00+08:00")
    day, clock, fraction, zone = match.groups()
    micro = (fraction or "0").ljust(6, "0")[:6]
    try:
        made = datetime.fromisoformat(f"{day}T{clock}.{micro}{zone or ''}")
        return made.astimezone(UTC) if zone else made
    except (ValueError, OverflowError) as error:
        raise bad(field, written, "a date and time that exist") from error


def of_local(naive: datetime, zone: tzinfo, near: datetime, field: str) -> datetime:
    """UTC of a local time; where a clock change makes it two, the one nearer to `near`.

    Raises BadInputError for a local time that the zone skips.
    """
    try:
        both = [naive.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
        real = [at for at in both if at.astimezone(zone).replace(tzinfo=None, fold=0) == naive]
    except (ValueError, OverflowError):
        real = []
    if not real:
        raise bad(field, naive.isoformat(), "a local time that exists in the zone")
    return min(real, key=lambda at: abs(near - at))
