"""隐患台账 / The ledger of hazards: places, standing checks, and each hazard with its five items.

Responsibility, measures, funds, deadline and plan (责任、措施、资金、时限、预案) are asked
for before rectification begins. Micro-parks (小微企业园) are places like any other: one ledger.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, Final

from bihuan.base.time import CHINA, DAY_US, us_of
from bihuan.register.scheme import (
    Duty,
    Facts,
    Field,
    RecordAct,
    RecordType,
    Relation,
    SubjectType,
    Tells,
)
from bihuan.scenarios.hazard.limits import REVIEW

Faults = tuple[tuple[str, str, str], ...]
KEEPERS: Final = ("site_keeper", "village_duty")
CHECKERS: Final = ("safety_office", "town_duty", "county_command")
ABOVE: Final = ("safety_office", "county_command")
FINDERS: Final = ("grid_worker", *KEEPERS, *CHECKERS)
GRADES: Final = (("general", ("一般", "General")), ("major", ("重大", "Major")))
SITES: Final = (
    ("micro_park", ("小微企业园", "Micro-park")),
    ("firm", ("企业", "Firm")),
    ("slope", ("边坡、地质灾害点", "Slope")),
    ("reservoir", ("山塘水库", "Pond or reservoir")),
    ("river", ("河道堤防", "River or dyke")),
    ("underpass", ("下穿道路", "Underpass")),
    ("building", ("危旧房屋", "Unsafe building")),
    ("public", ("公共场所", "Public place")),
    ("village", ("村（社区）面上", "A village as a whole")),
)
SOURCES: Final = (
    ("check", ("日常排查", "Standing check")),
    ("report", ("群众反映", "Reported by people")),
    ("gauge", ("监测告警", "A gauge")),
    ("higher", ("上级检查", "Check from above")),
    ("own", ("单位自查", "Own check")),
)


def midnight_after(day: Any) -> int | None:
    """The end of a day in the county, µs; None where none is known."""
    if not isinstance(day, str):
        return None
    return us_of(datetime.combine(date.fromisoformat(day), time(0), CHINA)) + DAY_US


def _deadline(facts: Facts) -> int | None:
    """The day named for rectification, while it is not shown to be done."""
    if facts.values["state"] != "rectifying":
        return None
    return midnight_after(facts.values["deadline"])


def _review(facts: Facts) -> int | None:
    """Within so many days of the application, or of the deadline where none came."""
    state, asked_us = facts.values["state"], facts.values.get("at.apply_review")
    if state == "review" and isinstance(asked_us, int):
        return asked_us + REVIEW.us
    ends_us = midnight_after(facts.values["deadline"]) if state == "rectifying" else None
    return None if ends_us is None else ends_us + REVIEW.us


def _is_ahead(facts: Facts) -> Faults:
    ends_us = midnight_after(facts.values["deadline"])
    if ends_us is None or ends_us <= facts.now_us:
        return (("deadline", str(facts.values["deadline"]), "a day from today on"),)
    return ()


def _is_planned(facts: Facts) -> Faults:
    return (*_is_ahead(facts), *_is_high_enough(facts))


def _is_high_enough(facts: Facts) -> Faults:
    if facts.values["grade"] == "major" and facts.values["supervisor"] == "village":
        return (("supervisor", "village", "the town or the county, for a major hazard"),)
    return ()


def _is_later(facts: Facts) -> Faults:
    """An extension moves the day back, never forward in time."""
    return _is_ahead(facts)


def _is_major(facts: Facts) -> Faults:
    if facts.values["grade"] != "major":
        return (("grade", str(facts.values["grade"]), "major: only those are listed"),)
    return ()


def _is_general(facts: Facts) -> Faults:
    if facts.values["grade"] == "major":
        return (("grade", "major", "general: a major one is cleared by who listed it"),)
    return ()


def _was_listed(facts: Facts) -> Faults:
    if facts.values.get("at.list") is None:
        return (("list", "never listed", "listed supervision before a major hazard is cleared"),)
    return ()


def _finder_told(result: tuple[str, str]) -> Callable[[Facts], Tells | None]:
    """Who found it, without a post, or reported it hears the result; not where it was said that
    the case answers, or that nobody is known.
    """

    def tells(facts: Facts) -> Tells | None:
        said = facts.values
        if said["told"] in ("case", "unknown"):
            return None
        row = f"{said['number']} {said['what']}"
        return Tells(
            to="finder",
            report="report",
            title=("隐患处理结果", "Hazard: the result"),
            text=(
                f"您发现的隐患有结果：{row}，{result[0]}。谢谢您。",
                f"The hazard that you found: {row}, {result[1]}. Thank you.",
            ),
        )

    return tells


TOLD = Field(
    name="told",
    title=("怎样告知发现人", "How the finder was told"),
    kind="choice",
    choices=(
        ("case", ("随反映事件答复", "With the answer of the case")),
        ("phone", ("电话", "By phone")),
        ("message", ("短信或工作消息", "By message")),
        ("person", ("当面", "In person")),
        ("unknown", ("匿名，无法告知", "No name was given")),
    ),
    is_required=True,
)
ANSWER = Field(
    name="told_what",
    title=("告知的话", "What the finder was told"),
    kind="long_text",
    is_required=True,
)
DEADLINE = Field(name="deadline", title=("整改时限", "Deadline"), kind="date", is_indexed=True)
FIVE: Final = (
    Field(name="owner", title=("责任人", "Responsible"), kind="party", of="person"),
    Field(name="measures", title=("整改措施", "Measures"), kind="long_text"),
    Field(name="funds", title=("资金及来源", "Funds and where they come from"), kind="long_text"),
    DEADLINE,
    Field(name="plan", title=("应急预案", "Emergency plan"), kind="long_text"),
)
SUPERVISOR = Field(
    name="supervisor",
    title=("督办层级", "Supervised by"),
    kind="choice",
    choices=(
        ("village", ("村（社区）", "Village")),
        ("town", ("镇（街道）", "Town")),
        ("county", ("县（市、区）", "County")),
    ),
    is_indexed=True,
)
WHY = Field(name="why", title=("理由", "Why"), kind="long_text", is_required=True)


def _asked(field: Field) -> Field:
    """The same field where an act insists on it."""
    return replace(field, is_required=True)


SITE = SubjectType(
    name="site",
    title=("隐患场所", "Place"),
    party=None,
    loops=("report", "supervised"),
    fields=(
        Field(
            name="kind_of", title=("类别", "Kind"), kind="choice", choices=SITES,
            is_required=True, is_indexed=True,
        ),
        Field(name="where", title=("位置", "Position"), kind="place"),
    ),
    relations=(
        Relation(name="hazards", title=("隐患", "Hazards"), to="hazard", by="subject"),
        Relation(name="checks", title=("排查", "Checks"), to="check", by="subject"),
    ),
)  # fmt: skip
CHECK = RecordType(
    name="check",
    title=("排查记录", "Standing check"),
    subject="site",
    number="PC-{year}-{n:06}",
    fields=(
        Field(
            name="found", title=("发现隐患数", "Hazards found"), kind="integer", at_least=0,
            at_most=999, is_required=True, is_indexed=True,
        ),
        Field(
            name="looked_at", title=("查了哪些", "What was looked at"), kind="long_text",
            is_required=True,
        ),
    ),
)  # fmt: skip
HAZARD = RecordType(
    name="hazard",
    title=("隐患台账", "Hazard"),
    subject="site",
    number="YH-{year}-{n:05}",
    fields=(
        Field(name="what", title=("隐患内容", "What it is"), kind="text", is_required=True),
        Field(
            name="grade", title=("等级", "Grade"), kind="choice", choices=GRADES,
            is_required=True, is_indexed=True,
        ),
        Field(
            name="source", title=("来源", "Source"), kind="choice", choices=SOURCES,
            is_required=True, is_indexed=True,
        ),
        Field(name="finder", title=("发现人", "Finder"), kind="party", of="person", is_sealed=True),
        Field(
            name="report", title=("反映事件编号", "Case of the report"), kind="integer",
            at_least=1, is_indexed=True,
        ),
        Field(name="found_in", title=("排查记录", "Found in"), kind="record", of="check"),
        *FIVE,
        SUPERVISOR,
        replace(TOLD, is_required=False),
    ),
    states=(
        ("found", ("待定整改方案", "Found")),
        ("rectifying", ("整改中", "Being rectified")),
        ("review", ("待复查", "Awaiting review")),
        ("passed", ("复查通过", "Reviewed")),
        ("cleared", ("已销号", "Cleared")),
        ("not_one", ("不属隐患", "Not a hazard")),
    ),
    acts=(
        RecordAct(
            name="plan", title=("确定五落实", "Settle the five items"), from_states=("found",),
            to="rectifying", roles=(*CHECKERS, "site_keeper"),
            fields=(*(_asked(one) for one in FIVE), _asked(SUPERVISOR)), check=_is_planned,
        ),
        RecordAct(
            name="refuse", title=("不属隐患", "Not a hazard"), from_states=("found",),
            to="not_one", roles=CHECKERS, fields=(WHY, TOLD, ANSWER), not_by=("register",),
            tells=_finder_told(("核实不属隐患", "found to be none")),
        ),
        RecordAct(
            name="list", title=("挂牌督办", "Listed supervision"),
            from_states=("rectifying", "review"), to=None, roles=ABOVE, fields=(WHY,),
            check=_is_major, raises="hazard_listed",
        ),
        RecordAct(
            name="extend", title=("申请延期", "Request extension"), from_states=("rectifying",),
            to=None, roles=(*KEEPERS, "town_duty"), fields=(_asked(DEADLINE), WHY),
            second=ABOVE, check=_is_later,
        ),
        RecordAct(
            name="apply_review", title=("提交复查", "Apply for review"),
            from_states=("rectifying",), to="review", roles=(*KEEPERS, "town_duty"),
            fields=(
                Field(
                    name="done", title=("整改情况", "What was done"), kind="long_text",
                    is_required=True,
                ),
                Field(name="photo", title=("整改后照片", "Photo after"), kind="photo"),
            ),
        ),
        RecordAct(
            name="pass_review", title=("复查通过", "Pass"), from_states=("review",), to="passed",
            roles=CHECKERS, not_by=("apply_review",),
            fields=(
                Field(
                    name="seen", title=("复查所见", "What the reviewer saw"), kind="long_text",
                    is_required=True,
                ),
            ),
        ),
        RecordAct(
            name="send_back", title=("退回整改", "Send back"), from_states=("review",),
            to="rectifying", roles=CHECKERS, not_by=("apply_review",), fields=(WHY,),
        ),
        RecordAct(
            name="clear", title=("销号", "Clear item"), from_states=("passed",), to="cleared",
            roles=CHECKERS, not_by=("register", "apply_review"), fields=(TOLD, ANSWER),
            check=_is_general, tells=_finder_told(("已整改销号", "rectified and cleared")),
        ),
        RecordAct(
            name="clear_major", title=("重大隐患销号", "Clear a major item"),
            from_states=("passed",), to="cleared", roles=ABOVE,
            not_by=("register", "apply_review"), fields=(TOLD, ANSWER),
            check=lambda facts: (*_is_major(facts), *_was_listed(facts)),
            tells=_finder_told(("已整改销号", "rectified and cleared")),
        ),
    ),
    duties=(
        Duty(
            name="deadline", title=("整改到期", "Deadline"), at=_deadline,
            roles=(*KEEPERS, "town_duty"), raises="hazard_overdue",
        ),
        Duty(
            name="review", title=("应复查", "Review due"), at=_review, roles=CHECKERS,
            raises="review_overdue",
        ),
    ),
)  # fmt: skip
