"""批次与关键控制点 / Batches from cook to plate, and the readings that nobody can edit.

A batch and its entries are immutable: a wrong figure is answered by another entry. What a person
types is an entry by hand (手工录入) and says so; what a probe measured stands in the journal.
"""

from __future__ import annotations

from typing import Final

from bihuan.register.scheme import Computed, Facts, Field, RecordType, Relation, Value
from bihuan.scenarios.kitchen import arrivals, times
from bihuan.scenarios.kitchen.batch_acts import ACTS
from bihuan.scenarios.kitchen.batch_times import (
    DUTIES,
    eat_by,
    gone,
    is_packed_late,
    latest,
    left,
)
from bihuan.scenarios.kitchen.deliveries import is_lift_known, is_told, lifted_us, was_held
from bihuan.scenarios.kitchen.subjects import calibrated_until

STEPS: Final = (
    ("cook", ("烹饪", "Cook")),
    ("hold", ("热藏", "Hot hold")),
    ("cool", ("冷却", "Cool")),
    ("chill", ("冷至8℃", "Chilled to 8 ℃")),
    ("store", ("冷藏", "Cold store")),
    ("pack", ("分装", "Pack")),
    ("dispatch", ("装车", "Dispatch")),
)
_CORE: Final = Field(
    name="core",
    title=("中心温度", "Core temperature"),
    kind="decimal",
    unit="Cel",
    at_least=-40,
    at_most=150,
    is_required=True,
    is_indexed=True,
)


def _schools(facts: Facts) -> int:
    """How many schools have some of it; told apart, since the kitchen sees no school's papers."""
    return len({row["subject_id"] for row in facts.related["deliveries"]})


def _schools_told(facts: Facts) -> int:
    """Schools of which every delivery is told of the newest stop."""
    waiting = {
        row["subject_id"] for row in facts.related["deliveries"] if not is_told(row, facts.values)
    }
    return _schools(facts) - len(waiting)


def _counted(facts: Facts, name: str) -> Value:
    """Portions that schools counted at the newest stop; None where nobody has counted."""
    counts = arrivals.newest_counts(facts.related["counts"])
    return sum(int(times.number(row[name]) or 0) for row in counts) if counts else None


def _eaten(facts: Facts) -> Value:
    return _counted(facts, "portions_eaten")


def _not_eaten(facts: Facts) -> Value:
    return _counted(facts, "portions_left")


def _is_lifted(facts: Facts) -> bool:
    return lifted_us(facts.values) is not None


def _schools_lifted(facts: Facts) -> Value:
    """Schools that know of the lifted hold for every delivery it reached; None = none is lifted."""
    since_us = lifted_us(facts.values)
    if since_us is None:
        return None
    reached = [row for row in facts.related["deliveries"] if was_held(row, since_us)]
    waiting = {row["subject_id"] for row in reached if not is_lift_known(row, facts.values)}
    return len({row["subject_id"] for row in reached} - waiting)


BATCH: Final = RecordType(
    name="batch",
    title=("批次", "Batch"),
    subject="supplier",
    number="PC-{year}-{n:06}",
    is_immutable=True,
    fields=(
        Field(name="dish", title=("菜品", "Dish"), kind="text", is_required=True, is_indexed=True),
        Field(
            name="meal",
            title=("餐次", "Meal"),
            kind="choice",
            choices=(
                ("breakfast", ("早餐", "Breakfast")),
                ("lunch", ("午餐", "Lunch")),
                ("dinner", ("晚餐", "Dinner")),
            ),
            is_required=True,
            is_indexed=True,
        ),
        Field(name="line", title=("生产线", "Line"), kind="subject", of="line"),
        Field(
            name="cooked", title=("出锅", "Cooked"), kind="time", is_required=True, is_indexed=True
        ),
        _CORE,
        Field(
            name="probe",
            title=("探针", "Probe"),
            kind="subject",
            of="core_probe",
            is_required=True,
        ),
        Field(
            name="keeping",
            title=("供餐方式", "Kept"),
            kind="choice",
            choices=((times.HOT, ("热藏", "Hot")), (times.CHILLED, ("冷链", "Chilled"))),
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
        Field(
            name="for_schools",
            title=("供学校", "For schools"),
            kind="yes_no",
            is_required=True,
            is_indexed=True,
        ),
        Field(name="allergens", title=("过敏原", "Allergens"), kind="text"),
    ),
    states=(
        ("made", ("已出锅", "Cooked")),
        ("packed", ("已分装", "Packed")),
        ("released", ("已放行", "Released")),
        ("held", ("暂停使用", "On hold")),
        ("ordered", ("责令停用", "Ordered to stop")),
        ("recalled", ("已召回", "Recalled")),
        ("discarded", ("已废弃", "Discarded")),
        ("eaten", ("供餐结束", "Served")),
    ),
    relations=(
        Relation(name="checks", title=("控制点记录", "CCP entries"), to="check", by="batch"),
        Relation(name="samples", title=("留样", "Samples"), to="sample", by="batch"),
        Relation(name="deliveries", title=("配送", "Deliveries"), to="delivery", by="batch"),
        Relation(name="counts", title=("停用清点", "Counts at stops"), to="stop_count", by="batch"),
        Relation(name="complaints", title=("投诉登记", "Complaints"), to="complaint", by="batch"),
    ),
    computed=(
        Computed(name="eat_by", title=("食用时限", "Eat by"), kind="time", of=eat_by),
        Computed(name="left", title=("剩余", "Left"), kind="integer", unit="min", of=left),
        Computed(name="latest", title=("标签时限", "On the label"), kind="time", of=latest),
        Computed(name="gone", title=("全部发车", "All of it left"), kind="time", of=gone),
        Computed(name="schools", title=("用餐点", "Schools"), kind="integer", of=_schools),
        Computed(
            name="schools_told",
            title=("已知悉停用的用餐点", "Schools told to stop"),
            kind="integer",
            of=_schools_told,
        ),
        Computed(
            name="portions_eaten",
            title=("停用前已食用份数", "Eaten before the stop"),
            kind="integer",
            of=_eaten,
        ),
        Computed(
            name="portions_left",
            title=("停用时未食用份数", "Left at the stop"),
            kind="integer",
            of=_not_eaten,
        ),
        Computed(
            name="is_lifted", title=("暂停已解除", "Hold lifted"), kind="yes_no", of=_is_lifted
        ),
        Computed(
            name="schools_lifted",
            title=("已知悉恢复供餐的用餐点", "Schools that know it may be served"),
            kind="integer",
            of=_schools_lifted,
        ),
        Computed(
            name="packed_late", title=("分装超时", "Packed late"), kind="yes_no", of=is_packed_late
        ),
    ),
    acts=ACTS,
    duties=DUTIES,
)


def _is_beyond(facts: Facts) -> bool:
    return times.is_deviation(facts.values, next(iter(facts.related["batch"]), None))


def _limit_of(facts: Facts) -> str:
    return times.limit_of(facts.values, next(iter(facts.related["batch"]), None))


def _is_calibrated(facts: Facts) -> Value:
    """Whether the probe's calibration held when it was read; None where nothing is known of it."""
    at_us = times.moment(facts.values["at"])
    until_us = next((calibrated_until(row) for row in facts.related["probe"]), None)
    return None if until_us is None or at_us is None else at_us < until_us


CHECK: Final = RecordType(
    name="check",
    title=("关键控制点（手工录入）", "CCP entry (by hand)"),
    subject="supplier",
    number="KZ-{year}-{n:07}",
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
            name="step",
            title=("环节", "Step"),
            kind="choice",
            choices=STEPS,
            is_required=True,
            is_indexed=True,
        ),
        Field(
            name="at", title=("测温时间", "Taken"), kind="time", is_required=True, is_indexed=True
        ),
        _CORE,
        Field(
            name="probe",
            title=("探针", "Probe"),
            kind="subject",
            of="core_probe",
            is_required=True,
        ),
        Field(name="note", title=("说明", "Note"), kind="text"),
    ),
    computed=(
        Computed(name="is_beyond", title=("偏离", "Beyond"), kind="yes_no", of=_is_beyond),
        Computed(name="limit", title=("限值版本", "Limit version"), kind="text", of=_limit_of),
        Computed(
            name="is_calibrated", title=("校准有效", "Calibrated"), kind="yes_no", of=_is_calibrated
        ),
    ),
)
