"""The API of my tasks and messages: what waits for the caller, and the one-thumb acts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Header, Path, Query, Router, Schema
from pydantic import ConfigDict, Field

from bihuan.base.time import rfc3339
from bihuan.console.access.answers import ErrorOut, FaultsOut, TakenOut
from bihuan.console.access.caller import must_have
from bihuan.console.access.cursor import link_next, page, page_by
from bihuan.console.access.keys import READ
from bihuan.console.access.once import once
from bihuan.console.home import clock
from bihuan.console.tasks import inbox
from bihuan.console.tasks.do import GoneError, do
from bihuan.console.tasks.gather import Task, tasks_of, urgency
from bihuan.console.visit import person_of, rights_of
from bihuan.loop.delivery.topics import purposes
from bihuan.loop.models import Delivery
from bihuan.loop.rights import cases_for

PAGE = 100
MOST_ID = 2**63 - 1
router = Router(tags=["tasks"])
Identity = Annotated[int, Path(ge=1, le=MOST_ID)]
Cursor = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=PAGE)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
REFUSALS = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 422: FaultsOut}
Verb = Literal["go", "decline", "solved", "not_solved", "progress", "second", "swap_yes", "swap_no"]
# a key that is narrowed to verbs needs the verb that the act has on a case
NEEDS = {"go": "take", "decline": "take"}


class TaskOut(Schema):
    """One thing that waits. due: None where it has no clock; acts: what may be done with it."""

    kind: str
    id: int
    title: str
    detail: str
    since: str
    due: str | None
    acts: list[str]


class MessageOut(Schema):
    """A message of the channel in_app; case_id None: it is about no case.

    is_shown: whether a page showed it before.
    """

    id: int
    case_id: int | None
    purpose: str
    title: str
    place: str
    at: str
    is_shown: bool


class DoIn(Schema):
    model_config = ConfigDict(extra="forbid")

    do: Verb
    id: int = Field(ge=1, le=MOST_ID)


class DoneOut(Schema):
    is_done: bool


@router.get("/tasks", response={200: list[TaskOut], **REFUSALS})
def list_tasks(
    request: HttpRequest, response: HttpResponse, cursor: Cursor = None, limit: Limit = PAGE
) -> list[dict[str, Any]]:
    """What waits for this person now, the most urgent first; `Link` names the next page."""
    must_have(request, READ)
    waiting = tasks_of(rights_of(request), clock().now_us())
    found, onward = page_by(waiting, urgency, "tasks", cursor, limit)
    link_next(request, response, onward, limit)
    return [_task(one) for one in found]


@router.post("/tasks/acts", response={200: DoneOut, 409: TakenOut | FaultsOut, **REFUSALS})
def do_task(request: HttpRequest, body: DoIn, key: Key) -> dict[str, Any]:
    """Answer, confirm, take part: one act of one task."""
    must_have(request, NEEDS.get(body.do, body.do))
    person_id = person_of(request)

    def done() -> dict[str, Any]:
        _must_reach(request, body)
        try:
            do(person_id, body.do, body.id, f"api:{key}", "api")
        except GoneError:
            raise Http404 from None
        return {"is_done": True}

    return once(request, key, done)


@router.get("/inbox", response={200: list[MessageOut], **REFUSALS})
def list_messages(
    request: HttpRequest, response: HttpResponse, cursor: Cursor = None, limit: Limit = 50
) -> list[dict[str, Any]]:
    """Messages to this person's page, newest first; `Link` names the next page.

    Reading this list is not yet showing them.
    """
    must_have(request, READ)
    sent, onward = page(_sent_to(request), "inbox", cursor, limit)
    link_next(request, response, onward, limit)
    found = inbox.shown_of(sent, clock().now_us())
    names = ("id", "case_id", "purpose", "title", "place", "is_shown")
    return [{**{n: getattr(m, n) for n in names}, "at": rfc3339(m.at_us)} for m in found]


@router.post("/inbox/{delivery_id}/shown", response={200: DoneOut, **REFUSALS})
def message_shown(request: HttpRequest, delivery_id: Identity, key: Key) -> dict[str, Any]:
    """The person's screen has shown it: that is the fact `delivered`."""
    must_have(request, READ)
    person_id = person_of(request)
    mine = _sent_to(request).filter(id=delivery_id)
    if not inbox.shown_of(mine, clock().now_us()):
        raise Http404

    def done() -> dict[str, Any]:
        inbox.mark_shown(person_id, [delivery_id])
        return {"is_done": True}

    return once(request, key, done)


def _sent_to(request: HttpRequest) -> QuerySet[Delivery]:
    """Messages to the caller's page; by a key that was cut, those about its cases alone."""
    found, mine = inbox.sent_to(person_of(request)), rights_of(request)
    if not mine.is_cut:
        return found
    return found.exclude(purpose__in=purposes()).filter(case_id__in=cases_for(mine).values("id"))


def _must_reach(request: HttpRequest, body: DoIn) -> None:
    """404 where a key that was cut does not list what it would do."""
    mine = rights_of(request)
    if not mine.is_cut:
        return
    listed = tasks_of(mine, clock().now_us())
    if not any(one.id == body.id and body.do in (b.do for b in one.buttons) for one in listed):
        raise Http404


def _task(one: Task) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "id": one.id,
        "title": one.title,
        "detail": one.detail,
        "since": rfc3339(one.at_us),
        "due": rfc3339(one.due_us) if one.due_us is not None else None,
        "acts": [button.do for button in one.buttons],
    }
