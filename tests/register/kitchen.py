"""A small scheme that uses everything a scheme can say: a kitchen, its batches and samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bihuan.base.time import HOUR_US
from bihuan.register.scheme import (
    Computed,
    Duty,
    Facts,
    Field,
    RecordAct,
    RecordType,
    Relation,
    Routine,
    Scheme,
    SubjectType,
    Value,
)

SIGNALS = ("overdue", "recall", "no_daily", "no_sample")
ROLES = ("manager", "inspector")


def _eat_by(facts: Facts) -> int | None:
    cooked_us = facts.values["cooked"]
    return cooked_us + 4 * HOUR_US if isinstance(cooked_us, int) else None


def _overdue(facts: Facts) -> int | None:
    return _eat_by(facts) if facts.values["state"] == "made" else None


def _sample_missing(facts: Facts) -> int | None:
    cooked_us = facts.values["cooked"]
    if facts.related["samples"] or not isinstance(cooked_us, int):
        return None
    return cooked_us + HOUR_US


def _is_hot(facts: Facts) -> Sequence[tuple[str, str, str]]:
    core = facts.values["core"]
    if isinstance(core, int | float) and core >= 70:
        return ()
    return (("core", f"{core}", "at least 70 Cel"),)


def _daily(facts: Facts) -> Mapping[str, Value]:
    day = facts.values["period_starts"]
    return {"batches": len(facts.related["batches"]), "day": day}


BATCH = RecordType(
    name="batch",
    title=("批次", "Batch"),
    subject="unit",
    number="PC-{year}-{n:05}",
    fields=(
        Field(name="dish", title=("菜品", "Dish"), kind="text", is_required=True, is_indexed=True),
        Field(name="cooked", title=("出锅", "Cooked"), kind="time", is_indexed=True),
        Field(
            name="core",
            title=("中心温度", "Core"),
            kind="decimal",
            unit="Cel",
            at_least=-40,
            at_most=150,
            is_indexed=True,
        ),
        Field(name="eater", title=("就餐人", "Eater"), kind="text", is_sealed=True),
        Field(
            name="allergens",
            title=("过敏原", "Allergens"),
            kind="choices",
            choices=(("egg", ("蛋", "Egg")), ("nut", ("坚果", "Nut"))),
            is_indexed=True,
        ),
    ),
    states=(
        ("made", ("已出锅", "Made")),
        ("released", ("已放行", "Released")),
        ("recalled", ("已召回", "Recalled")),
        ("discarded", ("已废弃", "Discarded")),
    ),
    relations=(Relation(name="samples", title=("留样", "Samples"), to="sample", by="batch"),),
    computed=(Computed(name="eat_by", title=("食用期限", "Eat by"), kind="time", of=_eat_by),),
    acts=(
        RecordAct(
            name="release",
            title=("放行", "Release"),
            from_states=("made",),
            to="released",
            roles=("manager",),
            fields=(Field(name="to", title=("去向", "To"), kind="text", is_required=True),),
            check=_is_hot,
        ),
        RecordAct(
            name="measure",
            title=("复测", "Measure"),
            from_states=("made",),
            to=None,
            roles=("manager",),
            fields=(
                Field(name="core", title=("中心温度", "Core"), kind="decimal", unit="Cel"),
                Field(name="eater", title=("就餐人", "Eater"), kind="text", is_sealed=True),
            ),
        ),
        RecordAct(
            name="recall",
            title=("召回", "Recall"),
            from_states=("released",),
            to="recalled",
            roles=("manager",),
            second=("inspector", "manager"),
            second_h=2,
            raises="recall",
        ),
        RecordAct(
            name="discard",
            title=("废弃", "Discard"),
            from_states=("made", "recalled"),
            to="discarded",
            roles=("manager",),
            not_by=("release",),
        ),
    ),
    duties=(
        Duty(
            name="eat_by",
            title=("食用期限", "Eat by"),
            at=_overdue,
            roles=("manager",),
            raises="overdue",
        ),
        Duty(
            name="sample",
            title=("留样", "Sample"),
            at=_sample_missing,
            roles=("manager",),
            raises="no_sample",
        ),
    ),
)
SAMPLE = RecordType(
    name="sample",
    title=("留样", "Sample"),
    subject="unit",
    number="LY-{year}-{n:05}",
    is_immutable=True,
    keep_days=2,
    fields=(
        Field(name="batch", title=("批次", "Batch"), kind="record", of="batch", is_indexed=True),
        Field(name="grams", title=("克", "Grams"), kind="integer", unit="g", at_least=125),
        Field(name="keeper", title=("留样人", "Keeper"), kind="text", is_sealed=True),
    ),
)
DAILY = RecordType(
    name="daily",
    title=("日管控", "Daily check"),
    subject="unit",
    number="RG-{year}-{n:04}",
    fields=(
        Field(name="day", title=("日期", "Day"), kind="date", is_required=True, is_indexed=True),
        Field(name="batches", title=("批次数", "Batches"), kind="integer", is_required=True),
        Field(name="found", title=("问题", "Found"), kind="integer", is_required=True),
    ),
)
UNIT = SubjectType(
    name="unit",
    title=("中央厨房", "Kitchen"),
    party=None,
    fields=(
        Field(
            name="licence",
            title=("许可证", "Licence"),
            kind="text",
            pattern=r"JY\d{4}",
            want=("JY加4位数字", "JY and 4 digits"),
            is_indexed=True,
            is_required=True,
        ),
        Field(name="phone", title=("电话", "Phone"), kind="text", is_sealed=True),
    ),
    relations=(Relation(name="batches", title=("批次", "Batches"), to="batch", by="subject"),),
    states=(("open", ("营业", "Open")), ("shut", ("停业", "Shut"))),
    acts=(
        RecordAct(
            name="shut",
            title=("停业", "Shut"),
            from_states=("open",),
            to="shut",
            roles=("inspector",),
        ),
    ),
    purposes=("canteen",),
)
KITCHEN = Scheme(
    scenario="test_kitchen",
    subjects=(UNIT,),
    records=(BATCH, SAMPLE, DAILY),
    routines=(
        Routine(
            name="daily",
            title=("日管控", "Daily check"),
            record="daily",
            subject="unit",
            per="day",
            by="18:00",
            days="working",
            roles=("manager",),
            raises="no_daily",
            draft=_daily,
        ),
    ),
    editors={"unit": ("inspector",), "batch": ("manager",), "sample": ("manager",)},
)
