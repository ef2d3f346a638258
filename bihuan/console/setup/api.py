"""The API of the first run: the seven steps, readiness, a first roster, and the mode."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Header, Router, Schema
from pydantic import ConfigDict, Field

from bihuan.base.time import rfc3339
from bihuan.console.access.answers import ErrorOut, FaultsOut
from bihuan.console.access.caller import must_have
from bihuan.console.access.keys import READ
from bihuan.console.access.once import once
from bihuan.console.home import clock
from bihuan.console.setup import acts
from bihuan.console.setup.readiness import items
from bihuan.console.setup.steps import steps_of
from bihuan.console.setup.who import holder_or_404

MOST_ID = 2**63 - 1
SETUP = "setup"  # the verb of a key that may prepare a county
router = Router(tags=["setup"])
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
REFUSALS = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 409: FaultsOut, 422: FaultsOut}


class StepOut(Schema):
    """One of the seven steps. at: when it was last proved, where it is proved by an event."""

    name: str
    is_done: bool
    numbers: dict[str, int]
    at: str | None


class ItemOut(Schema):
    """An item of the readiness check: ok, warn or fail, and what was seen."""

    check: str
    state: str
    detail: str


class CountyIn(Schema):
    """name ends with 县, 市 or 区 as level says; code: six digits of the national list."""

    model_config = ConfigDict(extra="forbid")

    level: Literal["county", "city", "district"]
    name: str = Field(max_length=64)
    latin: str = Field(max_length=128)
    code: str = Field(max_length=12)


class RosterIn(Schema):
    """One shift every day with the same people, from today on."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(max_length=128)
    role: str = Field(max_length=64)
    area_id: int = Field(ge=1, le=MOST_ID)
    shift: str = Field(max_length=64)
    begins: str = Field(max_length=5)
    ends: str = Field(max_length=5)
    people: list[Annotated[int, Field(ge=1, le=MOST_ID)]] = Field(min_length=1, max_length=50)
    is_waking: bool = True


class ModeIn(Schema):
    model_config = ConfigDict(extra="forbid")

    mode: Literal["drill", "live"]


class DoneOut(Schema):
    is_changed: bool


class MadeOut(Schema):
    id: int


@router.get("/setup", response={200: list[StepOut], **REFUSALS})
def list_steps(request: HttpRequest) -> list[dict[str, Any]]:
    """The seven steps from an empty county to the real thing."""
    must_have(request, READ)
    holder_or_404(request, "system", leads=True)
    return [
        {
            "name": step.name,
            "is_done": step.is_done,
            "numbers": step.numbers,
            "at": rfc3339(step.at_us) if step.at_us is not None else None,
        }
        for step in steps_of(clock().now_us(), items())
    ]


@router.get("/readiness", response={200: list[ItemOut], **REFUSALS})
def list_items(request: HttpRequest) -> list[dict[str, Any]]:
    """Every item of the readiness check, as `bihuan doctor` prints it."""
    must_have(request, READ)
    holder_or_404(request, "system", "audit", leads=True)
    return [item._asdict() for item in items()]


@router.post("/setup/county", response={200: DoneOut, **REFUSALS})
def name_county(request: HttpRequest, body: CountyIn, key: Key) -> dict[str, Any]:
    """Name the county and register its own area."""
    must_have(request, SETUP)
    by = holder_or_404(request, "system", leads=True)
    said = acts.Naming(body.level, body.name.strip(), body.latin.strip(), body.code)

    def do() -> dict[str, Any]:
        acts.name_county(said, by, clock())
        return {"is_changed": True}

    return once(request, key, do)


@router.post("/setup/rosters", response={200: MadeOut, **REFUSALS})
def make_roster(request: HttpRequest, body: RosterIn, key: Key) -> dict[str, Any]:
    """Make a roster that holds from today on."""
    must_have(request, SETUP)
    by = holder_or_404(request, "system", leads=True)
    said = acts.Rota(
        title=body.title,
        role=body.role,
        area_id=body.area_id,
        shift=body.shift,
        from_=body.begins,
        until=body.ends,
        people=tuple(body.people),
        is_waking=body.is_waking,
    )
    return once(request, key, lambda: {"id": acts.make_roster(said, by, clock())})


@router.post("/setup/mode", response={200: DoneOut, **REFUSALS})
def switch_mode(request: HttpRequest, body: ModeIn, key: Key) -> dict[str, Any]:
    """Go live, refused with every item that is not ready; or back to drill."""
    must_have(request, SETUP)
    by = holder_or_404(request, "system", leads=True)
    return once(request, key, lambda: {"is_changed": acts.switch(body.mode, by, clock())})
