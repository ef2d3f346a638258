"""留样、消毒、投诉、事故、摄像头线索: what is kept beside the batches.

A sample stays while a complaint is open. What a camera saw is a lead: somebody looks, and says
whether it was so; it carries no penalty and is no proof of one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bihuan.register.scheme import (
    Computed,
    Duty,
    Facts,
    Field,
    RecordAct,
    RecordType,
)
from bihuan.scenarios.kitchen import times
from bihuan.scenarios.kitchen.limits import limit, span_us
from bihuan.scenarios.kitchen.roles import DIRECTOR, MARKET, OFFICER, SAFETY

Fault = tuple[str, str, str]
_BATCH: Final = Field(
    name="batch", title=("批次", "Batch"), kind="record", of="batch", is_indexed=True
)


def _required(name: str, zh: str, en: str, kind: str = "text") -> Field:
    return Field(name=name, title=(zh, en), kind=kind, is_required=True)  # type: ignore[arg-type]


def kept_until(facts: Facts) -> int | None:
    """When 48 hours are over; a complaint may keep it longer."""
    taken_us = times.moment(facts.values["taken"])
    return None if taken_us is None else taken_us + span_us("sample_kept", taken_us)


def open_complaints(facts: Facts) -> list[str]:
    """Numbers of the open complaints that need the sample: of its batch, or of no known batch."""
    of_batch = list(facts.related["batch.complaints"])
    unknown = [row for row in facts.related["subject.complaints"] if row["batch"] is None]
    return [str(row["number"]) for row in [*of_batch, *unknown] if row["state"] == "open"]


def _may_go(facts: Facts) -> list[Fault]:
    return list(_kept(facts))


def _kept(facts: Facts) -> Iterator[Fault]:
    until_us, named = kept_until(facts), open_complaints(facts)
    if until_us is None or facts.now_us < until_us:
        yield "taken", "less than 48 h ago", "kept for at least 48 h"
    if named:
        yield "complaint", ", ".join(named), "no open complaint that needs the sample"
    batch = next(iter(facts.related["batch"]), {})
    if batch.get("state") == "recalled":
        yield "batch", "recalled", "a batch whose recall is over"


SAMPLE: Final = RecordType(
    name="sample",
    title=("留样", "Food sample"),
    subject="supplier",
    number="LY-{year}-{n:06}",
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
            name="grams",
            title=("克数", "Grams"),
            kind="decimal",
            unit="g",
            at_least=limit("sample"),
            is_required=True,
        ),
        Field(
            name="taken",
            title=("留样时间", "Taken"),
            kind="time",
            is_required=True,
            is_indexed=True,
        ),
        _required("place", "存放处（冷藏）", "Where it is kept, chilled"),
        _required("is_sealed_up", "密封并贴标签", "Sealed and labelled", "yes_no"),
        Field(name="keeper", title=("留样人", "Keeper"), kind="text", is_sealed=True),
    ),
    states=(("kept", ("留样中", "Kept")), ("gone", ("已处置", "Disposed of"))),
    computed=(
        Computed(
            name="until", title=("至少留到", "Kept at least until"), kind="time", of=kept_until
        ),
    ),
    acts=(
        RecordAct(
            name="dispose",
            title=("处置留样", "Dispose of it"),
            from_states=("kept",),
            to="gone",
            roles=SAFETY,
            check=_may_go,
        ),
    ),
)
METHODS: Final = (
    ("steam", ("蒸汽、煮沸", "Steam or boiling")),
    ("infrared", ("红外线", "Infrared")),
    ("machine", ("洗碗机", "Machine")),
    ("chlorine", ("含氯消毒液", "Chlorine")),
)


def is_enough(facts: Facts) -> bool:
    """Whether a disinfection reached heat and time, or strength and time, of its method."""
    values, at_us = facts.values, times.moment(facts.values["at"])
    method, minutes = str(values["method"]), times.number(values["minutes"])
    if minutes is None or minutes < limit(f"{method}_time", at_us) - 1e-9:
        return False
    if method == "chlorine":
        strength = times.number(values["strength"])
        return strength is not None and strength >= limit("chlorine_strength", at_us)
    heat = times.number(values["heat"])
    return heat is not None and heat >= limit(f"{method}_temperature", at_us)


DISINFECTION: Final = RecordType(
    name="disinfection",
    title=("消毒记录", "Disinfection"),
    subject="supplier",
    number="XD-{year}-{n:06}",
    is_immutable=True,
    fields=(
        _required("what", "消毒对象", "What"),
        Field(
            name="method",
            title=("方式", "Method"),
            kind="choice",
            choices=METHODS,
            is_required=True,
            is_indexed=True,
        ),
        Field(name="at", title=("时间", "When"), kind="time", is_required=True, is_indexed=True),
        Field(
            name="minutes",
            title=("时长", "For"),
            kind="decimal",
            unit="min",
            at_least=0,
            is_required=True,
        ),
        Field(
            name="heat",
            title=("温度", "Heat"),
            kind="decimal",
            unit="Cel",
            at_least=0,
            at_most=200,
        ),
        Field(
            name="strength",
            title=("有效氯", "Chlorine"),
            kind="decimal",
            unit="mg/L",
            at_least=0,
            at_most=10_000,
        ),
    ),
    computed=(Computed(name="is_enough", title=("达标", "Enough"), kind="yes_no", of=is_enough),),
)
COMPLAINT: Final = RecordType(
    name="complaint",
    title=("投诉登记", "Complaint"),
    subject="supplier",
    number="TS-{year}-{n:05}",
    fields=(
        _BATCH,
        Field(
            name="about",
            title=("反映什么", "About"),
            kind="choice",
            choices=(
                ("illness", ("食后不适", "Illness after eating")),
                ("foreign_body", ("异物", "Foreign body")),
                ("smell", ("异味变质", "Smell or spoilage")),
                ("other", ("其他", "Other")),
            ),
            is_required=True,
            is_indexed=True,
        ),
        Field(name="said", title=("内容", "What was said"), kind="long_text", is_sealed=True),
    ),
    states=(("open", ("处理中", "Open")), ("closed", ("已处理", "Closed"))),
    acts=(
        RecordAct(
            name="settle",
            title=("处理完毕", "Settle"),
            from_states=("open",),
            to="closed",
            roles=MARKET,
            fields=(_required("result", "处理结果", "Result", "long_text"),),
        ),
    ),
)
ACCIDENT: Final = RecordType(
    name="accident",
    title=("食品安全事故", "Food-safety accident"),
    subject="supplier",
    number="SG-{year}-{n:04}",
    fields=(
        Field(name="on", title=("发生日期", "On"), kind="date", is_required=True, is_indexed=True),
        Field(name="ill", title=("发病人数", "Who fell ill"), kind="integer", at_least=0),
        Field(name="text", title=("经过", "What happened"), kind="long_text", is_sealed=True),
    ),
)


def _look_by(facts: Facts) -> int | None:
    opened_us = facts.values["opened_us"]
    if facts.values["state"] != "new" or not isinstance(opened_us, int):
        return None
    return opened_us + span_us("look_at_lead", opened_us)


LEAD: Final = RecordType(
    name="lead",
    title=("摄像头线索（不作处罚依据）", "Camera lead (no proof of anything)"),
    subject="supplier",
    number="XS-{year}-{n:06}",
    is_immutable=True,
    fields=(
        Field(
            name="sort",
            title=("识别类型", "Seen"),
            kind="choice",
            choices=(
                ("no_hat", ("未戴工作帽", "No hat")),
                ("no_mask", ("未戴口罩", "No mask")),
                ("smoking", ("抽烟", "Smoking")),
                ("bare_chest", ("赤膊", "Bare chest")),
                ("pest", ("有害生物", "Pests")),
                ("other", ("其他", "Other")),
            ),
            is_required=True,
            is_indexed=True,
        ),
        Field(name="at", title=("时间", "When"), kind="time", is_required=True, is_indexed=True),
        _required("camera", "摄像头", "Camera"),
        Field(name="picture", title=("截图", "Picture"), kind="photo"),
    ),
    states=(
        ("new", ("待核实", "To be looked at")),
        ("so", ("属实，已纠正", "It was so: put right")),
        ("not_so", ("识别有误", "It was not so")),
    ),
    acts=tuple(
        RecordAct(
            name=name,
            title=title,
            from_states=("new",),
            to=name,
            roles=(OFFICER, DIRECTOR),
            fields=(_required("found", "现场所见", "Found on the spot", "long_text"),),
        )
        for name, title in (
            ("so", ("属实，已纠正", "It was so: put right")),
            ("not_so", ("识别有误", "It was not so")),
        )
    ),
    duties=(
        Duty(
            name="look",
            title=("应核实", "To be looked at"),
            at=_look_by,
            roles=(OFFICER, DIRECTOR),
            raises="lead_unseen",
        ),
    ),
)
