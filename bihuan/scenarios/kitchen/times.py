"""食用时限 / Eat-by: how long a batch may still be eaten, from what was proved of it. Pure.

Every time counts from the end of cooking, never from packing. Hot food keeps four hours if it is
still at 60 ℃ two hours after cooking; below that, or unproved, it keeps two hours from the last
proof: `min(cooked + 4 h, last proof of 60 ℃ + 2 h)` says both. Chilled food keeps a day from
cooking once it was cooled to 8 ℃; a check above 8 ℃ leaves it two hours from the last good one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from bihuan.base.time import MINUTE_US
from bihuan.register.scheme import Value
from bihuan.scenarios.kitchen.limits import limit, said, span_us

Row = Mapping[str, Value]
HOT, CHILLED = "hot", "chilled"
WRONG_CLOCK_US = 5 * MINUTE_US  # a handheld clock may run this much ahead


class Proof(NamedTuple):
    """A core temperature that somebody took: when (µs), ℃, at which step."""

    at_us: int
    core_c: float
    step: str


def number(value: Value) -> float | None:
    """A value as a number; None where it is none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None  # type: ignore[arg-type]


def moment(value: Value) -> int | None:
    """A value as µs; None where it is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def proofs(checks: Sequence[Row]) -> list[Proof]:
    """Core temperatures of a batch by their own time; air and rooms are none of them."""
    return sorted(_proofs(checks))


def _proofs(checks: Sequence[Row]) -> Iterator[Proof]:
    for row in checks:
        at_us, core_c = past(row, "at"), number(row.get("core"))
        if at_us is not None and core_c is not None:
            yield Proof(at_us, core_c, str(row.get("step")))


def past(row: Row, name: str) -> int | None:
    """A moment that was not later than its own entry; what is said of the future proves nothing."""
    at_us, entered_us = moment(row.get(name)), moment(row.get("opened_us"))
    if at_us is None or (entered_us is not None and at_us > entered_us + WRONG_CLOCK_US):
        return None
    return at_us


def done_us(batch: Row, checks: Sequence[Row]) -> int | None:
    """When it was cooked through: its core reached 70 ℃; None = never, as far as was shown."""
    cooked_us, core_c = past(batch, "cooked"), number(batch.get("core"))
    if cooked_us is None:
        return None
    if core_c is not None and core_c >= limit("cook_core", cooked_us):
        return cooked_us
    again = [p for p in proofs(checks) if p.step == "cook" and p.at_us >= cooked_us]
    return next((p.at_us for p in again if p.core_c >= limit("cook_core", p.at_us)), None)


def eat_by(batch: Row, checks: Sequence[Row]) -> int | None:
    """Until when it may be eaten, as proved so far; None = not at all, or not yet."""
    start_us = done_us(batch, checks)
    if start_us is None:
        return None
    taken = [p for p in proofs(checks) if p.at_us > start_us]
    if batch.get("keeping") == CHILLED:
        return _chilled(start_us, taken)
    return _hot(start_us, taken)


def latest(batch: Row, checks: Sequence[Row] = ()) -> int | None:
    """What the label says: four hours after cooking, or a day, if nothing goes wrong."""
    start_us = done_us(batch, checks)
    if start_us is None:
        return None
    return start_us + span_us(_life(batch), start_us)


def _life(batch: Row) -> str:
    return "chilled_life" if batch.get("keeping") == CHILLED else "hot_life"


def _hot(start_us: int, taken: Sequence[Proof]) -> int:
    last_us = start_us
    for proof in taken:
        if proof.core_c < limit("hot_hold", proof.at_us):
            break  # from here on nothing proves it hot again but cooking it anew
        last_us = proof.at_us
    most_us = start_us + span_us("hot_life", start_us)
    return min(most_us, last_us + span_us("exposure", start_us))


def cold_us(start_us: int, checks: Sequence[Row]) -> int | None:
    """When its core was first proved at 8 ℃ or below after cooking; None = never."""
    taken = [p for p in proofs(checks) if p.at_us > start_us]
    return next((p.at_us for p in taken if p.core_c <= limit("chilled", p.at_us)), None)


def _chilled(start_us: int, taken: Sequence[Proof]) -> int | None:
    cold_us = [p.at_us for p in taken if p.core_c <= limit("chilled", p.at_us)]
    if not cold_us:
        return None
    most_us = start_us + span_us("chilled_life", start_us)
    last_us = cold_us[0]
    for proof in taken:
        if proof.at_us <= cold_us[0]:
            continue
        if proof.core_c > limit("chilled", proof.at_us):
            return min(most_us, last_us + span_us("exposure", start_us))
        last_us = proof.at_us
    return most_us


def cooling_due(batch: Row, checks: Sequence[Row]) -> int | None:
    """When the next leg of cooling is too slow: 60 → 21 ℃ in 2 h, then 8 ℃ in 2 h more.

    None for hot food, and once it is cold. The first leg begins at the last proof of 60 ℃; where
    none was taken it begins with the end of cooking.
    """
    start_us = done_us(batch, checks)
    if start_us is None or batch.get("keeping") != CHILLED:
        return None
    taken = [p for p in proofs(checks) if p.at_us >= start_us]
    for proof in taken:
        if proof.core_c <= limit("chilled", proof.at_us):
            return None
    hot_us = [p.at_us for p in taken if p.core_c >= limit("hot_hold", p.at_us)]
    mild_us = [p.at_us for p in taken if p.core_c <= limit("middle", p.at_us)]
    if mild_us:
        return mild_us[0] + span_us("cool_second", start_us)
    return max([start_us, *hot_us]) + span_us("cool_first", start_us)


def is_deviation(check: Row, batch: Row | None) -> bool:
    """Whether a check lies beyond the limit of its step; what was not measured is no deviation."""
    at_us, core_c = moment(check.get("at")), number(check.get("core"))
    if at_us is None or core_c is None:
        return False
    step = check.get("step")
    if step in ("cook", "reheat"):
        return core_c < limit(f"{step}_core", at_us)
    if step in ("chill", "store"):
        return core_c > limit("chilled", at_us)
    if step == "hold":
        return core_c < limit("hot_hold", at_us)
    if step in ("pack", "dispatch", "arrive"):
        if batch is not None and batch.get("keeping") == CHILLED:
            return core_c > limit("chilled", at_us)
        return core_c < limit("hot_hold", at_us)
    return False  # of cooling the curve judges, not one value


def limit_of(check: Row, batch: Row | None) -> str:
    """The limit version by which a check is judged; "" for cooling, which has a curve."""
    step, at_us = str(check.get("step")), moment(check.get("at"))
    is_chilled = batch is not None and batch.get("keeping") == CHILLED
    name = {
        "cook": "cook_core",
        "reheat": "reheat_core",
        "hold": "hot_hold",
        "chill": "chilled",
        "store": "chilled",
        "pack": "chilled" if is_chilled else "hot_hold",
        "dispatch": "chilled" if is_chilled else "hot_hold",
        "arrive": "chilled" if is_chilled else "hot_hold",
    }.get(step)
    held_at = 0 if at_us is None else at_us
    return "" if name is None else said(name, held_at)
