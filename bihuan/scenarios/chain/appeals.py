"""What a firm appeals for, the letters written for it, other counties' parts, and vehicle passes.

An appeal opens a case by itself. Another county's part has its own clock, beside that of the person
who handles it here. A pass is for one vehicle on one route with its crew, ends by itself, and is
issued only where the other end takes passes too.
"""

from __future__ import annotations

from typing import Final

from bihuan.base.time import DAY_US
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
from bihuan.scenarios.chain.firms import DESK, FIRM_PEOPLE, OFFICIALS
from bihuan.scenarios.chain.rules import LEG_REPLY, PASS_MOST

Faults = tuple[tuple[str, str, str], ...]
TOLD: Final = ("phone", "spoken")  # somebody said it and an official wrote it down (代录)
FROM = Field(name="from_place", title=("从哪里来", "From"), kind="text", is_indexed=True)
TO = Field(name="to_place", title=("到哪里去", "To"), kind="text", is_indexed=True)
ROAD = Field(name="road", title=("路线", "Route"), kind="text")
WHY = Field(name="why", title=("理由", "Why"), kind="long_text", is_required=True)


def _appeal_is_whole(facts: Facts) -> Faults:
    said, faults = facts.values, list[tuple[str, str, str]]()
    if said["topic"] == "passage":
        faults += [(n, "nothing", "both ends of the route") for n in _empty(said, *ENDS)]
    if said["quantity"] is not None and said["measure"] is None:
        faults.append(("measure", "nothing", "what the quantity is counted in"))
    if said["way"] in TOLD:
        want = "who said it, and whether it was read back"
        faults += [(n, "nothing", want) for n in _empty(said, "caller", "read_back")]
    return tuple(faults)


ENDS: Final = ("from_place", "to_place")


def _empty(said: object, *names: str) -> list[str]:
    assert isinstance(said, dict)
    return [name for name in names if said[name] is None]


def _opens(facts: Facts) -> int | None:
    """At once: nothing that is filed waits for somebody to notice it."""
    opened = facts.values["opened_us"]
    return opened if isinstance(opened, int) else None


def _runs_out(facts: Facts) -> Value:
    """When the stock is used up, as the firm said; None where it is not known."""
    opened, days = facts.values["opened_us"], facts.values["days_of_stock"]
    if not isinstance(opened, int) or not isinstance(days, int | float):
        return None
    return opened + int(days * DAY_US)


APPEAL = RecordType(
    name="appeal",
    title=("诉求", "Appeal"),
    subject="firm",
    number="QS-{year}-{n:05}",
    fields=(
        Field(
            name="topic",
            title=("哪方面", "About"),
            kind="choice",
            choices=(
                ("passage", ("车辆通行", "Passage of vehicles")),
                ("supply", ("原料供应", "Supply of goods")),
                ("energy", ("用能", "Energy")),
                ("labour", ("用工", "Labour")),
                ("funds", ("资金", "Funds")),
                ("other", ("其他", "Other")),
            ),
            is_required=True,
            is_indexed=True,
        ),
        Field(name="goods", title=("货物", "Goods"), kind="text", is_required=True,
              is_indexed=True),
        Field(name="quantity", title=("数量", "Quantity"), kind="decimal", at_least=0),
        Field(name="measure", title=("计量单位", "Counted in"), kind="text"),
        FROM,
        TO,
        ROAD,
        Field(
            name="days_of_stock",
            title=("库存可用天数（不知道就空着）", "Days of stock (empty where unknown)"),
            kind="decimal",
            unit="d",
            at_least=0,
            at_most=365,
            is_indexed=True,
        ),
        Field(name="text", title=("请求什么", "What is asked"), kind="long_text",
              is_required=True),
        Field(
            name="way",
            title=("怎么收到的", "How it came"),
            kind="choice",
            choices=(
                ("web", ("企业自己填报", "The firm's own form")),
                ("phone", ("电话代录", "By telephone, written down")),
                ("spoken", ("当面代录", "Spoken, written down")),
                ("sheet", ("表格导入", "From a sheet")),
                ("api", ("系统对接", "From another system")),
            ),
            is_required=True,
            is_indexed=True,
        ),
        Field(name="caller", title=("来电人和电话", "Who called"), kind="text", is_sealed=True),
        Field(name="read_back", title=("已复述给对方听", "Read back"), kind="yes_no"),
    ),
    relations=(
        Relation(name="letters", title=("函件", "Letters"), to="letter", by="appeal"),
        Relation(name="legs", title=("外地环节", "Other counties"), to="leg", by="appeal"),
        Relation(name="passes", title=("通行证", "Passes"), to="pass", by="appeal"),
    ),
    computed=(
        Computed(name="runs_out", title=("库存用到", "Stock lasts until"), kind="time",
                 of=_runs_out),
    ),
    duties=(
        Duty(name="open", title=("转入办理", "Opens its case"), at=_opens, roles=DESK,
             raises="appeal"),
    ),
    check=_appeal_is_whole,
)  # fmt: skip
OF_APPEAL = Field(
    name="appeal",
    title=("诉求", "Appeal"),
    kind="record",
    of="appeal",
    is_required=True,
    is_indexed=True,
)


def _reply_due(facts: Facts) -> int | None:
    """Days from the asking, or from the newest reminder; None once the other county has spoken."""
    if facts.values["state"] != "asked":
        return None
    since = facts.values.get("at.remind") or facts.values["opened_us"]
    return since + LEG_REPLY.days * DAY_US if isinstance(since, int) else None


def waited_days(facts: Facts) -> float | None:
    """Days that the other county took, or has taken so far: none of them are ours."""
    opened = facts.values["opened_us"]
    ends = [facts.values.get(f"at.{act}") for act in ("agree", "refuse")]
    ended = next((at for at in ends if isinstance(at, int)), facts.now_us)
    return round((ended - opened) / DAY_US, 1) if isinstance(opened, int) else None


LEG = RecordType(
    name="leg",
    title=("外地环节", "Another county's part"),
    subject="firm",
    number="WD-{year}-{n:05}",
    fields=(
        OF_APPEAL,
        Field(name="place", title=("哪个县（市、区）", "Which county"), kind="text",
              is_required=True, is_indexed=True),
        Field(name="office", title=("对方单位和电话", "Their office"), kind="text"),
        Field(name="what", title=("请对方做什么", "What is asked"), kind="long_text",
              is_required=True),
    ),
    states=(
        ("asked", ("等待外地答复", "Waits for the other county")),
        ("agreed", ("对方同意", "Agreed")),
        ("refused", ("对方不同意", "Refused")),
    ),
    relations=(Relation(name="letters", title=("函件", "Letters"), to="letter", by="leg"),),
    computed=(
        Computed(name="waited", title=("外地用时", "Their days"), kind="decimal", unit="d",
                 of=waited_days),
    ),
    acts=(
        RecordAct(
            name="agree",
            title=("对方同意", "They agree"),
            from_states=("asked",),
            to="agreed",
            roles=OFFICIALS,
            fields=(Field(name="reply", title=("答复", "Reply"), kind="long_text",
                          is_required=True),),
        ),
        RecordAct(
            name="refuse",
            title=("对方不同意", "They refuse"),
            from_states=("asked",),
            to="refused",
            roles=OFFICIALS,
            fields=(WHY,),
        ),
        RecordAct(
            name="remind",
            title=("再次联系", "Ask again"),
            from_states=("asked",),
            to=None,
            roles=OFFICIALS,
            fields=(Field(name="said", title=("联系情况", "What was said"), kind="long_text",
                          is_required=True),),
        ),
    ),
    duties=(
        Duty(name="reply", title=("外地应答复", "Their reply due"), at=_reply_due,
             roles=OFFICIALS),
    ),
)  # fmt: skip
LETTER = RecordType(
    name="letter",
    title=("函件", "Letter"),
    subject="firm",
    number="HJ-{year}-{n:05}",
    fields=(
        OF_APPEAL,
        Field(name="leg", title=("外地环节", "Other county"), kind="record", of="leg"),
        Field(
            name="direction",
            title=("方向", "Direction"),
            kind="choice",
            choices=(
                ("sent", ("发函", "Sent")),
                ("received", ("来函", "Received")),
                ("call", ("电话沟通记录", "Telephone call")),
            ),
            is_required=True,
            is_indexed=True,
        ),
        Field(name="party", title=("对方单位", "To or from"), kind="text", is_required=True),
        Field(name="document", title=("文号", "Document number"), kind="text"),
        Field(name="on", title=("日期", "Date"), kind="date", is_required=True, is_indexed=True),
        Field(name="text", title=("内容", "What it says"), kind="long_text", is_required=True),
        Field(name="scan", title=("扫描件或照片", "Scan"), kind="photo"),
    ),
    is_immutable=True,
)


def _pass_is_whole(facts: Facts) -> Faults:
    """One route with two ends, and a time that ends, at most so many days ahead."""
    said, faults = facts.values, list[tuple[str, str, str]]()
    if said["from_place"] == said["to_place"]:
        faults.append(("to_place", str(said["to_place"]), "another place than the start"))
    starts, expires = said["starts"], said["expires"]
    assert isinstance(starts, int), "a required field"
    assert isinstance(expires, int), "a required field"
    most_us = PASS_MOST.days * DAY_US
    if not starts < expires <= starts + most_us:
        got = f"{(expires - starts) / DAY_US:g} days"
        faults.append(("expires", got, f"more than 0, at most {PASS_MOST.days} days"))
    return tuple(faults)


def is_live(said: object, now_us: int) -> bool:
    """Whether a pass holds now: issued, and its time is not over. It ends by itself."""
    assert isinstance(said, dict)
    expires = said["expires"]
    return said["state"] == "issued" and isinstance(expires, int) and now_us < expires


def _may_be_issued(facts: Facts) -> Faults:
    said, faults = facts.values, list[tuple[str, str, str]]()
    if said["far_end_agreed"] is not True:
        faults.append(("far_end_agreed", str(said["far_end_agreed"]), "yes: the other end agreed"))
    if isinstance(said["expires"], int) and said["expires"] <= facts.now_us:
        faults.append(("expires", "over", "a time ahead"))
    for other in facts.related["others"]:
        if other["plate"] == said["plate"] and is_live(other, facts.now_us):
            number = str(other["number"])
            faults.append(("plate", number, "a vehicle without another pass that holds"))
    return tuple(faults)


PASS = RecordType(
    name="pass",
    title=("车辆通行证", "Vehicle pass"),
    subject="firm",
    number="TX-{year}-{n:05}",
    fields=(
        Field(name="appeal", title=("诉求", "Appeal"), kind="record", of="appeal",
              is_indexed=True),
        Field(
            name="plate",
            title=("车牌", "Plate"),
            kind="text",
            pattern=r"[\u4e00-\u9fff][A-Z][A-Z0-9]{5,6}",
            want=("车牌：简称、字母、5到6位字母数字", "a plate: province, letter, 5 or 6 more"),
            is_required=True,
            is_indexed=True,
        ),
        Field(name="from_place", title=FROM.title, kind="text", is_required=True,
              is_indexed=True),
        Field(name="to_place", title=TO.title, kind="text", is_required=True, is_indexed=True),
        Field(name="road", title=ROAD.title, kind="text", is_required=True),
        Field(name="crew", title=("随车人数", "Crew"), kind="integer", at_least=1, at_most=9,
              is_required=True),
        Field(name="names", title=("随车人员", "Names of the crew"), kind="text",
              is_required=True, is_sealed=True),
        Field(name="starts", title=("起", "From"), kind="time", is_required=True,
              is_indexed=True),
        Field(name="expires", title=("止", "Until"), kind="time", is_required=True,
              is_indexed=True),
        Field(name="far_end", title=("对方发证（认证）单位", "Office at the other end"),
              kind="text", is_required=True),
        Field(name="far_end_agreed", title=("对方也用证并已同意", "The other end agreed"),
              kind="yes_no", is_indexed=True),
    ),
    states=(
        ("asked", ("待审核", "To be decided")),
        ("issued", ("已发证", "Issued")),
        ("refused", ("未发证", "Refused")),
        ("revoked", ("已收回", "Revoked")),
    ),
    relations=(
        Relation(name="others", title=("本企业通行证", "Passes of this firm"), to="pass",
                 by="same_subject"),
    ),
    computed=(
        Computed(name="holds", title=("现在有效", "Holds now"), kind="yes_no",
                 of=lambda facts: is_live(dict(facts.values), facts.now_us)),
    ),
    acts=(
        RecordAct(
            name="issue",
            title=("发证", "Issue"),
            from_states=("asked",),
            to="issued",
            roles=("chain_clerk", "chain_leader"),
            fields=(
                Field(name="far_end_agreed", title=("对方也用证并已同意", "The other end agreed"),
                      kind="yes_no", is_required=True),
            ),
            not_by=("register",),
            check=_may_be_issued,
        ),
        RecordAct(
            name="refuse",
            title=("不发证", "Refuse"),
            from_states=("asked",),
            to="refused",
            roles=("chain_clerk", "chain_leader"),
            fields=(WHY,),
        ),
        RecordAct(
            name="revoke",
            title=("收回", "Revoke"),
            from_states=("issued",),
            to="revoked",
            roles=("chain_clerk", "chain_leader"),
            fields=(WHY,),
        ),
    ),
    check=_pass_is_whole,
)  # fmt: skip
EDITORS: Final = {
    "appeal": (*FIRM_PEOPLE, *OFFICIALS),
    "leg": OFFICIALS,
    "letter": OFFICIALS,
    "pass": (*FIRM_PEOPLE, *OFFICIALS),
}
