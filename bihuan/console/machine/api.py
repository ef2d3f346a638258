"""The API of settings and audit: for administrators, by their own session; no secret comes out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Header, Query, Router, Schema
from pydantic import ConfigDict, Field

from bihuan.console.access.answers import ErrorOut, FaultsOut
from bihuan.console.access.caller import must_have
from bihuan.console.access.cursor import link_next, page_by
from bihuan.console.access.keys import READ
from bihuan.console.access.once import once
from bihuan.console.audit import read
from bihuan.console.home import clock, keys
from bihuan.console.machine import facts
from bihuan.console.setup.who import holder_or_404
from bihuan.journal.models import FACTS_LANE, VIEWS_LANE
from bihuan.loop.delivery import acts as channels
from bihuan.loop.pathtest import acts as path_test

PAGE = 100
MOST_ID = 2**63 - 1
router = Router(tags=["administration"])
Cursor = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=PAGE)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
Before = Annotated[int | None, Query(ge=1, le=MOST_ID)]
REFUSALS = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 409: FaultsOut, 422: FaultsOut}


class AccountOut(Schema):
    """A channel account; trouble: why it cannot send. Its secrets never leave the machine."""

    name: str
    provider: str
    channel: str
    rank: int
    lines: int
    wakes: bool
    trouble: str


class AccountIn(Schema):
    """As docs/channels.md shows. A secret not given stays as it was."""

    model_config = ConfigDict(extra="forbid")

    account: str = Field(max_length=64)
    provider: str = Field(max_length=64)
    fields: dict[str, str] = Field(default_factory=dict)
    secrets: dict[str, str] = Field(default_factory=dict)
    channel: str = Field("", max_length=32)
    rank: int = 0
    lines: int = 8
    hold_s: int = 0
    wakes: bool = False
    language: Literal["zh", "en"] = "zh"


class TakeDownIn(Schema):
    model_config = ConfigDict(extra="forbid")

    account: str = Field(max_length=64)
    reason: str = Field(max_length=400)


class PlanIn(Schema):
    """The nth working day of each month, at a minute of the day in China's time."""

    model_config = ConfigDict(extra="forbid")

    is_on: bool
    working_day: int
    minute: int


class PlanOut(PlanIn):
    pass


class RunOut(Schema):
    """A run of the test press. Times in ms from what was stored; steps: whom a press would call."""

    id: int
    cause: str
    state: str
    begun_us: int
    stage: str
    detail: str
    opened_ms: int | None
    called_ms: int | None
    delivered_ms: int | None
    steps: list[dict[str, Any]]


class PathOut(Schema):
    plan: PlanOut | None
    next_us: int | None
    runs: list[RunOut]


class PositionOut(Schema):
    position: int


class MadeOut(Schema):
    id: int


class LineOut(Schema):
    """An entry as an auditor sees it: type, place, time and actor, no text of it."""

    lane: int
    position: int
    type: str
    at_us: int
    who: str
    role: str
    via: str
    what: str


class LinesOut(Schema):
    """next: the position before which older ones lie, None = the end."""

    lines: list[LineOut]
    next: int | None


class ErasedOut(Schema):
    person_id: int
    at_us: int


class ChainOut(Schema):
    """What the walk found. too_long: use `bihuan journal verify`."""

    at_us: int = 0
    entries: int
    lanes: int = 0
    broken: list[str] = Field(default_factory=list)
    too_long: bool = False


@router.get("/settings/accounts", response={200: list[AccountOut], **REFUSALS})
def list_accounts(
    request: HttpRequest, response: HttpResponse, cursor: Cursor = None, limit: Limit = PAGE
) -> list[dict[str, Any]]:
    """Every active channel account, and whether it can send; `Link` names the next page."""
    holder_or_404(request, "system")
    found, onward = page_by(
        facts.accounts(), lambda one: (one.rank, one.name), "accounts", cursor, limit
    )
    link_next(request, response, onward, limit)
    return [one._asdict() for one in found]


@router.post("/settings/accounts", response={200: PositionOut, **REFUSALS})
def set_up(request: HttpRequest, body: AccountIn, key: Key) -> dict[str, Any]:
    """Set an account up, or change it."""
    by = holder_or_404(request, "system")
    wanted = channels.Wanted(**body.dict())
    return once(request, key, lambda: {"position": channels.set_up(wanted, by, clock())})


@router.post("/settings/accounts/take-down", response={200: PositionOut, **REFUSALS})
def take_down(request: HttpRequest, body: TakeDownIn, key: Key) -> dict[str, Any]:
    """Send no more by an account."""
    by = holder_or_404(request, "system")

    def do() -> dict[str, Any]:
        return {"position": channels.take_down(body.account, body.reason, by, clock())}

    return once(request, key, do)


@router.get("/settings/path-test", response={200: PathOut, **REFUSALS})
def path_runs(request: HttpRequest) -> dict[str, Any]:
    """Plan, next time and newest runs of the monthly test."""
    must_have(request, READ)
    holder_or_404(request, "system", "audit", leads=True)
    return facts.path_test(clock().now_us())


@router.post("/settings/path-test/plan", response={200: PositionOut, **REFUSALS})
def plan_path(request: HttpRequest, body: PlanIn, key: Key) -> dict[str, Any]:
    """Say when to test each month."""
    by = holder_or_404(request, "system")
    said = (body.is_on, body.working_day, body.minute)
    return once(request, key, lambda: {"position": path_test.plan(*said, by, clock())})


@router.post("/settings/path-test/runs", response={200: MadeOut, **REFUSALS})
def test_path(request: HttpRequest, key: Key) -> dict[str, Any]:
    """Press now; the result stands among the runs within a minute."""
    by = holder_or_404(request, "system")
    return once(request, key, lambda: {"id": path_test.begin("asked", by, clock(), keys())})


@router.get("/audit/journal", response={200: LinesOut, **REFUSALS})
def journal_tail(request: HttpRequest, before: Before = None) -> dict[str, Any]:
    """Entries of lane 0, newest first."""
    holder_or_404(request, "audit")
    lines, onward = read.tail(FACTS_LANE, before)
    return {"lines": [one._asdict() for one in lines], "next": onward}


@router.get("/audit/views", response={200: LinesOut, **REFUSALS})
def list_views(request: HttpRequest, before: Before = None) -> dict[str, Any]:
    """Who looked at whom, newest first."""
    holder_or_404(request, "audit")
    lines, onward = read.tail(VIEWS_LANE, before)
    return {"lines": [one._asdict() for one in lines], "next": onward}


@router.get("/audit/erasures", response={200: list[ErasedOut], **REFUSALS})
def list_erasures(
    request: HttpRequest, response: HttpResponse, cursor: Cursor = None, limit: Limit = PAGE
) -> list[dict[str, Any]]:
    """Everybody whose key was destroyed, newest first; only the number is left.

    `Link` names the next page.
    """
    holder_or_404(request, "audit")
    found, onward = page_by(
        read.erasures(), lambda one: (-one.at_us, one.person_id), "erasures", cursor, limit
    )
    link_next(request, response, onward, limit)
    return [one._asdict() for one in found]


@router.post("/audit/chain", response={200: ChainOut, **REFUSALS})
def walk_chain(request: HttpRequest, key: Key) -> dict[str, Any]:
    """Verify every lane now."""
    holder_or_404(request, "audit")
    return once(request, key, lambda: read.check_chain(clock()))
