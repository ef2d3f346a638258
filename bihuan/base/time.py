"""Time as an argument: µs since the epoch in arrays and entries, aware UTC elsewhere.

The only place where a wall clock is read is `SystemClock`; who needs the time is handed a
`Clock`, and what computes is handed the time itself.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

from bihuan.base.errors import bad

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CHINA = timezone(timedelta(hours=8), "+08:00")  # one zone, without summer time since 1992

_UNITS_US = {"us": 1, "ms": 1_000, "s": SECOND_US, "m": MINUTE_US, "h": HOUR_US, "d": DAY_US}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(us|ms|s|m|h|d)")


class Clock(Protocol):
    """Where the time comes from."""

    def now_us(self) -> int:
        """Wall time in µs since 1970-01-01 UTC."""
        ...

    def monotonic_us(self) -> int:
        """A time that never jumps, of arbitrary origin."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_us(self) -> int:
        return time.time_ns() // 1_000

    def monotonic_us(self) -> int:
        return time.monotonic_ns() // 1_000


class GuardedClock:
    """A clock that does not follow a jump of the wall clock until somebody confirms it.

    While the wall clock and the monotonic one drift apart by more than 5 s, time goes on at the
    pace of the monotonic clock from the last trusted moment: nothing falls due because of a
    jump, and a call for help climbs its ladder at the right pace all the same.

    floor_us  the newest recorded time: a wall clock behind it at the start is not trusted either
    """

    LIMIT_US = 5 * SECOND_US

    def __init__(self, under: Clock, floor_us: int = 0) -> None:
        self._under = under
        self._base_us = max(under.now_us(), floor_us)
        self._monotonic_us = under.monotonic_us()

    def drift_us(self) -> int:
        """How far the wall clock is ahead of trusted time (negative: behind)."""
        return self._under.now_us() - self._trusted_us()

    @property
    def is_held(self) -> bool:
        return abs(self.drift_us()) > self.LIMIT_US

    def confirm(self) -> None:
        """A person says that the wall clock is right: follow it from here."""
        self._base_us, self._monotonic_us = self._under.now_us(), self._under.monotonic_us()

    def _trusted_us(self) -> int:
        return self._base_us + self._under.monotonic_us() - self._monotonic_us

    def now_us(self) -> int:
        if self.is_held:
            return self._trusted_us()
        self.confirm()  # small drift is how clocks are set right: follow it
        return self._base_us

    def monotonic_us(self) -> int:
        return self._under.monotonic_us()


class MovableClock:
    """A clock that moves only when told: for tests, demos in compressed time and backtests."""

    def __init__(self, at: datetime) -> None:
        self._now_us = us_of(at)
        self._monotonic_us = 0

    def now_us(self) -> int:
        return self._now_us

    def monotonic_us(self) -> int:
        return self._monotonic_us

    def advance(self, **parts: float) -> None:
        """Let time pass: `clock.advance(hours=36)`."""
        passed_us = timedelta(**parts) // timedelta(microseconds=1)
        if passed_us < 0:
            raise bad("advance", parts, "time that passes; use jump() for a wall clock set back")
        self._now_us += passed_us
        self._monotonic_us += passed_us

    def jump(self, **parts: float) -> None:
        """Set the wall clock forward or back without time having passed."""
        self._now_us += timedelta(**parts) // timedelta(microseconds=1)


def us_of(at: datetime) -> int:
    """µs since the epoch of an aware time; a naive one has no meaning here."""
    if at.tzinfo is None:
        raise bad("time", at.isoformat(), "a time with its zone, such as 2026-01-31T08:00:00+08:00")
    return (at - EPOCH) // timedelta(microseconds=1)


def datetime_of(at_us: int) -> datetime:
    """The aware UTC time of µs since the epoch."""
    return EPOCH + timedelta(microseconds=at_us)


def rfc3339(at_us: int) -> str:
    """µs since the epoch as RFC 3339 in UTC, with fractions only where there are any."""
    return datetime_of(at_us).isoformat().replace("+00:00", "Z")


def duration_us(text: str) -> int:
    """µs of a duration as people write it: `10m`, `2h`, `1h30m`, `0`."""
    stripped = text.strip()
    if stripped == "0":
        return 0
    parts = _DURATION.findall(stripped)
    if not parts or "".join(number + unit for number, unit in parts) != stripped:
        raise bad("duration", text, "a duration such as 10m, 2h, 1h30m or 0")
    return round(sum(float(number) * _UNITS_US[unit] for number, unit in parts))
