"""Places: care centres, stations, tea-rooms; what each covers, who came; days of official heat."""

from __future__ import annotations

from bihuan.register.scheme import (
    Computed,
    Facts,
    Field,
    RecordAct,
    RecordType,
    Relation,
    SubjectType,
    Value,
)

_TOWN = ("town_duty", "county_command")


def _covered(facts: Facts) -> Value:
    return sum(one["state"] == "on" for one in facts.related["coverage"])


PLACE = SubjectType(
    name="place",
    title=("养老服务点", "Place"),
    party=None,
    loops=(),
    fields=(
        Field(
            name="sort",
            title=("类型", "Sort"),
            kind="choice",
            choices=(
                ("care_centre", ("居家养老服务照料中心", "Care centre")),
                ("station", ("长寿驿站", "Longevity station")),
                ("tea_room", ("民情茶室", "Tea-room")),
            ),
            is_required=True,
            is_indexed=True,
        ),
        Field(name="seats", title=("座位", "Seats"), kind="integer", at_least=0),
        Field(
            name="has_meter",
            title=("有自助血压计", "Has a self-service pressure meter"),
            kind="yes_no",
            is_indexed=True,
        ),
        Field(name="hours", title=("开放时间", "Open"), kind="text"),
    ),
    relations=(
        Relation(name="coverage", title=("服务范围", "Covers"), to="coverage", by="subject"),
        Relation(name="attendance", title=("到场", "Attendance"), to="attendance", by="subject"),
    ),
    computed=(
        Computed(name="covers", title=("覆盖村社区", "Areas covered"), kind="integer", of=_covered),
    ),
    states=(("open", ("开放", "Open")), ("shut", ("停用", "Shut"))),
    acts=(
        RecordAct(
            name="shut",
            title=("停用", "Shut"),
            from_states=("open",),
            to="shut",
            roles=_TOWN,
            fields=(Field(name="why", title=("原因", "Why"), kind="long_text", is_required=True),),
        ),
        RecordAct(
            name="open_again",
            title=("恢复开放", "Open again"),
            from_states=("shut",),
            to="open",
            roles=_TOWN,
        ),
    ),
)
COVERAGE = RecordType(
    name="coverage",
    title=("服务范围", "Coverage"),
    subject="place",
    number="FW-{year}-{n:05}",
    fields=(
        Field(
            name="covers",
            title=("服务哪里", "Serves"),
            kind="area",
            is_required=True,
            is_indexed=True,
        ),
    ),
    states=(("on", ("服务中", "Served")), ("off", ("已停", "Ended"))),
    acts=(
        RecordAct(
            name="end", title=("停止服务", "End"), from_states=("on",), to="off", roles=_TOWN
        ),
    ),
)
ATTENDANCE = RecordType(
    name="attendance",
    title=("到场登记", "Attendance"),
    subject="place",
    number="DC-{year}-{n:06}",
    fields=(
        Field(name="on", title=("日期", "On"), kind="date", is_required=True, is_indexed=True),
        # a person who comes twice is one person and two visits
        Field(
            name="persons", title=("人数", "Persons"), kind="integer", at_least=0, is_required=True
        ),
        Field(name="times", title=("人次", "Visits"), kind="integer", at_least=0, is_required=True),
        Field(name="activity", title=("活动", "Activity"), kind="text"),
    ),
)
HEAT = RecordType(
    name="heat_day",
    title=("高温日", "Heat day"),
    subject=None,
    number="GW-{year}-{n:04}",
    fields=(
        # only the station issues, changes or lifts it: name, time and words are quoted unaltered
        Field(name="station", title=("发布气象台", "Issued by"), kind="text", is_required=True),
        Field(
            name="level",
            title=("预警信号等级", "Level of the official warning"),
            kind="choice",
            choices=(
                ("yellow", ("高温黄色", "Heat, yellow")),
                ("orange", ("高温橙色", "Heat, orange")),
                ("red", ("高温红色", "Heat, red")),
            ),
            is_required=True,
            is_indexed=True,
        ),
        Field(
            name="issued",
            title=("发布时间", "Issued at"),
            kind="time",
            is_required=True,
            is_indexed=True,
        ),
        Field(name="words", title=("原文", "Text as issued"), kind="long_text", is_required=True),
        Field(name="lifted_at", title=("解除时间", "Lifted at"), kind="time"),
    ),
    states=(("on", ("生效", "In force")), ("lifted", ("解除", "Lifted"))),
    acts=(
        RecordAct(
            name="lift",
            title=("解除（气象台已解除）", "Lifted by the station"),
            from_states=("on",),
            to="lifted",
            roles=_TOWN,
            fields=(Field(name="lifted_at", title=("解除时间", "Lifted at"), kind="time"),),
        ),
    ),
)
