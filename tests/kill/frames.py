"""Frames of the watch protocol, each with a number of its own that can be found again.

An SOS (AL, status bit 16) carries its number as its time: so many seconds before 2026-03-01. A
link frame (LK) carries it as its count of steps. Half of each have the protocol's index.

tests/kill/tongues.py has the frames of the other protocols.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bihuan.base.time import us_of

LAST = datetime(2026, 3, 1, tzinfo=UTC)
MAKER = "3G"


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame to send, and what must come back before it counts as acknowledged."""

    n: int
    band: str
    is_sos: bool
    has_index: bool
    raw: bytes
    reply: bytes
    channel: str = "steps"  # of one that is no SOS: `steps` holds its number, others its time


def at_us(n: int) -> int:
    """The device time that stands for number n."""
    return us_of(LAST - timedelta(seconds=n))


def frame(n: int, band: str, *, is_sos: bool, has_index: bool) -> Frame:
    at = LAST - timedelta(seconds=n)
    if is_sos:
        when = at.strftime("%d%m%y,%H%M%S")
        content = f"AL,{when},A,30.7,N,121.0,E,0.0,0,5,7,60,80,0,0,00010000,0,0,460,0"
    else:
        content = f"LK,{n},0,80"
    index = f"{n:06X}" if has_index else None
    reply = "AL" if is_sos else "LK"
    return Frame(
        n, band, is_sos, has_index, _framed(band, index, content), _framed(band, index, reply)
    )


def _framed(band: str, index: str | None, content: str) -> bytes:
    parts = [MAKER, band, *([index] if index else []), f"{len(content):04X}", content]
    return f"[{'*'.join(parts)}]".encode()
