"""Rows of the table that most playbooks of days share; a scenario adds its own or leaves some out.

new ─accept▶ accepted ─assign▶ awaiting_receipt ─receive▶ received ─begin▶ in_progress
    ─submit▶ awaiting_check ─pass▶ awaiting_confirmation ─solved▶ closed
"""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.loop.playbook import STAYS, Act

IN_HAND = ("received", "in_progress")
WITH_UNIT = ("awaiting_receipt", "received", "in_progress")
OPEN = (
    "new",
    "accepted",
    "awaiting_receipt",
    "received",
    "in_progress",
    "awaiting_check",
    "awaiting_confirmation",
)
HOLDERS = ("owner", "assignee")


@dataclass(frozen=True, slots=True)
class Desk:
    """The roles of a county behind a table: who takes in, checks, stands above, may review."""

    intake: tuple[str, ...]
    checkers: tuple[str, ...]
    superiors: tuple[str, ...]
    reviewers: tuple[str, ...]


def matter_acts(desk: Desk) -> tuple[Act, ...]:
    """The whole table of a matter that people report; clocks: accept, act, receive, check."""
    return (
        *_way_in(desk),
        *_at_the_unit(desk),
        *_way_out(desk),
        *everyday_acts(desk, OPEN),
    )


def _way_in(desk: Desk) -> tuple[Act, ...]:
    return (
        Act("accept", ("new",), "accepted", desk.intake, meets=("accept",), starts=("act",)),
        Act("decline", ("new",), "closed", desk.intake, outcome="declined"),
        Act("void", ("new", "accepted"), "closed", desk.superiors, outcome="void"),
        Act("assign", ("accepted",), "awaiting_receipt", desk.intake),
        Act("transfer", WITH_UNIT, "awaiting_receipt", (*desk.intake, *desk.superiors)),
        Act("merge", ("new", "accepted", *WITH_UNIT), "closed", desk.intake, outcome="merged"),
        Act("link_child", OPEN, STAYS, desk.intake),
    )


def _at_the_unit(desk: Desk) -> tuple[Act, ...]:
    return (
        Act("receive", ("awaiting_receipt",), "received", ("assignee",)),
        Act("return", ("awaiting_receipt", "received"), "accepted", HOLDERS),
        Act("begin", ("received",), "in_progress", HOLDERS),
        Act("progress", ("in_progress",), STAYS, HOLDERS, does="note"),
        Act("assist", IN_HAND, STAYS, ("owner",)),
        Act("summon", IN_HAND, STAYS, ("owner",)),
        Act("hand_over", IN_HAND, STAYS, ("owner",)),
        Act("take_over", IN_HAND, STAYS, ("successor",)),
        Act("keep", IN_HAND, STAYS, ("successor",)),
        Act(
            "submit",
            ("in_progress",),
            "awaiting_check",
            HOLDERS,
            proof=("photo", "words", "file"),
            meets=("act",),
            starts=("check",),
        ),
    )


def _way_out(desk: Desk) -> tuple[Act, ...]:
    checked = ("awaiting_check",)
    asked = ("awaiting_confirmation",)
    return (
        Act(
            "pass",
            checked,
            "awaiting_confirmation",
            desk.checkers,
            not_by=("owner",),
            meets=("check",),
        ),
        Act(
            "send_back",
            checked,
            "in_progress",
            desk.checkers,
            not_by=("owner",),
            meets=("check",),
            starts=("act",),
        ),
        Act(
            "close",
            checked,
            "closed",
            desk.checkers,
            not_by=("owner",),
            outcome="not_applicable",
        ),
        Act("solved", asked, "closed", ("origin", "family"), not_by=("owner",)),
        Act("not_solved", asked, "in_progress", ("origin", "family"), starts=("act",)),
        Act("sign_no_reply", asked, "closed", desk.superiors, not_by=("owner",)),
        Act("decide", (*IN_HAND, *asked), "closed", desk.superiors, not_by=("owner",)),
        Act("reopen", ("closed",), "in_progress", desk.superiors, starts=("act",)),
    )


def everyday_acts(desk: Desk, states: tuple[str, ...]) -> tuple[Act, ...]:
    """What changes no state: notes, papers, more time, supervision, statements."""
    above, people = desk.superiors, (*HOLDERS, *desk.intake, *desk.superiors)
    units = ("assisting", "summoned")
    return (
        Act("report_in", states, STAYS, ("summoned",)),
        Act("assist_report", states, STAYS, units),
        Act("ask_extension", states, STAYS, HOLDERS),
        Act("grant_extension", states, STAYS, above),
        Act("refuse_extension", states, STAYS, above),
        Act("ask_suspension", states, STAYS, HOLDERS),
        Act("grant_suspension", states, STAYS, above),
        Act("refuse_suspension", states, STAYS, above),
        Act("resume", states, STAYS, (*above, "owner")),
        Act("supervise", states, STAYS, above, not_by=("owner",)),
        Act("lift", states, STAYS, above, not_by=("owner",)),
        Act("note", states, STAYS, (*people, *units)),
        Act("attach", states, STAYS, (*people, *units)),
        Act("ask_statement", (*states, "closed"), STAYS, desk.reviewers),
        Act("file_statement", (*states, "closed"), STAYS, ("asked",)),
        Act("open_inquiry", (*states, "closed"), STAYS, desk.reviewers),
        Act("close_inquiry", (*states, "closed"), STAYS, desk.reviewers),
    )
