"""What falls due of a batch, and when: asked anew whenever the batch or an entry changes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bihuan.register.scheme import Duty, Facts
from bihuan.scenarios.kitchen import times
from bihuan.scenarios.kitchen.limits import span_us
from bihuan.scenarios.kitchen.roles import KITCHEN, SAFETY

LIVE: Final = ("made", "packed", "released")
STOPS: Final = ("stop", "order_stop")  # acts that put a batch on hold
HELD: Final = ("held", "ordered")


def held_us(batch: times.Row) -> int | None:
    """When the newest hold of a batch began, by the kitchen or by the supervision office."""
    said = (batch.get(f"at.{act}") for act in STOPS)
    return max((us for us in said if isinstance(us, int)), default=None)


def eat_by(facts: Facts) -> int | None:
    """Until when the batch may be eaten, as proved so far."""
    return times.eat_by(facts.values, facts.related["checks"])


def latest(facts: Facts) -> int | None:
    return times.latest(facts.values, facts.related["checks"])


def left(facts: Facts) -> int | None:
    """Minutes left, below 0 once it is over; None where it may not be eaten at all."""
    by_us = eat_by(facts)
    return None if by_us is None else (by_us - facts.now_us) // 60_000_000


def _is_over(facts: Facts) -> bool:
    """Whether nothing of it is still to be eaten: stopped or done, or settled at every school."""
    sent = [row["state"] for row in facts.related["deliveries"]]
    is_settled = bool(sent) and not {"sent", "arrived"} & set(sent)
    return facts.values["state"] not in LIVE or is_settled


def gone(facts: Facts) -> int | None:
    """When the last of it left the kitchen, as far as the deliveries say; None = some is there."""
    sent = facts.related["deliveries"]
    left_us = [us for row in sent if (us := times.moment(row["left"])) is not None]
    portions = sum(times.number(row["portions"]) or 0 for row in sent)
    is_settled = bool(sent) and all(row["state"] not in ("sent", "arrived") for row in sent)
    is_all = portions >= (times.number(facts.values["portions"]) or 0)
    return max(left_us, default=None) if is_settled or is_all else None


def _eat_by_due(facts: Facts) -> int | None:
    return None if _is_over(facts) else eat_by(facts)


def _soon_due(facts: Facts) -> int | None:
    by_us = _eat_by_due(facts)
    return None if by_us is None else by_us - span_us("ahead", by_us)


def _core_low(facts: Facts) -> int | None:
    """A core below its limit is told at once."""
    if _is_over(facts) or times.done_us(facts.values, facts.related["checks"]) is not None:
        return None
    return times.moment(facts.values["opened_us"])


def _check_low(facts: Facts) -> int | None:
    """The newest entry beyond the limit of its step is told at once, until the batch is held."""
    if _is_over(facts):
        return None
    settled = (facts.values.get(f"at.{act}") for act in ("release_deviating", "resume"))
    since_us = max((us for us in settled if isinstance(us, int)), default=0)
    beyond = [
        row["opened_us"]
        for row in facts.related["checks"]
        if row["step"] != "cook" and times.is_deviation(row, facts.values)
    ]
    return max((us for us in beyond if isinstance(us, int) and us > since_us), default=None)


def _sample_due(facts: Facts) -> int | None:
    cooked_us = times.moment(facts.values["cooked"])
    if facts.related["samples"] or cooked_us is None or _is_over(facts):
        return None
    return cooked_us + span_us("sample_taken", cooked_us)


def pack_by(batch: times.Row, checks: Sequence[times.Row] = ()) -> int | None:
    """Until when a batch for schools is packed; None for others, and for what is not cold yet.

    Hot food an hour after cooking; chilled food, which cools for hours, an hour after 8 ℃.
    """
    start_us = times.done_us(batch, checks)
    if batch.get("keeping") == times.CHILLED and start_us is not None:
        start_us = times.cold_us(start_us, checks)
    if batch.get("for_schools") is not True or start_us is None:
        return None
    return start_us + span_us("packing", start_us)


def _pack_due(facts: Facts) -> int | None:
    if facts.values["state"] != "made":
        return None
    return pack_by(facts.values, facts.related["checks"])


def _cooling_due(facts: Facts) -> int | None:
    return None if _is_over(facts) else times.cooling_due(facts.values, facts.related["checks"])


def is_packed_late(facts: Facts) -> bool:
    """Whether it was packed after its hour; a batch that is not packed yet is not yet late."""
    by_us = pack_by(facts.values, facts.related["checks"])
    packed = facts.values.get("at.pack")
    return isinstance(packed, int) and by_us is not None and packed > by_us


DUTIES: Final = (
    Duty(
        name="eat_by", title=("食用时限", "Eat by"), at=_eat_by_due, roles=SAFETY, raises="eat_by"
    ),
    Duty(
        name="soon",
        title=("时限将到", "Time nearly over"),
        at=_soon_due,
        roles=SAFETY,
        raises="eat_by_soon",
    ),
    Duty(
        name="core_low",
        title=("中心温度不足", "Core too cold"),
        at=_core_low,
        roles=SAFETY,
        raises="core_low",
    ),
    Duty(
        name="check_low",
        title=("控制点偏离", "Beyond a limit"),
        at=_check_low,
        roles=SAFETY,
        raises="check_beyond",
    ),
    Duty(
        name="sample",
        title=("应留样", "Sample due"),
        at=_sample_due,
        roles=SAFETY,
        raises="no_sample",
    ),
    Duty(
        name="pack",
        title=("应分装", "To be packed"),
        at=_pack_due,
        roles=KITCHEN,
        raises="packed_late",
    ),
    Duty(
        name="cooling",
        title=("冷却时限", "Cooling"),
        at=_cooling_due,
        roles=KITCHEN,
        raises="cooling_slow",
    ),
)
