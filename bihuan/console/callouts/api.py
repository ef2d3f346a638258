"""The API of call-outs: everything that the desk can do, as JSON, with the same rights and log."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Header, Path, Query, Router, Schema
from pydantic import ConfigDict, Field

from bihuan.base.errors import bad
from bihuan.base.time import rfc3339
from bihuan.console.access.answers import ErrorOut, FaultsOut
from bihuan.console.access.caller import must_have
from bihuan.console.access.cursor import page
from bihuan.console.access.keys import READ
from bihuan.console.access.once import once
from bihuan.console.callouts.shown import Row, Shown, show
from bihuan.console.callouts.visit import actor_of, call_out_or_404, log_names
from bihuan.console.home import clock, keys
from bihuan.console.visit import case_or_404, rights_of
from bihuan.journal.storage import MAIN
from bihuan.loop.act import ForbiddenError
from bihuan.loop.callout import rights
from bihuan.loop.callout.acts import CallOuts, Order, Words
from bihuan.loop.callout.models import CallOut, CallOutPerson
from bihuan.loop.callout.offer import offered
from bihuan.loop.callout.people import Answers, Door
from bihuan.loop.callout.sheet import sign
from bihuan.loop.callout.who import Whom
from bihuan.register.models import Area

MOST_ID = 2**63 - 1
Id = Annotated[int, Path(ge=1, le=MOST_ID)]
Number = Annotated[int, Field(ge=1, le=MOST_ID)]
CALL_OUT = "call_out"
Cursor = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=100)]
REFUSALS = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 422: FaultsOut}
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
router = Router(tags=["call-outs"])


class Strict(Schema):
    model_config = ConfigDict(extra="forbid")


class OrderIn(Strict):
    """Whom and what. people: (person, area) pairs; risk: 0 to 9 by area id."""

    areas: list[Number]
    roles: list[str] = Field(default_factory=list)
    people: list[tuple[Number, Number]] = Field(default_factory=list)
    households: bool = False
    risk: dict[Number, int] = Field(default_factory=dict)
    zh: str = Field(max_length=500)
    en: str = Field("", max_length=500)
    event: str = ""
    severity: Literal["critical", "major", "minor"] = "critical"
    level: str = ""
    issuer: str = ""
    mode: Literal["live", "drill"] = "live"
    wakes: bool = True
    supersedes: Number | None = None
    about: Number | None = None
    warning_id: Number | None = None


class OverIn(Strict):
    """lift: zh and issuer are needed, unless a lift is offered with its own; end: reason; sign:
    digest and remark, both may be empty.
    """

    act: Literal["lift", "end", "sign"]
    zh: str = ""
    en: str = ""
    issuer: str = ""
    reason: str = ""
    digest: str = ""
    remark: str = ""


class PersonActIn(Strict):
    """A photo is proof: who found somebody at the door says so on the page, with the photo."""

    act: Literal["confirm_for", "read_back", "send", "not_found"]
    why: str = ""
    is_right: bool | None = None
    knocker: Number | None = None


@router.get("", response={200: dict[str, Any], **REFUSALS})
def list_call_outs(
    request: HttpRequest, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """Call-outs of this person's areas, newest first."""
    must_have(request, READ)
    rows, onward = page(rights.visible(rights_of(request)), "call_outs", cursor, limit)
    return {"call_outs": [_head(row) for row in rows], "next": onward}


@router.post("", response={200: dict[str, Any], **REFUSALS})
def order(request: HttpRequest, body: OrderIn, key: Key) -> dict[str, Any]:
    """Order it once; sent again with the same key it gives the same answer."""
    must_have(request, CALL_OUT)
    said = body.model_dump(exclude={"areas", "roles", "people", "households", "risk"})
    whom = Whom(
        tuple(body.areas), tuple(body.roles), tuple(body.people), body.households, body.risk
    )
    wanted = Order(whom=whom, key=key, **said)
    by = actor_of(request, "", "api")
    _must_reach(request, body)
    return once(request, key, lambda: {"id": CallOuts(clock(), keys()).order(wanted, by)})


def _must_reach(request: HttpRequest, body: OrderIn) -> None:
    """A key orders for its own area, and quotes its own cases; its person may be able to more."""
    mine = rights_of(request)
    if not mine.is_cut:
        return
    wanted = {*body.areas, *(area for _person, area in body.people)}
    paths = Area.objects.using(MAIN).filter(id__in=wanted).values_list("path", flat=True)
    if not all(rights.may(mine, "act", path) for path in paths):
        raise ForbiddenError
    if body.about is not None:
        case_or_404(request, body.about)
    if body.supersedes is not None:
        call_out_or_404(request, body.supersedes)


@router.get("/{call_out_id}", response={200: dict[str, Any], **REFUSALS})
def open_call_out(request: HttpRequest, call_out_id: Id) -> dict[str, Any]:
    """One call-out with who has not answered; who looked is recorded."""
    must_have(request, READ)
    call_out, _mine = call_out_or_404(request, call_out_id)
    shown = show(call_out, keys(), clock().now_us())
    log_names(request, call_out, len(shown.silent) + len(shown.answered), "api")
    return {**_head(call_out), **_body(shown), "lift_offered": _offer(call_out)}


@router.post("/{call_out_id}/acts", response={200: dict[str, Any], **REFUSALS})
def act(request: HttpRequest, call_out_id: Id, body: OverIn, key: Key) -> dict[str, Any]:
    """Lift, end, or sign the sheet."""
    must_have(request, CALL_OUT)
    return once(request, key, lambda: _act(request, call_out_id, body))


def _act(request: HttpRequest, call_out_id: int, body: OverIn) -> dict[str, Any]:
    call_out, _mine = call_out_or_404(request, call_out_id)
    by, acts = actor_of(request, call_out.area_path, "api"), CallOuts(clock(), keys())
    if body.act == "lift":
        return {"position": acts.lift(call_out_id, Words(body.zh, body.en, body.issuer), by)}
    if body.act == "end":
        return {"position": acts.end(call_out_id, body.reason, by)}
    return {"sheet": sign(call_out_id, body.digest, body.remark, by, (clock(), keys()))}


@router.post("/{call_out_id}/people/{callee_id}/acts", response={200: dict[str, Any], **REFUSALS})
def act_for_person(
    request: HttpRequest, call_out_id: Id, callee_id: Id, body: PersonActIn, key: Key
) -> dict[str, Any]:
    """Answer for one person."""
    must_have(request, CALL_OUT)
    return once(request, key, lambda: _act_for(request, (call_out_id, callee_id), body))


def _act_for(request: HttpRequest, ids: tuple[int, int], body: PersonActIn) -> dict[str, Any]:
    call_out_id, callee_id = ids
    call_out, _mine = call_out_or_404(request, call_out_id)
    if not CallOutPerson.objects.filter(id=callee_id, call_out_id=call_out_id).exists():
        raise ForbiddenError
    by, answers = actor_of(request, call_out.area_path, "api"), Answers(clock(), keys())
    if body.act == "confirm_for":
        return {"position": answers.confirm_for(callee_id, body.why, by)}
    if body.act == "not_found":
        return {"position": answers.knocked(callee_id, Door(is_found=False, text=body.why), by)}
    if body.act == "read_back":
        if body.is_right is None:
            raise bad("is_right", "nothing", "true or false")
        return {"position": answers.read_back(callee_id, body.is_right, by)}
    if body.knocker is None:
        raise bad("knocker", "nothing", "a person")
    return {"position": answers.send(callee_id, body.knocker, by)}


def _head(row: CallOut) -> dict[str, Any]:
    return {
        "id": row.id,
        "event": row.event,
        "mode": row.mode,
        "wakes": row.wakes,
        "severity": row.severity,
        "level": row.level,
        "issuer": row.issuer,
        "zh": row.zh,
        "en": row.en,
        "state": row.state,
        "total": row.total,
        "ordered": rfc3339(row.ordered_us),
        "ended": _time(row.ended_us),
        "supersedes": row.supersedes,
        "superseded_by": row.superseded_by,
        "warning_id": row.warning_id,
    }


def _offer(row: CallOut) -> dict[str, Any] | None:
    """The issuer lifted its warning: the words that a lift takes where it says none of its own."""
    held = offered(row)
    if held is None:
        return None
    return {
        "warning_id": held.warning_id,
        "issuer": held.issuer,
        "zh": held.zh,
        "offered": rfc3339(held.offered_us),
    }


def _body(shown: Shown) -> dict[str, Any]:
    finish = shown.finish
    return {
        "called": shown.whole.called,
        "confirmed": shown.whole.confirmed,
        "on_behalf": shown.whole.on_behalf,
        "unanswered": shown.whole.silent,
        "states": shown.whole.states,
        "expected_finish": _time(finish.first_us) if finish else None,
        "expected_worst": _time(finish.worst_us) if finish else None,
        "channels_that_cannot_send": list(finish.mute) if finish else [],
        "areas": [
            {"name": t.name, "total": t.tally.total, "unanswered": t.tally.silent}
            for t in shown.tiles
        ],
        "silent": [_row(row) for row in shown.silent],
        "silent_more": shown.silent_more,
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "place": row.place,
        "state": row.state,
        "reason": row.reason,
        "calls": row.tries,
        "wait_s": row.wait_s,
        "is_overdue": row.is_overdue,
    }


def _time(at_us: int | None) -> str | None:
    return rfc3339(at_us) if at_us is not None else None
