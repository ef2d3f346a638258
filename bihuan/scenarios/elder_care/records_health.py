"""Visits, major changes, pressures written down at a station, referrals. Health is sealed."""

from __future__ import annotations

from collections.abc import Mapping

from bihuan.base.time import DAY_US, MINUTE_US
from bihuan.register.scheme import Duty, Facts, Field, RecordAct, RecordType, Value
from bihuan.scenarios.elder_care.limits import AMBULANCE, FOLLOW_UP, KEEP, URGENT
from bihuan.scenarios.elder_care.playbook import CUFF


def cuff_mmhg(values: Mapping[str, Value]) -> tuple[int, int] | None:
    """(systolic, diastolic): the lower of two, the one where only one was taken; None: unknown."""
    found = []
    for high, low in (("systolic", "diastolic"), ("systolic_again", "diastolic_again")):
        one, other = values.get(high), values.get(low)
        if isinstance(one, int) and isinstance(other, int):
            found.append((one, other))
    if not found:
        return None
    return min(one for one, _ in found), min(other for _, other in found)


def _is_urgent(values: Mapping[str, Value]) -> str | None:
    found = cuff_mmhg(values)
    if found is None:
        return None
    return CUFF if found[0] >= URGENT.systolic_mmhg or found[1] >= URGENT.diastolic_mmhg else None


def _follow_up(facts: Facts) -> int | None:
    sent_us = facts.values["sent"]
    if facts.values["state"] != "sent" or not isinstance(sent_us, int):
        return None
    return sent_us + FOLLOW_UP.days * DAY_US


def _arrive(facts: Facts) -> int | None:
    called_us = facts.values["called"]
    if facts.values["state"] != "called" or not isinstance(called_us, int):
        return None
    return called_us + AMBULANCE.minutes * MINUTE_US


def _mmhg(name: str, title: tuple[str, str], *, is_high: bool, is_required: bool = False) -> Field:
    low, high = (50, 300) if is_high else (20, 200)
    return Field(
        name=name,
        title=title,
        kind="integer",
        unit="mm[Hg]",
        at_least=low,
        at_most=high,
        is_required=is_required,
        is_sealed=True,
    )


VISIT = RecordType(
    name="visit",
    title=("探访", "Visit"),
    subject="elder",
    number="TF-{year}-{n:06}",
    fields=(
        Field(name="seen", title=("时间", "When"), kind="time", is_required=True, is_indexed=True),
        Field(
            name="way",
            title=("方式", "Way"),
            kind="choice",
            choices=(
                ("door", ("上门", "At the door")),
                ("phone", ("电话", "By phone")),
                ("video", ("视频", "By video")),
            ),
            is_required=True,
            is_indexed=True,
        ),
        Field(
            name="met",
            title=("见到或通话", "Met"),
            kind="yes_no",
            is_required=True,
            is_indexed=True,
        ),
        Field(
            name="came",
            title=("谁去的", "Who came"),
            kind="choice",
            choices=(
                ("village", ("村干部", "The village")),
                ("doctor", ("医生", "The doctor")),
                ("grid", ("网格员", "The grid worker")),
                ("centre", ("照料中心", "The care centre")),
                ("volunteer", ("志愿者", "A volunteer")),
            ),
            is_indexed=True,
        ),
        Field(name="found", title=("情况", "Found"), kind="long_text", is_sealed=True),
        Field(name="photo", title=("照片", "Photo"), kind="photo"),
    ),
    keep_days=KEEP.days,
)
CHANGE = RecordType(
    name="change",
    title=("重大变故", "Major change"),
    subject="elder",
    number="BG-{year}-{n:05}",
    fields=(
        Field(name="since", title=("何时", "When"), kind="time", is_required=True),
        Field(
            name="kind",
            title=("变故", "Change"),
            kind="choice",
            choices=(
                ("discharged", ("出院", "Discharged from hospital")),
                ("fell", ("跌伤", "Hurt in a fall")),
                ("bereaved", ("丧偶或丧亲", "Bereaved")),
                ("alone", ("变为独居", "Alone from now on")),
                ("other", ("其他", "Other")),
            ),
            is_required=True,
            is_sealed=True,
        ),
    ),
    keep_days=KEEP.days,
)
MEASUREMENT = RecordType(
    name="measurement",
    title=("袖带血压", "Cuff pressure"),
    subject="elder",
    number="XY-{year}-{n:06}",
    fields=(
        Field(name="taken", title=("时间", "When"), kind="time", is_required=True, is_indexed=True),
        Field(
            name="place",
            title=("在哪里量的", "Where"),
            kind="subject",
            of="place",
            is_indexed=True,
        ),
        # a meter that many use knows nobody: without this a reading is nobody's
        Field(
            name="identified",
            title=("怎样认定是本人", "How the person was identified"),
            kind="choice",
            choices=(
                ("id_card", ("刷身份证", "Identity card")),
                ("social_card", ("刷社保卡", "Social security card")),
                ("staff", ("工作人员当面核对", "Checked by staff")),
            ),
            is_required=True,
            is_indexed=True,
        ),
        _mmhg("systolic", ("收缩压", "Systolic"), is_high=True, is_required=True),
        _mmhg("diastolic", ("舒张压", "Diastolic"), is_high=False, is_required=True),
        _mmhg("systolic_again", ("复测收缩压", "Systolic, again"), is_high=True),
        _mmhg("diastolic_again", ("复测舒张压", "Diastolic, again"), is_high=False),
    ),
    is_immutable=True,
    keep_days=KEEP.days,
    raises=_is_urgent,
)
REFERRAL = RecordType(
    name="referral",
    title=("转诊", "Referral"),
    subject="elder",
    number="ZZ-{year}-{n:05}",
    fields=(
        Field(name="sent", title=("转诊时间", "Referred at"), kind="time", is_required=True),
        Field(name="to", title=("转到哪里", "Where to"), kind="text", is_required=True),
        Field(name="why", title=("原因", "Why"), kind="long_text", is_sealed=True),
    ),
    states=(("sent", ("待复查", "To be seen again")), ("seen", ("已复查", "Seen again"))),
    acts=(
        RecordAct(
            name="follow_up",
            title=("复查", "Follow up"),
            from_states=("sent",),
            to="seen",
            roles=("doctor", "village_duty"),
            fields=(
                Field(
                    name="result",
                    title=("结果", "Result"),
                    kind="long_text",
                    is_required=True,
                    is_sealed=True,
                ),
            ),
        ),
    ),
    duties=(
        Duty(
            name="follow_up",
            title=("应复查", "Follow-up due"),
            at=_follow_up,
            roles=("doctor", "village_duty"),
        ),
    ),
    keep_days=KEEP.days,
)
_NEAR = ("family", "doctor", "village_duty", "town_duty", "county_command")
HANDOVER = RecordType(
    name="handover",
    title=("转120交接", "Handed over to 120"),
    subject="elder",
    number="JJ-{year}-{n:05}",
    fields=(
        Field(
            name="called",
            title=("拨打120的时间", "120 was called at"),
            kind="time",
            is_required=True,
            is_indexed=True,
        ),
        Field(
            name="called_by",
            title=("谁拨打的", "Called by"),
            kind="choice",
            choices=(
                ("family", ("家属", "Family")),
                ("village", ("村干部", "The village")),
                ("doctor", ("医生", "The doctor")),
                ("neighbour", ("邻居", "A neighbour")),
                ("self", ("本人", "The elder")),
            ),
            is_required=True,
        ),
        Field(
            name="way",
            title=("怎么打的", "By which call"),
            kind="choice",
            choices=(
                ("direct", ("直接打120", "120 directly")),
                ("police", ("经110转接", "Through 110")),
                ("command", ("经县指挥中心", "Through the county command")),
                ("clinic", ("经卫生院", "Through the clinic")),
            ),
        ),
        Field(
            name="order",
            title=("120任务号", "Number of the 120 order"),
            kind="text",
            is_sealed=True,
        ),
        Field(name="waits", title=("谁在等车", "Who waits for it"), kind="text", is_sealed=True),
        Field(
            name="said",
            title=("对120说了什么", "What 120 was told"),
            kind="long_text",
            is_sealed=True,
        ),
    ),
    states=(
        ("called", ("已拨打，等车", "Called, waiting")),
        ("handed", ("已交给急救人员", "Handed over")),
        ("called_off", ("不用来了", "Called off")),
    ),
    acts=(
        RecordAct(
            name="hand",
            title=("已交给急救人员", "Handed over"),
            from_states=("called",),
            to="handed",
            roles=_NEAR,
            fields=(
                Field(
                    name="arrived", title=("到达时间", "Arrived at"), kind="time", is_required=True
                ),
                Field(name="hospital", title=("送往哪里", "Taken to"), kind="text", is_sealed=True),
            ),
        ),
        RecordAct(
            name="call_off",
            title=("不用来了", "Call off"),
            from_states=("called",),
            to="called_off",
            roles=_NEAR,
            fields=(
                Field(
                    name="why",
                    title=("原因", "Why"),
                    kind="long_text",
                    is_required=True,
                    is_sealed=True,
                ),
            ),
        ),
    ),
    duties=(
        Duty(
            name="arrive",
            title=("救护车应已到，请问120", "The ambulance should be there: ask 120"),
            at=_arrive,
            roles=("village_duty", "town_duty"),
        ),
    ),
    keep_days=KEEP.days,
)
