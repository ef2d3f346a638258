"""The API of the shift: the same log, handovers and reports as the pages, as JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from django.http import Http404, HttpRequest
from ninja import Header, Path, Query, Router, Schema
from pydantic import AwareDatetime, ConfigDict, Field

from bihuan.base.time import rfc3339, us_of
from bihuan.console.access.answers import ErrorOut, FaultsOut, TakenOut
from bihuan.console.access.caller import must_have
from bihuan.console.access.cursor import page
from bihuan.console.access.keys import READ
from bihuan.console.access.once import once
from bihuan.console.home import clock, keys
from bihuan.console.shift import drafting, shown
from bihuan.console.shift.places import actor_of, area_or_404, areas_of, is_held, reports_of
from bihuan.console.visit import case_or_404, log_view, person_of
from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case
from bihuan.loop.shift.acts import Line, Shifts
from bihuan.loop.shift.models import Handover, LogLine
from bihuan.register.areas.spans import path_today
from bihuan.register.rights import areas_under

PAGE = 100
MOST_ID = 2**63 - 1
MOST_TEXT = 4000
WRITE = "shift"  # the verb of a key that may write the log, hand over and sign

router = Router(tags=["shift"])
Identity = Annotated[int, Path(ge=1, le=MOST_ID)]
AreaId = Annotated[int, Query(ge=1, le=MOST_ID)]
Cursor = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=PAGE)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
REFUSALS = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 422: FaultsOut}
WRITES = {**REFUSALS, 409: TakenOut | FaultsOut}


class AreaOut(Schema):
    id: int
    name: str
    level: str


class LineOut(Schema):
    """A line of a log. corrects: the line that it replaces; both stay. Times in UTC."""

    id: int
    area_id: int
    at: str
    written: str
    text: str
    who: str
    about: int | None
    corrects: int | None
    corrected_by: int | None


class LinesOut(Schema):
    lines: list[LineOut]
    next: str | None


class LineIn(Schema):
    """at: when it happened; about: the case; corrects: the line that this one replaces."""

    model_config = ConfigDict(extra="forbid")

    area_id: int = Field(ge=1, le=MOST_ID)
    at: AwareDatetime
    text: str = Field(max_length=MOST_TEXT)
    about: int | None = Field(None, ge=1, le=MOST_ID)
    corrects: int | None = Field(None, ge=1, le=MOST_ID)


class MadeOut(Schema):
    id: int


class HandoverOut(Schema):
    """A handover; digest: SHA-256 of what both sign. open_cases go with it, since came after."""

    id: int
    area_id: int
    begins: str
    ends: str
    text: str
    remark: str
    giver: str
    taker: str
    offered: str
    accepted: str | None
    open_cases: list[int]
    since: list[int]
    digest: str


class HandoversOut(Schema):
    handovers: list[HandoverOut]
    next: str | None


class OfferIn(Schema):
    """The shift from one time to another, and what the next one is told."""

    model_config = ConfigDict(extra="forbid")

    area_id: int = Field(ge=1, le=MOST_ID)
    begins: AwareDatetime
    ends: AwareDatetime
    text: str = Field(max_length=MOST_TEXT)


class AcceptIn(Schema):
    model_config = ConfigDict(extra="forbid")

    remark: str = Field("", max_length=MOST_TEXT)


class DraftOut(Schema):
    """A draft from what is recorded; what is not stands as ____."""

    number: int
    stage: str
    text: str


class ReportIn(Schema):
    """The text as a person edited it, to be signed."""

    model_config = ConfigDict(extra="forbid")

    case_id: int = Field(ge=1, le=MOST_ID)
    stage: Literal["first", "follow_up", "final"]
    text: str = Field(max_length=MOST_TEXT)


class ReportOut(Schema):
    id: int
    case_id: int
    n: int
    stage: str
    text: str
    who: str
    signed: str
    digest: str


class ReportsOut(Schema):
    reports: list[ReportOut]
    next: str | None


@router.get("/areas", response={200: list[AreaOut], **REFUSALS})
def list_areas(request: HttpRequest) -> list[dict[str, Any]]:
    """The areas whose log this person keeps, the widest first."""
    must_have(request, READ)
    return [{"id": a.id, "name": a.name, "level": a.level} for a in areas_of(request)]


@router.get("/log", response={200: LinesOut, **REFUSALS})
def list_lines(
    request: HttpRequest, area_id: AreaId, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """Lines of an area's log and of everything below it, newest first."""
    must_have(request, READ)
    area = area_or_404(request, str(area_id))
    found = LogLine.objects.using(MAIN).filter(area_id__in=areas_under([area.path]))
    rows, onward = page(found, f"log-{area.id}", cursor, limit)
    return {"lines": [_line(one) for one in shown.lines(rows)], "next": onward}


@router.post("/log", response={200: MadeOut, **WRITES})
def write_line(request: HttpRequest, body: LineIn, key: Key) -> dict[str, Any]:
    """Write a line, or correct one."""
    must_have(request, WRITE)
    area = area_or_404(request, str(body.area_id))
    if body.about is not None:
        case_or_404(request, body.about)
    line = Line(_us(body.at), body.text, body.about, body.corrects)
    by = actor_of(request, area.path)
    return _made(request, key, lambda: _shifts().write(area.id, line, by, f"api:{key}"))


@router.get("/handovers", response={200: HandoversOut, **REFUSALS})
def list_handovers(
    request: HttpRequest, area_id: AreaId, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """Handovers of an area and of everything below it, newest first."""
    must_have(request, READ)
    area = area_or_404(request, str(area_id))
    found = Handover.objects.using(MAIN).filter(area_id__in=areas_under([area.path]))
    rows, onward = page(found, f"handovers-{area.id}", cursor, limit)
    return {
        "handovers": [_handover(o) for o in shown.handovers(rows, clock().now_us())],
        "next": onward,
    }


@router.post("/handovers", response={200: MadeOut, **WRITES})
def offer(request: HttpRequest, body: OfferIn, key: Key) -> dict[str, Any]:
    """Hand over; every open case of the area goes with it."""
    must_have(request, WRITE)
    area = area_or_404(request, str(body.area_id))
    times, by = (_us(body.begins), _us(body.ends)), actor_of(request, area.path)
    return _made(request, key, lambda: _shifts().offer(area.id, times, body.text, by))


@router.get("/handovers/{handover_id}", response={200: HandoverOut, **REFUSALS})
def open_handover(request: HttpRequest, handover_id: Identity) -> dict[str, Any]:
    """One handover."""
    must_have(request, READ)
    row = _handover_or_404(request, handover_id)
    return _handover(shown.handovers([row], clock().now_us())[0])


@router.post("/handovers/{handover_id}/accept", response={200: MadeOut, **WRITES})
def accept(request: HttpRequest, handover_id: Identity, body: AcceptIn, key: Key) -> dict[str, Any]:
    """Take over. 409 with who and when where somebody was faster."""
    must_have(request, WRITE)
    row = _handover_or_404(request, handover_id)
    by = actor_of(request, path_today(row.area_path))
    return _made(request, key, lambda: _shifts().accept(row.id, body.remark, by))


@router.get("/drafts/{case_id}", response={200: DraftOut, **REFUSALS})
def draft_report(
    request: HttpRequest, case_id: Identity, language: Literal["zh", "en"] = "zh"
) -> dict[str, Any]:
    """The draft of the next report of a case; opening it is a view, and is logged."""
    must_have(request, READ)
    case = _case_of_mine(request, case_id)
    log_view(request, case, "report")
    number = drafting.next_number(case)
    stage = drafting.stage_for(case, number)
    text = drafting.drafted(case, stage, language, person_of(request), clock().now_us())
    return {"number": number, "stage": stage, "text": text}


@router.get("/reports", response={200: ReportsOut, **REFUSALS})
def list_reports(
    request: HttpRequest, area_id: AreaId, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """Signed reports of an area and of everything below it, newest first; each names people."""
    must_have(request, READ)
    area = area_or_404(request, str(area_id))
    found = reports_of(area)
    rows, onward = page(found, f"reports-{area.id}", cursor, limit)
    cases = Case.objects.using(MAIN).in_bulk({row.about for row in rows})
    for case in cases.values():
        log_view(request, case, "report")
    return {"reports": [_report(one) for one in shown.reports(rows)], "next": onward}


@router.post("/reports", response={200: MadeOut, **WRITES})
def sign(request: HttpRequest, body: ReportIn, key: Key) -> dict[str, Any]:
    """Sign a report; it cannot be changed, the next one follows up."""
    must_have(request, WRITE)
    case = _case_of_mine(request, body.case_id)
    by = actor_of(request, path_today(case.area_path))
    return _made(request, key, lambda: _shifts().sign_report(case.id, body.stage, body.text, by))


def _made(request: HttpRequest, key: str, do: Callable[[], int]) -> dict[str, Any]:
    return once(request, key, lambda: {"id": do()})


def _shifts() -> Shifts:
    return Shifts(clock(), keys())


def _us(at: datetime) -> int:
    return us_of(at)


def _handover_or_404(request: HttpRequest, handover_id: int) -> Handover:
    row = Handover.objects.using(MAIN).filter(id=handover_id).first()
    if row is None or not is_held(request, path_today(row.area_path)):
        raise Http404
    return row


def _case_of_mine(request: HttpRequest, case_id: int) -> Case:
    case = case_or_404(request, case_id)
    if not is_held(request, path_today(case.area_path)):
        raise Http404
    return case


def _line(one: shown.ShownLine) -> dict[str, Any]:
    row = one.row
    return {
        "id": row.id,
        "area_id": row.area_id,
        "at": rfc3339(row.at_us),
        "written": rfc3339(row.written_us),
        "text": one.text,
        "who": one.who,
        "about": row.about,
        "corrects": row.corrects,
        "corrected_by": row.corrected_by,
    }


def _handover(one: shown.ShownHandover) -> dict[str, Any]:
    row = one.row
    return {
        "id": row.id,
        "area_id": row.area_id,
        "begins": rfc3339(row.from_us),
        "ends": rfc3339(row.until_us),
        "text": one.text,
        "remark": one.remark,
        "giver": one.giver,
        "taker": one.taker,
        "offered": rfc3339(row.offered_us),
        "accepted": rfc3339(row.accepted_us) if row.accepted_us is not None else None,
        "open_cases": msgspec.json.decode(row.open_cases, type=list[int]),
        "since": msgspec.json.decode(row.since or "[]", type=list[int]),
        "digest": row.digest,
    }


def _report(one: shown.ShownReport) -> dict[str, Any]:
    row = one.row
    return {
        "id": row.id,
        "case_id": row.about,
        "n": row.n,
        "stage": row.stage,
        "text": one.text,
        "who": one.who,
        "signed": rfc3339(row.signed_us),
        "digest": row.digest,
    }
