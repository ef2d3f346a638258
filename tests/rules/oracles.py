"""Slow twins of the kinds, written from the words of docs/rules.md; they import none of our code.

Each takes the readings of one series as (time, value) in event order, times in µs, and returns
the findings as (opened, cleared), cleared None while it goes on.
"""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import median

Reading = tuple[int, float]
Findings = list[tuple[int, int | None]]


def judged(readings: list[Reading]) -> list[Reading]:
    """In event order, each said once; what is not a number is not a value."""
    once: list[Reading] = []
    for reading in readings:
        if math.isfinite(reading[1]) and reading not in once:
            once.append(reading)
    return sorted(once, key=lambda reading: reading[0])


def held(
    readings: list[Reading], is_beyond: list[bool], is_back: list[bool], hold: int, fixes: int
) -> Findings:
    """Beyond for `fixes` readings in a row spanning at least `hold`; over at the first back."""
    found: Findings = []
    row: list[int] = []
    is_open = False
    for (at, _), beyond, back in zip(readings, is_beyond, is_back, strict=True):
        if is_open:
            if back:
                found[-1] = (found[-1][0], at)
                is_open = False
                row = []
            continue
        row = [*row, at] if beyond else []
        if row and len(row) >= fixes and at - row[0] >= hold:
            found.append((at, None))
            is_open = True
    return found


def beyond(
    readings: list[Reading], limit: float, side: str, hold: int, clear: float, fixes: int = 1
) -> Findings:
    taken = judged(readings)
    if side == "above":
        over = [v > limit for _, v in taken]
        back = [v <= clear for _, v in taken]
    else:
        over = [v < limit for _, v in taken]
        back = [v >= clear for _, v in taken]
    return held(taken, over, back, hold, fixes)


def silence(readings: list[Reading], limit: int, now: int) -> Findings:
    times = sorted({at for at, v in readings if math.isfinite(v)})
    found: Findings = []
    for at, following in pairwise(times):
        if following - at > limit:
            found.append((at + limit, following))
    if times and now - times[-1] > limit:
        found.append((times[-1] + limit, None))
    return found


def change(readings: list[Reading], by: float, within: int, way: str = "either") -> Findings:
    taken = judged(readings)
    is_met = []
    for k, (at, now) in enumerate(taken):
        window = [v for t, v in taken[: k + 1] if t >= at - within]
        rise, fall = now - min(window), max(window) - now
        moved = {"rise": rise, "fall": fall, "either": max(window) - min(window)}
        is_met.append(moved[way] >= by)
    return held(taken, is_met, [not met for met in is_met], 0, 1)


def exposure(readings: list[Reading], low: float, high: float, hold: int, within: int) -> Findings:
    """Seconds strictly between low and high in the last `within`; a value holds until the next."""
    taken = judged(readings)
    is_met = []
    for k, (at, _) in enumerate(taken):
        total = 0
        for (since, v), (until, _) in pairwise(taken[: k + 1]):
            if low < v < high:
                total += max(0, until - max(since, at - within))
        is_met.append(total >= hold)
    return held(taken, is_met, [not met for met in is_met], 0, 1)


def baseline(
    readings: list[Reading], k: float, history: int, least: int, every: int = 0, fixes: int = 1
) -> Findings:
    """More than k scaled median deviations off the median of the last `history`, if it is known.

    So for `fixes` readings in a row.

    With `every` the last before the whole multiple of it that was passed last.
    """
    taken = judged(readings)
    is_beyond, is_back = [], []
    for n, (at, v) in enumerate(taken):
        end = at // every * every if every else at
        window = [w for t, w in taken[:n] if end - history <= t < end]
        if len(window) < least or taken[0][0] > end - history:
            is_beyond.append(False)
            is_back.append(False)
            continue
        middle = median(window)
        scale = 1.4826 * median([abs(w - middle) for w in window])
        is_beyond.append(abs(v - middle) > k * scale)
        is_back.append(not is_beyond[-1])
    return held(taken, is_beyond, is_back, 0, fixes)


def count(readings: list[Reading], limit: float, side: str, times: int, within: int) -> Findings:
    taken = judged(readings)
    is_met = []
    for k, (at, _) in enumerate(taken):
        window = [v for t, v in taken[: k + 1] if t >= at - within]
        is_met.append(sum(v > limit if side == "above" else v < limit for v in window) >= times)
    return held(taken, is_met, [not met for met in is_met], 0, 1)


def cooling(
    readings: list[Reading], hot: float, middle: float, cold: float, first: int, second: int
) -> Findings:
    """From the last hot reading to `middle` in `first`, on to `cold` in `second`."""
    found: Findings = []
    left_hot: int | None = None
    reached: int | None = None
    is_open = False
    for at, v in judged(readings):
        if v >= hot or v <= cold:
            if is_open:
                found[-1] = (found[-1][0], at)
            is_open, reached = False, None
            left_hot = at if v >= hot else None
        elif left_hot is not None and not is_open:
            is_slow = at - left_hot > first if reached is None else at - reached > second
            if is_slow:
                found.append((at, None))
                is_open, left_hot, reached = True, None, None
            elif reached is None and v <= middle:
                reached = at
    return found


def rate(readings: list[tuple[int, bool, float]], limit: float, side: str, within: int) -> Findings:
    """Readings as (time, is of the other counter, count) in event order, each said once."""
    taken = [(at, 0.0) for at, _, _ in readings]
    is_beyond, is_back = [], []
    for k, (at, _, _) in enumerate(readings):
        window = [r for r in readings[: k + 1] if r[0] >= at - within]
        mine, other = (
            _increase([v for _, o, v in window if o is which]) for which in (False, True)
        )
        if other == 0:
            is_beyond.append(False)
            is_back.append(False)
            continue
        is_beyond.append(mine / other > limit if side == "above" else mine / other < limit)
        is_back.append(not is_beyond[-1])
    return held(taken, is_beyond, is_back, 0, 1)


def total(
    readings: list[Reading], limit: float, sends: str, within: int, outage: int = 0
) -> Findings:
    """What came after t - within up to t reaches the limit; of a running total its increases.

    What is told after more than `outage` without a reading came evenly since the one before.
    """
    taken = judged([(at, v) for at, v in readings if v >= 0])
    came = [v for _, v in taken]
    if sends == "running":
        steps = [b - a if b >= a else b for (_, a), (_, b) in pairwise(taken)]
        came = [0.0, *steps] if taken else []

    def inside(n: int, begin: int) -> float:
        at, before = taken[n][0], taken[n - 1][0] if n > 0 else taken[n][0]
        if at <= begin:
            return 0.0
        if 0 < outage < at - before:
            return came[n] * (at - max(before, begin)) / (at - before)
        return came[n]

    is_met = []
    for k, (at, _) in enumerate(taken):
        summed = sum(inside(n, at - within) for n in range(k + 1))
        is_met.append(round(summed, 6) >= limit)
    return held(taken, is_met, [not met for met in is_met], 0, 1)


def heart_points(bpm: float) -> float:
    """Points of a pulse by the chart of NEWS2; a value between two bands is of the upper one."""
    for highest, points in ((40, 3.0), (50, 1.0), (90, 0.0), (110, 1.0), (130, 2.0)):
        if bpm <= highest:
            return points
    return 3.0


def _increase(counts: list[float]) -> float:
    return sum(b - a if b >= a else b for a, b in pairwise(counts))


def without(
    readings: list[tuple[int, bool, float]],
    mine: tuple[str, float],
    other: tuple[str, float],
    within: int,
    now: int,
) -> Findings:
    """Readings as (time, is of the other channel, value): from each first event of the rule's
    channel since the last of the other's, to the next of the other's, at most `within`."""

    def is_event(side: str, limit: float, v: float) -> bool:
        return v > limit if side == "above" else v < limit

    begins = sorted({at for at, o, v in readings if not o and is_event(*mine, v)})
    ends = sorted({at for at, o, v in readings if o and is_event(*other, v)})
    found: Findings = []
    until = -(10**18)  # before this everything is answered
    for at in begins:
        if at <= until:
            continue
        answer = min((end for end in ends if end >= at), default=None)
        if (now if answer is None else answer) - at > within:
            found.append((at + within, answer))
        until = 10**18 if answer is None else answer
    return found
