"""Entries about call-outs become rows: the order, its list, its end, its sheets."""

from __future__ import annotations

import msgspec

from bihuan.base.errors import bad
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.loop.callout import (
    engine,
    entries,
    from_rows,
    models,
    offer,
    projectors_people,
    rights,
    topic,
)
from bihuan.loop.callout.plan import quiet
from bihuan.loop.callout.queue import queue
from bihuan.register.entries import Actor
from bihuan.register.models import Area

LIST_ROW = 1
CALL_ROW = 1_000
# of somebody who has only just been listed
NOTHING_YET = dict.fromkeys(
    (
        *("called_us", "reached_us", "confirmed_us", "how", "behalf_by", "behalf_why"),
        *("read_back", "read_back_by", "door_by", "door_us", "door_text", "photo", "photo_place"),
    )
)
# each makes itself known
__all__ = ["engine", "from_rows", "offer", "projectors_people", "rights", "topic"]


@projects(entries.CallOutOrdered)
def call_out_ordered(rows: Rows, entry: Recorded[entries.CallOutOrdered]) -> None:
    said = entry.payload
    area = rows.get(Area, said.area_id)
    if area is None:
        raise bad("area_id", said.area_id, "a registered area")
    if said.supersedes is not None:
        _end(rows, entry, said.supersedes, ("superseded", "", said.by))
        rows.change(models.CallOut, said.supersedes).superseded_by = entry.id()
    for n, part in enumerate(said.people):
        rows.new(
            models.CallOutList,
            id=entry.id(LIST_ROW + n),
            call_out_id=entry.id(),
            people=msgspec.json.encode(part).decode(),
            is_done=False,
        )
    rows.new(models.CallOutReach, id=entry.id(), channels=msgspec.json.encode(said.aides).decode())
    _new(rows, entry, area)


def _new(rows: Rows, entry: Recorded[entries.CallOutOrdered], area: Area) -> None:
    said = entry.payload
    rows.new(
        models.CallOut,
        id=entry.id(),
        event=said.event,
        mode=said.mode,
        wakes=said.wakes,
        severity=said.severity,
        level=said.level,
        issuer=said.issuer,
        zh=said.zh,
        en=said.en,
        area_id=area.id,
        area_path=area.path,
        roles=",".join(said.roles),
        about=said.about,
        warning_id=said.warning_id,
        plan=msgspec.json.encode(said.plan, order="deterministic").decode(),
        supersedes=said.supersedes,
        superseded_by=None,
        state="listing" if said.people else "running",
        is_winding=False,
        total=sum(len(part) for part in said.people),
        lists=len(said.people),
        listed=0,
        ordered_by=said.by.person(),
        ordered_role=said.by.role,
        ordered_us=entry.recorded_us,
        ended_us=None,
        ended_by=None,
        end_reason="",
        lift_issuer="",
        lift_zh="",
        lift_en="",
    )


@projects(entries.CallOutListed)
def call_out_listed(rows: Rows, entry: Recorded[entries.CallOutListed]) -> None:
    said = entry.payload
    call_out, part = rows.change(models.CallOut, said.call_out_id), said.list_id
    held = rows.change(models.CallOutList, part)
    if held.is_done or call_out.state != "listing":
        raise bad("list_id", part, "a part that waits")
    held.is_done = True
    call_out.listed += 1
    if call_out.listed == call_out.lists:
        call_out.state = "running"
    calls = 0
    for n, one in enumerate(msgspec.json.decode(held.people, type=list[entries.Listed])):
        channels = one.channels if call_out.wakes else quiet(one.channels)
        callee = _callee(rows, entry, (call_out, one, n), channels)
        queue(rows, entry, callee, call_out, (channels, CALL_ROW + calls))
        calls += len(channels)


def _callee(
    rows: Rows,
    entry: Recorded[entries.CallOutListed],
    whom: tuple[models.CallOut, entries.Listed, int],
    channels: list[str],
) -> models.CallOutPerson:
    call_out, one, n = whom
    return rows.new(
        models.CallOutPerson,
        id=entry.id(n),
        call_out_id=call_out.id,
        person_id=one.person_id,
        area_id=one.area_id,
        role=one.role,
        risk=one.risk,
        household_id=one.household_id,
        channels=",".join(channels),
        superior_id=one.superior_id,
        knocker_id=one.knocker_id,
        state="waiting",
        tries=1,
        reason="" if channels else ("unreachable" if call_out.wakes else "quiet"),
        # nobody can be called: the next step is due at once
        next_due_us=None if channels or not call_out.wakes else entry.recorded_us,
        queued_us=entry.recorded_us,
        **NOTHING_YET,
        is_overdue=False,
        is_wound_up=False,
    )


@projects(entries.CallOutLifted)
def call_out_lifted(rows: Rows, entry: Recorded[entries.CallOutLifted]) -> None:
    said = entry.payload
    call_out = _end(rows, entry, said.call_out_id, ("lifted", "", said.by))
    call_out.lift_issuer, call_out.lift_zh, call_out.lift_en = said.issuer, said.zh, said.en


@projects(entries.CallOutEnded)
def call_out_ended(rows: Rows, entry: Recorded[entries.CallOutEnded]) -> None:
    said = entry.payload
    _end(rows, entry, said.call_out_id, ("ended", said.reason, said.by))


def _end(
    rows: Rows,
    entry: Recorded[entries.CallOutOrdered]
    | Recorded[entries.CallOutLifted]
    | Recorded[entries.CallOutEnded],
    call_out_id: int,
    how: tuple[str, str, Actor],
) -> models.CallOut:
    """One row only: its people are let go of in parts, so that an SOS passes in between."""
    call_out = rows.change(models.CallOut, call_out_id)
    if call_out.state not in models.RUNNING:
        raise bad("call_out", call_out_id, "one that runs")
    state, reason, by = how
    call_out.state, call_out.is_winding, call_out.end_reason = state, True, reason
    call_out.ended_us, call_out.ended_by = entry.recorded_us, by.person()
    return call_out


@projects(entries.SheetSigned)
def sheet_signed(rows: Rows, entry: Recorded[entries.SheetSigned]) -> None:
    said = entry.payload
    rows.new(
        models.CallOutSheet,
        id=entry.id(),
        call_out_id=said.call_out_id,
        n=said.n,
        body=said.body,
        digest=said.digest,
        remark=said.remark,
        signed_by=said.by.person(),
        signed_us=entry.recorded_us,
    )


@projects(entries.RedialPlanSet)
def redial_plan_set(rows: Rows, entry: Recorded[entries.RedialPlanSet]) -> None:
    said = entry.payload
    rows.put(
        models.RedialPlan,
        id=said.area_id,
        plan=msgspec.json.encode(said.plan, order="deterministic").decode(),
        set_us=entry.recorded_us,
        set_by=said.by.person(),
    )
