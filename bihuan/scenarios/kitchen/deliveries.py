"""配送与用餐点 / Deliveries: what left, what came, reheated how hot, and whether a recall reached.

A delivery belongs to the school: its receiver sees it there without seeing the kitchen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bihuan.base.time import rfc3339
from bihuan.register.scheme import (
    Computed,
    Duty,
    Facts,
    Field,
    RecordAct,
    RecordType,
    Relation,
    Value,
)
from bihuan.scenarios.kitchen import arrivals, times
from bihuan.scenarios.kitchen.batch_times import HELD, held_us
from bihuan.scenarios.kitchen.limits import limit
from bihuan.scenarios.kitchen.roles import DRIVER, MARKET, OFFICER, RECEIVER

STOPPED: Final = (*HELD, "recalled", "discarded")
SERVABLE: Final = ("released", "eaten")
ON_THE_WAY: Final = ("sent", "arrived")  # not served, refused or stopped yet
LIFTS: Final = ("resume", "release_deviating")  # acts of a batch that end a hold
Fault = tuple[str, str, str]


def _batch(facts: Facts) -> times.Row:
    return next(iter(facts.related["batch"]), {})


def eat_by(facts: Facts) -> int | None:
    """The batch's own time, by everything that was proved of it, and by how it arrived here."""
    here = arrivals.as_checks(facts.related["receipts"])
    return times.eat_by(_batch(facts), [*facts.related["batch.checks"], *here])


def is_arrived_beyond(facts: Facts) -> Value:
    """Whether it came too cold (hot) or too warm (chilled); None until somebody measured it."""
    here = arrivals.as_checks(facts.related["receipts"])
    return any(times.is_deviation(row, _batch(facts)) for row in here) if here else None


def _beyond_due(facts: Facts) -> int | None:
    """What arrived beyond its limit is told at once, until it is served, refused or stopped."""
    if facts.values["state"] not in ON_THE_WAY or is_arrived_beyond(facts) is not True:
        return None
    return max(us for row in facts.related["receipts"] if (us := times.moment(row["opened_us"])))


def _over_due(facts: Facts) -> int | None:
    """Where arrival ended the time earlier than the kitchen knows, the school is told of it."""
    by_us = eat_by(facts)
    kitchens_us = times.eat_by(_batch(facts), facts.related["batch.checks"])
    is_here = facts.values["state"] in ON_THE_WAY and _batch_state(facts) in SERVABLE
    if not is_here or by_us is None or kitchens_us is None or by_us >= kitchens_us:
        return None
    return by_us


def _short(facts: Facts) -> Value:
    """Portions that were sent and did not come; None until somebody counted."""
    came, sent = arrivals.came_of(facts), times.number(facts.values["portions"])
    if not facts.related["receipts"] or came is None or sent is None:
        return None
    return int(sent - came)


def _batch_state(facts: Facts) -> Value:
    return _batch(facts).get("state")


def _dish(facts: Facts) -> Value:
    return _batch(facts).get("dish")


def _needs_reheating(facts: Facts) -> bool:
    return _batch(facts).get("keeping") == times.CHILLED


def is_reheated(facts: Facts) -> bool:
    """Whether a core of 70 ℃ was proved here for this delivery, before now."""
    for row in facts.related["reheats"]:
        at_us, core_c = times.past(row, "at"), times.number(row["core"])
        if at_us is not None and core_c is not None and core_c >= limit("reheat_core", at_us):
            return True
    return False


def _may_be_served(facts: Facts) -> list[Fault]:
    return list(_faults(facts))


def _faults(facts: Facts) -> Iterator[Fault]:
    state, by_us = str(_batch_state(facts)), eat_by(facts)
    if state in STOPPED:
        yield "batch", state, "a batch that is neither on hold nor recalled"
    if not facts.related["receipts"]:
        yield "receipt", "none", "the receipt: when it came, how hot"
    if by_us is None or facts.now_us >= by_us:
        got = "no time proved" if by_us is None else f"over since {rfc3339(by_us)}"
        yield "eat_by", got, "food within its time"
    if _needs_reheating(facts) and not is_reheated(facts):
        yield "reheat", "not proved", f"a core of at least {limit('reheat_core'):g} Cel here"


def _is_lifted(facts: Facts) -> list[Fault]:
    if lifted_us(_batch(facts)) is not None:
        return []
    return [("batch", str(_batch_state(facts)), "a batch whose hold was lifted")]


def told_us(delivery: times.Row) -> int:
    """When somebody there last said that it is not served, or somebody for them; 0 = never."""
    said = [delivery.get(f"at.{act}") for act in ("acknowledge", "by_phone")]
    return max((us for us in said if isinstance(us, int)), default=0)


def _recall_due(facts: Facts) -> int | None:
    """A recall is told to every school that has the batch, at once and until it is known there."""
    recalled_us = _batch(facts).get("at.recall")
    if _batch_state(facts) not in ("recalled", "discarded") or not isinstance(recalled_us, int):
        return None
    return None if told_us(facts.values) >= recalled_us or _is_back(facts) else recalled_us


def _hold_due(facts: Facts) -> int | None:
    since_us = held_us(_batch(facts))
    if _batch_state(facts) not in HELD or since_us is None:
        return None
    return None if told_us(facts.values) >= since_us or _is_back(facts) else since_us


def lifted_us(batch: times.Row) -> int | None:
    """When the newest hold of a batch was lifted; None while it holds, or where there was none."""
    since_us, ends = held_us(batch), (batch.get(f"at.{act}") for act in LIFTS)
    if batch.get("state") not in SERVABLE or since_us is None:
        return None
    return max((us for us in ends if isinstance(us, int) and us > since_us), default=None)


def was_held(delivery: times.Row, since_us: int) -> bool:
    """Whether a delivery left before a hold was lifted (µs) and is still at the school."""
    opened_us = times.moment(delivery.get("opened_us"))
    return opened_us is not None and opened_us < since_us and delivery["state"] != "refused"


def is_lift_known(delivery: times.Row, batch: times.Row) -> bool:
    """Whether somebody there knows that the newest hold is lifted: said so, or served it since."""
    since_us = lifted_us(batch)
    said = (delivery.get(f"at.{act}") for act in ("known_lifted", "serve"))
    return since_us is not None and any(isinstance(us, int) and us >= since_us for us in said)


def _lift_due(facts: Facts) -> int | None:
    """Whom the hold reached is told that it is lifted; what left since was never on hold."""
    batch = _batch(facts)
    since_us = lifted_us(batch)
    if since_us is None or not was_held(facts.values, since_us):
        return None
    return None if is_lift_known(facts.values, batch) else since_us


def _is_back(facts: Facts) -> bool:
    return facts.values["state"] == "refused"


def _reheat_due(facts: Facts) -> int | None:
    """Chilled food that came and was not proved hot by the time on its label."""
    if facts.values["state"] not in ON_THE_WAY or not _needs_reheating(facts) or is_reheated(facts):
        return None
    return times.latest(_batch(facts))


def _is_reached(facts: Facts) -> bool:
    """Whether this place knows of the newest stop of its batch."""
    return is_told(facts.values, _batch(facts))


def _knows_lift(facts: Facts) -> Value:
    """None where no hold was lifted."""
    batch = _batch(facts)
    return None if lifted_us(batch) is None else is_lift_known(facts.values, batch)


def is_told(delivery: times.Row, batch: times.Row) -> bool:
    """Whether a delivery's school knows of the newest stop of its batch; no stop is not told."""
    stops = [held_us(batch), batch.get("at.recall")]
    newest = max((us for us in stops if isinstance(us, int)), default=None)
    return newest is not None and told_us(delivery) >= newest


DELIVERY: Final = RecordType(
    name="delivery",
    title=("配送", "Delivery"),
    subject="school",
    number="PS-{year}-{n:06}",
    is_immutable=True,
    fields=(
        Field(
            name="batch",
            title=("批次", "Batch"),
            kind="record",
            of="batch",
            is_required=True,
            is_indexed=True,
        ),
        Field(
            name="portions",
            title=("份数", "Portions"),
            kind="integer",
            at_least=1,
            is_required=True,
            is_indexed=True,
        ),
        Field(name="left", title=("发车", "Left"), kind="time", is_required=True, is_indexed=True),
        Field(name="vehicle", title=("车牌", "Vehicle"), kind="text", is_required=True),
        Field(
            name="is_enclosed",
            title=("封闭车辆", "Enclosed vehicle"),
            kind="yes_no",
            is_required=True,
            is_indexed=True,
        ),
    ),
    states=(
        ("sent", ("已发车", "Sent")),
        ("arrived", ("已送达", "Arrived")),
        ("served", ("已供餐", "Served")),
        ("refused", ("拒收", "Refused")),
        ("stopped", ("已停用", "Not served")),
    ),
    relations=(
        Relation(name="receipts", title=("收餐", "Receipts"), to="receipt", by="delivery"),
        Relation(name="reheats", title=("复热", "Reheating"), to="reheat", by="delivery"),
    ),
    computed=(
        Computed(name="dish", title=("菜品", "Dish"), kind="text", of=_dish),
        Computed(name="eat_by", title=("食用时限", "Eat by"), kind="time", of=eat_by),
        Computed(
            name="is_reheated",
            title=("复热已证实", "Reheating proved"),
            kind="yes_no",
            of=is_reheated,
        ),
        Computed(
            name="is_arrived_beyond",
            title=("到达偏离", "Beyond a limit on arrival"),
            kind="yes_no",
            of=is_arrived_beyond,
        ),
        Computed(name="short", title=("少收份数", "Portions missing"), kind="integer", of=_short),
        Computed(name="is_reached", title=("已知悉停用", "Told"), kind="yes_no", of=_is_reached),
        Computed(
            name="knows_lift",
            title=("已知悉恢复供餐", "Knows that the hold is lifted"),
            kind="yes_no",
            of=_knows_lift,
        ),
    ),
    acts=(
        # what the receiver measures and counts at the door is the receipt
        RecordAct(
            name="arrive",
            title=("送达", "Arrived"),
            from_states=("sent",),
            to="arrived",
            roles=(RECEIVER,),
            fields=arrivals.ARRIVED,
            check=arrivals.may_have_arrived,
            opens=arrivals.arrived,
        ),
        RecordAct(
            name="serve",
            title=("开餐", "Serve"),
            from_states=(*ON_THE_WAY, "stopped"),
            to="served",
            roles=(RECEIVER,),
            check=_may_be_served,
        ),
        RecordAct(
            name="refuse",
            title=("拒收", "Refuse"),
            from_states=ON_THE_WAY,
            to="refused",
            roles=(RECEIVER,),
            fields=(Field(name="reason", title=("理由", "Reason"), kind="text", is_required=True),),
        ),
        RecordAct(
            name="acknowledge",
            title=("知悉，已停用", "Known: not served"),
            from_states=(*ON_THE_WAY, "served", "stopped"),
            to="stopped",
            roles=(RECEIVER,),
            fields=arrivals.LEFT,
            check=arrivals.may_be_counted,
            opens=arrivals.stopped,
        ),
        # said for somebody else, and counted apart
        RecordAct(
            name="by_phone",
            title=("代为确认", "Confirm on behalf"),
            from_states=(*ON_THE_WAY, "served", "stopped"),
            to="stopped",
            check=arrivals.may_be_counted,
            opens=arrivals.stopped,
            roles=(DRIVER, OFFICER, *MARKET),
            fields=(
                *arrivals.LEFT,
                Field(
                    name="spoke_with",
                    title=("与谁通话", "Spoke with"),
                    kind="text",
                    is_required=True,
                    is_sealed=True,
                ),
            ),
        ),
        RecordAct(
            name="known_lifted",
            title=("知悉，恢复供餐", "Known: it may be served"),
            from_states=(*ON_THE_WAY, "served", "stopped"),
            to=None,
            roles=(RECEIVER, DRIVER),
            check=_is_lifted,
        ),
    ),
    duties=(
        Duty(
            name="hold",
            title=("暂停待知悉", "Hold to be known"),
            at=_hold_due,
            roles=(RECEIVER, DRIVER),
            raises="school_hold",
        ),
        Duty(
            name="recall",
            title=("召回待知悉", "Recall to be known"),
            at=_recall_due,
            roles=(RECEIVER, DRIVER),
            raises="school_recall",
        ),
        Duty(
            name="lifted",
            title=("恢复待知悉", "Lifting to be known"),
            at=_lift_due,
            roles=(RECEIVER, DRIVER),
            raises="school_lifted",
        ),
        Duty(
            name="reheat",
            title=("应复热", "To be reheated"),
            at=_reheat_due,
            roles=(RECEIVER,),
            raises="not_reheated",
        ),
        Duty(
            name="arrived_beyond",
            title=("到达偏离", "Arrived beyond a limit"),
            at=_beyond_due,
            roles=(RECEIVER,),
            raises="check_beyond",
        ),
        Duty(
            name="over",
            title=("食用时限", "Eat by"),
            at=_over_due,
            roles=(RECEIVER,),
            raises="eat_by",
        ),
    ),
)
