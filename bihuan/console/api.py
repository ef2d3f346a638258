"""The API: the same cases, rights, masks and acts as the pages, as JSON (/api/v1/openapi.json).

Signed in by the session of the pages, with its CSRF token. Errors have one shape each: 422 lists
every bad field, 409 says who was faster and when, 404 hides what is foreign, 503 a parked case.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Header, NinjaAPI, Path, Query, Schema
from ninja.errors import ValidationError
from ninja.security import SessionAuth
from pydantic import ConfigDict, Field

from bihuan.base.errors import BadInputError, Fault, shown
from bihuan.base.time import rfc3339
from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.shown import Reader, ShownCase
from bihuan.console.visit import case_or_404, cases_of, log_view, person_of
from bihuan.loop.act import Command, ForbiddenError, ParkedError, TakenError, act, may
from bihuan.loop.models import Case
from bihuan.loop.playbook import playbook_of
from bihuan.register.models import Subject

PAGE = 100
MOST_ID = 2**63 - 1

State = Literal["awaiting_answer", "in_progress", "awaiting_confirmation", "closed"]
CaseId = Annotated[int, Path(ge=1, le=MOST_ID)]
Before = Annotated[int | None, Query(ge=1, le=MOST_ID)]
Limit = Annotated[int, Query(ge=1, le=PAGE)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]

# no page of documentation: it would load its script from outside
api = NinjaAPI(title="Bihuan", version="1", docs_url=None, auth=SessionAuth())


class CallOut(Schema):
    """A person being called, and the best that is known of it."""

    name: str
    role: str
    channel: str
    fact: str


class CaseOut(Schema):
    """A case as lists show it: the name masked, no illness. Times are RFC 3339 in UTC."""

    id: int
    scenario: str
    kind: str
    state: str
    outcome: str | None
    severity: str
    subject: str
    place: str
    opened: str
    due: str | None
    is_late: bool
    is_past_limit: bool
    signals: int
    owner: str | None
    calls: list[CallOut]
    changed: int


class CasesOut(Schema):
    """A page of cases, newest first; before: where the next page begins, None = the end."""

    cases: list[CaseOut]
    before: int | None


class OpenedOut(CaseOut):
    """A case as its opening shows it; the view is logged. acts: what this person may do now."""

    address: str | None
    phone: str
    answer: str | None
    acts: list[str]


class ActIn(Schema):
    """What a person does. text: what was found and done; answer: what the origin is told."""

    model_config = ConfigDict(extra="forbid")

    act: str
    text: str = Field("", max_length=2000)
    answer: str = Field("", max_length=2000)


class ActOut(Schema):
    """position: of the entry in lane 0; the same for the same Idempotency-Key."""

    position: int
    state: str


class FaultOut(Schema):
    field: str
    got: str
    want: str


class FaultsOut(Schema):
    faults: list[FaultOut]


class TakenOut(Schema):
    by: str | None
    at: str | None
    state: str


class ErrorOut(Schema):
    error: str


@api.get("/cases", response={200: CasesOut, 422: FaultsOut})
def list_cases(
    request: HttpRequest, state: State | None = None, before: Before = None, limit: Limit = 50
) -> dict[str, Any]:
    """Cases that this person may see, newest first."""
    found = cases_of(request).order_by("-id")
    if state is not None:
        found = found.filter(state=state)
    if before is not None:
        found = found.filter(id__lt=before)
    cases = list(found[: limit + 1])
    reader = Reader(cases[:limit], keys(), clock().now_us())
    return {
        "cases": [_case(reader.show(case)) for case in cases[:limit]],
        "before": cases[limit - 1].id if len(cases) > limit else None,
    }


@api.get("/cases/{case_id}", response={200: OpenedOut, 404: ErrorOut, 422: FaultsOut})
def open_case(request: HttpRequest, case_id: CaseId) -> dict[str, Any]:
    """One case with the full name; who looked is recorded in the journal."""
    case, person_id, ring = case_or_404(request, case_id), person_of(request), keys()
    log_view(request, case, "api")
    now_us = clock().now_us()
    subject = Subject.objects.get(id=case.subject_id)
    people = People(ring, [subject.person_id])
    names = [declared.name for declared in playbook_of(case.playbook).acts]
    return {
        **_case(Reader([case], ring, now_us).show(case)),
        "subject": people.name(subject.person_id),
        "phone": people.phone(subject.person_id),
        "address": ring.open(subject.address),
        "answer": ring.open(case.answer),
        "acts": [name for name in names if may(case, person_id, name, now_us)],
    }


@api.post(
    "/cases/{case_id}/acts",
    response={
        200: ActOut,
        403: ErrorOut,
        404: ErrorOut,
        409: TakenOut,
        422: FaultsOut,
        503: ErrorOut,
    },
)
def do_act(request: HttpRequest, case_id: CaseId, body: ActIn, key: Key) -> dict[str, Any]:
    """Do it once; sent again with the same key it gives the same answer and does nothing."""
    case = case_or_404(request, case_id)
    command = Command(
        act=body.act,
        case_id=case.id,
        person_id=person_of(request),
        via="api",
        key=key,
        text=body.text,
        answer=body.answer,
    )
    position = act(command, clock(), keys())
    return {"position": position, "state": Case.objects.get(id=case.id).state}


def _case(row: ShownCase) -> dict[str, Any]:
    case = row.case
    return {
        "id": case.id,
        "scenario": case.scenario,
        "kind": case.kind,
        "state": case.state,
        "outcome": case.outcome,
        "severity": case.severity,
        "subject": row.who,
        "place": row.place,
        "opened": rfc3339(case.opened_us),
        "due": rfc3339(row.due_us) if row.due_us is not None else None,
        "is_late": case.is_late,
        "is_past_limit": case.is_past_limit,
        "signals": case.signals,
        "owner": row.owner or None,
        "calls": [
            {"name": c.name, "role": c.role, "channel": str(c.channel), "fact": str(c.fact)}
            for c in row.calls
        ],
        "changed": case.changed,
    }


def _faults(request: HttpRequest, faults: list[Fault]) -> HttpResponse:
    return api.create_response(request, {"faults": [f.as_dict() for f in faults]}, status=422)


@api.exception_handler(BadInputError)
def _bad_input(request: HttpRequest, error: BadInputError) -> HttpResponse:
    return _faults(request, list(error.faults))


@api.exception_handler(ValidationError)
def _bad_shape(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Every field that is missing or of the wrong kind; only its last name is the sender's."""
    return _faults(
        request,
        [
            Fault(
                ".".join(str(part) for part in one["loc"][1:]) or "body",
                "nothing" if one["type"] == "missing" else shown(one.get("input", "unusable")),
                one["msg"],
            )
            for one in error.errors
        ],
    )


@api.exception_handler(TakenError)
def _taken(request: HttpRequest, error: TakenError) -> HttpResponse:
    said = {
        "by": People(keys(), [error.by]).name(error.by) if error.by is not None else None,
        "at": rfc3339(error.at_us) if error.at_us is not None else None,
        "state": error.state,
    }
    return api.create_response(request, said, status=409)


@api.exception_handler(ForbiddenError)
def _forbidden(request: HttpRequest, _error: ForbiddenError) -> HttpResponse:
    return api.create_response(request, {"error": "not for this person"}, status=403)


@api.exception_handler(ParkedError)
def _parked(request: HttpRequest, _error: ParkedError) -> HttpResponse:
    said = {"error": "the case waits for a mended projector; nothing is lost"}
    return api.create_response(request, said, status=503)


@api.exception_handler(Http404)
def _missing(request: HttpRequest, _error: Http404) -> HttpResponse:
    return api.create_response(request, {"error": "no such case for this person"}, status=404)
