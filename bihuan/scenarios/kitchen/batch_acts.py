"""What may be done to a batch, by whom, with whose second word; and what no signature allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bihuan.register.scheme import Facts, Field, RecordAct
from bihuan.scenarios.kitchen import times
from bihuan.scenarios.kitchen.batch_times import HELD, LIVE, is_packed_late
from bihuan.scenarios.kitchen.limits import limit
from bihuan.scenarios.kitchen.roles import DIRECTOR, KITCHEN, MANAGER, MARKET, OFFICER, SAFETY
from bihuan.scenarios.kitchen.subjects import calibrated_until

Fault = tuple[str, str, str]


def _must_be_safe(facts: Facts) -> Iterator[Fault]:
    """What no signature allows: a core that was never hot enough, food past its time."""
    values, checks = facts.values, facts.related["checks"]
    if times.done_us(values, checks) is None:
        yield "core", f"{values['core']} Cel", f"at least {limit('cook_core'):g} Cel"
        return
    by_us = times.eat_by(values, checks)
    if by_us is None:
        yield "chilled", "no entry of 8 Cel or below", "cooled to 8 Cel before it leaves"
    elif facts.now_us >= by_us:
        yield "eat_by", "over", "food within its time"


def _may_leave(facts: Facts) -> list[Fault]:
    """What must stand before a batch leaves: safe, sampled, packed in time, by a good probe."""
    found = list(_must_be_safe(facts))
    found += _sampled(facts)
    until_us = next((calibrated_until(row) for row in facts.related["probe"]), None)
    cooked_us = times.moment(facts.values["cooked"])
    if until_us is None or cooked_us is None or cooked_us >= until_us:
        found.append(("probe", "not calibrated", "a probe whose calibration holds"))
    if is_packed_late(facts):
        wanted = "packed within an hour, or released as a deviation by two people"
        found.append(("packed", "late", wanted))
    return found


def _sampled(facts: Facts) -> Iterator[Fault]:
    """Each dish of each meal leaves a sample: enough of it, sealed and labelled, and still kept."""
    kept = [one for one in facts.related["samples"] if one["state"] == "kept"]
    whole = [one for one in kept if one["is_sealed_up"] is True]
    grams = [times.number(one["grams"]) for one in whole]
    if not any(g is not None and g >= limit("sample", facts.now_us) for g in grams):
        got = "not sealed and labelled" if kept and not whole else "none"
        least = f"{limit('sample', facts.now_us):g}"
        yield "sample", got, f"a sample of at least {least} g, sealed, labelled and kept"


def _is_safe(facts: Facts) -> list[Fault]:
    """Two people may judge a deviation; neither a cold core nor a missing sample."""
    return [*_must_be_safe(facts), *_sampled(facts)]


def _is_closed(facts: Facts) -> list[Fault]:
    """Against the end of serving: food that is still at a school and neither eaten nor stopped."""
    waiting = [row for row in facts.related["deliveries"] if row["state"] in ("sent", "arrived")]
    found = list(_sampled(facts))
    if waiting:
        named = ", ".join(str(row["number"]) for row in waiting[:3])
        found.append(("deliveries", named, "served, refused or stopped at every school"))
    return found


def _has_so_many(facts: Facts) -> list[Fault]:
    gone, made = (times.number(facts.values.get(n)) for n in ("discarded_portions", "portions"))
    if gone is None or made is None or gone <= made:
        return []
    return [("discarded_portions", f"{gone:g}", f"at most the {made:g} portions made")]


_REASON: Final = Field(name="reason", title=("理由", "Reason"), kind="long_text", is_required=True)
ACTS: Final = (
    RecordAct(
        name="pack",
        title=("分装完成", "Packed"),
        from_states=("made",),
        to="packed",
        roles=KITCHEN,
    ),
    RecordAct(
        name="release",
        title=("放行", "Release"),
        from_states=("packed",),
        to="released",
        roles=SAFETY,
        check=_may_leave,
    ),
    RecordAct(
        name="release_deviating",
        title=("偏离放行", "Release in spite of a deviation"),
        from_states=("packed", "held"),
        to="released",
        roles=(OFFICER, DIRECTOR),
        fields=(
            Field(
                name="corrective",
                title=("纠偏措施", "Corrective action"),
                kind="long_text",
                is_required=True,
            ),
            _REASON,
        ),
        second=(DIRECTOR, MANAGER),
        second_h=2,
        check=_is_safe,
    ),
    # one tap, nothing asked: what is wrongly held is resumed, what is wrongly eaten is not
    RecordAct(
        name="stop",
        title=("暂停使用", "Hold"),
        from_states=LIVE,
        to="held",
        roles=KITCHEN,
        one_tap=True,
    ),
    # the office's own: what it stopped the kitchen does not let go by itself
    RecordAct(
        name="order_stop",
        title=("责令停用", "Order to stop"),
        from_states=(*LIVE, "held"),
        to="ordered",
        roles=MARKET,
        one_tap=True,
    ),
    RecordAct(
        name="lift_order",
        title=("解除责令停用", "Lift the order"),
        from_states=("ordered",),
        to="held",  # the kitchen says itself that it serves again
        roles=MARKET,
        fields=(_REASON,),
    ),
    RecordAct(
        name="resume",
        title=("恢复供餐", "Resume"),
        from_states=("held",),
        to="released",
        roles=(DIRECTOR, MANAGER),
        fields=(_REASON,),
        not_by=("stop",),  # who stopped it does not judge alone that it was for nothing
        check=_may_leave,
    ),
    RecordAct(
        name="recall",
        title=("召回", "Recall"),
        from_states=("released", *HELD, "eaten"),
        to="recalled",
        roles=(*SAFETY, *MARKET),
        fields=(
            _REASON,
            Field(
                name="substitute",
                title=("替代餐", "Substitute meal"),
                kind="long_text",
                is_required=True,
            ),
        ),
        second=(*SAFETY, *MARKET),
        second_h=1,
        raises="recall",
    ),
    RecordAct(
        name="discard",
        title=("废弃", "Discard"),
        from_states=("made", "packed", *HELD, "recalled"),
        to="discarded",
        roles=SAFETY,
        fields=(
            Field(
                name="discarded_portions",
                title=("废弃份数", "Portions discarded"),
                kind="integer",
                at_least=0,
                is_required=True,
            ),
            Field(name="way", title=("处置方式", "How"), kind="text", is_required=True),
        ),
        check=_has_so_many,
    ),
    RecordAct(
        name="finish",
        title=("供餐结束", "Served and done"),
        from_states=("released",),
        to="eaten",
        roles=KITCHEN,
        check=_is_closed,
    ),
)
