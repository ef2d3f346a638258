"""What lane 0 says about call-outs. Persons stand in them by id, never by name."""

from __future__ import annotations

from typing import Literal

from bihuan.journal.payloads import Payload, entry_type
from bihuan.loop.callout.plan import Redial
from bihuan.loop.entries import ProofGiven
from bihuan.register.entries import Actor

Mode = Literal["live", "drill"]
Severity = Literal["critical", "major", "minor"]
To = Literal["again", "superior", "knock", "overdue"]


class Listed(Payload, frozen=True, kw_only=True, array_like=True):
    """A person whom the order names: for which area, in which role, how urgent.

    risk          0 to 9, the highest is called first
    channels      how the person can be reached, first choice first
    household_id  the household for which the person answers
    superior_id   who is told when nobody answers; knocker_id: who then goes to the door
    """

    person_id: int
    area_id: int
    role: str
    risk: int
    channels: list[str]
    household_id: int | None = None
    superior_id: int | None = None
    knocker_id: int | None = None


@entry_type("call_out.ordered.v1")
class CallOutOrdered(Payload, frozen=True, kw_only=True):
    """One order to many people, with everybody whom it names.

    event        what it is about (`warning:12`, `case:7`, or words): one running order for each
    supersedes   the order that it replaces
    wakes        whether phones ring; only a drill may do without
    level, issuer  of the official warning, as the issuer wrote them; "" where there is none
    area_id      the area that holds all the others: whose officials see it
    people       in parts, the most urgent first
    aides        channels of those who are told of silence, by person id
    """

    event: str
    supersedes: int | None
    mode: Mode
    wakes: bool
    severity: Severity
    level: str
    issuer: str
    zh: str
    en: str
    area_id: int
    areas: list[int]
    roles: list[str]
    about: int | None
    warning_id: int | None
    plan: Redial
    people: list[list[Listed]]
    aides: list[tuple[int, list[str]]]
    by: Actor


@entry_type("call_out.listed.v1")
class CallOutListed(Payload, frozen=True, kw_only=True):
    """One part of the list is queued: each person's first call."""

    call_out_id: int
    list_id: int


class Stepped(Payload, frozen=True, kw_only=True, array_like=True):
    callee_id: int
    to: To


@entry_type("call_out.stepped.v1")
class CallOutStepped(Payload, frozen=True, kw_only=True):
    """Persons whose wait is over: called again, their superior told, somebody sent, overdue."""

    call_out_id: int
    steps: list[Stepped]


@entry_type("call_out.aides_called.v1")
class AidesCalled(Payload, frozen=True, kw_only=True):
    """Superiors and those who go to the door are told, in one message for all that fell to them."""

    call_out_id: int
    aides: list[int]


@entry_type("call_out.lift_offered.v1")
class LiftOffered(Payload, frozen=True, kw_only=True):
    """The issuer cancelled the warning of a running order; who may lift it is told.

    warning_id  the message that cancelled; people: whom to tell, with their channels
    """

    call_out_id: int
    warning_id: int
    people: list[tuple[int, list[str]]]


@entry_type("call_out.lifted.v1")
class CallOutLifted(Payload, frozen=True, kw_only=True):
    """The danger is over, in the issuer's words; everybody whom the order reached is told."""

    call_out_id: int
    issuer: str
    zh: str
    en: str
    by: Actor


@entry_type("call_out.ended.v1")
class CallOutEnded(Payload, frozen=True, kw_only=True):
    """Pursued no further, and why; nothing is lifted by this."""

    call_out_id: int
    reason: str
    by: Actor


@entry_type("call_out.wound_up.v1")
class CallOutWoundUp(Payload, frozen=True, kw_only=True):
    """Some of its people are pursued no further; after a lift those who were called are told.

    is_last: nobody is left; told: of the aides those who hear of a lift, each person once
    """

    call_out_id: int
    callees: list[int]
    aides: list[int]
    is_last: bool
    told: list[int]


@entry_type("call_out.confirmed_for.v1")
class ConfirmedFor(Payload, frozen=True, kw_only=True):
    """Somebody says for a person that the order arrived (代为确认), and why: sealed."""

    callee_id: int
    why: bytes
    by: Actor


@entry_type("call_out.read_back.v1")
class ReadBack(Payload, frozen=True, kw_only=True):
    """Whether the person said the instruction back rightly (复述指令)."""

    callee_id: int
    is_right: bool
    by: Actor


@entry_type("call_out.knock_sent.v1")
class KnockSent(Payload, frozen=True, kw_only=True):
    """A named person is sent to the door (上门叫应)."""

    callee_id: int
    knocker_id: int
    channels: list[str]
    by: Actor


@entry_type("call_out.knocked.v1")
class Knocked(Payload, frozen=True, kw_only=True):
    """What was found at the door. proof: the photo; None where nobody was found, with words."""

    callee_id: int
    is_found: bool
    proof: ProofGiven | None
    text: bytes | None
    by: Actor


@entry_type("call_out.sheet_signed.v1")
class SheetSigned(Payload, frozen=True, kw_only=True):
    """The situation sheet (叫应情况表) as a person signed it; n counts from 1.

    body    zlib of the sheet as JSON, persons by id; digest: SHA-256 of that JSON, in hex
    remark  sealed with the key of the area
    """

    call_out_id: int
    n: int
    body: bytes
    digest: str
    remark: bytes | None
    by: Actor


@entry_type("call_out.plan_set.v1")
class RedialPlanSet(Payload, frozen=True, kw_only=True):
    """The redial plan of an area from now on."""

    area_id: int
    plan: Redial
    by: Actor


@entry_type("call_out.row_decided.v1")
class RowCallDecided(Payload, frozen=True, kw_only=True):
    """What became of a call-out that a row's act ordered (`row.called_out.v1` at `asked`).

    call_out_id  the order, or the one that was lifted; None = nobody was called
    reason       why not, or not as it was wanted; "" = as it was wanted
    is_broken    it could not be decided: a fault of the platform
    """

    asked: int
    call_out_id: int | None
    reason: str
    is_broken: bool = False
