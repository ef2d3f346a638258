"""Entries of the test of the path become rows."""

from __future__ import annotations

import msgspec

from bihuan.base.errors import bad
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.loop.pathtest import entries
from bihuan.loop.pathtest.models import PathPlan, PathProbe, PathRun

THE_ONE = 1


@projects(entries.PathPlanned)
def path_planned(rows: Rows, entry: Recorded[entries.PathPlanned]) -> None:
    said = entry.payload
    if rows.get(PathPlan, THE_ONE) is None:
        rows.new(
            PathPlan,
            id=THE_ONE,
            is_on=said.is_on,
            working_day=said.working_day,
            minute=said.minute,
            planned_us=entry.recorded_us,
        )
        return
    plan = rows.change(PathPlan, THE_ONE)
    plan.is_on, plan.working_day, plan.minute = said.is_on, said.working_day, said.minute
    plan.planned_us = entry.recorded_us


@projects(entries.PathPrepared)
def path_prepared(rows: Rows, entry: Recorded[entries.PathPrepared]) -> None:
    said = entry.payload
    rows.new(
        PathProbe,
        id=THE_ONE,
        person_id=said.person_id,
        subject_id=said.subject_id,
        device_id=said.device_id,
        number=said.number,
    )


@projects(entries.PathBegun)
def path_begun(rows: Rows, entry: Recorded[entries.PathBegun]) -> None:
    said = entry.payload
    rows.new(
        PathRun,
        id=entry.id(),
        cause=said.cause,
        state="begun",
        begun_us=entry.recorded_us,
        position=entry.position,
        like_subject=said.like_subject,
        playbook=said.playbook,
        planned=msgspec.json.encode(said.steps).decode(),
    )


@projects(entries.PathProved)
def path_proved(rows: Rows, entry: Recorded[entries.PathProved]) -> None:
    said = entry.payload
    run = _running(rows, said.run_id)
    run.state, run.ended_us = "proved", entry.recorded_us
    run.stored_us, run.opened_us = said.stored_us, said.opened_us
    run.called_us, run.delivered_us = said.called_us, said.delivered_us


@projects(entries.PathFailed)
def path_failed(rows: Rows, entry: Recorded[entries.PathFailed]) -> None:
    said = entry.payload
    run = _running(rows, said.run_id)
    run.state, run.ended_us = "failed", entry.recorded_us
    run.stage, run.detail = said.stage, said.detail


def _running(rows: Rows, run_id: int) -> PathRun:
    run = rows.change(PathRun, run_id)
    if run.state != "begun":
        raise bad("run", run_id, "one that runs")
    return run
