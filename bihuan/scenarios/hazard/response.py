"""应急响应 / The response: its level is decided by a person and kept apart from any warning.

A unit of defence (a county, a town, a village) has a table of measures by level and area, a list
of homes in danger, and a level while it responds. Starting or raising it files what is to be done
and who is to be moved; each is confirmed by somebody. Nobody goes home before the unit's response
is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from bihuan.base.time import MINUTE_US
from bihuan.register.scheme import (
    CallsOut,
    Computed,
    Duty,
    Facts,
    Field,
    Opens,
    RecordAct,
    RecordType,
    Relation,
    SubjectType,
    Value,
)

Faults = tuple[tuple[str, str, str], ...]
DECIDERS: Final = ("county_command", "town_duty", "flood_command")
UNCALLED: Final = "call_out_failed"
FIELD: Final = ("village_duty", "town_duty", "county_command", "grid_worker")
MOST_SPOKEN: Final = 400  # characters of an order; a call has room for little more
MOST_WHAT: Final = 60
MORE: Final = ("；按预案执行", "; as planned")
LEVELS: Final = (
    ("1", ("I 级", "Level I")),
    ("2", ("II 级", "Level II")),
    ("3", ("III 级", "Level III")),
    ("4", ("IV 级", "Level IV")),
)
ROLES: Final = (
    ("village_duty", ("村值班", "Village duty")),
    ("town_duty", ("镇（街道）值班", "Town duty")),
    ("county_command", ("县指挥中心", "County command")),
    ("school", ("学校", "School")),
    ("site_keeper", ("场所责任人", "Keeper of the place")),
)
EVENTS: Final = (
    ("flood", ("暴雨洪涝", "Rain and flood")),
    ("typhoon", ("台风", "Typhoon")),
    ("snow", ("雨雪冰冻", "Snow and ice")),
    ("any", ("各类", "Any")),
)


def _whole(text: object) -> int:
    return int(str(text))


def _since(facts: Facts) -> int:
    """When this response began: what was filed before belongs to an earlier one."""
    began = facts.values.get("at.start")
    return began if isinstance(began, int) else 0


def _is_of_now(row: Mapping[str, Value], since_us: int) -> bool:
    opened = row["opened_us"]
    return isinstance(opened, int) and opened >= since_us


def to_do(facts: Facts) -> Sequence[Opens]:
    """Tasks and moves of the level that holds, each once in one response.

    Levels run from IV to I: what is to be done from level III on is to be done at II and I too.
    """
    level, since_us = facts.values["level"], _since(facts)
    found: list[Opens] = []
    tasks = {t["measure"] for t in facts.related["tasks"] if _is_of_now(t, since_us)}
    for one in facts.related["measures"]:
        if _is_due(one, facts) and one["id"] not in tasks:
            found.append(_task(one))
    moves = {m["home"] for m in facts.related["moves"] if _is_of_now(m, since_us)}
    for home in facts.related["homes"]:
        is_due = home["state"] == "listed" and _whole(level) <= _whole(home["from_level"])
        if is_due and home["id"] not in moves:
            found.append(_move(home))
    return found


def _is_due(measure: Mapping[str, Value], facts: Facts) -> bool:
    """Whether a row of the table holds at the unit's level and for its event."""
    if measure["state"] != "valid" or measure["event"] not in (facts.values["event"], "any"):
        return False
    return _whole(facts.values["level"]) <= _whole(measure["from_level"])


def called_out(facts: Facts) -> CallsOut:
    """The rosters that the table calls at the level that holds, day and night, all in parallel.

    A level at which no row calls lifts the order that runs.
    """
    rows = [one for one in facts.related["measures"] if one["calls"] and _is_due(one, facts)]
    n = [code for code, _words in LEVELS].index(str(facts.values["level"]))
    events = dict(EVENTS)
    kind, level = events[str(facts.values["event"])], LEVELS[n][1]
    if not rows:
        zh, en = f"应急响应调整为{level[0]}，本级不再叫应", f"The response is now {level[1]}"
        return CallsOut(whom=(), zh=zh, en=en)
    whom = tuple((str(one["role"]), _area(one["where"])) for one in rows)
    what = list(dict.fromkeys(str(one["what"]) for one in rows))
    zh, en = f"{kind[0]}{level[0]}应急响应：", f"{kind[1]}, response {level[1]}: "
    warning = facts.values["warning"]
    return CallsOut(
        whom=whom,
        zh=zh + _listed(what, "；", MOST_SPOKEN - len(zh), MORE[0]),
        en=en + _listed(what, "; ", MOST_SPOKEN - len(en), MORE[1]),
        warning=warning if isinstance(warning, int) else None,
    )


def _listed(what: Sequence[str], between: str, room: int, more: str) -> str:
    """As many as can be spoken, and a word where some are left to the table."""
    if len(said := between.join(what)) <= room:
        return said
    while what and len(between.join(what)) + len(more) > room:
        what = what[:-1]
    return between.join(what) + more


def lifted(_facts: Facts) -> CallsOut:
    """The end of the response is said to everybody whom its order reached."""
    words = (
        "应急响应已结束，叫应解除；返回须经村里确认",
        "The response is over, the call-out is lifted; return only when your village says so",
    )
    return CallsOut(whom=(), zh=words[0], en=words[1])


def _area(where: object) -> int | None:
    return where if isinstance(where, int) else None


def _is_spoken(facts: Facts) -> Faults:
    """What is called out is read aloud: short, and with nothing to click."""
    what = str(facts.values["what"] or "")
    if not facts.values["calls"]:
        return ()
    if len(what) > MOST_WHAT or "://" in what or "www." in what.lower():
        want = f"at most {MOST_WHAT} characters and no link: it is read aloud"
        return (("what", f"{len(what)} characters", want),)
    return ()


def _task(measure: Mapping[str, Value]) -> Opens:
    where = measure["where"]
    values = {
        "measure": measure["id"],
        **{name: measure[name] for name in ("what", "role", "minutes", "from_level")},
    }
    return Opens(kind="task", values=values, area_id=where if isinstance(where, int) else None)


def _move(home: Mapping[str, Value]) -> Opens:
    where = home["where"]
    values = {"home": home["id"], "people": home["people"]}
    return Opens(kind="move", values=values, area_id=where if isinstance(where, int) else None)


def _count(facts: Facts, name: str, *states: str) -> int:
    since_us = _since(facts)
    return sum(_is_of_now(row, since_us) and row["state"] in states for row in facts.related[name])


LEVEL = Field(
    name="level", title=("响应等级", "Response level"), kind="choice", choices=LEVELS,
    is_indexed=True,
)  # fmt: skip
EVENT = Field(name="event", title=("灾种", "Event"), kind="choice", choices=EVENTS)
WARNING = Field(
    name="warning", title=("预警信号编号（本平台）", "Number of the official warning here"),
    kind="integer", at_least=1,
)  # fmt: skip
BASIS = Field(
    name="basis", title=("依据：谁决定，凭什么", "Decided by whom, on what"), kind="long_text",
    is_required=True,
)  # fmt: skip


def must(field: Field) -> Field:
    """The same field where an act insists on it."""
    return replace(field, is_required=True)


UNIT = SubjectType(
    name="unit",
    title=("防御单元", "Unit of defence"),
    party=None,
    loops=("warning", "response"),
    fields=(LEVEL, EVENT, WARNING),
    relations=(
        Relation(
            name="measures", title=("响应措施表", "Table of measures"), to="measure", by="subject"
        ),
        Relation(name="tasks", title=("响应任务", "Tasks"), to="task", by="subject"),
        Relation(name="homes", title=("危险区农户", "Homes in danger"), to="home", by="subject"),
        Relation(name="moves", title=("转移", "Moves"), to="move", by="subject"),
    ),
    computed=(
        Computed(
            name="tasks_open", title=("未确认任务", "Tasks not confirmed"), kind="integer",
            of=lambda facts: _count(facts, "tasks", "open", "cannot"),
        ),
        Computed(
            name="to_move", title=("应转户", "Homes to move"), kind="integer",
            of=lambda facts: _count(facts, "moves", "to_move", "refused"),
        ),
        Computed(
            name="moved", title=("已转户", "Homes moved"), kind="integer",
            of=lambda facts: _count(facts, "moves", "moved"),
        ),
    ),
    states=(("normal", ("常态", "Normal")), ("responding", ("响应中", "Responding"))),
    acts=(
        RecordAct(
            name="start", title=("启动应急响应", "Start a response"), from_states=("normal",),
            to="responding", roles=DECIDERS, fields=(must(LEVEL), must(EVENT), WARNING, BASIS),
            opens=to_do, calls=called_out, uncalled=UNCALLED,
        ),
        RecordAct(
            name="change", title=("调整响应等级", "Change the level"),
            from_states=("responding",), to=None, roles=DECIDERS,
            fields=(must(LEVEL), WARNING, BASIS), opens=to_do, calls=called_out,
            uncalled=UNCALLED,
        ),
        RecordAct(
            name="end", title=("结束应急响应", "End the response"), from_states=("responding",),
            to="normal", roles=DECIDERS, fields=(BASIS,), calls=lifted, uncalled=UNCALLED,
        ),
    ),
)  # fmt: skip
MEASURE = RecordType(
    name="measure",
    title=("响应措施", "Measure"),
    subject="unit",
    number="CS-{year}-{n:05}",
    fields=(
        Field(
            name="from_level", title=("从哪级起", "From level"), kind="choice", choices=LEVELS,
            is_required=True, is_indexed=True,
        ),
        must(EVENT),
        Field(name="what", title=("做什么", "What"), kind="text", is_required=True),
        Field(
            name="role", title=("谁做", "Who"), kind="choice", choices=ROLES, is_required=True,
            is_indexed=True,
        ),
        Field(
            name="minutes", title=("多少分钟内", "Within"), kind="integer", unit="min",
            at_least=1, at_most=2_880, is_required=True,
        ),
        Field(name="where", title=("哪个区域", "Where"), kind="area"),
        Field(name="calls", title=("叫应", "Calls out"), kind="yes_no"),
        Field(
            name="source", title=("依据（预案、文件）", "Source"), kind="text", is_required=True
        ),
    ),
    states=(("valid", ("有效", "Valid")), ("retired", ("停用", "Retired"))),
    acts=(
        RecordAct(
            name="retire", title=("停用", "Retire"), from_states=("valid",), to="retired",
            roles=DECIDERS,
        ),
    ),
    check=_is_spoken,
)  # fmt: skip


def _task_due(facts: Facts) -> int | None:
    if facts.values["state"] != "open":
        return None
    opened, minutes = facts.values["opened_us"], facts.values["minutes"]
    if not isinstance(opened, int) or not isinstance(minutes, int):
        return None
    return opened + minutes * MINUTE_US


def _took(facts: Facts) -> int | None:
    """Whole minutes from the order to its confirmation; None while it is not confirmed."""
    opened, done = facts.values["opened_us"], facts.values.get("at.confirm")
    if not isinstance(opened, int) or not isinstance(done, int):
        return None
    return (done - opened) // MINUTE_US


WHY: Final = Field(name="why", title=("为什么", "Why"), kind="long_text", is_required=True)
TASK = RecordType(
    name="task",
    title=("响应任务", "Task"),
    subject="unit",
    number="RW-{year}-{n:06}",
    fields=(
        Field(name="measure", title=("措施", "Measure"), kind="record", of="measure"),
        Field(name="what", title=("做什么", "What"), kind="text", is_required=True),
        Field(
            name="role", title=("谁做", "Who"), kind="choice", choices=ROLES, is_required=True,
            is_indexed=True,
        ),
        Field(name="minutes", title=("多少分钟内", "Within"), kind="integer", unit="min"),
        Field(
            name="from_level", title=("从哪级起", "From level"), kind="choice", choices=LEVELS,
            is_indexed=True,
        ),
    ),
    computed=(
        Computed(
            name="took", title=("用时", "Took"), kind="integer", unit="min", of=_took
        ),
    ),
    states=(
        ("open", ("待确认", "To be confirmed")),
        ("confirmed", ("已确认", "Confirmed")),
        ("cannot", ("做不到", "Cannot be done")),
        ("waived", ("上级决定不做", "Waived by a superior")),
    ),
    acts=(
        RecordAct(
            name="confirm", title=("确认已做", "Confirm"), from_states=("open", "cannot"),
            to="confirmed", roles=(*FIELD, "school", "site_keeper"),
            fields=(
                Field(
                    name="said", title=("做了什么", "What was done"), kind="long_text",
                    is_required=True,
                ),
                Field(name="photo", title=("照片", "Photo"), kind="photo"),
            ),
        ),
        RecordAct(
            name="cannot", title=("做不到", "Cannot"), from_states=("open",), to="cannot",
            roles=(*FIELD, "school", "site_keeper"),
            fields=(WHY,),
            raises="task_overdue",
        ),
        RecordAct(
            name="waive", title=("决定不做", "Waive"), from_states=("open", "cannot"),
            to="waived", roles=DECIDERS,
            fields=(WHY,),
        ),
    ),
    duties=(
        Duty(
            name="confirm", title=("应确认", "To be confirmed"), at=_task_due,
            roles=(*FIELD, "school", "site_keeper"), raises="task_overdue",
        ),
    ),
)  # fmt: skip
