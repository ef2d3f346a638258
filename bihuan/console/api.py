"""The API: the same cases, rights, masks and acts as the pages, as JSON (/api/v1/openapi.json).

Called by another system with its key, or by a person with the session of the pages and its CSRF
token. Lists go on by an opaque cursor; every POST carries an Idempotency-Key.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Header, Path, Query, Schema
from pydantic import ConfigDict, Field

from bihuan.base.time import rfc3339
from bihuan.console.access.answers import Api, ErrorOut, FaultsOut, TakenOut, add_errors
from bihuan.console.access.caller import KeyAuth, PageAuth, must_have
from bihuan.console.access.cursor import page
from bihuan.console.access.keys import READ
from bihuan.console.access.once import once
from bihuan.console.api_register import router as sheets
from bihuan.console.bulletins.api import router as bulletins
from bihuan.console.callouts.api import router as call_outs
from bihuan.console.case.api import Fields, OfferOut, offers
from bihuan.console.case.api import router as acts
from bihuan.console.case.platforms_api import router as platforms
from bihuan.console.case.unseal_api import router as unsealing
from bihuan.console.exchange.api import router as exchange
from bihuan.console.fhir.api import router as fhir
from bihuan.console.figures.api import router as figures
from bihuan.console.home import clock, keys
from bihuan.console.hooks.api import router as hooks
from bihuan.console.limits.api import router as limits
from bihuan.console.machine.api import router as machine
from bihuan.console.people import People
from bihuan.console.playbooks.api import router as playbooks
from bihuan.console.press.api import router as published
from bihuan.console.register.api import router as register
from bihuan.console.register.api_things import router as register_things
from bihuan.console.reporting.api import router as matters
from bihuan.console.setup.api import router as setup
from bihuan.console.shift.api import router as shift
from bihuan.console.shown import Reader, ShownCase
from bihuan.console.shows.api import router as shows
from bihuan.console.signin.push_api import router as notices
from bihuan.console.tasks.api import router as tasks
from bihuan.console.tuning.api import router as person_limits
from bihuan.console.visit import (
    case_or_404,
    log_view,
    name_of,
    person_behind,
    person_of,
    rights_of,
    subject_of,
)
from bihuan.console.warnings.api import router as official_warnings
from bihuan.journal.storage import MAIN
from bihuan.loop.act import Command, act, acts_for
from bihuan.loop.cases.models import Matter
from bihuan.loop.models import Case
from bihuan.loop.rights import listed_for

PAGE = 100
MOST_ID = 2**63 - 1

State = Literal[
    "new",
    "accepted",
    "awaiting_receipt",
    "received",
    "awaiting_answer",
    "in_progress",
    "awaiting_check",
    "awaiting_confirmation",
    "closed",
]
CaseId = Annotated[int, Path(ge=1, le=MOST_ID)]
Cursor = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=PAGE)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]

# no page of documentation: it would load its script from outside
api = Api(title="Bihuan", version="1", docs_url=None, auth=[KeyAuth(), PageAuth()])
api.add_router("/subscriptions", hooks)
api.add_router("/shift", shift)
api.add_router("/playbooks", playbooks)
for router in (tasks, notices, setup, machine, limits, person_limits, figures):
    api.add_router("", router)
api.add_router("/exchange", exchange)
api.add_router("/fhir", fhir)
api.add_router("", published)
api.add_router("/bulletins", bulletins)
api.add_router("", sheets)
api.add_router("/call-outs", call_outs)
api.add_router("/warnings", official_warnings)
api.add_router("/register", register)
api.add_router("/register", register_things)
api.add_router("/matters", matters)
api.add_router("", acts)
api.add_router("", unsealing)
api.add_router("", platforms)
api.add_router("", shows)
add_errors(api)


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
    """A page of cases, newest first; next: the cursor of the next page, None = the end."""

    cases: list[CaseOut]
    next: str | None


class OpenedOut(CaseOut):
    """A case as its opening shows it; the view is logged. acts: what this person may do now.

    offers: the same acts with what each asks for; level: of supervision, 0 to 3; matter: what was
    reported, in the origin's words.
    """

    address: str | None
    phone: str
    answer: str | None
    acts: list[str]
    offers: list[OfferOut]
    level: int
    is_suspended: bool
    matter: str | None


class ActIn(Schema):
    """What a person does. text: what was found and done; answer: what the origin is told.

    fields: what the act asks for besides, by name, as its offer says.
    """

    model_config = ConfigDict(extra="forbid")

    act: str
    text: str = Field("", max_length=2000)
    answer: str = Field("", max_length=2000)
    fields: Fields


class ActOut(Schema):
    """position: of the entry in lane 0; the same for the same Idempotency-Key."""

    position: int
    state: str


REFUSALS = {401: ErrorOut, 403: ErrorOut, 422: FaultsOut}


@api.get("/cases", response={200: CasesOut, **REFUSALS})
def list_cases(
    request: HttpRequest, state: State | None = None, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """Cases that this person may see, newest first."""
    must_have(request, READ)
    found = listed_for(rights_of(request))
    if state is not None:
        found = found.filter(state=state)
    cases, onward = page(found, "cases", cursor, limit)
    reader = Reader(list(cases), keys(), clock().now_us())
    return {"cases": [_case(reader.show(case)) for case in cases], "next": onward}


@api.get("/cases/{case_id}", response={200: OpenedOut, 404: ErrorOut, **REFUSALS})
def open_case(request: HttpRequest, case_id: CaseId) -> dict[str, Any]:
    """One case with the full name; who looked is recorded in the journal."""
    must_have(request, READ)
    case, person_id, ring = case_or_404(request, case_id), person_of(request), keys()
    log_view(request, case, "api")
    now_us = clock().now_us()
    subject = subject_of(case)
    behind = person_behind(case, subject)
    people = People(ring, [behind])
    offered = acts_for(case, person_id, now_us)
    matter = Matter.objects.using(MAIN).filter(case_id=case.id).first()
    row = _case(Reader([case], ring, now_us).show(case))
    return {
        **row,
        "subject": row["subject"] if behind is None else name_of(people, subject, behind),
        "phone": people.phone(behind),
        "address": ring.open(subject.address) if subject is not None else None,
        "answer": ring.open(case.answer),
        "acts": [one.declared.name for one in offered],
        "offers": offers(offered),
        "level": case.level,
        "is_suspended": case.is_suspended,
        "matter": ring.open(matter.text) if matter is not None else None,
    }


@api.post(
    "/cases/{case_id}/acts",
    response={200: ActOut, 404: ErrorOut, 409: TakenOut | FaultsOut, 503: ErrorOut, **REFUSALS},
)
def do_act(request: HttpRequest, case_id: CaseId, body: ActIn, key: Key) -> dict[str, Any]:
    """Do it once; sent again with the same key it gives the same answer and does nothing."""
    must_have(request, body.act)
    case = case_or_404(request, case_id)
    command = Command(
        act=body.act,
        case_id=case.id,
        person_id=person_of(request),
        via="api",
        key=key,
        text=body.text,
        answer=body.answer,
        fields=body.fields,
    )

    def do() -> dict[str, Any]:
        position = act(command, clock(), keys())
        return {"position": position, "state": Case.objects.get(id=case.id).state}

    return once(request, key, do)


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
