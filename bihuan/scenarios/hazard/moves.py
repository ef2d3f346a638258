"""转移 / Who is moved: homes in danger, each home's move, and the shelters.

A home is to move (应转), moved (已转), refused (拒转) or returned (已返回). Who refused is asked
again; nobody returns while the response of their unit goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from bihuan.register.scheme import (
    Computed,
    Duty,
    Facts,
    Field,
    RecordAct,
    RecordType,
    Relation,
    SubjectType,
    Value,
)
from bihuan.scenarios.hazard.limits import ASK_AGAIN, KEEP_MOVES
from bihuan.scenarios.hazard.limits import MOVE as WITHIN
from bihuan.scenarios.hazard.response import DECIDERS, FIELD, LEVELS

Faults = tuple[tuple[str, str, str], ...]
PEOPLE: Final = Field(
    name="people", title=("人数", "People"), kind="integer", at_least=1, at_most=60,
    is_required=True,
)  # fmt: skip
HOME = RecordType(
    name="home",
    title=("危险区农户", "Home in danger"),
    subject="unit",
    number="NH-{year}-{n:05}",
    fields=(
        Field(
            name="household", title=("户", "Household"), kind="party", of="household",
            is_sealed=True,
        ),
        Field(name="door", title=("门牌", "Door"), kind="text", is_required=True, is_sealed=True),
        PEOPLE,
        Field(name="needs", title=("需要什么帮助", "Needs"), kind="long_text", is_sealed=True),
        Field(
            name="from_level", title=("从哪级起转移", "Moves from level"), kind="choice",
            choices=LEVELS, is_required=True, is_indexed=True,
        ),
        Field(name="where", title=("所在村", "Village"), kind="area", is_required=True),
        Field(name="helper", title=("转移责任人", "Who moves them"), kind="party", of="person"),
    ),
    states=(("listed", ("在册", "Listed")), ("gone", ("已销号", "No more"))),
    acts=(
        RecordAct(
            name="strike", title=("移出清单", "Strike"), from_states=("listed",), to="gone",
            roles=FIELD,
            fields=(
                Field(name="why", title=("为什么", "Why"), kind="long_text", is_required=True),
            ),
        ),
    ),
)  # fmt: skip


def _is_over(facts: Facts) -> Faults:
    """Nobody goes home before the response is over, whatever the weather looks like."""
    unit = facts.related["subject"]
    state = unit[0]["state"] if unit else None
    if state != "normal":
        return (("unit", str(state), "normal: the response is over before anybody returns"),)
    return ()


def _has_a_place(facts: Facts) -> Faults:
    if facts.values["stays"] == "shelter" and facts.values["shelter"] is None:
        return (("shelter", "nothing", "the shelter, where they stay in one"),)
    shelter = facts.related["shelter"]
    if facts.values["stays"] == "kin" and facts.values["shelter"] is not None and shelter:
        return (("shelter", str(facts.values["shelter"]), "none: they stay with kin"),)
    return ()


def _move_due(facts: Facts) -> int | None:
    opened = facts.values["opened_us"]
    if facts.values["state"] != "to_move" or not isinstance(opened, int):
        return None
    return opened + WITHIN.us


def _ask_due(facts: Facts) -> int | None:
    refused = facts.values.get("at.refuse")
    if facts.values["state"] != "refused" or not isinstance(refused, int):
        return None
    return refused + ASK_AGAIN.us


def people_over(guests: object, beds: object) -> int | None:
    """How many more people are in a shelter than it holds; None: no more, or not known."""
    if not isinstance(guests, int) or not isinstance(beds, int):
        return None
    return guests - beds if guests > beds else None


def _in_shelter(facts: Facts) -> bool:
    return facts.values["state"] == "moved" and facts.values["stays"] == "shelter"


def _shelter_over(facts: Facts) -> int | None:
    """A full shelter turns nobody away at night: who is over is counted, and told."""
    shelters = facts.related["shelter"]
    if not _in_shelter(facts) or not shelters:
        return None
    return people_over(_people_in(facts.related["shelter.guests"]), shelters[0]["beds"])


def _shelter_not_open(facts: Facts) -> bool | None:
    shelters = facts.related["shelter"]
    return shelters[0]["state"] != "open" if _in_shelter(facts) and shelters else None


def _people_in(moves: Sequence[Mapping[str, Value]]) -> int:
    found = (row["people"] for row in moves if row["state"] == "moved")
    return sum(one for one in found if isinstance(one, int))


SHELTER_AT = Field(name="shelter", title=("安置场所", "Shelter"), kind="subject", of="shelter")
STAYS = Field(
    name="stays", title=("住哪里", "Stays"), kind="choice",
    choices=(("shelter", ("避灾安置场所", "In a shelter")), ("kin", ("投亲靠友", "With kin"))),
    is_indexed=True,
)  # fmt: skip
MOVE = RecordType(
    name="move",
    title=("转移", "Move"),
    subject="unit",
    number="ZY-{year}-{n:06}",
    fields=(
        Field(name="home", title=("农户", "Home"), kind="record", of="home", is_required=True),
        PEOPLE,
        STAYS,
        SHELTER_AT,
    ),
    computed=(
        Computed(
            name="shelter_over", title=("安置场所超员", "Over the shelter's capacity"),
            kind="integer", of=_shelter_over,
        ),
        Computed(
            name="shelter_not_open", title=("安置场所未启用", "Shelter not open"),
            kind="yes_no", of=_shelter_not_open,
        ),
    ),
    states=(
        ("to_move", ("应转", "To move")),
        ("moved", ("已转", "Moved")),
        ("refused", ("拒转", "Refused")),
        ("returned", ("已返回", "Returned home")),
        ("spared", ("无需转移", "Need not move")),
    ),
    acts=(
        RecordAct(
            name="moved", title=("已转移", "Moved"), from_states=("to_move", "refused"),
            to="moved", roles=FIELD,
            fields=(
                PEOPLE,
                replace(STAYS, is_required=True),
                SHELTER_AT,
                Field(name="photo", title=("照片", "Photo"), kind="photo"),
            ),
            check=_has_a_place,
        ),
        RecordAct(
            name="refuse", title=("拒绝转移", "Refused"), from_states=("to_move", "refused"),
            to="refused", roles=FIELD,
            fields=(
                Field(
                    name="why", title=("他们怎么说", "What they said"), kind="long_text",
                    is_required=True, is_sealed=True,
                ),
            ),
            raises="move_refused",
        ),
        RecordAct(
            name="spare", title=("无需转移", "Need not move"), from_states=("to_move", "refused"),
            to="spared", roles=DECIDERS,
            fields=(
                Field(name="why", title=("为什么", "Why"), kind="long_text", is_required=True),
            ),
        ),
        RecordAct(
            name="returned", title=("已返回", "Returned home"), from_states=("moved",),
            to="returned", roles=FIELD, check=_is_over,
        ),
    ),
    duties=(
        Duty(name="move", title=("应转移", "To move"), at=_move_due, roles=FIELD,
             raises="move_overdue"),
        Duty(name="ask_again", title=("再劝", "Ask again"), at=_ask_due, roles=FIELD,
             raises="move_refused"),
    ),
    keep_days=KEEP_MOVES.amount,
)  # fmt: skip


def guests(facts: Facts) -> int:
    """People in the shelter now: of the homes that were moved there and have not returned."""
    return _people_in(facts.related["guests"])


def _free(facts: Facts) -> int | None:
    beds = facts.values["beds"]
    return beds - guests(facts) if isinstance(beds, int) else None


def _is_empty(facts: Facts) -> Faults:
    people = guests(facts)
    return (("guests", str(people), "nobody in the shelter"),) if people else ()


SHELTER = SubjectType(
    name="shelter",
    title=("避灾安置场所", "Shelter"),
    party=None,
    loops=(),
    fields=(
        Field(
            name="beds", title=("可容纳", "Holds"), kind="integer", unit="1", at_least=1,
            at_most=20_000, is_required=True,
        ),
        Field(name="keeper", title=("管理员", "Keeper"), kind="party", of="person"),
        Field(name="address", title=("地址", "Address"), kind="text", is_required=True),
    ),
    relations=(
        Relation(name="guests", title=("安置户", "Homes here"), to="move", by="shelter"),
    ),
    computed=(
        Computed(
            name="guests_now", title=("现有人数", "People now"), kind="integer",
            of=guests,
        ),
        Computed(
            name="free", title=("空位", "Free places"), kind="integer",
            of=_free,
        ),
    ),
    states=(("ready", ("备用", "Ready")), ("open", ("已启用", "Open")), ("shut", ("停用", "Shut"))),
    acts=(
        RecordAct(
            name="open", title=("启用", "Open"), from_states=("ready",), to="open", roles=FIELD
        ),
        RecordAct(
            name="close", title=("关闭", "Close"), from_states=("open",), to="ready",
            roles=FIELD, check=_is_empty,
        ),
        RecordAct(
            name="shut", title=("停用", "Shut"), from_states=("ready",), to="shut",
            roles=DECIDERS,
        ),
    ),
)  # fmt: skip
