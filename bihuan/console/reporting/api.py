"""The API of reporting: what may be reported, and a report with its number and code."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Header, Router, Schema
from pydantic import ConfigDict, Field

from bihuan.base.errors import bad
from bihuan.console.access.answers import ErrorOut, FaultsOut
from bihuan.console.access.caller import must_have
from bihuan.console.access.once import once
from bihuan.console.home import clock, keys
from bihuan.console.reporting.kinds import kinds
from bihuan.console.reporting.numbers import code_of
from bihuan.console.visit import key_behind, person_of, rights_of
from bihuan.journal.storage import MAIN
from bihuan.loop.act import ForbiddenError
from bihuan.loop.cases.report import Report, report
from bihuan.register.models import Area, Subject

MOST_ID = 2**63 - 1
router = Router(tags=["matters"])
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
Identity = Annotated[int, Field(ge=1, le=MOST_ID)]


class KindOut(Schema):
    """A kind of matter that is taken here."""

    kind: str
    title: str
    scenario: str


class KindsOut(Schema):
    kinds: list[KindOut]


class MatterIn(Schema):
    """What somebody reports. kind: `scenario.kind`. origin: a registered person, or nobody.

    way        web (the caller's own), or how an official heard of it and writes it down
    read_back  whether it was read back to the origin; where it is written down
    is_sealed  whether who reports is kept from everybody who handles it
    """

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(max_length=80)
    area_id: Identity
    text: str = Field(min_length=1, max_length=2000)
    way: Literal["web", "api", "spoken", "phone", "paper"] = "api"
    subject_id: Identity | None = None
    origin_id: Identity | None = None
    contact: str = Field("", max_length=200)
    read_back: bool | None = None
    is_sealed: bool = False


class MatterOut(Schema):
    """The case's number, and the code with which its origin looks it up without an account."""

    case_id: int
    code: str


REFUSALS = {401: ErrorOut, 403: ErrorOut, 409: FaultsOut, 422: FaultsOut}


@router.get("/kinds", response={200: KindsOut, 401: ErrorOut})
def list_kinds(request: HttpRequest) -> dict[str, Any]:
    """Every kind of matter that may be reported."""
    return {
        "kinds": [
            {"kind": one.name, "title": one.word, "scenario": one.scenario_word}
            for one in kinds(is_open=False)
        ]
    }


@router.post("", response={200: MatterOut, **REFUSALS})
def report_matter(request: HttpRequest, body: MatterIn, key: Key) -> dict[str, Any]:
    """Report it; the same key gives the same case."""
    must_have(request, "report")
    _must_reach(request, body)
    scenario, _dot, kind = body.kind.partition(".")
    if body.kind not in {one.name for one in kinds(is_open=False)}:
        raise bad("kind", body.kind, "a kind of matter that is taken here")
    me, is_own = person_of(request), body.way == "web"
    is_taken_down = body.way in ("spoken", "phone", "paper")
    said = Report(
        scenario=scenario,
        kind=kind,
        area_id=body.area_id,
        subject_id=body.subject_id,
        text=body.text,
        via=body.way,
        key=f"{me}:{key}"[:64],
        origin_id=me if is_own else body.origin_id,
        contact=body.contact,
        taken_down_by=me if is_taken_down else None,
        is_read_back=body.read_back,
        is_sealed=body.is_sealed,
    )

    def do() -> dict[str, Any]:
        case_id = report(said, clock(), keys())
        return {"case_id": case_id, "code": code_of(case_id)}

    return once(request, key, do)


def _must_reach(request: HttpRequest, body: MatterIn) -> None:
    """A system's key reports within its scenarios and its area; a person's session for itself.

    `api` names anybody as the origin, so it is for systems only.
    """
    if key_behind(request) is None:
        if body.way == "api":
            raise ForbiddenError
        return
    mine = rights_of(request)
    wanted = [body.area_id]
    if body.subject_id is not None:
        found = Subject.objects.using(MAIN).filter(id=body.subject_id)
        wanted += list(found.values_list("area_id", flat=True))
    paths = Area.objects.using(MAIN).filter(id__in=wanted).values_list("path", flat=True)
    is_here = all(path.startswith(mine.below) for path in paths)
    if not is_here or not mine.reaches(body.kind.partition(".")[0]):
        raise ForbiddenError
