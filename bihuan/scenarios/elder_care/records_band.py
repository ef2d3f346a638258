"""What is kept of a band: application, assessment, what was told, issue, its SIM card."""

from __future__ import annotations

from typing import Final

from bihuan.base.time import DAY_US
from bihuan.register.scheme import Duty, Facts, Field, RecordAct, RecordType
from bihuan.scenarios.elder_care.limits import KEEP, RENEW_SIM

DUTY: Final = ("village_duty", "town_duty")
# the first sentence of the service notice; a case in which 120 may be called shows it too
NOT_120: Final = (
    "手环不代替120、110。危急时请先打120。",
    "The band does not replace 120 or 110. In an emergency call 120 first.",
)
_LEVELS = (
    ("able", ("能力完好", "Able")),
    ("mild", ("轻度失能", "Mildly disabled")),
    ("moderate", ("中度失能", "Moderately disabled")),
    ("severe", ("重度失能", "Severely disabled")),
    ("complete", ("完全失能", "Completely disabled")),
)


def _is_assessed(facts: Facts) -> tuple[tuple[str, str, str], ...]:
    if facts.values["assessment"] is None:
        return (("assessment", "nothing", "the assessment that this rests on"),)
    want = "an assessment of this elder, confirmed by a second person"
    for one in facts.related["assessment"]:
        if one["subject_id"] != facts.values["subject_id"]:
            return (("assessment", f"{one['number']}, of somebody else", want),)
        if one["state"] != "valid":
            return (("assessment", f"{one['number']}, not confirmed", want),)
    return ()


def _renew(facts: Facts) -> int | None:
    """A card that is in use is renewed before it runs out."""
    until_us = facts.values["until"]
    if facts.values["state"] != "on" or not isinstance(until_us, int):
        return None
    return until_us - RENEW_SIM.days * DAY_US


APPLICATION = RecordType(
    name="application",
    title=("手环申请", "Application"),
    subject="elder",
    number="SQ-{year}-{n:05}",
    fields=(
        Field(
            name="asked_by",
            title=("申请人", "Asked by"),
            kind="choice",
            choices=(
                ("self", ("本人", "The elder")),
                ("family", ("家属", "Family")),
                ("village", ("村（社区）", "Village")),
            ),
            is_required=True,
            is_indexed=True,
        ),
        Field(name="reason", title=("申请理由", "Reason"), kind="long_text", is_sealed=True),
        Field(
            name="assessment",
            title=("评估", "Assessment"),
            kind="record",
            of="assessment",
        ),
    ),
    states=(
        ("asked", ("待审核", "To be decided")),
        ("granted", ("已同意", "Granted")),
        ("refused", ("不同意", "Refused")),
        ("withdrawn", ("已撤回", "Withdrawn")),
    ),
    acts=(
        RecordAct(
            name="grant",
            title=("同意", "Grant"),
            from_states=("asked",),
            to="granted",
            roles=("town_duty",),
            fields=(
                Field(
                    name="assessment", title=("评估", "Assessment"), kind="record", of="assessment"
                ),
            ),
            not_by=("register",),
            check=_is_assessed,
        ),
        RecordAct(
            name="refuse",
            title=("不同意", "Refuse"),
            from_states=("asked",),
            to="refused",
            roles=("town_duty",),
            fields=(
                Field(
                    name="why",
                    title=("理由", "Why"),
                    kind="long_text",
                    is_required=True,
                    is_sealed=True,
                ),
            ),
        ),
        RecordAct(
            name="withdraw",
            title=("撤回", "Withdraw"),
            from_states=("asked",),
            to="withdrawn",
            roles=("self", "family", "village_duty"),
        ),
    ),
)
ASSESSMENT = RecordType(
    name="assessment",
    title=("能力评估", "Assessment"),
    subject="elder",
    number="PG-{year}-{n:05}",
    fields=(
        Field(name="on", title=("评估日期", "On"), kind="date", is_required=True, is_indexed=True),
        Field(
            name="level",
            title=("能力等级", "Level"),
            kind="choice",
            choices=_LEVELS,
            is_required=True,
            is_sealed=True,
        ),
        Field(name="remarks", title=("说明", "Remarks"), kind="long_text", is_sealed=True),
    ),
    states=(("made", ("待复核", "To be confirmed")), ("valid", ("有效", "Valid"))),
    acts=(
        RecordAct(
            name="confirm",
            title=("复核", "Confirm"),
            from_states=("made",),
            to="valid",
            roles=DUTY,
            not_by=("register",),
        ),
    ),
)
ISSUE = RecordType(
    name="issue",
    title=("手环发放", "Band issued"),
    subject="elder",
    number="FF-{year}-{n:05}",
    fields=(
        Field(
            name="device",
            title=("设备号", "Device"),
            kind="text",
            pattern=r"[0-9]{10,15}",
            want=("10至15位数字", "10 to 15 digits"),
            is_required=True,
            is_indexed=True,
        ),
        Field(name="handed", title=("领取时间", "Handed over"), kind="time", is_required=True),
        Field(name="receipt", title=("领取凭证", "Receipt"), kind="photo"),
    ),
    states=(("worn", ("在用", "In use")), ("back", ("已收回", "Taken back"))),
    binds="device",
    handed="handed",
    acts=(
        RecordAct(
            name="take_back",
            title=("收回", "Take back"),
            from_states=("worn",),
            to="back",
            roles=DUTY,
            releases="cause",
            fields=(
                Field(
                    name="cause",
                    title=("原因", "Cause"),
                    kind="choice",
                    choices=(
                        ("returned", ("退还", "Returned")),
                        ("death", ("去世", "Death")),
                        ("lost", ("遗失", "Lost")),
                        ("broken", ("损坏", "Broken")),
                        ("replaced", ("更换", "Replaced")),
                    ),
                    is_required=True,
                ),
            ),
        ),
    ),
)
NOTICE = RecordType(
    name="service_notice",
    title=("服务告知书", "Service notice"),
    subject="elder",
    number="GZ-{year}-{n:05}",
    fields=(
        Field(name="version", title=("文本版本", "Version"), kind="text", is_required=True),
        Field(
            name="signed",
            title=("签字日期", "Signed on"),
            kind="date",
            is_required=True,
            is_indexed=True,
        ),
        Field(
            name="signed_by",
            title=("谁签的字", "Signed by"),
            kind="choice",
            choices=(
                ("self", ("本人", "The elder")),
                ("family", ("家属", "Family")),
                ("guardian", ("监护人", "Guardian")),
            ),
            is_required=True,
        ),
        Field(
            name="is_read_120",
            title=("已读明白：手环不代替120", "Read and understood: it does not replace 120"),
            kind="yes_no",
            is_required=True,
        ),
        Field(name="paper", title=("签字页照片", "Photo of the signed page"), kind="photo"),
    ),
    is_immutable=True,
)
SIM = RecordType(
    name="sim",
    title=("物联网卡", "SIM card"),
    subject="elder",
    number="WL-{year}-{n:05}",
    fields=(
        Field(
            name="iccid",
            title=("卡号（ICCID）", "Card number (ICCID)"),
            kind="text",
            pattern=r"[0-9]{19,20}",
            want=("19或20位数字", "19 or 20 digits"),
            is_required=True,
            is_indexed=True,
        ),
        Field(
            name="carrier",
            title=("运营商", "Carrier"),
            kind="choice",
            choices=(
                ("mobile", ("移动", "China Mobile")),
                ("telecom", ("电信", "China Telecom")),
                ("unicom", ("联通", "China Unicom")),
            ),
        ),
        Field(name="until", title=("有效期至", "Valid until"), kind="time", is_indexed=True),
    ),
    states=(("on", ("在用", "In use")), ("off", ("已停", "Stopped"))),
    acts=(
        RecordAct(
            name="renew",
            title=("续费", "Renew"),
            from_states=("on",),
            to=None,
            roles=DUTY,
            fields=(Field(name="until", title=("有效期至", "Valid until"), kind="time"),),
        ),
        RecordAct(
            name="stop",
            title=("停卡", "Stop"),
            from_states=("on",),
            to="off",
            roles=DUTY,
            fields=(
                Field(
                    name="cause",
                    title=("原因", "Cause"),
                    kind="choice",
                    choices=(
                        ("returned", ("手环已收回", "Band taken back")),
                        ("death", ("去世", "Death")),
                        ("lost", ("遗失", "Lost")),
                        ("replaced", ("换卡", "Replaced")),
                    ),
                    is_required=True,
                ),
            ),
        ),
    ),
    duties=(Duty(name="renew", title=("应续费", "To be renewed"), at=_renew, roles=DUTY),),
    keep_days=KEEP.days,
)
