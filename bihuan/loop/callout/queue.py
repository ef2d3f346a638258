"""Messages of a call-out are queued here: by risk, never before a call for help."""

from __future__ import annotations

from typing import Any

from bihuan.journal.project import Recorded
from bihuan.journal.rows import Rows
from bihuan.loop.callout.models import CallOut, CallOutAide, CallOutPerson
from bihuan.loop.models import Delivery

MOST_RISK = 9
DRILL_BEHIND = 20  # a drill waits behind everything that is live
AIDE_PRIORITY, LIFT_PRIORITY = 1, 3


def priority_of(call_out: CallOut, risk: int) -> int:
    """1 (risk 9) to 10 (risk 0); calls for help are 0, a drill is 20 further back."""
    first = 1 + MOST_RISK - risk
    return first + (DRILL_BEHIND if call_out.mode == "drill" else 0)


def queue(
    rows: Rows,
    entry: Recorded[Any],
    callee: CallOutPerson,
    call_out: CallOut,
    how: tuple[list[str], int],
) -> None:
    """Queue a call to a person on these channels; ids from the n-th row of the entry."""
    channels, first = how
    fields = {
        "case_id": callee.id,
        "purpose": "order",
        "step": callee.tries,
        "person_id": callee.person_id,
    }
    _new(rows, entry, (channels, first), fields | {"priority": priority_of(call_out, callee.risk)})


def queue_aide(
    rows: Rows, entry: Recorded[Any], aide: CallOutAide, call_out: CallOut, first: int
) -> int:
    """Queue one message for all that fell to somebody; how many."""
    channels = [one for one in aide.channels.split(",") if one]
    behind = DRILL_BEHIND if call_out.mode == "drill" else 0
    fields = {
        "case_id": aide.id,
        "purpose": aide.task,
        "step": aide.calls,
        "person_id": aide.person_id,
    }
    _new(rows, entry, (channels, first), fields | {"priority": AIDE_PRIORITY + behind})
    return len(channels)


def queue_lift(
    rows: Rows,
    entry: Recorded[Any],
    whom: CallOutPerson | CallOutAide,
    call_out: CallOut,
    first: int,
) -> int:
    """Queue the lift for somebody who was called; how many."""
    channels = [one for one in whom.channels.split(",") if one]
    behind = DRILL_BEHIND if call_out.mode == "drill" else 0
    fields = {"case_id": whom.id, "purpose": "lift", "step": 0, "person_id": whom.person_id}
    _new(rows, entry, (channels, first), fields | {"priority": LIFT_PRIORITY + behind})
    return len(channels)


def withdraw(rows: Rows, stream: int, at_us: int) -> None:
    """What has not left of a stream stays here; a lift that is queued goes all the same."""
    for delivery in rows.where(Delivery, case_id=stream):
        if delivery.state == "queued" and delivery.purpose != "lift":
            gone = rows.change(Delivery, delivery.id)
            gone.state, gone.ended_us = "withdrawn", at_us


def _new(
    rows: Rows, entry: Recorded[Any], how: tuple[list[str], int], fields: dict[str, Any]
) -> None:
    channels, first = how
    for n, channel in enumerate(channels):
        rows.new(
            Delivery,
            id=entry.id(first + n),
            pursuit_id=None,
            round=0,
            state="queued",
            queued_us=entry.recorded_us,
            channel=channel,
            **fields,
        )
