"""What lane 0 says about statements (情况说明) and inquiries (责任倒查)."""

from __future__ import annotations

from bihuan.journal.payloads import Payload, entry_type
from bihuan.loop.entries import Called, ClockSet
from bihuan.register.entries import Actor


@entry_type("statement.asked.v1")
class StatementAsked(Payload, frozen=True, kw_only=True):
    """A reviewer asks somebody who held the case for their own view, before anything else."""

    case_id: int
    by: Actor
    person_id: int
    reason: bytes
    told: list[Called]
    clock: ClockSet


@entry_type("statement.filed.v1")
class StatementFiled(Payload, frozen=True, kw_only=True):
    case_id: int
    by: Actor
    statement_id: int
    text: bytes


@entry_type("inquiry.opened.v1")
class InquiryOpened(Payload, frozen=True, kw_only=True):
    """Only after the statement was filed or its time was over."""

    case_id: int
    by: Actor
    statement_id: int
    reason: bytes


@entry_type("inquiry.closed.v1")
class InquiryClosed(Payload, frozen=True, kw_only=True):
    case_id: int
    by: Actor
    inquiry_id: int
    conclusion: bytes
