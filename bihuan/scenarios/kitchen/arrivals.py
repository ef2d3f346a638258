"""收餐、复热、停用回报 / What a school says of a delivery: arrived how hot, reheated, stopped when.

Each is a record of the school's own that nobody corrects. What was measured on arrival counts for
the time within which this school eats it, like a check of the kitchen's; it lengthens or ends that
time here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bihuan.base.time import rfc3339
from bihuan.register.scheme import Facts, Field, Opens, RecordType, Value
from bihuan.scenarios.kitchen import times

Fault = tuple[str, str, str]


def as_checks(receipts: Sequence[times.Row]) -> list[dict[str, Value]]:
    """Receipts as entries of a step: when it arrived, how hot."""
    return [
        {
            "id": row["id"],
            "opened_us": row["opened_us"],
            "step": "arrive",
            "at": row["arrived"],
            "core": row["core"],
        }
        for row in receipts
    ]


def may_have_arrived(facts: Facts) -> list[Fault]:
    """Against saying that it arrived: a time that cannot be, more than was sent."""
    values, found = facts.values, list[Fault]()
    at_us, left_us = times.moment(values.get("arrived")), times.moment(values["left"])
    if at_us is not None and at_us > facts.now_us + times.WRONG_CLOCK_US:
        found.append(("arrived", rfc3339(at_us), "a time that is not in the future"))
    if at_us is not None and left_us is not None and at_us < left_us:
        found.append(("arrived", rfc3339(at_us), f"after it left at {rfc3339(left_us)}"))
    got = times.number(values.get("portions_arrived"))
    sent = times.number(values["portions"])
    if got is not None and sent is not None and got > sent:
        found.append(("portions_arrived", f"{got:g}", f"at most the {sent:g} portions sent"))
    return found


def arrived(facts: Facts) -> list[Opens]:
    """The receipt that the act of arrival files."""
    values = facts.values
    said: dict[str, Value] = {
        "delivery": values["id"],
        "arrived": values["arrived"],
        "core": values["arrived_core"],
        "portions": values["portions_arrived"],
        "is_whole": values["is_whole"],
    }
    return [Opens(kind="receipt", values=said)]


def may_be_counted(facts: Facts) -> list[Fault]:
    """Left and eaten together are no more than came."""
    values = facts.values
    counted = [times.number(values.get(name)) for name in ("portions_left", "portions_eaten")]
    came, sent = came_of(facts), sum(one or 0 for one in counted)
    if came is None or sent <= came:
        return []
    return [("portions_eaten", f"{sent:g} with what is left", f"at most the {came:g} that came")]


def came_of(facts: Facts) -> float | None:
    """Portions that came, as counted on arrival; as sent, where nobody counted."""
    counted = [times.number(row["portions"]) for row in facts.related["receipts"]]
    return counted[-1] if counted else times.number(facts.values["portions"])


def stopped(facts: Facts) -> list[Opens]:
    """The count that goes with knowing of a stop: what is left, what was eaten before it."""
    values = facts.values
    said = {name: values[name] for name in ("portions_left", "portions_eaten")}
    of = {"delivery": values["id"], "batch": values["batch"]}
    return [Opens(kind="stop_count", values={**of, **said})]


def newest_counts(counts: Sequence[times.Row]) -> list[times.Row]:
    """Of each delivery the newest count: who learns of a recall after a hold counts anew."""
    return list({row["delivery"]: row for row in counts}.values())


LEFT: Final = (
    Field(
        name="portions_left",
        title=("未食用份数", "Portions not eaten"),
        kind="integer",
        at_least=0,
        is_required=True,
    ),
    Field(
        name="portions_eaten",
        title=("已食用份数", "Portions eaten"),
        kind="integer",
        at_least=0,
        is_required=True,
    ),
)
ARRIVED: Final = (
    Field(name="arrived", title=("到达时间", "Arrived at"), kind="time", is_required=True),
    Field(
        name="arrived_core",
        title=("到达中心温度", "Core temperature on arrival"),
        kind="decimal",
        unit="Cel",
        at_least=-40,
        at_most=150,
        is_required=True,
    ),
    Field(
        name="portions_arrived",
        title=("实收份数", "Portions received"),
        kind="integer",
        at_least=0,
        is_required=True,
    ),
    Field(
        name="is_whole",
        title=("包装标签完好", "Packed and labelled"),
        kind="yes_no",
        is_required=True,
    ),
)
_OF_DELIVERY: Final = Field(
    name="delivery",
    title=("配送", "Delivery"),
    kind="record",
    of="delivery",
    is_required=True,
    is_indexed=True,
)
_CORE: Final = Field(
    name="core",
    title=("中心温度", "Core temperature"),
    kind="decimal",
    unit="Cel",
    at_least=-40,
    at_most=150,
    is_required=True,
)
RECEIPT: Final = RecordType(
    name="receipt",
    title=("收餐记录", "Receipt"),
    subject="school",
    number="SC-{year}-{n:06}",
    is_immutable=True,
    fields=(
        _OF_DELIVERY,
        Field(
            name="arrived",
            title=("到达", "Arrived"),
            kind="time",
            is_required=True,
            is_indexed=True,
        ),
        _CORE,
        Field(
            name="portions",
            title=("实收份数", "Portions received"),
            kind="integer",
            at_least=0,
            is_required=True,
            is_indexed=True,
        ),
        Field(
            name="is_whole",
            title=("包装标签完好", "Packed and labelled"),
            kind="yes_no",
            is_required=True,
        ),
    ),
)
REHEAT: Final = RecordType(
    name="reheat",
    title=("复热记录", "Reheating"),
    subject="school",
    number="FR-{year}-{n:06}",
    is_immutable=True,
    fields=(
        _OF_DELIVERY,
        Field(name="at", title=("测温时间", "Taken"), kind="time", is_required=True),
        _CORE,
        Field(
            name="appliance",
            title=("设备", "With"),
            kind="choice",
            choices=(
                ("microwave", ("盒饭微波加热设备", "Microwave for boxed meals")),
                ("steamer", ("蒸箱", "Steamer")),
                ("other", ("其他", "Other")),
            ),
            is_required=True,
            is_indexed=True,
        ),
    ),
)
STOP_COUNT: Final = RecordType(
    name="stop_count",
    title=("停用清点", "Count at a stop"),
    subject="school",
    number="QD-{year}-{n:06}",
    is_immutable=True,
    fields=(
        _OF_DELIVERY,
        Field(
            name="batch",
            title=("批次", "Batch"),
            kind="record",
            of="batch",
            is_required=True,
            is_indexed=True,
        ),
        *LEFT,
    ),
)
